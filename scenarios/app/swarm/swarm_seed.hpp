// One seed of the swarm: a scenario is drawn, mended and shortened until it is small; then every checker runs on it.
//
// - it is described, and what is described resolves to the same;
// - all runs of all branches keep the laws of result_laws.hpp, beside those that each run checks itself;
// - the same seeds give the same result on several ranks, with messages as values and as bytes, traced, and unobserved;
// - a branch that forks from a warm state is the straight run;
// - the results file takes the runs; summary, JSON and tables can be made of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/app/swarm/mend.hpp"

namespace hearsay::app {

// Of each run; a longer scenario is cut shorter.
inline constexpr std::int64_t kSwarmEvents = 100'000;

struct SwarmScenario {
  MendedScenario mended;
  std::string path;  // of the file
};

// Where the scenario of a folder is written.
[[nodiscard]] std::string swarm_path(const std::string& folder);

// In an empty folder. Throws SwarmFailure, or CheckFailure if a run finds the program wrong.
[[nodiscard]] SwarmScenario make_swarm_scenario(std::uint64_t seed, const std::string& folder);

struct SwarmReport {
  std::int64_t runs = 0;
  std::int64_t events = 0;
  std::uint64_t digest = 0;       // of the unbranched run
  std::vector<std::string> keys;  // of the language, that the scenario has: "section: key"
};

[[nodiscard]] SwarmReport check_swarm_scenario(const SwarmScenario& drawn, const std::string& folder);

}  // namespace hearsay::app
