// Whole runs of small scenarios: what their results must hold, whatever the draws.
#include "scenarios/app/simulate.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "scenarios/app/resolve.hpp"
#include "tests/unit/config_fixtures.hpp"

namespace hearsay::app {
namespace {

RunResult result_of(const std::string& text, const std::vector<std::string>& sets = {}) {
  const config::TemporaryFolder folder;
  const Scenario scenario = resolve_scenario(folder.write("s.yaml", text), sets, {});
  RunKey key;
  key.run = 1;
  key.world_seed = 1;
  return simulate(scenario, key, {}, nullptr);
}

// Two equal miners whose blocks travel for half of the block interval: about one height in five has a fork.
const std::string kTwoMiners =
    "question: q?\n"
    "horizon: 30 min\n"
    "world: {latency: {model: constant, delay: 2 s}, bandwidth: {model: unlimited}}\n"
    "groups: {miners: {count: 2, role: miner, hash: equal, block_relay: push, job_delay: 0 s}}\n"
    "topology: {model: edges, edges: [[\"miners[0]\", \"miners[1]\"]]}\n"
    "workload: {blocks: {interval: 4 s, size: 0 B}}\n"
    "measure: {propagation: {settle: 1 min}}\n"
    "seeds: {world: 1}\n";

// Forty hosts dial one each; nobody closes a connection.
const std::string kForty =
    "question: q?\n"
    "horizon: 10 min\n"
    "world: {latency: {model: constant, delay: 50 ms}, bandwidth: {model: unlimited}}\n"
    "groups: {nodes: {count: 40, role: miner}}\n"
    "topology: {model: random_outbound, outbound: 1}\n"
    "workload: {blocks: {interval: 1 min, size: 10 kB}}\n"
    "measure: {propagation: {settle: 1 min}, traffic: {by: type}}\n"
    "seeds: {world: 1}\n";

std::int64_t set_up_segments(const RunResult& result) {
  for (const TrafficRow& row : result.traffic)
    if (row.message == "(connection set-up)") return row.messages;
  return 0;
}

// The longest time that a block took to any share of the nodes.
std::int64_t slowest(const RunResult& result) {
  std::int64_t most = 0;
  for (const PropagationRow& row : result.propagation)
    for (const auto& delay : row.delay_ns) most = std::max(most, delay.value_or(0));
  return most;
}

}  // namespace

TEST_CASE("propagation is that of the main chain's blocks: stale ones have no row") {
  const RunResult result = result_of(kTwoMiners);
  std::set<std::string> expected;
  std::size_t stale = 0;
  for (const BlockRow& block : result.blocks) {
    if (block.born_ns > minutes(29).ns) continue;  // too near the end
    if (block.on_main_chain) expected.insert(block.block);
    stale += block.on_main_chain ? 0 : 1;
  }
  CHECK(stale > 20);
  std::set<std::string> found;
  for (const PropagationRow& row : result.propagation) found.insert(row.object);
  CHECK(found.size() == expected.size());
  CHECK((found == expected));
}

TEST_CASE("a world that loses segments loses those of set-ups and those of blocks") {
  const RunResult whole = result_of(kForty);
  const RunResult lossy = result_of(kForty, {"world.loss=10 %"});
  // SYN, SYN-ACK, ACK. Of forty set-ups eight lose a SYN or SYN-ACK, on average.
  CHECK(set_up_segments(whole) == 40 * 3);
  CHECK(set_up_segments(lossy) > 40 * 3);
  // Whatever is lost comes a retransmission timeout later: a round trip and 200 ms (congestion_window.hpp).
  CHECK(slowest(whole) > 0);
  CHECK(slowest(lossy) > slowest(whole) + milliseconds(300).ns);
}

}  // namespace hearsay::app
