// Comparison of two results files: the same, and if not, where they part first.
#include "scenarios/app/diff.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <sstream>

#include "scenarios/app/results/store.hpp"
#include "tests/unit/results_fixtures.hpp"

namespace hearsay::app {
namespace {

using Change = std::function<void(RunResult&)>;

void write_results(
    const std::string& path, const Experiment& experiment, const Change& change = [](RunResult&) {}) {
  ResultsFile file = ResultsFile::for_experiment(path, experiment, Existing::resume);
  for (const RunKey& key : experiment.plan) {
    RunResult result = synthetic_result(key);
    change(result);
    file.write_run(result);
  }
}

// Two files of three runs each, of which the second is changed.
class Pair {
 public:
  explicit Pair(
      const Change& right_change, const Change& left_change = [](RunResult&) {}) {
    write_results(left(), synthetic_experiment(3), left_change);
    write_results(right(), synthetic_experiment(3), right_change);
  }

  std::string left() const { return folder_.path("a.sqlite"); }
  std::string right() const { return folder_.path("b.sqlite"); }

  // Without the two lines that name the files.
  std::string said() const {
    std::ostringstream out;
    std::ostringstream errors;
    code_ = diff_results(left(), right(), out, errors);
    CHECK(errors.str().empty());
    const std::string head = "A: " + left() + "\nB: " + right() + "\n";
    REQUIRE(out.str().starts_with(head));
    return out.str().substr(head.size());
  }
  int code() const { return code_; }

 private:
  TemporaryFolder folder_;
  mutable int code_ = -1;
};

}  // namespace

TEST_CASE("Wall-clock times and failed attempts are no difference") {
  const Pair pair([](RunResult& result) { result.wall_clock.run_s = 99.0; });
  ResultsFile::open(pair.left(), Access::write).note_failure({4, "no memory", ""});
  CHECK(pair.said() == "3 of 3 runs in both files are the same\n");
  CHECK(pair.code() == 0);
}

TEST_CASE("A difference is told by time, nodes and observation") {
  const auto trace = [](RunResult& result) {
    result.trace = {{17'250'000'000, "pool[0]", "block_accepted", 0xaa, 1},
                    {17'500'000'000, "pool[1]", "block_accepted", 0xaa, 1}};
  };
  const Pair pair(
      [&](RunResult& result) {
        trace(result);
        if (result.key.run != 2) return;
        result.digest = 0x123;
        result.digest_slices[17] += 1;
        result.digest_slices[30] += 1;
        result.node_digests[0].digest += 1;
        result.trace[1].time_ns += 1;
        result.metrics[0].value = 0.75;
      },
      trace);
  CHECK(pair.said() ==
        "run (world 2) differs\n"
        "  digest: A abc0000000000002, B 0000000000000123\n"
        "  first difference: between 17 s and 18 s of simulated time\n"
        "  nodes that differ: 1 of 2 (pool[1])\n"
        "  first differing observation (number 2):\n"
        "    A: 17.5 s, pool[1]: block_accepted, object 00000000000000aa, value 1\n"
        "    B: 17.500000001 s, pool[1]: block_accepted, object 00000000000000aa, value 1\n"
        "2 of 3 runs in both files are the same\n");
  CHECK(pair.code() == 1);
}

TEST_CASE("Of many nodes a few are named, and those that are in one file only") {
  const Pair pair([](RunResult& result) {
    if (result.key.run != 1) return;
    result.digest = 0x123;
    result.horizon_ns *= 2;
    result.node_digests[0].node = "full[0]";
    result.trace = {{1, "full[0]", "block_accepted", 1, 1}};
  });
  CHECK(pair.said() ==
        "run (world 1) differs\n"
        "  digest: A abc0000000000001, B 0000000000000123\n"
        "  simulated: A 256 s, B 512 s\n"
        "  nodes that differ: 0 of 2\n"
        "  nodes that are in A only: 1 of 2 (pool[1])\n"
        "  nodes that are in B only: 1 (full[0])\n"
        "  only B has a trace of this run\n"
        "2 of 3 runs in both files are the same\n");

  const auto many = [](std::uint64_t digest) {
    return [digest](RunResult& result) {
      result.digest = digest;
      result.node_digests.clear();
      for (int node = 0; node < 7; ++node) {
        result.node_digests.push_back({"full[" + std::to_string(node) + "]", "full", "asia", digest});
      }
    };
  };
  CHECK(Pair(many(1), many(2))
            .said()
            .starts_with("run (world 1) differs\n"
                         "  digest: A 0000000000000002, B 0000000000000001\n"
                         "  every slice of time has the same events, but nodes saw them in another order\n"
                         "  nodes that differ: 7 of 7 (full[0], full[1], full[2], full[3], full[4], ...)\n"
                         "run (world 2) differs\n"));
}

TEST_CASE("With equal digests, what was measured counts too") {
  const Pair pair([](RunResult& result) {
    if (result.key.run == 3) result.metrics.pop_back();
    if (result.key.run == 3) result.propagation[1].delay_ns[50].reset();
  });
  CHECK(pair.said() ==
        "run (world 3) differs\n"
        "  the digests are the same, but not what was measured\n"
        "  first differing row of table propagation_quantile (object, stage, percent, delay_ms):\n"
        "    A: 00bb, received, 50, 1003\n"
        "    B: 00bb, received, 50, nothing\n"
        "  first differing row of table metric (metric, value, unit):\n"
        "    A: reorg_depth, 3, blocks\n"
        "    B: stale_rate, 0.5, %\n"
        "2 of 3 runs in both files are the same\n");
  CHECK(pair.code() == 1);
}

TEST_CASE("Runs belong together by their seeds, and another scenario or program is said") {
  const TemporaryFolder folder;
  const std::string left = folder.path("a.sqlite");
  const std::string right = folder.path("b.sqlite");
  write_results(left, synthetic_experiment(3));
  Experiment other = synthetic_experiment(4);
  other.scenario_hash = "00ff";
  other.version = "0.2.0";
  other.plan.erase(other.plan.begin());
  for (RunKey& key : other.plan) --key.run;
  write_results(right, other);
  std::ostringstream out;
  std::ostringstream errors;
  CHECK(diff_results(left, right, out, errors) == 1);
  CHECK(out.str() == "A: " + left + "\nB: " + right +
                         "\nanother scenario: A 1a2b3c4d5e6f, B 00ff\n"
                         "another version of hearsay: A 0.1.0, B 0.2.0\n"
                         "2 of 2 runs in both files are the same; in A only: 1; in B only: 1\n");
}

TEST_CASE("Runs of the same seeds are compared within their branch") {
  const TemporaryFolder folder;
  const std::string left = folder.path("a.sqlite");
  const std::string right = folder.path("b.sqlite");
  const Experiment experiment = branching_experiment(2, {"main", "control"});
  const auto write = [&](const std::string& path, const Change& change) {
    ResultsFile file = ResultsFile::for_experiment(path, experiment, Existing::resume);
    for (const RunKey& key : experiment.plan) {
      RunResult result = branch_result(key);
      change(result);
      file.write_run(result);
    }
  };
  write(left, [](RunResult&) {});
  write(right, [](RunResult& result) {
    if (result.key.run == 4) result.events += 1;
  });
  std::ostringstream out;
  std::ostringstream errors;
  CHECK(diff_results(left, right, out, errors) == 1);
  CHECK(out.str().starts_with("A: " + left + "\nB: " + right +
                              "\nrun (branch control, world 2) differs\n  the digests are the same, but not what was "
                              "measured\n  first differing row of table run "));
  CHECK(out.str().ends_with("\n3 of 4 runs in both files are the same\n"));
}

TEST_CASE("What cannot be read is an error of its own") {
  const TemporaryFolder folder;
  const std::string left = folder.path("a.sqlite");
  write_results(left, synthetic_experiment(1));
  std::ostringstream out;
  std::ostringstream errors;
  CHECK(diff_results(left, folder.path("b.sqlite"), out, errors) == 2);
  CHECK(errors.str() == "hearsay: " + folder.path("b.sqlite") + ": there is no such file\n");
  CHECK(out.str().empty());
}

}  // namespace hearsay::app
