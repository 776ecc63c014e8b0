// Makes the rows of a result from a network that has run.
#pragma once

#include <vector>

#include "scenarios/app/outcome_judge.hpp"
#include "scenarios/app/simulate.hpp"

namespace hearsay::app {

// What had been sent when the warm-up ended, by message type: it does not count.
using TrafficBefore = std::vector<Traffic>;
[[nodiscard]] TrafficBefore traffic_so_far(Network& network);

// All but the key, the digest and the wall clock. `scenario`: of the run's branch. `end`: when the run ended.
void collect(const Scenario& scenario, SimTime end, Network& network, const OutcomeJudge& judge,
             const TrafficBefore& before, RunResult& result);

}  // namespace hearsay::app
