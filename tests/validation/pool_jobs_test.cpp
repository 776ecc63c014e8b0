// Verification of pools: what the delay of jobs to the machines costs, and how difficulty follows hash power, against
// closed forms. Bands were fixed before the first run: three standard errors of what is estimated, plus what the closed
// form leaves out.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "scenarios/app/resolve.hpp"
#include "scenarios/app/simulate.hpp"

namespace hearsay::app {
namespace {

RunResult result_of(const std::vector<std::string>& sets) {
  const Scenario scenario =
      resolve_scenario(std::string(HEARSAY_SOURCE_DIR) + "/scenarios/validation/two-miners.yaml", sets, {});
  RunKey key;
  key.run = 1;
  return simulate(scenario, key, {}, nullptr);
}

}  // namespace

// Machines that have not heard of a new tip go on for the old one. At the finder that lasts J, at the other miner D +
// J; each has half of the hash power. So the rivals at a height are Poisson with mean x = (D + 2J) / 2T, and a height
// forks with a probability between x/(1+x) and 1 - exp(-x): which of them holds depends on forks that overlap the next
// height.
TEST_CASE("machines that get their jobs late mine rivals: (D + 2J) / 2T a height") {
  const RunResult result = result_of({"groups.miners.job_delay=500 ms", "world.latency.delay=500 ms"});
  std::map<std::int64_t, std::int64_t> at_height;
  for (const BlockRow& block : result.blocks) ++at_height[block.height];
  REQUIRE(at_height.size() > 20'000);
  double forked = 0.0;
  for (const auto& [height, blocks] : at_height) forked += blocks > 1 ? 1.0 : 0.0;
  const auto heights = static_cast<double>(at_height.size());
  const double x = (0.5 + 2 * 0.5) / (2 * 10.0);
  const double low = x / (1 + x);
  const double high = 1 - std::exp(-x);
  CHECK(forked / heights > low - 3 * std::sqrt(low * (1 - low) / heights));
  CHECK(forked / heights < high + 3 * std::sqrt(high * (1 - high) / heights));
}

// Hash power for a block every 5 min where the chain wants 10: the first period after the start sees 200 blocks of 600
// s and 1,816 of 300 s, so its difficulty grows by 2016 * 600 / (200 * 600 + 1815 * 300) = 1.82, to 546 s; the next one
// brings 600 s. A period's mean has a standard error of 1/sqrt(2016) = 2.2 %, and the difficulty that it sets has it
// too.
TEST_CASE("difficulty follows hash power on a chain like mainnet's") {
  const RunResult result = result_of(
      {"chain.params=mainnet-like", "workload.blocks.interval=5 min", "horizon=40 d", "world.latency.delay=1 ms"});
  std::map<std::int64_t, double> born_s;  // by height, on the main chain
  for (const BlockRow& block : result.blocks)
    if (block.on_main_chain) born_s[block.height] = static_cast<double>(block.born_ns) / 1e9;
  const auto mean_interval = [&](std::int64_t from, std::int64_t to) {
    return (born_s.at(to) - born_s.at(from)) / static_cast<double>(to - from);
  };
  REQUIRE(born_s.rbegin()->first >= 6047);
  CHECK(mean_interval(201, 2015) == Approx(300.0).epsilon(3 / std::sqrt(1814.0)));
  CHECK(mean_interval(2016, 4031) == Approx(546.0).epsilon(3 * std::sqrt(2.0 / 2016.0)));
  CHECK(mean_interval(4032, 6047) == Approx(600.0).epsilon(3 * std::sqrt(2.0 / 2016.0)));
}

}  // namespace hearsay::app
