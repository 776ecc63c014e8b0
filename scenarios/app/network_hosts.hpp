// From the groups of a scenario to the hosts of its nodes: where each is, how it is connected, which address it has,
// and the path between any two.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "scenarios/app/scenario.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/world.hpp"

namespace hearsay::app {

struct Hosts {
  std::vector<NodeSpec> nodes;                     // in the order of the groups and their members
  std::vector<std::pair<StableId, Share>> losses;  // of access links that lose anything
};

[[nodiscard]] Hosts place_hosts(const Scenario& scenario, const Seeds& seeds);

// With access delays, jitter and loss, as far as the world has them.
[[nodiscard]] std::unique_ptr<PathModel> make_path(const WorldSpec& world, const Seeds& seeds,
                                                   std::vector<std::pair<StableId, Share>> losses);

}  // namespace hearsay::app
