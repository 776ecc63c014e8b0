// The part of the resolver that reads where nodes are and what their access links are like: classes of hosts for the
// whole world, and what single groups say of their own.
#pragma once

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// `world.hosts` and `world.host_classes`.
void read_hosts(config::MapReader& world, WorldSpec& spec);

// Keys of a group with so many members: `region` (one, or a list of one each), `host` or `hosts`, `uplink`, `downlink`.
void read_place(config::MapReader& group, const WorldSpec& world, std::int64_t members, PlaceSpec& place);

// What only groups and world together can tell: whether classes of hosts are used, and needed. `world` is null if the
// scenario has none.
void check_places(config::MapReader& root, config::MapReader* world, Scenario& scenario);

}  // namespace hearsay::app
