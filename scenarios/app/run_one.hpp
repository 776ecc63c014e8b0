// The seam between the runner and the simulation: one run, told by its key, in a process of its own.
//
// Runs of the same point and the same four seeds differ in their branch alone: they are a group, and share a warm
// state. One process makes it by warm_up(); each run goes on from it in a fork of that process. What implements
// RunOne knows no files, no other runs, and no terminal; it starts no thread and holds no open database.
#pragma once

#include <cstdint>

#include "scenarios/app/results/run_result.hpp"

namespace hearsay::app {

struct Progress {
  std::int64_t simulated_ns = 0;  // since the start of the run, its warm-up included
  std::int64_t horizon_ns = 0;    // of the whole run, also while it warms up
  std::int64_t events = 0;        // likewise since the start of the run
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

  // False: every run is a process of its own, and repeats the warm-up.
  virtual bool shares_warm_up() const { return true; }

  // Called once in a process, before any run: simulates up to the branch instant. `any` is the key of any run of the
  // group; its branch must not matter. An exception ends all runs of the group.
  virtual void warm_up(const RunKey& any, ProgressSink& progress) {
    static_cast<void>(any);
    static_cast<void>(progress);
  }

  // Called once in a process: in the one that warmed up if the group has no other run to do, else in a fork of it.
  // Goes on from there as the branch of `key`. An exception ends this run alone; its text is shown to the user.
  virtual RunResult run(const RunKey& key, ProgressSink& progress) = 0;
};

}  // namespace hearsay::app
