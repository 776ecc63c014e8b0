// Makes the rows of a result from a network that has run.
#pragma once

#include <vector>

#include "scenarios/app/outcome_judge.hpp"
#include "scenarios/app/simulate.hpp"

namespace hearsay::app {

// What had been sent and spent when the warm-up ended: it does not count.
struct WarmUpCosts {
  std::vector<Traffic> traffic;         // by message type
  std::vector<bitcoin::BusyTime> busy;  // by node, if the busy share is measured
};
[[nodiscard]] WarmUpCosts costs_so_far(const Scenario& scenario, Network& network, SimTime now);

// All but the key, the digest and the wall clock. `scenario`: of the run's branch. `end`: when the run ended.
void collect(const Scenario& scenario, SimTime end, Network& network, const OutcomeJudge& judge,
             const WarmUpCosts& before, RunResult& result);

}  // namespace hearsay::app
