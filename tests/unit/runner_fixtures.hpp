// Helpers of the tests of the runner: fake runs, an experiment run with its messages caught, or in a process of its
// own.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>

#include "scenarios/app/results/store.hpp"
#include "scenarios/app/runner.hpp"
#include "tests/unit/results_fixtures.hpp"

namespace hearsay::app {

using namespace std::chrono_literals;

// Gives the synthetic result of its key, after doing to its process what the test says.
class FakeRun : public RunOne {
 public:
  explicit FakeRun(std::function<void(const RunKey&)> before = [](const RunKey&) {}) : before_(std::move(before)) {}

  RunResult run(const RunKey& key, ProgressSink& progress) override {
    progress.at({0, 256'000'000'000, 0});
    before_(key);
    progress.at({256'000'000'000, 256'000'000'000, 12'345});
    return synthetic_result(key);
  }

 private:
  std::function<void(const RunKey&)> before_;
};

// Its runs need the warm state of their seed. What happens is noted in a file: "warm 1", "run 2", a line each.
class FakeBranches : public RunOne {
 public:
  using Step = std::function<void(const RunKey&)>;
  enum class Sharing { shared, straight };

  explicit FakeBranches(
      std::string log, Sharing sharing = Sharing::shared, Step in_warm_up = [](const RunKey&) {},
      Step in_run = [](const RunKey&) {})
      : log_(std::move(log)), sharing_(sharing), in_warm_up_(std::move(in_warm_up)), in_run_(std::move(in_run)) {}

  bool shares_warm_up() const override { return sharing_ == Sharing::shared; }

  void warm_up(const RunKey& any, ProgressSink& progress) override {
    note("warm", static_cast<std::int64_t>(any.world_seed));
    progress.at({64'000'000'000, 256'000'000'000, 5'000});
    in_warm_up_(any);
    warm_for_ += any.world_seed;  // twice would be another state
  }

  RunResult run(const RunKey& key, ProgressSink& progress) override {
    note("run", key.run);
    if (warm_for_ != key.world_seed) throw std::runtime_error("not the warm state of this run");
    warm_for_ = 0;
    progress.at({128'000'000'000, 256'000'000'000, 9'000});
    in_run_(key);
    return branch_result(key);
  }

 private:
  void note(const char* what, std::int64_t number) const {
    const std::string line = std::string(what) + " " + std::to_string(number) + "\n";
    const int file = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (write(file, line.data(), line.size()) < 0) _exit(77);
    close(file);
  }

  std::string log_;
  Sharing sharing_;
  Step in_warm_up_;
  Step in_run_;
  std::uint64_t warm_for_ = 0;
};

struct Outcome {
  int exit_code = -1;
  std::string messages;
};

// With stderr in a file meanwhile.
inline Outcome run_quietly(const Experiment& experiment, const RunnerOptions& options, RunOne& run_one) {
  const TemporaryFolder folder;
  const std::string log = folder.path("stderr");
  std::fflush(stderr);
  const int former = dup(STDERR_FILENO);
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  dup2(file, STDERR_FILENO);
  close(file);
  Outcome outcome;
  std::string thrown;
  try {
    outcome.exit_code = run_experiment(experiment, options, run_one);
  } catch (const std::exception& error) {
    thrown = error.what();
  }
  std::fflush(stderr);
  dup2(former, STDERR_FILENO);
  close(former);
  outcome.messages = content_of(log) + thrown;
  return outcome;
}

inline RunnerOptions options_for(const std::string& path, int jobs) {
  RunnerOptions options;
  options.results_path = path;
  options.jobs = jobs;
  options.command = "hearsay run quickstart.yaml";
  return options;
}

inline std::map<std::string, std::string> uninterrupted(std::int64_t runs) {
  const TemporaryFolder folder;
  FakeRun run_one;
  const Outcome outcome = run_quietly(synthetic_experiment(runs), options_for(folder.path("r.sqlite"), 1), run_one);
  if (outcome.exit_code != 0) throw std::runtime_error(outcome.messages);
  return exported(folder.path("r.sqlite"));
}

inline std::size_t finished_runs(const std::string& path) {
  try {
    return ResultsFile::open(path).finished_runs().size();
  } catch (const std::runtime_error&) {
    return 0;  // not there yet
  }
}

// Another program that runs this experiment; it ends when it is told to, or with its runs.
inline pid_t start_elsewhere(const Experiment& experiment, const RunnerOptions& options, RunOne& run_one) {
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process != 0) return process;
  // Catch would report them as failures of the test.
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGABRT, SIGSEGV}) signal(number, SIG_DFL);
  const int nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDERR_FILENO);
  int code = 99;
  try {
    code = run_experiment(experiment, options, run_one);
  } catch (const std::exception&) {
  }
  _exit(code);
}

inline int wait_for(pid_t process) {
  int status = 0;
  waitpid(process, &status, 0);
  return status;
}

inline void wait_until(const std::function<bool()>& reached) {
  const auto limit = std::chrono::steady_clock::now() + 20s;
  while (!reached() && std::chrono::steady_clock::now() < limit) std::this_thread::sleep_for(2ms);
  REQUIRE(reached());
}

}  // namespace hearsay::app
