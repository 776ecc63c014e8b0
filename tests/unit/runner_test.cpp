// The runner: runs in processes of their own, failures that stay theirs, and nothing lost however it ends.
#include "scenarios/app/runner.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>

#include "scenarios/app/text_format.hpp"
#include "tests/unit/results_fixtures.hpp"

namespace hearsay::app {
namespace {

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

struct Outcome {
  int exit_code = -1;
  std::string messages;
};

// With stderr in a file meanwhile.
Outcome run_quietly(const Experiment& experiment, const RunnerOptions& options, RunOne& run_one) {
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

RunnerOptions options_for(const std::string& path, int jobs) {
  RunnerOptions options;
  options.results_path = path;
  options.jobs = jobs;
  options.command = "hearsay run quickstart.yaml";
  return options;
}

std::map<std::string, std::string> uninterrupted(std::int64_t runs) {
  const TemporaryFolder folder;
  FakeRun run_one;
  const Outcome outcome = run_quietly(synthetic_experiment(runs), options_for(folder.path("r.sqlite"), 1), run_one);
  if (outcome.exit_code != 0) throw std::runtime_error(outcome.messages);
  return exported(folder.path("r.sqlite"));
}

std::size_t finished_runs(const std::string& path) {
  try {
    return ResultsFile::open(path).finished_runs().size();
  } catch (const std::runtime_error&) {
    return 0;  // not there yet
  }
}

// Another program that runs this experiment; it ends when it is told to, or with its runs.
pid_t start_elsewhere(const Experiment& experiment, const RunnerOptions& options, RunOne& run_one) {
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process != 0) return process;
  const int nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDERR_FILENO);
  int code = 99;
  try {
    code = run_experiment(experiment, options, run_one);
  } catch (const std::exception&) {
  }
  _exit(code);
}

int wait_for(pid_t process) {
  int status = 0;
  waitpid(process, &status, 0);
  return status;
}

void wait_until(const std::function<bool()>& reached) {
  const auto limit = std::chrono::steady_clock::now() + 20s;
  while (!reached() && std::chrono::steady_clock::now() < limit) std::this_thread::sleep_for(2ms);
  REQUIRE(reached());
}

}  // namespace

TEST_CASE("The number of processes does not change the results") {
  const auto expected = uninterrupted(5);
  const TemporaryFolder folder;
  FakeRun run_one;
  const Outcome outcome = run_quietly(synthetic_experiment(5), options_for(folder.path("r.sqlite"), 4), run_one);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.messages.empty());
  CHECK(exported(folder.path("r.sqlite")) == expected);
  CHECK(folder.names() == std::set<std::string>{"r.sqlite"});

  const Outcome again = run_quietly(synthetic_experiment(5), options_for(folder.path("r.sqlite"), 4), run_one);
  CHECK(again.exit_code == 0);
  CHECK(again.messages ==
        "hearsay: all 5 runs are in " + folder.path("r.sqlite") + " already; --fresh runs the experiment again\n");
}

TEST_CASE("A run that throws or crashes is reported with the command that repeats it, and the others go on") {
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  FakeRun failing([](const RunKey& key) {
    if (key.run == 2) throw std::runtime_error("check failed at 3 s");
    if (key.run == 3) raise(SIGKILL);
    if (key.run == 4) _exit(7);
  });
  const Outcome outcome = run_quietly(synthetic_experiment(5), options_for(path, 1), failing);
  CHECK(outcome.exit_code == 1);
  const auto repeat = [&](const std::string& run) {
    return "\n  to repeat it: hearsay run quickstart.yaml --seeds " + run + " --jobs 1 --out " +
           folder.path("r-run-" + run + ".sqlite") + "\n";
  };
  CHECK(outcome.messages ==
        "hearsay: run 2 (world 2) failed: check failed at 3 s" + repeat("2") +
            "hearsay: run 3 (world 3) failed: ended by signal 9 (Killed); perhaps the system was out of memory" +
            repeat("3") + "hearsay: run 4 (world 4) failed: its process ended with exit code 7" + repeat("4") +
            "hearsay: 3 of 5 runs failed; 2 are in " + path + ". The same command tries what is missing again.\n");
  CHECK(folder.names() == std::set<std::string>{"r.sqlite"});

  FakeRun mended;
  const Outcome again = run_quietly(synthetic_experiment(5), options_for(path, 1), mended);
  CHECK(again.exit_code == 0);
  CHECK(again.messages == "hearsay: 2 of 5 runs in " + path + " already; going on\n");
  CHECK(exported(path) == uninterrupted(5));
}

TEST_CASE("The command that repeats a run names the seeds that the scenario names") {
  RunKey key = synthetic_key(3);
  key.attack_seed = 5;
  CHECK(repeat_command(options_for("out put/r.sqlite", 4), key) ==
        "hearsay run quickstart.yaml --seeds 3 --seeds attack=5 --jobs 1 --out 'out put/r-run-3.sqlite'");
}

TEST_CASE("A killed experiment goes on where it was, to the same results") {
  const auto expected = uninterrupted(6);
  FakeRun slow([](const RunKey& key) { std::this_thread::sleep_for(key.run > 4 ? 60s : 30ms); });
  FakeRun quick;
  for (const std::size_t killed_after : {0u, 1u, 3u}) {
    const TemporaryFolder folder;
    const std::string path = folder.path("r.sqlite");
    const pid_t parent = start_elsewhere(synthetic_experiment(6), options_for(path, 2), slow);
    wait_until([&] { return std::filesystem::exists(path) && finished_runs(path) >= killed_after; });
    kill(parent, SIGKILL);
    const int status = wait_for(parent);
    CHECK(WIFSIGNALED(status));

    // What the killed one may have left in its folder is not taken for a run.
    std::filesystem::create_directories(path + ".partial");
    std::ofstream(path + ".partial/run-6.sqlite") << "half a file";
    const Outcome outcome = run_quietly(synthetic_experiment(6), options_for(path, 2), quick);
    CHECK(outcome.exit_code == 0);
    CHECK(exported(path) == expected);
    CHECK(folder.names() == std::set<std::string>{"r.sqlite"});
  }
}

TEST_CASE("Ctrl-C keeps what is finished and leaves nothing else behind") {
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  FakeRun hanging([](const RunKey& key) {
    if (key.run > 2) std::this_thread::sleep_for(60s);
  });
  const pid_t parent = start_elsewhere(synthetic_experiment(6), options_for(path, 2), hanging);
  wait_until([&] { return finished_runs(path) == 2; });
  kill(parent, SIGINT);
  const int status = wait_for(parent);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  CHECK(folder.names() == std::set<std::string>{"r.sqlite"});
  CHECK(finished_runs(path) == 2);
}

TEST_CASE("Two programs do not write one file at a time") {
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  FakeRun hanging([](const RunKey&) { std::this_thread::sleep_for(60s); });
  const pid_t parent = start_elsewhere(synthetic_experiment(2), options_for(path, 1), hanging);
  wait_until([&] { return std::filesystem::exists(path); });
  FakeRun run_one;
  const Outcome outcome = run_quietly(synthetic_experiment(2), options_for(path, 1), run_one);
  CHECK(outcome.exit_code == -1);
  CHECK(outcome.messages == path + ": another hearsay is writing to this file");
  kill(parent, SIGTERM);
  const int status = wait_for(parent);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 128 + SIGTERM);
}

TEST_CASE("When a worker cannot store its run, no more runs are started") {
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  FakeRun full([](const RunKey& key) {
    if (key.run == 1) return;
    signal(SIGXFSZ, SIG_IGN);
    const rlimit nothing{10'000, 10'000};
    setrlimit(RLIMIT_FSIZE, &nothing);
  });
  const Outcome outcome = run_quietly(synthetic_experiment(4), options_for(path, 1), full);
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.messages.starts_with("hearsay: run 2 (world 2) failed: " + path + ".partial/run-2.sqlite: "));
  CHECK(outcome.messages.ends_with(
      "hearsay: no more runs are started\nhearsay: 1 of 4 runs failed, 2 not started; 1 is in " + path +
      ". The same command tries what is missing again.\n"));
  CHECK(finished_runs(path) == 1);
}

TEST_CASE("The line of progress says how far it is") {
  ExperimentProgress progress;
  progress.runs = 1'000;
  CHECK(progress_text(progress, 0.0, std::nullopt) == "0 of 1000 runs done");
  progress = {10, 3, 2, 1, 4'320.0, 7'200.0, 0.4, 99};
  CHECK(progress_text(progress, 1'234'567.8, 190.0) ==
        "3 of 10 runs done, 2 running, 1 failed | 3 min 10 s left | 1 h 12 min of 2 h simulated | 1,234,568 events/s");
}

TEST_CASE("Texts are cut, wrapped and quoted") {
  CHECK(cut("abcdef", 6) == "abcdef");
  CHECK(cut("abcdefg", 6) == "abc...");
  CHECK(cut("äöüäöüä", 6) == "äöü...");
  CHECK(wrapped("a bb  ccc\ndd", 5) == std::vector<std::string>{"a bb", "ccc", "dd"});
  CHECK(shell_word("results/a-b.sqlite") == "results/a-b.sqlite");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("") == "''");
  CHECK(rough_duration(59.6) == "1 min");
  CHECK(rough_duration(90'061.0) == "1 d 1 h");
  CHECK(with_separators(std::int64_t{-1'234'567}) == "-1,234,567");
  CHECK(with_separators(999.96, 1) == "1,000.0");
  CHECK(with_separators(-0.01, 1) == "0.0");
  CHECK(four_digits(1234.56) == "1,234.6");
  CHECK(four_digits(0.0123449) == "0.01234");
  CHECK(four_digits(12.0) == "12");
  CHECK(four_digits(0.000012345) == "1.234e-05");
}

}  // namespace hearsay::app
