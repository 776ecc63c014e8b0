// From the words of a scenario to a resolved one: what is filled in, what describe gives back, and what a user is told
// about each mistake.
#include "scenarios/app/resolve.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "models/chain/premine.hpp"
#include "tests/unit/resolve_fixtures.hpp"

namespace hearsay::app {
namespace {

// One line per problem, without the folder.
Lines mistakes(const Lines& sets, const Lines& seeds = {}, const std::string& text = kRegionBase) {
  return ScenarioText(text).mistakes(sets, seeds);
}

// Without their places.
Lines messages(const Lines& sets) {
  return ScenarioText(kRegionBase).messages(sets);
}

std::string source(const std::string& name) {
  return std::string(HEARSAY_SOURCE_DIR) + "/scenarios/" + name;
}

void check_same_group(const GroupSpec& again, const GroupSpec& group) {
  CHECK(again.name == group.name);
  CHECK(again.count == group.count);
  CHECK(again.role == group.role);
  CHECK(again.profile == group.profile);
  CHECK(again.hash_shares == group.hash_shares);
  CHECK(again.parameters.block_relay == group.parameters.block_relay);
  CHECK(again.parameters.ping_interval == group.parameters.ping_interval);
  CHECK(again.parameters.ping_timeout == group.parameters.ping_timeout);
  CHECK(again.parameters.inbound_slots == group.parameters.inbound_slots);
  CHECK(again.parameters.blocks_in_flight_per_peer == group.parameters.blocks_in_flight_per_peer);
  CHECK(again.parameters.user_agent == group.parameters.user_agent);
}

void check_round_trip(const Scenario& scenario) {
  const Scenario again = resolve_again(scenario);
  // Not by the text alone: what describe forgot would be missing from both.
  CHECK(again.question == scenario.question);
  CHECK(again.horizon == scenario.horizon);
  CHECK(again.wire_bytes == scenario.wire_bytes);
  CHECK(again.world.regions == scenario.world.regions);
  CHECK(again.world.latency == scenario.world.latency);
  CHECK(again.world.constant.delay == scenario.world.constant.delay);
  CHECK(again.world.bandwidth == scenario.world.bandwidth);
  CHECK(again.world.links.minimum_latency == scenario.world.links.minimum_latency);
  CHECK(again.chain.premined_blocks == scenario.chain.premined_blocks);
  CHECK(again.chain.block_weight_limit == scenario.chain.block_weight_limit);
  CHECK(again.topology.model == scenario.topology.model);
  CHECK(again.topology.random_outbound.outbound == scenario.topology.random_outbound.outbound);
  CHECK(again.blocks.interval == scenario.blocks.interval);
  CHECK(again.blocks.size.bytes == scenario.blocks.size.bytes);
  CHECK(again.measure.propagation == scenario.measure.propagation);
  CHECK(again.measure.settle == scenario.measure.settle);
  CHECK(again.measure.stale_rate == scenario.measure.stale_rate);
  CHECK(again.measure.traffic == scenario.measure.traffic);
  CHECK(again.topology.edges == scenario.topology.edges);
  CHECK(again.seeds == scenario.seeds);
  REQUIRE(again.groups.size() == scenario.groups.size());
  for (std::size_t i = 0; i < again.groups.size(); ++i) check_same_group(again.groups[i], scenario.groups[i]);
}

}  // namespace

TEST_CASE("the quickstart says what it means") {
  const Scenario scenario = resolve_scenario(source("quickstart.yaml"), {}, {});
  CHECK(scenario.name == "quickstart");
  CHECK(scenario.horizon == hours(2));
  CHECK(scenario.nodes() == 1000);
  REQUIRE(scenario.groups.size() == 2);
  CHECK(scenario.groups[0].name == "full");
  CHECK(scenario.groups[0].role == Role::full);
  CHECK(scenario.groups[0].hash_shares.empty());
  CHECK(scenario.groups[1].role == Role::miner);
  CHECK(scenario.groups[1].hash_shares.size() == 16);
  CHECK(scenario.groups[1].hash_shares[0] == Approx(0.289 / 1.001));
  REQUIRE(scenario.world.regions != nullptr);
  CHECK(scenario.world.regions->name == "simblock-2019");
  CHECK(scenario.world.latency == LatencyModel::region_matrix);
  CHECK(scenario.world.bandwidth == BandwidthModel::region);
  CHECK(scenario.topology.model == TopologyModel::random_outbound);
  CHECK(scenario.topology.random_outbound.outbound == 8);
  CHECK(scenario.blocks.interval == minutes(10));
  CHECK(scenario.blocks.size.bytes == 535'000);
  CHECK(scenario.chain.premined_blocks == 200);
  CHECK(scenario.measure.propagation);
  CHECK(scenario.measure.settle == minutes(2));
  CHECK(scenario.measure.stale_rate);
  CHECK(scenario.measure.traffic);
  CHECK(scenario.seeds.at(SeedDomain::world) == std::pair<std::uint64_t, std::uint64_t>{1, 5});
  CHECK_FALSE(scenario.wire_bytes);
}

TEST_CASE("every scenario in the folder resolves to what it describes") {
  for (const char* name : {"quickstart.yaml", "validation/two-miners.yaml"}) {
    CAPTURE(name);
    check_round_trip(resolve_scenario(source(name), {}, {}));
  }
}

TEST_CASE("describe gives back settings of every kind") {
  const Scenario scenario = resolve_text(
      "question: \"what: now? #1\"\n"
      "horizon: 1500 ms\n"
      "wire: bytes\n"
      "world: {latency: {model: constant, delay: 33 ms}, bandwidth: {model: unlimited}, minimum_latency: 7 us}\n"
      "chain: {params: regtest, premined_blocks: 3}\n"
      "profile: {inbound_slots: 7}\n"
      "groups:\n"
      "  b: {count: 2, role: miner, hash: equal, block_relay: push, user_agent: \"/x: y/\"}\n"
      "  a: {count: 1, role: full, ping_interval: 90 s, inbound_slots: 9}\n"
      "topology: {model: edges, edges: [[\"a[0]\", \"b[1]\"], [\"b[0]\", \"a[0]\"]]}\n"
      "workload: {blocks: {interval: 2 s, size: 1 kB}}\n"
      "measure: {propagation: {settle: 1 s}, stale_rate: {}}\n"
      "seeds: {world: 2..3, mining: 4}\n");
  CHECK(scenario.question == "what: now? #1");
  CHECK(scenario.wire_bytes);
  CHECK(scenario.world.links.minimum_latency == microseconds(7));
  CHECK(scenario.groups[0].name == "a");
  CHECK(scenario.groups[0].parameters.ping_interval == seconds(90));
  CHECK(scenario.groups[0].parameters.inbound_slots == 9);
  CHECK(scenario.groups[1].parameters.inbound_slots == 7);
  CHECK(scenario.groups[1].parameters.user_agent == "/x: y/");
  CHECK(scenario.groups[1].hash_shares == std::vector<double>{0.5, 0.5});
  check_round_trip(scenario);
}

TEST_CASE("the order in which groups are written leaves no trace") {
  std::string turned = kRegionBase;
  const std::string full = "  full: {count: 20, role: full}\n";
  turned.erase(turned.find(full), full.size());
  turned.insert(turned.find("topology:"), full);
  REQUIRE(turned != kRegionBase);
  CHECK(described(resolve_text(turned)) == described(resolve_text(kRegionBase)));
}

TEST_CASE("seeds can be left out of the description, and nothing else goes with them") {
  const Scenario one = resolve_text(kRegionBase);
  const Scenario other = resolve_text(kRegionBase, {}, {"7..9", "mining=1..5"});
  CHECK(described(one, SeedsIn::left_out) == described(other, SeedsIn::left_out));
  CHECK(described(one) != described(other));
  CHECK(described(other) == described(other, SeedsIn::left_out) + "seeds:\n  world: 7..9\n  mining: 1..5\n");
}

TEST_CASE("hash power is shared over all miners of a scenario") {
  const Scenario scenario = resolve_text(
      kRegionBase, {"groups.pools.count=3", "groups.pools.hash=equal", "groups.solo={count: 1, role: miner}"});
  REQUIRE(scenario.groups.size() == 3);
  CHECK(scenario.groups[1].hash == "equal");
  CHECK(scenario.groups[1].hash_shares == std::vector<double>(3, 0.25));
  CHECK(scenario.groups[2].hash_shares == std::vector<double>{0.25});
}

TEST_CASE("without seeds there is one world seed") {
  CHECK(resolve_text(kRegionBase, {"seeds=off"}).seeds.at(SeedDomain::world) ==
        std::pair<std::uint64_t, std::uint64_t>{1, 1});
}

TEST_CASE("seeds on the command line replace those of the file, domain by domain") {
  const Scenario scenario = resolve_text(kRegionBase, {"seeds.mining=3..4"}, {"mining=8"});
  CHECK(scenario.seeds.at(SeedDomain::world) == std::pair<std::uint64_t, std::uint64_t>{1, 5});
  CHECK(scenario.seeds.at(SeedDomain::mining) == std::pair<std::uint64_t, std::uint64_t>{8, 8});
}

TEST_CASE("a lone miner needs no edges") {
  CHECK(mistakes({"groups=off", "groups.solo={count: 1, role: miner}", "topology={model: edges, edges: []}",
                  "topology.outbound=off"})
            .empty());
}

TEST_CASE("all mistakes are reported at once, in the order of the file, each once") {
  CHECK(
      mistakes({}, {"minning=1"},
               "question: q?\n"
               "horizen: 1 h\n"
               "world: {latency: {model: constant}}\n"
               "groups: {full: {count: 0, role: full}}\n"
               "topology: {model: ring}\n") ==
      Lines{"--seeds:1:1: unknown seed domain `minning`; did you mean `mining`? valid: world, mining, workload, attack",
            "s.yaml:1:1: missing key `horizon`",
            "s.yaml:2:1: unknown key `horizen`; did you mean `horizon`? (known here: question, warm_up, horizon, "
            "wire, world, chain, profile, groups, topology, targets, workload, faults, outcomes, sample, stop_when, "
            "measure, seeds, branches)",
            "s.yaml:3:18: missing key `delay` in `world.latency`, model constant",
            "s.yaml:4:24: `groups.full.count` must be between 1 and 10000000, found `0`",
            "s.yaml:5:19: unknown model `ring`; valid: random_outbound, edges, out_degree, bounded_degree"});
}

TEST_CASE("mistakes of a group are told with their place") {
  CHECK(mistakes({"groups.full.count=off"}) == Lines{"s.yaml:8:9: missing key `count` in `groups.full`"});
  CHECK(mistakes({"groups.pools.count=15"}) ==
        Lines{"s.yaml:9:41: `groups.pools.hash`: gervais-2016 lists 16 shares, the group has 15 nodes"});
  CHECK(mistakes({"groups.pools.count=1"}) ==
        Lines{"s.yaml:9:41: `groups.pools.hash`: gervais-2016 lists 16 shares, the group has 1 node"});
  CHECK(mistakes({"groups.full.role=minor"}) ==
        Lines{"--set:1:18: unknown role `minor`; did you mean `miner`? valid: full, miner"});
  CHECK(mistakes({"groups.full.profile=core-30"}) ==
        Lines{"--set:1:21: unknown profile `core-30`; did you mean `core-31`? valid: core-31"});
}

TEST_CASE("a wrong count or role is not followed by complaints about what depends on it") {
  CHECK(messages({"groups.pools.count=many"}) ==
        Lines{"`groups.pools.count`: expected a whole number, such as `8`, found `many`"});
  CHECK(messages({"groups.pools.role=minor"}) ==
        Lines{"unknown role `minor`; did you mean `miner`? valid: full, miner"});
  CHECK(messages({"groups.pools.count=many", "groups.more={count: 2, role: miner}"}) ==
        Lines{"`groups.pools.count`: expected a whole number, such as `8`, found `many`"});
  CHECK(messages({"groups=off"}) == Lines{"missing key `groups`"});
  CHECK(messages({"groups=off", "groups={}"}) == Lines{"`groups`: a scenario needs at least one group"});
}

TEST_CASE("hash power belongs to miners, and its tables do not mix with equal shares") {
  CHECK(messages({"groups.full.hash=equal"}) ==
        Lines{"`groups.full.hash` does nothing: the group's role is not miner"});
  CHECK(messages({"groups.pools.hash=gervais2016"}) ==
        Lines{"unknown hash `gervais2016`; did you mean `gervais-2016`? valid: equal, simblock, gervais-2016"});
  CHECK(messages({"groups.more={count: 2, role: miner}"}) ==
        Lines{"`groups.more.hash` and `groups.pools.hash`: equal and gervais-2016 have no common unit; use the same in "
              "both"});
}

TEST_CASE("behaviour is checked by name, unit, range and length") {
  CHECK(messages({"groups.full.inbound_slot=3"}) ==
        Lines{"unknown key `inbound_slot` in `groups.full`; did you mean `inbound_slots`? (`hearsay models` lists "
              "the keys)"});
  CHECK(messages({"groups.full.block_relay=pull"}) == Lines{"unknown block_relay `pull`; valid: headers, inv, push"});
  CHECK(messages({"groups.full.ping_interval=10"}) == Lines{"`groups.full.ping_interval`: expected a time with its "
                                                            "unit, such as `250 ms`, found `10` (units: ns, us, ms, "
                                                            "s, min, h, d)"});
  CHECK(messages({"profile.inbound_slots=-1"}) ==
        Lines{"`profile.inbound_slots` must be between 0 and 1000000, found `-1`"});
  CHECK(messages({"profile.user_agent=" + std::string(256, 'x')}).empty());
  CHECK(messages({"profile.user_agent=" + std::string(257, 'x')}) ==
        Lines{"`profile.user_agent` must have at most 256 bytes, found 257"});
}

TEST_CASE("models of regions need regions, and regions need a model") {
  CHECK(messages({"world.regions=off"}) == Lines{"`world.latency`: region_matrix needs `world.regions`",
                                                 "`world.bandwidth`: region needs `world.regions`"});
  CHECK(messages({"world.regions=simblock-2020"}) ==
        Lines{"unknown regions `simblock-2020`; did you mean `simblock-2015`? valid: simblock-2015, simblock-2019, "
              "gervais-2016, "
              "gervais-2016-litecoin, gervais-2016-dogecoin, bitnodes-2019, mainnet-2026"});
  CHECK(mistakes({"world.latency={model: constant, delay: 50 ms}", "world.bandwidth={model: unlimited}"}) ==
        Lines{"s.yaml:4:3: `world.regions` does nothing: neither latency nor bandwidth uses regions"});
}

TEST_CASE("a delay must be one over which nodes can meet, and not below the least latency") {
  CHECK(messages({"world.latency={model: constant, delay: 2400 ms}"}).empty());
  CHECK(
      messages({"world.latency={model: constant, delay: 3 s}"}) ==
      Lines{
          "`world.latency.delay`: with 3 s no connection would ever open, since a dial is given up after 5 s; at most "
          "2.4 s"});
  CHECK(messages({"world.latency={model: constant, delay: 50 us}"}) ==
        Lines{"`world.latency.delay` must be between 100 us and 1 h, found `50 us`"});
  CHECK(messages({"world.minimum_latency=11 ms"}).empty());
  CHECK(messages({"world.minimum_latency=12 ms"}) ==
        Lines{"`world.minimum_latency`: 12 ms is more than the shortest latency of simblock-2019, 11 ms"});
  CHECK(messages({"world.latency.delay=10 ms"}) ==
        Lines{"unknown key `delay` in `world.latency`, model region_matrix (known here: model, spread)"});
}

TEST_CASE("a random topology needs more nodes than each dials") {
  CHECK(messages({"topology.outbound=35"}).empty());
  CHECK(mistakes({"topology.outbound=36"}) ==
        Lines{"--set:1:19: `topology.outbound`: 36 outbound connections need more than 36 nodes; there are 36"});
  CHECK(messages({"topology.outbound=0"}) == Lines{"`topology.outbound` must be between 1 and 1000, found `0`"});
}

TEST_CASE("edges connect two known nodes once") {
  const auto with_edges = [](const std::string& edges) {
    return mistakes({"topology.outbound=off", "topology.model=edges", "topology.edges=" + edges});
  };
  CHECK(with_edges("[[\"full[0]\", \"pools[15]\"]]").empty());
  CHECK(with_edges("[[\"full[0]\", \"full[20]\"]]") ==
        Lines{"--set:1:29: `topology.edges`: unknown node `full[20]`; did you mean `full[0]`?"});
  CHECK(with_edges("[[\"ful[1]\", \"x\"]]") ==
        Lines{"--set:1:18: `topology.edges`: unknown node `ful[1]`; did you mean `full[1]`?",
              "--set:1:28: `topology.edges`: unknown node `x`"});
  CHECK(with_edges("[[\"full[0]\", \"full[0]\"]]") ==
        Lines{"--set:1:17: `topology.edges`: `full[0]` cannot dial itself"});
  CHECK(with_edges("[[\"full[0]\", \"full[1]\"], [\"full[1]\", \"full[0]\"]]") ==
        Lines{"--set:1:41: `topology.edges`: `full[1]` and `full[0]` are connected twice"});
  CHECK(with_edges("[\"full[0]\"]") ==
        Lines{"--set:1:17: `topology.edges`: expected a pair such as [\"a[0]\", \"b[1]\"]"});
  CHECK(with_edges("[[\"full[0]\", \"full[1]\", \"full[2]\"]]") ==
        Lines{"--set:1:17: `topology.edges`: expected a pair such as [\"a[0]\", \"b[1]\"]"});
  CHECK(with_edges("[]") == Lines{"--set:1:16: `topology.edges` is empty: no node would ever meet another"});
  CHECK(with_edges("3") == Lines{"--set:1:16: `topology.edges`: expected a list, such as `[a, b]`, found `3`"});
  CHECK(messages({"topology.outbound=off", "topology.model=edges"}) ==
        Lines{"`topology.edges` is missing: a list of pairs such as [\"a[0]\", \"b[1]\"]"});
  CHECK(messages({"topology.model=edges", "topology.edges=[[\"full[0]\", \"full[1]\"]]"}) ==
        Lines{"unknown key `outbound` in `topology`, model edges (known here: model, edges)"});
}

TEST_CASE("what would do nothing without miners is said") {
  CHECK(
      messages({"groups.pools=off"}) ==
      Lines{"`workload.blocks.interval` does nothing: no group has the role miner",
            "`measure.propagation` does nothing: no group has the role miner, and there are no `workload.transactions`",
            "`measure.stale_rate` does nothing: no group has the role miner"});
  CHECK(messages({"groups.pools=off", "workload.blocks.interval=off", "measure={traffic: {by: type}}",
                  "measure.stale_rate=off", "measure.propagation=off"})
            .empty());
}

TEST_CASE("blocks have a possible interval and size") {
  CHECK(messages({"workload.blocks.interval=999 ms"}) ==
        Lines{"`workload.blocks.interval` must be between 1 s and 365 d, found `999 ms`"});
  CHECK(
      messages({"workload.blocks.size=1000001 B"}) ==
      Lines{"`workload.blocks.size`: 1000001 B is more than the 1 MB that `chain.block_weight_limit`, 4000000, leaves "
            "to a block without witnesses"});
  CHECK(messages({"workload.blocks.size=4000001 B"}) ==
        Lines{"`workload.blocks.size` must be between 0 B and 4 MB, found `4000001 B`"});
  CHECK(messages({"workload.transaction.rate=3 /s"}) ==
        Lines{"unknown key `transaction` in `workload`; did you mean `transactions`? (known here: blocks, "
              "transactions)"});
}

TEST_CASE("the weight that a block may have bounds its size, where blocks are made") {
  const std::string larger = "chain.block_weight_limit=5310000";
  const Scenario scenario = resolve_text(kRegionBase, {larger, "workload.blocks.size=1327500 B"});
  CHECK(scenario.blocks.size.bytes == 1'327'500);
  CHECK(chain::chain_params(scenario.chain).block_weight_limit == 5'310'000);
  CHECK(chain::chain_params(resolve_text(kRegionBase).chain).block_weight_limit == 4'000'000);
  check_round_trip(scenario);
  CHECK(mistakes({larger, "workload.blocks.size=1327501 B"}) ==
        Lines{"--set:1:22: `workload.blocks.size`: 1327501 B is more than the 1327.5 kB that "
              "`chain.block_weight_limit`, 5310000, leaves to a block without witnesses"});
  CHECK(mistakes({"workload.blocks.size=off", "chain.block_weight_limit=2000000"}) ==
        Lines{"--set:1:26: `workload.blocks.size`: 535 kB is more than the 500 kB that `chain.block_weight_limit`, "
              "2000000, leaves to a block without witnesses"});
  CHECK(mistakes({"chain.block_weight_limit=399999"}) ==
        Lines{"--set:1:26: `chain.block_weight_limit` must be between 400000 and 16000000, found `399999`"});
  CHECK(mistakes({"chain.block_weight_limit=16000001"}) ==
        Lines{"--set:1:26: `chain.block_weight_limit` must be between 400000 and 16000000, found `16000001`"});
  CHECK(mistakes({"chain.block_weight_limit=4 MB"}) ==
        Lines{"--set:1:26: `chain.block_weight_limit`: expected a whole number, such as `8`, found `4 MB`"});
  CHECK(messages({"chain.block_weight_limit=400000", "workload.blocks.interval=off", "groups.pools=off",
                  "measure={traffic: {by: type}}", "measure.stale_rate=off", "measure.propagation=off"})
            .empty());
}

TEST_CASE("measures, seeds, chain and wire are checked too") {
  CHECK(messages({"measure.latency={}"}) == Lines{"unknown metric `latency` in `measure` (known here: propagation, "
                                                  "node_propagation, stale_rate, traffic, busy_share, wasted_work, "
                                                  "reorg_depth; or an interval, with `from` and `to`)"});
  CHECK(messages({"measure.propagation.settle=2 h"}) ==
        Lines{"`measure.propagation.settle` must be between 0 s and 1 h, found `2 h`"});
  CHECK(messages({"measure.traffic.by=off"}) == Lines{"missing key `by` in `measure.traffic`"});
  CHECK(messages({"seeds.world=5..1"}) ==
        Lines{"`seeds.world`: the range `5..1` is empty: the smaller number comes first"});
  CHECK(messages({"seeds.world=1..1000001"}) == Lines{"`seeds.world`: at most 1,000,000 seeds, none below 0"});
  CHECK(messages({"seeds.world=1..1000000"}).empty());
  CHECK(mistakes({}, {"weather=1"}) ==
        Lines{"--seeds:1:1: unknown seed domain `weather`; valid: world, mining, workload, attack"});
  CHECK(mistakes({}, {"1..x"}) ==
        Lines{"--seeds:1:1: expected a whole number or a range, such as `7` or `1..5`, found `1..x`"});
  CHECK(messages({"chain.premined_blocks=0"}) ==
        Lines{"`chain.premined_blocks` must be between 1 and 100000, found `0`"});
  CHECK(messages({"chain.params=mainnet"}) == Lines{"unknown params `mainnet`; valid: regtest, mainnet-like"});
  CHECK(messages({"wire=fast"}) == Lines{"unknown wire `fast`; valid: typed, bytes"});
}

}  // namespace hearsay::app
