// Which nodes the targets of a scenario are in one run. Draws come from streams named after the targets, so that one
// more target changes no other.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/faults/fault.hpp"
#include "scenarios/app/scenario.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/world.hpp"
#include "sim/net/graph_measures.hpp"

namespace hearsay::app {

class Targets final : public faults::Members {
 public:
  // `edges`: the connections of the beginning, for ranks.
  Targets(const Scenario& scenario, const Seeds& seeds, const World& world, const Edges& edges);

  // In the order of stable ids; of a target, a group, or one of those that are always there.
  [[nodiscard]] const std::vector<NodeId>& members(std::string_view name) const;
  [[nodiscard]] std::vector<NodeId> of(const TargetName& target) const override { return members(target.name); }
  // Of all miners' hash power, the pools of a target.
  [[nodiscard]] double hash_share(std::string_view name) const;

 private:
  struct Candidate {
    NodeId node;
    const GroupSpec* group;
    std::int64_t pool;  // index of the pool that it belongs to; -1: does not mine
  };
  struct Pool {
    const GroupSpec* group;
    std::vector<NodeId> nodes;  // its own first, then its gateways
    double hash;
  };

  std::vector<NodeId> select(const TargetSpec& target, const Seeds& seeds, const World& world,
                             const Edges& edges) const;
  void select_pools(const TargetSpec& target, const Seeds& seeds, const World& world,
                    std::vector<NodeId>& selected) const;
  void select_nodes(const TargetSpec& target, const Seeds& seeds, const World& world, const Edges& edges,
                    std::vector<NodeId>& selected) const;

  std::vector<Candidate> nodes_;  // that do not mine
  std::vector<Pool> pools_;
  std::map<std::string, std::vector<NodeId>, std::less<>> members_;
  std::map<std::string, double, std::less<>> hash_;
};

}  // namespace hearsay::app
