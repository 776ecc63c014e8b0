// The runs of one warm state, in processes of their own, seen from the parent.
//
// A single run is one process. Several share a warm-up: one process makes it, and forks one for each run that it is
// asked to start; while it waits for them it simulates nothing. It decides nothing: the runner says when a run starts,
// listens, and takes the files. All processes die with the parent; the destructor ends those that still run.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "scenarios/app/handover_folder.hpp"
#include "scenarios/app/run_one.hpp"

namespace hearsay::app {

// How far a process is that simulates.
struct ProcessProgress {
  std::vector<std::int64_t> runs;  // one, or all that wait for this warm-up
  bool warming_up = false;         // for several runs
  Progress progress;
};

class Worker {
 public:
  enum class State {
    waiting,  // for the warm-up, or for the runner to start it
    running,
    finished,         // its file is complete
    failed,           // the run did; `failure` says how
    failed_to_store,  // the environment did; the next run would fare no better
  };
  struct EndedRun {
    RunKey key;
    State state;
    std::string failure;
  };

  // Forks. Throws EnvironmentError if the system has no process to give.
  Worker(RunOne& run_one, const std::vector<RunKey>& runs, const HandoverFolder& folder);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  int descriptor() const { return reports_; }  // readable when there is news; -1 when there will be none
  bool over() const { return over_; }          // no process of it is left, and no run will end any more

  std::size_t simulating() const;  // processes
  bool can_start() const;          // it is warm, and a run waits
  void start_next();
  void dismiss();  // of the runs that wait, none will be started; a warm-up for them ends

  std::vector<EndedRun> listen();  // takes all news; does not wait
  void kill();                     // and waits for the end of all of its processes

  std::vector<ProcessProgress> progress() const;
  std::int64_t events() const;  // executed so far, each once
  // In horizons of a run: what the warm-up took so far, and all work so far.
  double warm_share() const;
  double work_done() const;

 private:
  struct Run {
    RunKey key;
    State state = State::waiting;
    State reported = State::failed;  // how it failed, as it says itself
    std::string failure;
    Progress progress;
  };

  bool alone() const { return runs_.size() == 1; }
  Run* find(std::int64_t run);
  void command(std::int64_t run);
  void read_reports();
  void interpret();
  void await_the_last();
  void end_run(Run& run, int status);
  void reap(int status);

  std::vector<Run> runs_;
  std::vector<EndedRun> ended_;  // not yet told
  pid_t process_ = -1;
  int reports_ = -1;
  int commands_ = -1;
  bool warm_ = false;
  bool dismissed_ = false;
  bool over_ = false;
  Run warm_up_;
  std::string received_;
};

}  // namespace hearsay::app
