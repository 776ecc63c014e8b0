// The seeds of an experiment: `seeds` in a scenario, overridden domain by domain by `--seeds`.
#pragma once

#include <string>
#include <vector>

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// Takes `seeds` from the scenario; `given` are the words after --seeds. World is 1 unless somebody says otherwise.
void read_seeds(config::MapReader& root, const std::vector<std::string>& given, Scenario& scenario);

}  // namespace hearsay::app
