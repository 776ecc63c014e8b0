// The numbers of a summary as JSON text. No layout for people, no statistics of its own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenarios/app/summary_numbers.hpp"

namespace hearsay::app {

// `experiment` as in the results file. Keys end in their unit; what does not exist is null.
std::string summary_json(const std::map<std::string, std::string>& experiment,
                         const std::vector<ReplicateNumbers>& sets, const std::vector<FailedRun>& failed);

// The texts of experiment's `warnings`, a JSON list.
std::vector<std::string> warnings_of(const std::map<std::string, std::string>& experiment);

}  // namespace hearsay::app
