// How outcomes of validation cases are shown: a table for each class, or JSON. Classes are never added up.
#pragma once

#include <string>
#include <vector>

#include "scenarios/app/validate.hpp"

namespace hearsay::app {

[[nodiscard]] std::string validation_table(const std::vector<CaseOutcome>& outcomes);
[[nodiscard]] std::string validation_json(const std::vector<CaseOutcome>& outcomes);

}  // namespace hearsay::app
