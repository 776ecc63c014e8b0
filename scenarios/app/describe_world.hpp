// The part of `describe` that prints the world and the places of groups.
#pragma once

#include "scenarios/app/config/value.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

[[nodiscard]] config::Value describe_world(const WorldSpec& world);

// The keys of a group that say where its nodes are, added to the group's others.
void describe_place(config::Value& group, const PlaceSpec& place, const WorldSpec& world);

}  // namespace hearsay::app
