// An experiment: one scenario and all of its runs, as the results file introduces itself. Plain values.
//
// Two experiments are the same if their resolved scenario and their program are: only then may their runs share a file.
#pragma once

#include <string>
#include <vector>

#include "scenarios/app/results/run_result.hpp"

namespace hearsay::app {

struct Experiment {
  std::string scenario;  // its name
  std::string question;
  std::string scenario_hash;
  std::string resolved_scenario;  // YAML
  std::string version;
  std::string commit;
  bool tree_dirty = false;  // the program was built from more than the commit ...
  std::string tree_hash;    // ... namely from changes with this fingerprint; empty if clean or unknown
  std::vector<std::string> warnings;
  std::vector<RunKey> plan;
};

// The seeds of runs for a reader: "world 1..5, mining 1..3". A domain without seeds of its own is left out.
std::string seeds_text(const std::vector<RunKey>& runs);

// A seed above this was derived from the world seed, and says nothing to a reader.
inline constexpr std::uint64_t kLargestNamedSeed = std::uint64_t{1} << 32;

}  // namespace hearsay::app
