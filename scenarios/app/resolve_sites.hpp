// The part of the resolver that reads places: a file of round-trip times, or points on the globe or in a plane.
#pragma once

#include <string>

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// Keys of `world.latency` with the models `rtt_matrix` and `coordinates`. The table stays null if there are problems.
void read_rtt_matrix(config::MapReader& latency, const std::string& folder, SiteSpec& sites);
void read_coordinates(config::MapReader& latency, SiteSpec& sites);

}  // namespace hearsay::app
