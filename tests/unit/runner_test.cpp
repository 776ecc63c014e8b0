// The runner: runs in processes of their own, failures that stay theirs, and nothing lost however it ends.
#include "scenarios/app/runner.hpp"

#include <sys/resource.h>

#include "scenarios/app/text_format.hpp"
#include "tests/unit/runner_fixtures.hpp"

namespace hearsay::app {
namespace {

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
  const std::vector<FailedRun> failed = ResultsFile::open(path).failed_runs();
  REQUIRE(failed.size() == 3);
  CHECK(failed[0].run == 2);
  CHECK(failed[0].reason == "check failed at 3 s");
  CHECK("\n  to repeat it: " + failed[0].command + "\n" == repeat("2"));
  CHECK(failed[2].reason == "its process ended with exit code 7");

  FakeRun mended;
  const Outcome again = run_quietly(synthetic_experiment(5), options_for(path, 1), mended);
  CHECK(again.exit_code == 0);
  CHECK(again.messages == "hearsay: 2 of 5 runs in " + path + " already; going on\n");
  CHECK(exported(path) == uninterrupted(5));
}

TEST_CASE("The command that repeats a run names the seeds that the scenario names") {
  RunKey key = synthetic_key(3);
  key.attack_seed = 5;
  CHECK(repeat_command(synthetic_experiment(3), options_for("out put/r.sqlite", 4), key) ==
        "hearsay run quickstart.yaml --seeds 3 --seeds attack=5 --jobs 1 --out 'out put/r-run-3.sqlite'");
  const Experiment branching = branching_experiment(2, {"main", "control"});
  CHECK(repeat_command(branching, options_for("r.sqlite", 4), branching.plan[3]) ==
        "hearsay run quickstart.yaml --seeds 2 --branch control --jobs 1 --out r-run-4.sqlite");
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

TEST_CASE("The line of progress says how far it is, and fits") {
  ExperimentProgress progress;
  progress.runs = 1'000;
  CHECK(progress_text(progress, 0.0, std::nullopt, 100) == "0 of 1000 runs done");
  progress.runs = 10;
  progress.done = 3;
  progress.running = 1;
  progress.failed = 1;
  progress.processes = {{"run 4", 4'320.0, 7'200.0}};
  CHECK(progress_text(progress, 1'234'567.8, 190.0, 120) ==
        "3 of 10 runs done, 1 running, 1 failed | 3 min 10 s left | 1 h 12 min of 2 h simulated | 1,234,568 events/s");
  progress.warming_up = 1;
  progress.processes.push_back({"runs 5, 6", 0.0, 0.0});
  const std::string start = "3 of 10 runs done, 1 running, 1 warming up, 1 failed | 3 min 10 s left | ";
  CHECK(progress_text(progress, 1'234'567.8, 190.0, 150) ==
        start + "run 4: 1 h 12 min, runs 5, 6: 0 s of 2 h simulated | 1,234,568 events/s");
  CHECK(progress_text(progress, 1'234'567.8, 190.0, 130) ==
        start + "run 4: 1 h 12 min, runs 5, 6: 0 s of 2 h simulated");
  progress.processes.push_back({"run 7", 60.0, 7'200.0});
  CHECK(progress_text(progress, 12.0, 190.0, 123) == start + "0 s to 1 h 12 min of 2 h simulated | 12 events/s");
  CHECK(progress_text(progress, 12.0, 190.0, 100) == start + "0 s to 1 h 12 min of 2 h...");
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

}  // namespace
}  // namespace hearsay::app
