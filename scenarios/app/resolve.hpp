// From the words of a scenario file to a resolved Scenario, and back to words for `describe` and the manifest.
#pragma once

#include <string>
#include <vector>

#include "scenarios/app/config/value.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// Loads FILE with what it extends, applies `--set path=value` and `--seeds` (`1..20`, `attack=1..5`), resolves. Throws
// config::ConfigError with all mistakes at once.
[[nodiscard]] Scenario resolve_scenario(const std::string& path, const std::vector<std::string>& sets,
                                        const std::vector<std::string>& seeds);

// The whole resolved scenario; resolving it again gives the same. Seeds are left out of the part that is hashed, so
// that an experiment can be continued with more of them.
enum class SeedsIn : std::uint8_t { included, left_out };
[[nodiscard]] config::Value describe_scenario(const Scenario& scenario, SeedsIn seeds);

}  // namespace hearsay::app
