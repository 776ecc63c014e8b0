// What holds for the result of every run, whatever the scenario. Checked from the rows alone, as a reader of the
// results file would: nothing here knows how they were made.
#pragma once

#include <string>

#include "scenarios/app/results/run_result.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// The first law that is broken, with the row that breaks it; empty: none. `scenario`: of the run's branch.
[[nodiscard]] std::string broken_law(const Scenario& scenario, const RunResult& result);

// Where two results that should be the same first differ; empty: nowhere. Keys and wall clocks do not count.
[[nodiscard]] std::string difference(const RunResult& left, const RunResult& right);

}  // namespace hearsay::app
