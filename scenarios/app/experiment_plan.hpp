// From a resolved scenario to the experiment that it is: its runs, and how its results file introduces itself.
#pragma once

#include <vector>

#include "scenarios/app/results/experiment.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// Named domains of seeds cross, world outermost; of the same seeds the branches, main first.
[[nodiscard]] std::vector<RunKey> plan_runs(const Scenario& scenario);

[[nodiscard]] Experiment describe_experiment(const Scenario& scenario);

}  // namespace hearsay::app
