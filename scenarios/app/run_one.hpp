// The seam between the runner and the simulation: one run, told by its key, in a process of its own.
//
// What implements RunOne knows no files, no other runs, and no terminal.
#pragma once

#include <cstdint>

#include "scenarios/app/results/run_result.hpp"

namespace hearsay::app {

struct Progress {
  std::int64_t simulated_ns = 0;
  std::int64_t horizon_ns = 0;
  std::int64_t events = 0;
};

// May be told as often as is convenient (some 10 to 1,000 times a second); most calls only look at the clock.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  virtual void at(const Progress& progress) = 0;
};

class RunOne {
 public:
  virtual ~RunOne() = default;

  // Called in a forked process, once. An exception ends this run alone; its text is shown to the user.
  virtual RunResult run(const RunKey& key, ProgressSink& progress) = 0;
};

}  // namespace hearsay::app
