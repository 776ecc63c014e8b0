// Verification: forks among equal miners with one constant delay D between any two, whole blocks pushed, against closed
// forms. Bands and sample sizes were fixed before the first run: three standard errors of a share estimated from 20,000
// heights (or blocks), plus, where the closed form is itself an approximation, what it leaves out.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "scenarios/app/resolve.hpp"
#include "scenarios/app/simulate.hpp"

namespace hearsay::app {
namespace {

constexpr std::int64_t kHeights = 20'000;

struct Shares {
  std::int64_t heights = 0;
  double forked = 0.0;  // of heights
  double stale = 0.0;   // of blocks
};

Scenario two_miners(const std::string& interval) {
  return resolve_scenario(std::string(HEARSAY_SOURCE_DIR) + "/scenarios/validation/two-miners.yaml",
                          {"workload.blocks.interval=" + interval}, {});
}

// Counted from the blocks themselves; the program's own metrics must say the same.
Shares shares_of(const Scenario& scenario) {
  RunKey key;
  key.run = 1;
  const RunResult result = simulate(scenario, key, {}, nullptr);
  std::map<std::int64_t, std::int64_t> at_height;
  std::int64_t stale = 0;
  for (const BlockRow& block : result.blocks) {
    ++at_height[block.height];
    stale += block.on_main_chain ? 0 : 1;
  }
  Shares shares;
  std::int64_t forked = 0;
  for (const auto& [height, blocks] : at_height) forked += blocks > 1 ? 1 : 0;
  shares.heights = static_cast<std::int64_t>(at_height.size());
  shares.forked = static_cast<double>(forked) / static_cast<double>(shares.heights);
  shares.stale = static_cast<double>(stale) / static_cast<double>(result.blocks.size());
  for (const MetricRow& metric : result.metrics) {
    if (metric.metric == "heights_with_fork") CHECK(metric.value == Approx(100 * shares.forked));
    if (metric.metric == "stale_rate") CHECK(metric.value == Approx(100 * shares.stale));
  }
  return shares;
}

double three_standard_errors(double share) {
  return 3 * std::sqrt(share * (1 - share) / static_cast<double>(kHeights));
}

}  // namespace

TEST_CASE("two equal miners fork at x/(1+x) of the heights and lose x/(1+2x) of the blocks, x = D/2T") {
  const auto [interval, ratio] = GENERATE(table<std::string, double>({{"10 s", 0.1}, {"5 s", 0.2}}));
  const double x = ratio / 2;
  const Shares shares = shares_of(two_miners(interval));
  CAPTURE(ratio, shares.heights, shares.forked, shares.stale);
  CHECK(shares.heights >= kHeights);
  CHECK(std::abs(shares.forked - x / (1 + x)) < three_standard_errors(x / (1 + x)));
  CHECK(std::abs(shares.stale - x / (1 + 2 * x)) < three_standard_errors(x / (1 + 2 * x)));
}

TEST_CASE("ten equal miners lose about x/(1+x) of the blocks, x = D(1 - sum of h^2)/T") {
  // The form leaves out forks of three and more branches and longer races: less than x^2/4 (a tenth of x at most here).
  const auto [interval, ratio] = GENERATE(table<std::string, double>({{"10 s", 0.1}, {"30 s", 1.0 / 30}}));
  Scenario scenario = two_miners(interval);
  scenario.horizon = seconds(ratio == 0.1 ? 230'000 : 630'000);
  GroupSpec& miners = scenario.groups[0];
  miners.count = 10;
  miners.hash_shares.assign(10, 0.1);
  scenario.topology.edges.clear();
  for (std::int64_t to = 1; to < 10; ++to)
    for (std::int64_t from = 0; from < to; ++from)
      scenario.topology.edges.emplace_back(node_name(miners, from), node_name(miners, to));
  const Shares shares = shares_of(scenario);
  const double x = ratio * 0.9;
  CAPTURE(ratio, shares.heights, shares.stale);
  CHECK(shares.heights >= kHeights);
  CHECK(std::abs(shares.stale - x / (1 + x)) < three_standard_errors(x / (1 + x)) + x * x / 4);
}

}  // namespace hearsay::app
