// Bitcoin runs are pure functions of scenario and seeds: first worlds built by hand, which the checks for any protocol
// can twist in every way, then scenarios as a user writes them.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "models/protocols/bitcoin/observations.hpp"
#include "scenarios/app/resolve.hpp"
#include "scenarios/app/simulate.hpp"
#include "sim/net/topology.hpp"
#include "tests/determinism/bitcoin_world.hpp"

namespace hearsay::test {
namespace {

NamedWorld any_world() {
  return GENERATE(from_range(bitcoin_worlds()));
}

class Reorganisations final : public Probe {
 public:
  void on_observation(SimTime, NodeId, const Observation& observation) override {
    blocks_ += observation.kind == bitcoin::observed::kBlockBorn ? 1 : 0;
    count_ += observation.kind == bitcoin::observed::kReorganised ? 1 : 0;
    deepest_ = observation.kind == bitcoin::observed::kReorganised ? std::max(deepest_, observation.value) : deepest_;
  }
  std::size_t blocks_ = 0;
  std::size_t count_ = 0;
  std::int64_t deepest_ = 0;
};

// A scenario with 56 full nodes and 4 miners, written out and resolved as the program does it.
struct ScenarioText {
  std::string groups =
      "  full: {count: 56, role: full}\n"
      "  pools: {count: 4, role: miner, hash: equal}\n";
  std::string world = "{regions: simblock-2019, latency: {model: region_matrix}, bandwidth: {model: region}}";
  std::string topology = "{model: random_outbound, outbound: 4}";
  std::string more;

  [[nodiscard]] app::Scenario resolved() const {
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("bitcoin_determinism_" + std::to_string(getpid()) + ".yaml");
    std::ofstream(path) << "question: What may change a run?\n"
                           "horizon: 30 min\n"
                           "world: "
                        << world << "\ngroups:\n"
                        << groups << "topology: " << topology
                        << "\nworkload:\n"
                           "  blocks: {interval: 6 s, size: 30 kB}\n"
                           "  transactions: {rate: 0.3 /s, size: gervais-2016, sources: [full, pools]}\n"
                        << "measure: {propagation: {}, stale_rate: {}, traffic: {by: type}}\n"
                        << more;
    const app::Scenario scenario = app::resolve_scenario(path.string(), {}, {});
    std::filesystem::remove(path);
    return scenario;
  }
};

app::RunResult run_scenario(const app::Scenario& scenario, const app::SimulateOptions& options = {},
                            app::RunKey key = {}) {
  key.run = 1;
  return app::simulate(scenario, key, options, nullptr);
}

app::RunResult run_seeds(const app::RunKey& key) {
  ScenarioText text;
  text.more = "seeds: {world: 1, mining: 1, workload: 1}\n";
  return run_scenario(text.resolved(), {}, key);
}

// Everything that a results file holds but the digest, in one line each.
std::vector<std::string> rows_of(const app::RunResult& result) {
  std::vector<std::string> rows;
  const auto join = [&rows](const auto&... parts) {
    std::ostringstream row;
    ((row << parts << ' '), ...);
    rows.push_back(row.str());
  };
  join(result.events, result.messages_sent, result.messages_delivered, result.messages_dropped);
  for (const auto& b : result.blocks)
    join(b.block, b.height, b.parent, b.miner, b.born_ns, b.size_bytes, b.on_main_chain);
  for (const auto& p : result.propagation)
    for (const auto& delay : p.delay_ns) join(p.object, p.stage, p.nodes, p.reached, delay.value_or(-1));
  for (const auto& t : result.transactions)
    join(t.stage, t.percent, t.transactions, t.nodes, t.mean_reached, t.short_transactions, t.mean_ns.value_or(-1),
         t.low_ns.value_or(-1), t.median_ns.value_or(-1), t.high_ns.value_or(-1));
  for (const auto& t : result.traffic) join(t.message, t.messages, t.payload_bytes, t.header_bytes, t.tcp_ip_bytes);
  for (const auto& m : result.metrics) join(m.metric, m.value, m.unit);
  for (const auto& n : result.node_digests) join(n.node, n.group, n.region, n.digest);
  return rows;
}

std::map<std::string, std::uint64_t> node_digests(const app::RunResult& result) {
  std::map<std::string, std::uint64_t> digests;
  for (const app::NodeRow& node : result.node_digests) digests[node.node] = node.digest;
  return digests;
}

std::string explicit_edges() {
  std::string text = "{model: edges, edges: [";
  const Topology topology = hamiltonian_cycles(Seeds(3), 60, 3);
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
  const auto name = [](std::uint32_t i) {
    return i < 56 ? "full[" + std::to_string(i) + "]" : "pools[" + std::to_string(i - 56) + "]";
  };
  for (std::uint32_t from = 0; from < 60; ++from)
    for (const std::uint32_t to : topology.dials[from])
      if (seen.insert(std::minmax(from, to)).second)
        text += (seen.size() > 1 ? ", [\"" : "[\"") + name(from) + "\", \"" + name(to) + "\"]";
  return text + "]}";
}

}  // namespace

TEST_CASE("the Bitcoin worlds of these tests are worth testing: they fork, reorganise, and lose messages to outages") {
  const NamedWorld named = any_world();
  CAPTURE(named.name);
  const std::unique_ptr<TestWorld> world = named.factory({});
  Reorganisations probe;
  world->simulation().add_probe(0, probe);
  world->simulation().run_until(SimTime{} + world->simulation().options().horizon);
  CHECK(probe.blocks_ > 300);
  CHECK(probe.count_ > 100);
  CHECK(probe.deepest_ >= 2);
  CHECK(world->simulation().counters().delivered > 50'000);
  CHECK(world->simulation().counters().dropped > 0);
}

TEST_CASE("the same seed twice gives the same Bitcoin run, wherever in memory it lies") {
  CHECK(check_same_seed(any_world().factory) == "");
}

TEST_CASE("another world seed gives another Bitcoin run") {
  CHECK(check_other_seed(any_world().factory) == "");
}

TEST_CASE("probes listen to Bitcoin nodes and do not steer them") {
  CHECK(check_probes(any_world().factory) == "");
}

TEST_CASE("one, two, three and seven ranks give the same Bitcoin run") {
  CHECK(check_ranks(any_world().factory) == "");
}

TEST_CASE("Bitcoin messages as values and as bytes give the same run") {
  CHECK(check_wire(any_world().factory) == "");
}

TEST_CASE("the order in which Bitcoin nodes are listed does not matter") {
  CHECK(check_listing(any_world().factory) == "");
}

TEST_CASE("an idle extra Bitcoin node does not matter to the others") {
  CHECK(check_idle_nodes(any_world().factory) == "");
}

TEST_CASE("two Bitcoin simulations interleaved are two simulations alone") {
  CHECK(check_interleaved(any_world().factory) == "");
}

TEST_CASE("everything at once does not change a Bitcoin run") {
  const NamedWorld world = any_world();
  Variant variant;
  variant.ranks = 3;
  variant.wire = Wire::bytes;
  variant.probing = Probing::all_ranks;
  variant.listing = 5;
  CHECK(difference("everything at once changed the run", run(world.factory, {}), run(world.factory, variant)) == "");
}

TEST_CASE("nothing that must not matter changes a Bitcoin run in which nodes take time to validate") {
  const NamedCheck named = GENERATE(from_range(invariance_checks()));
  CAPTURE(named.name);
  CHECK(named.check(validating_bitcoin_world().factory) == "");
}

TEST_CASE("every build gives the golden digests of the Bitcoin worlds") {
  for (const NamedWorld& world : bitcoin_worlds())
    for (const std::uint64_t seed : {1u, 2u}) {
      Variant variant;
      variant.world_seed = seed;
      CHECK(check_golden(world.name + std::string(".") + std::to_string(seed), run(world.factory, variant).digest) ==
            "");
    }
}

TEST_CASE("a scenario gives the same results on any number of ranks") {
  const app::Scenario scenario = ScenarioText{}.resolved();
  const std::vector<std::string> one = rows_of(run_scenario(scenario));
  for (const unsigned ranks : {2u, 3u, 7u}) {
    const app::RunResult split = run_scenario(scenario, {ranks, false, true});
    // The number of executed events is the run's own, too.
    CHECK((rows_of(split) == one));
  }
}

TEST_CASE("a scenario gives the same run traced, unobserved and as bytes") {
  const app::Scenario scenario = ScenarioText{}.resolved();
  const app::RunResult plain = run_scenario(scenario);
  const app::RunResult traced = run_scenario(scenario, {1, true, true});
  CHECK(traced.digest == plain.digest);
  CHECK(traced.trace.size() > 10'000);
  CHECK((rows_of(traced) == rows_of(plain)));
  CHECK(run_scenario(scenario, {1, false, false}).digest == plain.digest);
  app::Scenario bytes = scenario;
  bytes.wire_bytes = true;
  CHECK((rows_of(run_scenario(bytes)) == rows_of(plain)));
  CHECK(run_scenario(bytes, {3, true, true}).digest == plain.digest);
}

TEST_CASE("a trace is in the order of time and node name, on any number of ranks") {
  // Over equal links without limit, where nearly everything happens at many nodes at once.
  ScenarioText text;
  text.world = "{latency: {model: constant, delay: 100 ms}, minimum_latency: 50 ms}";
  const app::Scenario scenario = text.resolved();
  const std::vector<app::TraceRow> one = run_scenario(scenario, {1, true, true}).trace;
  const std::vector<app::TraceRow> three = run_scenario(scenario, {3, true, true}).trace;
  REQUIRE(one.size() == three.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    different += one[i].time_ns != three[i].time_ns || one[i].node != three[i].node ||
                 one[i].observation != three[i].observation || one[i].object != three[i].object ||
                 one[i].value != three[i].value;
  CHECK(different == 0);
  CHECK(std::is_sorted(one.begin(), one.end(), [](const app::TraceRow& a, const app::TraceRow& b) {
    return std::tie(a.time_ns, a.node) < std::tie(b.time_ns, b.node);
  }));
}

TEST_CASE("the seeds of world, mining and workload change a run") {
  app::RunKey key;
  key.world_seed = key.mining_seed = key.workload_seed = key.attack_seed = 1;
  const std::uint64_t digest = run_seeds(key).digest;
  CHECK(run_seeds(key).digest == digest);
  app::RunKey other = key;
  other.world_seed = 2;
  CHECK(run_seeds(other).digest != digest);
  other = key;
  other.mining_seed = 2;
  const app::RunResult mining = run_seeds(other);
  CHECK(mining.digest != digest);
  other = key;
  other.workload_seed = 2;
  CHECK(run_seeds(other).digest != digest);
}

TEST_CASE("another mining seed leaves the world as it is") {
  app::RunKey key;
  key.world_seed = key.mining_seed = key.workload_seed = key.attack_seed = 1;
  app::RunKey other = key;
  other.mining_seed = 2;
  const auto regions = [](const app::RunResult& result) {
    std::map<std::string, std::string> of;
    for (const app::NodeRow& node : result.node_digests) of[node.node] = node.region;
    return of;
  };
  CHECK((regions(run_seeds(key)) == regions(run_seeds(other))));
  other = key;
  other.world_seed = 2;
  CHECK((regions(run_seeds(key)) != regions(run_seeds(other))));
}

TEST_CASE("the order of the groups in the file does not matter") {
  ScenarioText turned;
  turned.groups =
      "  pools: {count: 4, role: miner, hash: equal}\n"
      "  full: {count: 56, role: full}\n";
  CHECK(run_scenario(turned.resolved()).digest == run_scenario(ScenarioText{}.resolved()).digest);
}

TEST_CASE("an idle extra group under an explicit list of edges changes no other node") {
  ScenarioText plain;
  plain.topology = explicit_edges();
  const auto expected = node_digests(run_scenario(plain.resolved()));
  // Listed before, between and behind the others, in the file and in the order of names.
  for (const char* name : {"a_idle", "g_idle", "z_idle"}) {
    ScenarioText crowded = plain;
    crowded.groups += std::string("  ") + name + ": {count: 3, role: full}\n";
    auto digests = node_digests(run_scenario(crowded.resolved()));
    CHECK(digests.size() == 63);
    for (int i = 0; i < 3; ++i) digests.erase(std::string(name) + "[" + std::to_string(i) + "]");
    CHECK((digests == expected));
  }
}

TEST_CASE("every build gives the golden digest of a Bitcoin scenario") {
  CHECK(check_golden("bitcoin.scenario.60", run_scenario(ScenarioText{}.resolved()).digest) == "");
}

}  // namespace hearsay::test
