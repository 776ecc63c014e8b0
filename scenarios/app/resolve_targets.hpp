// `targets`: named selections of nodes.
#pragma once

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// After groups and world.
void read_targets(config::MapReader& root, Scenario& scenario);

// Every name that may stand where a target may: targets, groups, and those that are always there.
[[nodiscard]] std::vector<std::string_view> target_names(const Scenario& scenario);

// A problem unless there is a target of that name.
void check_target(const std::string& name, std::string_view path, const config::Mark& mark, const Scenario& scenario,
                  config::Problems& problems);

// Nodes that surely lie in both; nothing if there are none, or if that depends on what is drawn.
[[nodiscard]] bool surely_overlap(const std::string& left, const std::string& right, const Scenario& scenario);

}  // namespace hearsay::app
