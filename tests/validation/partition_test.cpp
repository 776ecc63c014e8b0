// Verification: a partition wastes what its weaker side mines. While sides with shares h and 1 - h of the hash power
// are apart for a time t, the blocks of the weaker are Poisson(h t / T); when they meet again, all of them are stale
// and every node of that side disconnects as many.
//
// The sides meet again when the first connection across opens, which is after the cut heals; the outcome `bridged`
// tells. So over runs i the stale blocks sum to h / T * sum (t + healed_i), with the standard deviation of a Poisson
// number. Band: three of these, and 2 % for natural forks (the delay is 1/1200 of the interval) and for the stronger
// side losing (its chance is below 1e-3). The band was fixed before the first run; without the cut the sum is far
// outside.
#include <catch2/catch.hpp>
#include <cmath>

#include "scenarios/app/resolve.hpp"
#include "scenarios/app/simulate.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace hearsay::app {
namespace {

constexpr int kRuns = 24;
constexpr double kHash = 0.3;
constexpr double kInterval = 60.0;  // s
constexpr double kCut = 3600.0;     // s

// A block takes some 100 ms to reach all, in several hops: of 24 times 180 blocks a share of 1/600 is 7, with a
// standard deviation of 2.7; so at most 15, and some room for longer paths.
constexpr double kNaturalForks = 24;

const std::string kText =
    "question: How much work does a partition waste?\n"
    "horizon: 3 h\n"
    "world: {latency: {model: constant, delay: 50 ms}}\n"
    "groups:\n"
    "  miners: {count: 10, role: miner, hash: equal, block_relay: push, job_delay: 0 s}\n"
    "topology: {model: random_outbound, outbound: 3}\n"
    "targets:\n"
    "  east: {pools: {hash: 30 %}}\n"
    "  west: {not: east}\n"
    "faults:\n"
    "  cut: {type: partition, between: [east, west], at: 30 min, for: 1 h}\n"
    "workload: {blocks: {interval: 60 s, size: 0 B}}\n"
    "outcomes:\n"
    "  bridged: {when: 'connections(east, west) >= 1', after: cut.end}\n"
    "  agreed: {when: 'share(all, on_best_tip_or_its_parent) >= 100 %', after: cut.end, for: 2 min}\n"
    "measure: {wasted_work: {}, reorg_depth: {by: target}, healed: {from: cut.end, to: bridged}}\n"
    "branches: {at: 30 min, variants: {control: {faults.cut: off}}}\n";

double metric(const RunResult& result, const std::string& name) {
  for (const MetricRow& row : result.metrics)
    if (row.metric == name) return row.value;
  throw std::runtime_error("no metric " + name);
}

struct Sums {
  double wasted = 0.0;
  double apart = 0.0;  // s
  double depth = 0.0;  // of the weaker side's deepest reorganisation
  int agreed = 0;
};

Sums simulate_all(const std::string& branch) {
  const test::TemporaryFolder folder;
  const Scenario scenario = resolve_scenario(folder.write("cut.yaml", kText), {}, {});
  Sums sums;
  for (int seed = 1; seed <= kRuns; ++seed) {
    RunKey key;
    key.branch = branch;
    key.world_seed = static_cast<std::uint64_t>(seed);
    const RunResult result = simulate(scenario, key, {}, nullptr);
    sums.wasted += metric(result, "wasted_blocks");
    sums.apart += kCut + metric(result, "healed");
    sums.depth += metric(result, "reorg_depth_max[east]");
    CHECK(metric(result, "reorg_depth_max[east]") <= metric(result, "wasted_blocks"));
    CHECK(metric(result, "target_hash[east]") == Approx(30.0));
    for (const OutcomeRow& outcome : result.outcomes)
      if (outcome.outcome == "agreed") sums.agreed += outcome.first_ns ? 1 : 0;
  }
  return sums;
}

bool fits(const Sums& sums) {
  const double expected = kHash / kInterval * sums.apart;
  return std::abs(sums.wasted - expected) < 3 * std::sqrt(expected) + 0.02 * expected;
}

}  // namespace

TEST_CASE("a partition wastes the blocks of its weaker side, a Poisson number, and its nodes disconnect as many") {
  const Sums cut = simulate_all("main");
  CAPTURE(cut.wasted, cut.apart, cut.depth);
  CHECK(fits(cut));
  CHECK(cut.agreed == kRuns);
  CHECK(cut.wasted - cut.depth < kNaturalForks);
}

TEST_CASE("without the cut next to nothing is wasted") {
  const Sums control = simulate_all("control");
  CAPTURE(control.wasted);
  CHECK_FALSE(fits(control));
  CHECK(control.wasted < kNaturalForks);
  CHECK(control.agreed == kRuns);
}

}  // namespace hearsay::app
