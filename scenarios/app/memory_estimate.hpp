// How much memory a run will need at most, told from the scenario alone, so that one that cannot fit is refused before
// anything is built. An estimate: within a factor of 1.5 of what was measured (the table in memory_estimate.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

// What a part of the memory is for, and which settings make it smaller.
struct MemoryPart {
  double bytes = 0.0;
  std::string what;    // "1,000,000 nodes with 8 connections each"
  std::string remedy;  // "fewer groups.*.count"
};

struct MemoryEstimate {
  std::vector<MemoryPart> parts;  // the largest first

  [[nodiscard]] double run_bytes() const;
  // Of so many runs at a time, each with so many forks of one warm state at a time; these share what they do not
  // change.
  [[nodiscard]] double total_bytes(int jobs, int forks = 0) const;
};

[[nodiscard]] MemoryEstimate estimate_memory(const Scenario& scenario);

// "96 GB", "1.3 GB", "40 MB"
[[nodiscard]] std::string rough_memory(double bytes);

// What new processes can have: MemAvailable of /proc/meminfo, or less if a control group limits it. Nothing: unknown.
struct MemoryFiles {
  std::string meminfo = "/proc/meminfo";
  std::string limit = "/sys/fs/cgroup/memory.max";
  std::string used = "/sys/fs/cgroup/memory.current";
};
[[nodiscard]] std::optional<double> available_memory(const MemoryFiles& files = {});

// Why it will not fit, and what would help; empty if it fits.
[[nodiscard]] std::string memory_refusal(const MemoryEstimate& estimate, int jobs, std::optional<double> available);

}  // namespace hearsay::app
