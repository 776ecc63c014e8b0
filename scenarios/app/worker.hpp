// One run in a process of its own, seen from the parent.
//
// It decides nothing: the runner starts workers, listens to them and takes their files. A worker dies with its parent.
// The destructor ends a worker that still runs.
#pragma once

#include <sys/types.h>

#include <string>

#include "scenarios/app/handover_folder.hpp"
#include "scenarios/app/run_one.hpp"

namespace hearsay::app {

class Worker {
 public:
  enum class State {
    running,
    finished,         // its file is complete
    failed,           // the run did; failure() says how
    failed_to_store,  // the environment did; the next run would fare no better
  };

  // Forks. Throws EnvironmentError if the system has no process to give.
  Worker(RunOne& run_one, const RunKey& key, const HandoverFolder& folder);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  const RunKey& key() const { return key_; }
  int descriptor() const { return pipe_; }  // readable when there is news; -1 when there will be none
  const Progress& progress() const { return progress_; }
  const std::string& failure() const { return failure_; }

  State listen();  // takes all news; does not wait
  void kill();     // and waits for its end

 private:
  void read_pipe();
  void interpret();
  void reap(int status);

  RunKey key_;
  pid_t process_ = -1;
  int pipe_ = -1;
  State state_ = State::running;
  State reported_ = State::failed;  // how it failed, as it says itself
  std::string received_;
  Progress progress_;
  std::string failure_;
};

}  // namespace hearsay::app
