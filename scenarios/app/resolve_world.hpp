// The part of the resolver that reads `world`: the laws of latency, bandwidth, addresses and transport.
#pragma once

#include <string>

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// `folder` is the scenario's own: files that the world names are described relative to it.
void read_world(config::MapReader& world, const std::string& folder, WorldSpec& spec);

}  // namespace hearsay::app
