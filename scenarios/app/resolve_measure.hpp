// `measure`: which numbers are made of what the nodes observe.
#pragma once

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/resolve_groups.hpp"
#include "scenarios/app/resolve_outcomes.hpp"

namespace hearsay::app {

// Workload and outcomes are known.
void read_measure(config::MapReader& root, Mining mining, const FaultTimes& times, Scenario& scenario);

}  // namespace hearsay::app
