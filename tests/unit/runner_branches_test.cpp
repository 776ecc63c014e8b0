// Runs that share a warm-up: made once, forked for each branch, with failures that stay where they belong.
#include <csignal>

#include "scenarios/app/runner.hpp"
#include "tests/unit/runner_fixtures.hpp"

namespace hearsay::app {
namespace {

using Sharing = FakeBranches::Sharing;

const std::vector<std::string> kBranches = {"main", "control", "defended"};

void nothing(const RunKey&) {}

// As if each run had been done by itself.
std::map<std::string, std::string> written_directly(const Experiment& experiment) {
  const TemporaryFolder folder;
  ResultsFile file = ResultsFile::for_experiment(folder.path("r.sqlite"), experiment, Existing::resume);
  for (const RunKey& key : experiment.plan) file.write_run(branch_result(key));
  return exported(folder.path("r.sqlite"));
}

std::multiset<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::multiset<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.insert(line);
  return lines;
}

std::size_t warm_ups(const std::string& log) {
  const auto lines = lines_of(log);
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line.starts_with("warm"); }));
}

}  // namespace

TEST_CASE("Branches fork from one warm-up, or repeat it, to the same results") {
  const Experiment experiment = branching_experiment(3, kBranches);
  const auto expected = written_directly(experiment);
  for (const int jobs : {1, 2, 5}) {
    const TemporaryFolder folder;
    FakeBranches shared(folder.path("shared.log"));
    const Outcome outcome = run_quietly(experiment, options_for(folder.path("r.sqlite"), jobs), shared);
    CHECK(outcome.messages.empty());
    CHECK(outcome.exit_code == 0);
    CHECK(exported(folder.path("r.sqlite")) == expected);
    CHECK(lines_of(folder.path("shared.log")) == std::multiset<std::string>{"warm 1", "warm 2", "warm 3", "run 1",
                                                                            "run 2", "run 3", "run 4", "run 5", "run 6",
                                                                            "run 7", "run 8", "run 9"});
    FakeBranches straight(folder.path("straight.log"), Sharing::straight);
    CHECK(run_quietly(experiment, options_for(folder.path("s.sqlite"), jobs), straight).exit_code == 0);
    CHECK(exported(folder.path("s.sqlite")) == expected);
    CHECK(warm_ups(folder.path("straight.log")) == 9);
    CHECK(folder.names() == std::set<std::string>{"r.sqlite", "s.sqlite", "shared.log", "straight.log"});
  }
}

TEST_CASE("Runs of a group need not be neighbours in the plan") {
  Experiment experiment = branching_experiment(2, kBranches);
  std::swap(experiment.plan[1], experiment.plan[4]);
  experiment.plan[5].point = 1;  // another world: not of this group
  const TemporaryFolder folder;
  FakeBranches shared(folder.path("log"));
  CHECK(run_quietly(experiment, options_for(folder.path("r.sqlite"), 2), shared).exit_code == 0);
  CHECK(warm_ups(folder.path("log")) == 3);
  CHECK(exported(folder.path("r.sqlite")) == written_directly(experiment));
}

TEST_CASE("A branch that crashes or throws fails alone, and only it is repeated") {
  const Experiment experiment = branching_experiment(2, kBranches);
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  FakeBranches failing(folder.path("first.log"), Sharing::shared, nothing, [](const RunKey& key) {
    if (key.run == 2) throw std::runtime_error(std::string(10'000, 'x'));
    if (key.run == 3) raise(SIGTERM);
    if (key.run == 4) _exit(7);
  });
  const Outcome outcome = run_quietly(experiment, options_for(path, 1), failing);
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.messages.find("hearsay: run 2 (branch control, world 1) failed: xxxx") != std::string::npos);
  CHECK(outcome.messages.find("run 3 (branch defended, world 1) failed: ended by signal 15 (Terminated)\n") !=
        std::string::npos);
  CHECK(outcome.messages.find("run 4 (world 2) failed: its process ended with exit code 7\n") != std::string::npos);
  CHECK(outcome.messages.find("hearsay: 3 of 6 runs failed; 3 are in ") != std::string::npos);
  CHECK(warm_ups(folder.path("first.log")) == 2);

  // Of the second group one run is missing: it needs no fork of its own.
  const pid_t runner = getpid();
  FakeBranches mended(folder.path("second.log"), Sharing::shared, nothing, [runner](const RunKey& key) {
    if ((getppid() == runner) != (key.run == 4)) throw std::runtime_error("forked from another process");
  });
  CHECK(run_quietly(experiment, options_for(path, 1), mended).exit_code == 0);
  CHECK(lines_of(folder.path("second.log")) ==
        std::multiset<std::string>{"warm 1", "warm 2", "run 2", "run 3", "run 4"});
  CHECK(exported(path) == written_directly(experiment));
}

TEST_CASE("A warm-up that throws or crashes fails all runs of its group") {
  const Experiment experiment = branching_experiment(4, kBranches);
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  FakeBranches failing(folder.path("log"), Sharing::shared, [](const RunKey& key) {
    if (key.world_seed == 1) throw std::runtime_error("check failed at 3 s");
    if (key.world_seed == 3) raise(SIGTERM);
    if (key.world_seed == 4) _exit(0);  // not as it should either
  });
  const Outcome outcome = run_quietly(experiment, options_for(path, 2), failing);
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.messages.find(
            "run 3 (branch defended, world 1) failed: the warm-up that it shares failed: check failed at 3 s\n") !=
        std::string::npos);
  CHECK(outcome.messages.find("run 7 (world 3) failed: the warm-up that it shares ended by signal 15 (Terminated)\n") !=
        std::string::npos);
  CHECK(outcome.messages.find("run 12 (branch defended, world 4) failed: the warm-up that it shares ended with exit "
                              "code 0\n") != std::string::npos);
  CHECK(outcome.messages.find("hearsay: 9 of 12 runs failed; 3 are in ") != std::string::npos);
  CHECK(finished_runs(path) == 3);
  CHECK(ResultsFile::open(path).failed_runs().size() == 9);
}

TEST_CASE("When the warm process is killed, its branches die with it") {
  const Experiment experiment = branching_experiment(1, kBranches);
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  FakeBranches orphaned(folder.path("log"), Sharing::shared, nothing, [](const RunKey& key) {
    if (key.run == 1) return;
    if (key.run == 3) kill(getppid(), SIGKILL);
    std::this_thread::sleep_for(60s);
  });
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = run_quietly(experiment, options_for(path, 2), orphaned);
  CHECK(std::chrono::steady_clock::now() - start < 20s);
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.messages.find("run 2 (branch control, world 1) failed: the process that it was forked from ended by "
                              "signal 9 (Killed)") != std::string::npos);
  CHECK(finished_runs(path) == 1);
  CHECK(folder.names() == std::set<std::string>{"log", "r.sqlite"});
}

TEST_CASE("No more than so many processes simulate at a time, and no more are warm") {
  const Experiment experiment = branching_experiment(4, kBranches);
  const TemporaryFolder folder;
  for (const int jobs : {1, 2}) {
    // A token a simulating process; the pipe starts with one for each job, and must never be empty.
    int tokens[2];
    REQUIRE(pipe2(tokens, O_CLOEXEC | O_NONBLOCK) == 0);
    REQUIRE(write(tokens[1], "tokens", static_cast<std::size_t>(jobs)) == jobs);
    const auto work = [&](const RunKey&) {
      char token = 0;
      if (read(tokens[0], &token, 1) != 1) throw std::runtime_error("too many at a time");
      std::this_thread::sleep_for(5ms);
      if (write(tokens[1], &token, 1) != 1) throw std::runtime_error("no way back");
    };
    FakeBranches shared(folder.path("log"), Sharing::shared, work, work);
    const std::string path = folder.path(std::to_string(jobs) + ".sqlite");
    const Outcome outcome = run_quietly(experiment, options_for(path, jobs), shared);
    CHECK(outcome.messages.empty());
    CHECK(finished_runs(path) == 12);
    close(tokens[0]);
    close(tokens[1]);
  }
}

TEST_CASE("Ctrl-C ends warm-ups and branches, and keeps what is finished") {
  const Experiment experiment = branching_experiment(3, kBranches);
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  // Open as long as any of the processes lives.
  int alive[2];
  REQUIRE(pipe2(alive, O_CLOEXEC) == 0);
  FakeBranches hanging(
      folder.path("log"), Sharing::shared,
      [](const RunKey& key) {
        if (key.world_seed > 1) std::this_thread::sleep_for(60s);
      },
      [](const RunKey& key) {
        if (key.run == 2) std::this_thread::sleep_for(60s);
      });
  const pid_t parent = start_elsewhere(experiment, options_for(path, 4), hanging);
  close(alive[1]);
  wait_until([&] { return finished_runs(path) == 2 && warm_ups(folder.path("log")) == 3; });
  kill(parent, SIGINT);
  const int status = wait_for(parent);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  char byte = 0;
  CHECK(read(alive[0], &byte, 1) == 0);
  close(alive[0]);
  CHECK(folder.names() == std::set<std::string>{"log", "r.sqlite"});
  CHECK(finished_runs(path) == 2);

  std::filesystem::remove(folder.path("log"));
  FakeBranches quick(folder.path("log"));
  CHECK(run_quietly(experiment, options_for(path, 3), quick).exit_code == 0);
  CHECK(exported(path) == written_directly(experiment));
  CHECK(lines_of(folder.path("log")).count("run 1") == 0);
}

TEST_CASE("When a branch cannot be stored, neither branches nor warm-ups are started any more") {
  const Experiment experiment = branching_experiment(2, kBranches);
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  FakeBranches full(
      folder.path("log"), Sharing::shared,
      [](const RunKey& key) {
        if (key.world_seed == 2) std::this_thread::sleep_for(60s);
      },
      [](const RunKey& key) {
        if (key.run == 2) throw EnvironmentError("no space left");
      });
  const Outcome outcome = run_quietly(experiment, options_for(path, 1), full);
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.messages.ends_with(
      "hearsay: no more runs are started\nhearsay: 1 of 6 runs failed, 4 not started; 1 is in " + path +
      ". The same command tries what is missing again.\n"));
  CHECK(finished_runs(path) == 1);
}

}  // namespace hearsay::app
