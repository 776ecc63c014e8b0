// `outcomes`, `sample` and `stop_when`: what may happen, when it is looked at, and what ends a run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// When the faults of the unbranched scenario begin for the first time and end for the last, from the end of the
// warm-up. What an outcome waits for is the same in every branch, with the fault or without: only so are branches
// comparable.
using FaultTimes = std::map<std::string, std::pair<Duration, Duration>>;
[[nodiscard]] FaultTimes fault_times(const Scenario& scenario);

// A time, or `FAULT.begin` or `FAULT.end`; nothing, and a problem, for anything else. `also` says what else is valid.
[[nodiscard]] std::optional<Duration> read_instant(const std::string& text, std::string_view path,
                                                   const config::Mark& mark, const FaultTimes& times,
                                                   std::string_view also, config::Problems& problems);

// After faults and targets.
void read_outcomes(config::MapReader& root, const FaultTimes& times, Scenario& scenario);

}  // namespace hearsay::app
