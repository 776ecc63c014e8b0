// `faults`: what happens to the network, each of a type that the catalogue knows.
#pragma once

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// After the targets.
void read_faults(config::MapReader& root, Scenario& scenario);

}  // namespace hearsay::app
