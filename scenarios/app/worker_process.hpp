// The inside of a worker: warms up, runs, hands the result over as a file, and tells the runner how it goes.
//
// It decides nothing; which branch is started when is the runner's. It never returns into what forked it.
#pragma once

#include <sys/types.h>

#include <vector>

#include "scenarios/app/handover_folder.hpp"
#include "scenarios/app/run_one.hpp"

namespace hearsay::app {

// The ends of the worker: it writes to `reports` and reads from `commands`.
struct WorkerChannels {
  int reports = -1;
  int commands = -1;
};

// In the forked process. `parent` is who forked it: when that ends, so does this.
[[noreturn]] void be_a_worker(RunOne& run_one, const std::vector<RunKey>& runs, const HandoverFolder& folder,
                              const WorkerChannels& channels, pid_t parent);

}  // namespace hearsay::app
