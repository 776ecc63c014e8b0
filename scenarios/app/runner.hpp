// Runs an experiment: each run in a process of its own, several at a time, their results into one file.
//
// The parent alone writes that file, and holds it open only while it writes. A run that fails costs no other run. What
// is finished stays, whatever ends the program; the same command goes on from there. It builds and simulates nothing:
// that is RunOne's.
#pragma once

#include <string>

#include "scenarios/app/progress_line.hpp"
#include "scenarios/app/results/experiment.hpp"
#include "scenarios/app/results/store.hpp"
#include "scenarios/app/run_one.hpp"

namespace hearsay::app {

// Of runs that are only checks the file is thrown away: nothing is said of it, and a world seed repeats one.
enum class ResultsAre { kept, thrown_away };

struct RunnerOptions {
  std::string results_path;
  int jobs = 1;  // processes at a time
  Existing existing = Existing::resume;
  ShowProgress progress = ShowProgress::on_a_terminal;
  // What a user types to run this experiment, without --seeds, --branch, --jobs and --out: "hearsay run
  // quickstart.yaml". Shown where a failed run is reported; empty: not shown.
  std::string command;
  ResultsAre results = ResultsAre::kept;
};

// The exit code: 0 all runs are there; 1 some failed; 128 + the signal's number if one asked to stop (130 on Ctrl-C).
// Messages go to stderr. Throws ResultsError or EnvironmentError if nothing could be started.
int run_experiment(const Experiment& experiment, const RunnerOptions& options, RunOne& run_one);

// The one command that repeats one run of the experiment, into a file of its own.
std::string repeat_command(const Experiment& experiment, const RunnerOptions& options, const RunKey& key);

}  // namespace hearsay::app
