// The part of the resolver that reads what a network is given to do.
#pragma once

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/resolve_groups.hpp"

namespace hearsay::app {

// `workload`; the groups are known.
void read_workload(config::MapReader& root, Mining mining, Scenario& scenario);

}  // namespace hearsay::app
