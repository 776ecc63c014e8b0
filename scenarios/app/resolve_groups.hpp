// The part of the resolver that reads groups and how their nodes behave.
#pragma once

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// Whether there will be blocks; unknown while a group's role is a mistake, so that one mistake gives one message.
enum class Mining : std::uint8_t { none, some, unknown };

// How a node behaves: keys of a group, or of `profile` for all groups.
void read_behaviour(config::MapReader& map, bitcoin::BitcoinParameters& parameters);

// `groups`, each starting from the profile; sorted by name, hash shares relative to all.
[[nodiscard]] Mining read_groups(config::MapReader& root, const bitcoin::BitcoinParameters& profile,
                                 Scenario& scenario);

}  // namespace hearsay::app
