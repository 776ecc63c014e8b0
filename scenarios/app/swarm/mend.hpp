// Makes a valid scenario of a drawn one: what a message of the resolver points at is taken out, until nothing is left
// to say.
//
// So messages are tested, too: one that points at nothing is a failure, and so is a mistake that cannot be mended by
// taking out what is optional.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "scenarios/app/config/value.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// A check of the swarm does not hold.
class SwarmFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct MendedScenario {
  config::Value tree;  // what is left, as written
  Scenario scenario;
  std::vector<std::string> refusals;  // every message on the way
};

// `path`: where the scenario is written; it stays there. Throws SwarmFailure.
[[nodiscard]] MendedScenario mend_scenario(config::Value drawn, const std::string& path);

}  // namespace hearsay::app
