// Shares of the horizon that nodes spent busy, and the words of a scenario about validating.
#include "scenarios/app/measure_busy.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "scenarios/app/simulate.hpp"
#include "tests/unit/resolve_fixtures.hpp"

namespace hearsay::app {
namespace {

std::map<std::string, double> by_name(const std::vector<MetricRow>& rows) {
  std::map<std::string, double> values;
  for (const MetricRow& row : rows)
    if (row.metric.starts_with("busy_share")) values[row.metric] = row.value;
  return values;
}

TEST_CASE("busy shares are percentages of the horizon over the nodes") {
  // 200 nodes: the i-th spends i ms on blocks and 1 ms on transactions, in 10 s.
  std::vector<bitcoin::BusyTime> nodes;
  for (std::int64_t i = 200; i >= 1; --i) nodes.push_back({milliseconds(i), milliseconds(1), Duration{}});
  const std::map<std::string, double> shares = by_name(busy_metrics(nodes, seconds(10)));
  CHECK(shares.size() == 7);
  // Mean of 1..200 is 100.5 ms.
  CHECK(shares.at("busy_share_mean") == Approx(1.015));
  CHECK(shares.at("busy_share_p50") == Approx(1.01));
  CHECK(shares.at("busy_share_p99") == Approx(1.99));
  CHECK(shares.at("busy_share_max") == Approx(2.01));
  CHECK(shares.at("busy_share_blocks") == Approx(1.005));
  CHECK(shares.at("busy_share_transactions") == Approx(0.01));
  CHECK(shares.at("busy_share_other") == 0.0);
  CHECK(busy_metrics(std::vector<bitcoin::BusyTime>{}, seconds(10)).empty());
}

const std::string kBase =
    "question: q?\n"
    "horizon: 20 min\n"
    "profile: {validation: {model: core, spread: log_normal}}\n"
    "groups:\n"
    "  boards: {count: 10, role: full, validation: {machine: single_board, speed: 0.5}}\n"
    "  pools: {count: 2, role: miner, validation: {model: gervais-2016}}\n"
    "topology: {model: random_outbound, outbound: 4}\n"
    "workload: {blocks: {interval: 1 min, size: 100 kB}}\n"
    "measure: {busy_share: {}}\n"
    "seeds: {world: 1}\n";

Scenario resolved(const Lines& sets = {}) {
  return resolve_text(kBase, sets);
}

TEST_CASE("what describe prints of validation resolves to the same scenario") {
  const Scenario scenario = resolved({"groups.boards.validation.per_script=1 ms"});
  const bitcoin::ValidationParameters& boards = scenario.groups[0].parameters.validation;
  CHECK(boards.model == "core");
  CHECK(boards.machine == "single_board");
  CHECK(boards.speed.value == 0.5);
  CHECK(boards.spread == "log_normal");
  CHECK(boards.per_script == milliseconds(1));
  CHECK(scenario.groups[1].parameters.validation.model == "gervais-2016");
  (void)resolve_again(scenario);
}

TEST_CASE("mistakes about validation are told") {
  const auto messages = [](const std::string& set) { return ScenarioText(kBase).messages({set}); };
  CHECK(messages("groups.boards.validation.model=cor") ==
        Lines{"unknown model `cor`; did you mean `core`? valid: off, core, gervais-2016, simblock"});
  CHECK(messages("groups.boards.validation.speed=0") ==
        Lines{"`groups.boards.validation.speed` must be between 0.001 and 1000, found `0`"});
  CHECK(messages("profile={}").empty());  // the pools still validate
}

TEST_CASE("busy shares of a run are those of its formulas") {
  const Scenario scenario = resolved({"profile.validation.spread=none"});
  RunKey key;
  key.run = 1;
  const RunResult result = simulate(scenario, key, {}, nullptr);
  const std::map<std::string, double> shares = by_name(result.metrics);
  REQUIRE(result.blocks.size() > 5);
  const auto followed = std::count_if(result.blocks.begin(), result.blocks.end(),
                                      [](const BlockRow& block) { return block.on_main_chain; });
  CHECK(shares.at("busy_share_transactions") == 0.0);
  // A block of 100 kB takes a board 6.8 times 3.1 ms + 100 x 1.350 us + what 199 stand-ins of 500 bytes cost, 27.6 us
  // each, and 2 outputs of 1.3 us: about 59 ms; ten of twelve nodes are boards.
  const double block_seconds = 6.8 * (3.1e-3 + 0.135e-3 + 199 * 27.6e-6 + 2.6e-6);
  const double most = 100.0 * block_seconds * static_cast<double>(followed) / (20 * 60);
  // A node may have followed a stale block for a while, which costs as much, and have left it again, which costs less.
  const auto all =
      static_cast<double>(result.blocks.size() + result.blocks.size() - static_cast<std::size_t>(followed));
  CHECK(shares.at("busy_share_p50") > 0.98 * most);
  CHECK(shares.at("busy_share_p50") < 1.02 * most * all / static_cast<double>(followed));
}

// A board that takes 68 s for a block of one a minute is never done.
const Lines kOverworked = {"groups.boards.validation={model: core, speed: 0.001, per_block: 68 ms}",
                           "profile.validation={model: core}", "groups.pools.validation={model: core}"};

TEST_CASE("no node is busy for longer than the run, and what a warm-up took does not count") {
  RunKey key;
  key.run = 1;
  const Scenario always = resolved(kOverworked);
  const std::map<std::string, double> shares = by_name(simulate(always, key, {}, nullptr).metrics);
  CHECK(shares.at("busy_share_max") <= 100.0);
  CHECK(shares.at("busy_share_max") > 60.0);
  // All of the same run, of which the first 19 of 20 minutes are a warm-up: a node is busy for at most the minute left.
  Lines warm = kOverworked;
  warm.push_back("warm_up=19 min");
  warm.push_back("horizon=1 min");
  const std::map<std::string, double> last = by_name(simulate(resolved(warm), key, {}, nullptr).metrics);
  CHECK(last.at("busy_share_max") <= 100.0);
  CHECK(last.at("busy_share_max") > 60.0);
}

TEST_CASE("a node follows a block when it has validated it, not when it begins to") {
  RunKey key;
  key.run = 1;
  const Scenario scenario = resolve_text(
      "question: q?\n"
      "horizon: 1 h\n"
      "groups:\n"
      "  full: {count: 1, role: full, validation: {model: core, speed: 0.01, per_block: 300 ms}}\n"
      "  pools: {count: 1, role: miner}\n"
      "topology: {model: edges, edges: [[\"full[0]\", \"pools[0]\"]]}\n"
      "workload: {blocks: {interval: 20 min, size: 1 kB}}\n"
      "outcomes: {behind: {of: full, when: tip_lag >= 1 block}}\n"
      "measure: {propagation: {}}\n"
      "seeds: {world: 3}\n",
      {});
  const RunResult result = simulate(scenario, key, {}, nullptr);
  REQUIRE(result.blocks.size() >= 1);
  REQUIRE(result.blocks.size() <= 8);
  // 30 s for each block, and less than 2 s on the way and between samples; blocks are further apart than that, or else
  // the spells join.
  const double behind = static_cast<double>(result.outcomes[0].true_for_ns) * 1e-9;
  const auto blocks = static_cast<double>(result.blocks.size());
  CHECK(behind > 29.0);
  CHECK(behind <= 32.0 * blocks);
}

TEST_CASE("a block that a node is still busy with at the end of the run has not become its tip") {
  RunKey key;
  key.run = 1;
  // 50 min for each block, of a run of an hour.
  const RunResult result = simulate(resolve_text("question: q?\n"
                                                 "horizon: 1 h\n"
                                                 "groups:\n"
                                                 "  full: {count: 1, role: full, validation: {model: core, speed: "
                                                 "0.01, per_block: 30 s}}\n"
                                                 "  pools: {count: 1, role: miner}\n"
                                                 "topology: {model: edges, edges: [[\"full[0]\", \"pools[0]\"]]}\n"
                                                 "workload: {blocks: {interval: 15 min, size: 1 kB}}\n"
                                                 "measure: {propagation: {settle: 0 s}}\n"
                                                 "seeds: {world: 3}\n",
                                                 {}),
                                    key, {}, nullptr);
  std::size_t unfinished = 0;
  for (const BlockRow& block : result.blocks)
    for (const PropagationRow& row : result.propagation) {
      if (row.object != block.block || row.stage != "best_tip" || block.born_ns < minutes(10).ns) continue;
      CHECK(row.reached == 1);  // its own miner
      ++unfinished;
    }
  CHECK(unfinished >= 1);
}

}  // namespace
}  // namespace hearsay::app
