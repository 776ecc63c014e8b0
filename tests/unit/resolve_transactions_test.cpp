// The words of a scenario that concern transactions, mempools and pools: what is filled in, what comes back, mistakes.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/unit/resolve_fixtures.hpp"

namespace hearsay::app {
namespace {

const std::string kBase =
    "question: q?\n"
    "horizon: 1 h\n"
    "groups:\n"
    "  full: {count: 20, role: full}\n"
    "  pools: {count: 2, role: miner}\n"
    "topology: {model: random_outbound, outbound: 4}\n"
    "workload: {transactions: {rate: 0.2 /s, size: gervais-2016}}\n"
    "measure: {propagation: {}}\n"
    "seeds: {world: 1, workload: 1..2}\n";

Scenario resolved(const Lines& sets = {}) {
  return resolve_text(kBase, sets);
}

Lines messages(const Lines& sets) {
  return ScenarioText(kBase).messages(sets);
}

TEST_CASE("a law of transactions is filled in from its published mean") {
  const Scenario scenario = resolved();
  CHECK(scenario.transactions.law.rate.per_second == 0.2);
  CHECK(scenario.transactions.mean_millibytes == 522'400);
  CHECK(scenario.transactions.sends(scenario.groups[0]));
  CHECK(scenario.transactions.sends(scenario.groups[1]));
  CHECK(resolved({"workload.transactions.size=400 B"}).transactions.mean_millibytes == 400'000);
  const Scenario some = resolved({"workload.transactions.sources=[full]"});
  CHECK(some.transactions.sends(some.groups[0]));
  CHECK_FALSE(some.transactions.sends(some.groups[1]));
}

TEST_CASE("what describe prints of transactions, mempools and pools resolves to the same scenario") {
  const Scenario scenario =
      resolved({"workload.transactions.sources=[full]", "workload.transactions.until=5 min", "groups.pools.gateways=3",
                "groups.full.mempool.size_limit=1 MB", "groups.full.mempool.orphans=count", "groups.full.reachable=off",
                "chain.outputs=p2sh", "groups.full.witness=off"});
  const Scenario again = resolve_again(scenario);
  CHECK(again.groups[0].parameters.mempool.size_limit.bytes == 1'000'000);
  CHECK(again.groups[0].parameters.orphanage.orphans == "count");
  CHECK_FALSE(again.groups[0].reachable);
  CHECK(again.nodes() == 26);
}

TEST_CASE("mistakes about transactions are told with what is valid") {
  CHECK(messages({"workload.transactions.rate=off"}) == Lines{"missing key `rate` in `workload.transactions`"});
  CHECK(
      messages({"workload.transactions.rate=3"}) ==
      Lines{
          "`workload.transactions.rate`: expected a rate with its unit, such as `0.2 /s`, found `3` (units: /s, /min, "
          "/h)"});
  CHECK(messages({"workload.transactions.size=gervais-2061"}) ==
        Lines{"unknown size `gervais-2061`; did you mean `gervais-2016`? valid: gervais-2016"});
  CHECK(messages({"workload.transactions.size=5 B"}) ==
        Lines{"`workload.transactions.size` must be between 396 B and 1948 B, found `5 B`"});
  CHECK(messages({"workload.transactions.sources=[full, full]"}) ==
        Lines{"`workload.transactions.sources`: `full` is named twice"});
  CHECK(messages({"workload.transactions.least_fee_rate=50"}) ==
        Lines{"`workload.transactions.least_fee_rate`: 50 is less than `groups.full.mempool.minimum_relay_fee`, 100: "
              "senders would refuse their own transactions",
              "`workload.transactions.least_fee_rate`: 50 is less than `groups.pools.mempool.minimum_relay_fee`, 100: "
              "senders would refuse their own transactions"});
  CHECK(messages({"groups.full.transaction_relay=off"}) ==
        Lines{"`groups.full.transaction_relay`: senders must relay transactions; name other groups in "
              "`workload.transactions.sources`"});
  CHECK(messages({"workload.transactions.least_fee_rate=60000"}) ==
        Lines{"`workload.transactions`: `least_fee_rate`, 60000, is more than `most_fee_rate`, 50000"});
  CHECK(messages({"workload.transactions.sources=[ful]"}) ==
        Lines{"`workload.transactions.sources`: unknown group `ful`; did you mean `full`?"});
  CHECK(messages({"workload.transactions.until=2 h"}) ==
        Lines{"`workload.transactions.until`: 2 h is after the end, `horizon` is 1 h"});
  CHECK(messages({"chain.spendable_outputs=10"}) ==
        Lines{"`workload.transactions`: 22 senders need as many `chain.spendable_outputs`; there are 10"});
  CHECK(
      messages({"chain.premined_blocks=50"}) ==
      Lines{
          "`workload.transactions`: 11000 spendable outputs need at least 106 `chain.premined_blocks`; there are 50"});
}

TEST_CASE("mistakes about pools, reachability and witnesses are told") {
  CHECK(messages({"groups.full.job_delay=1 s"}) ==
        Lines{"`groups.full.job_delay` does nothing: the group's role is not miner"});
  CHECK(messages({"groups.full.reachable=off", "topology.outbound=2"}) ==
        Lines{"`topology.outbound`: 2 outbound connections need more than 2 reachable nodes; there are 2"});
  CHECK(messages({"groups.full.witness=off"}) ==
        Lines{"`groups.full.witness`: a node without witnesses cannot judge what spends P2WSH outputs; it needs "
              "`chain.outputs: p2sh`"});
  CHECK(messages({"seeds.attack=1..2"}) == Lines{"`seeds.attack` does nothing: there are no adversaries yet"});
  CHECK(messages({"workload.transactions=off", "measure.propagation=off"}) ==
        Lines{"`seeds.workload` does nothing: there are no `workload.transactions`"});
}

TEST_CASE("a uniform latency lies between bounds that a dial survives") {
  const Scenario scenario = resolved({"world.latency={model: uniform, least: 5 ms, most: 100 ms}"});
  CHECK(scenario.world.latency == LatencyModel::uniform);
  CHECK(messages({"world.latency={model: uniform, least: 200 ms, most: 100 ms}"}) ==
        Lines{"`world.latency.least`: 200 ms is more than `most`, 100 ms"});
  CHECK(messages({"world.latency={model: uniform, least: 5 ms, most: 3 s}"}) ==
        Lines{"`world.latency.most`: with 3 s no connection would open in time, since a dial is given up after 5 s; at "
              "most 2.4 s"});
}

}  // namespace
}  // namespace hearsay::app
