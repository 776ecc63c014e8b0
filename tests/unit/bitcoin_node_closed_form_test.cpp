// Relay of blocks over links without limit against closed forms: pushed blocks arrive along weighted shortest paths,
// blocks that are announced take three delays a hop (headers) or five (inv), to the nanosecond.
#include <catch2/catch.hpp>
#include <map>

#include "models/protocols/bitcoin/bitcoin_node.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/net/topology.hpp"
#include "tests/unit/shortest_paths.hpp"

namespace hearsay::test {
namespace {

namespace observed = bitcoin::observed;

std::string name_of(std::uint32_t position) {
  return FloodWorld::name(position);
}

class BlockTimes final : public Probe {
 public:
  void on_observation(SimTime now, NodeId node, const Observation& observation) override {
    if (observation.kind == observed::kBlockBorn) births_[observation.object] = {now, node};
    if (observation.kind == observed::kBestTip) arrivals_[observation.object].emplace_back(now, node);
    if (observation.kind == observed::kReorganised) ++reorganisations_;
  }
  std::map<std::uint64_t, std::pair<SimTime, NodeId>> births_;
  std::map<std::uint64_t, std::vector<std::pair<SimTime, NodeId>>> arrivals_;
  std::size_t reorganisations_ = 0;
};

// Miners are the nodes 0, 7, 14, 21 and 28; a block every 4 min or so. Blocks of the last 10 s are left out.
template <class DelayOf>
void check_relay(const Topology& topology, std::unique_ptr<PathModel> path, const std::string& relay,
                 DelayOf hop_delay) {
  const Seeds seeds(4);
  SimulationOptions options;
  options.horizon = hours(4);
  std::vector<NodeSpec> specs;
  for (std::uint32_t i = 0; i < topology.size(); ++i)
    specs.push_back({name_of(i), ipv4_endpoint(0x0a000000 + i, 18444), 0, {}});
  Simulation simulation(seeds, options, World(seeds, specs, std::move(path)));
  bitcoin::BitcoinProtocol protocol(chain::regtest_params(), 20);
  bitcoin::BitcoinParameters parameters;
  parameters.block_relay = relay;
  const auto shared = std::make_shared<const bitcoin::BitcoinParameters>(parameters);
  std::map<NodeId, std::uint32_t> position_of;
  for (std::uint32_t i = 0; i < topology.size(); ++i) {
    std::vector<Endpoint> dials;
    for (const std::uint32_t peer : topology.dials[i]) dials.push_back(specs[peer].endpoint);
    bitcoin::MinerSettings mining;
    if (i % 7 == 0 && i < 35) mining = {minutes(20), ByteCount{0}};
    position_of[simulation.world().node_at(i)] = i;
    simulation.install(simulation.world().node_at(i),
                       std::make_unique<bitcoin::BitcoinNode>(protocol, shared, std::move(dials), mining));
  }
  BlockTimes times;
  simulation.add_probe(0, times);
  simulation.run_until(SimTime{} + options.horizon);

  // In a fork not every block would go everywhere; this seed has none, and its first block comes after all handshakes.
  REQUIRE(times.reorganisations_ == 0);
  std::map<std::uint32_t, std::vector<std::int64_t>> distances;
  std::size_t blocks = 0;
  for (const auto& [object, birth] : times.births_) {
    REQUIRE(birth.first > SimTime{} + seconds(3));
    if (birth.first > SimTime{} + options.horizon - seconds(10)) continue;
    ++blocks;
    const std::uint32_t source = position_of.at(birth.second);
    if (!distances.contains(source)) distances[source] = shortest_paths(topology, source, hop_delay);
    const auto& arrivals = times.arrivals_.at(object);
    CHECK(arrivals.size() == topology.size());
    for (const auto& [time, node] : arrivals) {
      const std::uint32_t position = position_of.at(node);
      if ((time - birth.first).ns != distances[source][position])
        FAIL("node " << position << ": " << (time - birth.first).ns << " ns, not " << distances[source][position]);
    }
  }
  CHECK(blocks > 20);
  CHECK(distances.size() == 5);
}

Topology random_network() {
  std::vector<StableId> names;
  for (std::uint32_t i = 0; i < 80; ++i) names.push_back(stable_id(name_of(i)));
  return random_outbound(Seeds(9), names, 3);
}

}  // namespace

TEST_CASE("pushed blocks arrive along the weighted shortest paths, exactly") {
  const auto delay = [](std::uint32_t node, std::size_t dial) {
    return PerConnectionPath::latency(connection_id(node, dial));
  };
  check_relay(random_network(), std::make_unique<PerConnectionPath>(), "push", delay);
  check_relay(hamiltonian_cycles(Seeds(2), 80, 2), std::make_unique<PerConnectionPath>(), "push", delay);
}

TEST_CASE("over equal links a block takes three delays a hop by headers, five by inv, one pushed") {
  const auto [relay, factor] = GENERATE(table<std::string, std::int64_t>({{"headers", 3}, {"inv", 5}, {"push", 1}}));
  const Duration delay = milliseconds(40) * factor;
  check_relay(random_network(), std::make_unique<ConstantPath>(milliseconds(40)), relay,
              [&](std::uint32_t, std::size_t) { return delay; });
}

}  // namespace hearsay::test
