// A branch that forks from a warm state is the run that reaches its settings without forking: the same digest, the same
// observations, the same outcomes.
#include "scenarios/app/branch_run.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/unit/resolve_fixtures.hpp"

namespace hearsay::app {
namespace {

const std::string kBranches =
    "question: q?\n"
    "warm_up: 5 min\n"
    "horizon: 40 min\n"
    "world: {latency: {model: uniform, least: 10 ms, most: 80 ms}}\n"
    "groups:\n"
    "  full: {count: 24, role: full}\n"
    "  pools: {count: 4, role: miner, hash: equal}\n"
    "topology: {model: random_outbound, outbound: 4}\n"
    "targets:\n"
    "  east: {pools: {hash: 25 %}, nodes: {share: 25 %}}\n"
    "  rest: {not: east}\n"
    "faults:\n"
    "  sessions: {type: churn, of: full, at: 2 min, sessions: exponential, mean_session: 10 min, mean_pause: 2 min}\n"
    "  cut: {type: partition, between: [east, rest], at: 12 min, for: 12 min}\n"
    "workload: {blocks: {interval: 1 min, size: 20 kB}, transactions: {rate: 0.5 /s, size: 500 B}}\n"
    "outcomes: {apart: {when: tips >= 2, for: 30 s}}\n"
    "measure: {propagation: {}, stale_rate: {}, wasted_work: {}, traffic: {by: type}}\n"
    "branches:\n"
    "  at: 10 min\n"
    "  variants:\n"
    "    control: {faults.cut: off}\n"
    "    removal: {faults.cut: off, faults.gone: {type: targeted_removal, share: 20 %, at: 15 min, how: vanish}}\n"
    "    slow: {faults.cut.mode: slow, faults.cut.delay: 3 s}\n";

const Lines kNames = {"main", "control", "removal", "slow"};

RunKey key_of(const std::string& branch) {
  RunKey key;
  key.run = 1;
  key.branch = branch;
  key.world_seed = 7;
  return key;
}

std::uint64_t straight(const Scenario& scenario, const std::string& branch, const SimulateOptions& options = {}) {
  return simulate(scenario, key_of(branch), options, nullptr).digest;
}

// In a child of this process, which is warm.
std::uint64_t forked(BranchRun& warm, const std::string& branch) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::uint64_t digest = warm.finish(key_of(branch), nullptr).digest;
    const bool told = write(ends[1], &digest, sizeof digest) == sizeof digest;
    _exit(told ? 0 : 1);
  }
  std::uint64_t digest = 0;
  REQUIRE(read(ends[0], &digest, sizeof digest) == sizeof digest);
  int status = 0;
  waitpid(child, &status, 0);
  close(ends[0]);
  close(ends[1]);
  CHECK(status == 0);
  return digest;
}

}  // namespace

TEST_CASE("the digest of a fork is that of the straight run, for every branch") {
  const ScenarioText text(kBranches);
  const Scenario scenario = text.resolved();
  BranchRun warm(scenario, key_of("main"), {});
  warm.warm_up(nullptr);
  std::set<std::uint64_t> digests;
  for (const std::string& branch : kNames) {
    const std::uint64_t digest = straight(scenario, branch);
    CHECK(forked(warm, branch) == digest);
    digests.insert(digest);
  }
  CHECK(digests.size() == kNames.size());  // the branches differ
}

TEST_CASE("faults, sessions and branches are the same on any number of ranks, and as bytes") {
  const ScenarioText text(kBranches);
  const Scenario scenario = text.resolved();
  const Scenario in_bytes = text.resolved({"wire=bytes"});
  for (const std::string& branch : kNames) {
    const std::uint64_t digest = straight(scenario, branch);
    for (const unsigned ranks : {2u, 3u, 7u}) {
      SimulateOptions options;
      options.ranks = ranks;
      CHECK(straight(scenario, branch, options) == digest);
    }
    SimulateOptions unobserved;
    unobserved.probes = false;
    CHECK(straight(scenario, branch, unobserved) == digest);
    CHECK(straight(in_bytes, branch) == digest);
  }
}

TEST_CASE("a branch whose fault never begins is the scenario without it") {
  const ScenarioText text(kBranches);
  const std::uint64_t control = straight(text.resolved(), "control");
  CHECK(straight(text.resolved({"branches=off", "faults.cut=off"}), "main") == control);
}

TEST_CASE("a restart may be due before the branches part by its jitter") {
  const ScenarioText text(kBranches);
  const Lines sets = {"faults.again={type: restart, of: full, at: 11 min, jitter: 5 min, down: 1 min}"};
  const Scenario scenario = text.resolved(sets);
  BranchRun warm(scenario, key_of("main"), {});
  warm.warm_up(nullptr);
  CHECK(forked(warm, "control") == straight(scenario, "control"));
}

TEST_CASE("a run ends with the outcome that stop_when names") {
  const ScenarioText text(kBranches);
  const RunResult whole = simulate(text.resolved(), key_of("main"), {}, nullptr);
  const RunResult stopped = simulate(text.resolved({"stop_when=apart"}), key_of("main"), {}, nullptr);
  REQUIRE(whole.outcomes.size() == 1);
  REQUIRE(whole.outcomes[0].first_ns);
  CHECK(stopped.outcomes[0].first_ns == whole.outcomes[0].first_ns);
  CHECK(stopped.horizon_ns == *whole.outcomes[0].first_ns + seconds(30).ns);
  CHECK(whole.horizon_ns == minutes(40).ns);
}

}  // namespace hearsay::app
