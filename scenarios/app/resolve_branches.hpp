// `branches`: variants of a scenario that go on from one warm state.
#pragma once

#include <functional>
#include <string>

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// Resolves a scenario tree without `branches`, as a variant.
using ResolveVariant = std::function<Scenario(const config::Value& tree, config::Problems& problems)>;

// Last: the scenario is resolved and without mistakes. `tree` is what it was resolved from.
void read_branches(config::MapReader& root, const config::Value& tree, const ResolveVariant& resolve,
                   Scenario& scenario);

// Where two resolved scenarios differ: paths of leaves, such as `faults.cut.for`.
[[nodiscard]] std::vector<std::string> differences(const config::Value& left, const config::Value& right);

}  // namespace hearsay::app
