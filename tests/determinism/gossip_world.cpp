#include "tests/determinism/gossip_world.hpp"

#include <numeric>
#include <utility>

#include "tests/determinism/link_world.hpp"
#include "tests/determinism/trickle_node.hpp"
#include "tests/unit/flood_world.hpp"

namespace hearsay::test {

namespace {

constexpr std::uint32_t kNodes = 60;
constexpr std::uint64_t kItems = 20;  // of each third node

enum class Kind : std::uint8_t { ties, uplinks, trickle };

class Outage final : public ControlEvent {
 public:
  Outage(NodeId node, StopKind kind) : node_(node), kind_(kind) {}
  void apply(Simulation& simulation, SimTime now) override { simulation.stop(node_, kind_, now); }

 private:
  NodeId node_;
  StopKind kind_;
};

class Return final : public ControlEvent {
 public:
  explicit Return(NodeId node) : node_(node) {}
  void apply(Simulation& simulation, SimTime now) override { simulation.start(node_, now); }

 private:
  NodeId node_;
};

class GossipWorld final : public TestWorld {
 public:
  GossipWorld(Kind kind, const Variant& variant) {
    const std::uint32_t total = kNodes + variant.idle_nodes;
    // who[i]: which node is listed as the i-th. Those from kNodes on are the idle ones.
    std::vector<std::uint32_t> who(total);
    std::iota(who.begin(), who.end(), 0u);
    if (variant.listing != 0)
      RandomStream(Seeds(variant.listing), SeedDomain::world, Purpose("listing"), StableId{}).shuffle(who);
    std::vector<NodeSpec> specs;
    for (const std::uint32_t node : who)
      specs.push_back({name(node), endpoint(node), 0, BitRate{kind == Kind::ties ? 0 : 1'000'000}});

    const Seeds seeds(variant.world_seed);
    const SimulationOptions options{seconds(20), milliseconds(2), variant.ranks, variant.wire == Wire::bytes};
    simulation_ = std::make_unique<Simulation>(seeds, options, World(seeds, std::move(specs), path(kind)));
    protocols_.resize(simulation_->ranks());

    const Topology topology = hamiltonian_cycles(Seeds(7), kNodes, 3);
    for (std::size_t position = 0; position < total; ++position)
      install(kind, simulation_->world().node_at(position), who[position], topology);
    if (kind == Kind::trickle) add_outages(who);
  }

  [[nodiscard]] Simulation& simulation() override { return *simulation_; }

 private:
  static std::string name(std::uint32_t node) {
    return node < kNodes ? FloodWorld::name(node) : "groups.idle[" + std::to_string(node - kNodes) + "]";
  }
  static Endpoint endpoint(std::uint32_t node) { return ipv4_endpoint(0x0a000000 + node, 8333); }
  static std::unique_ptr<PathModel> path(Kind kind) {
    if (kind == Kind::ties) return std::make_unique<ConstantPath>(milliseconds(20));
    return std::make_unique<PerConnectionPath>();
  }

  void install(Kind kind, NodeId number, std::uint32_t node, const Topology& topology) {
    std::vector<Endpoint> dials;
    if (node < kNodes)
      for (const std::uint32_t peer : topology.dials[node]) dials.push_back(endpoint(peer));
    flood::FloodSource source;
    if (node < kNodes && node % 3 == 0)
      source = {SimTime{} + seconds(1), milliseconds(kind == Kind::ties ? 100 : 500), kItems, 1 + node * kItems};
    flood::FloodProtocol& protocol = protocols_[simulation_->rank_of(number)];
    if (kind == Kind::trickle)
      return simulation_->install(number, std::make_unique<TrickleNode>(protocol, std::move(dials), source));
    flood::FloodParameters parameters;
    parameters.item_bytes = 250;
    simulation_->install(number, std::make_unique<flood::FloodNode>(protocol, parameters, std::move(dials), source,
                                                                    2 + kNodes * kItems));
  }

  // A dozen nodes go away at one instant each and come back, some while others are still away.
  void add_outages(const std::vector<std::uint32_t>& who) {
    constexpr StopKind kKinds[] = {StopKind::clean, StopKind::crash, StopKind::vanish};
    std::vector<std::size_t> position_of(who.size());
    for (std::size_t position = 0; position < who.size(); ++position) position_of[who[position]] = position;
    for (std::uint32_t i = 0; i < 12; ++i) {
      const NodeId number = simulation_->world().node_at(position_of[4 * i + 1]);
      const SimTime gone = SimTime{} + milliseconds(2000 + 700 * static_cast<std::int64_t>(i / 2));
      simulation_->at(gone, std::make_unique<Outage>(number, kKinds[i % 3]));
      simulation_->at(gone + milliseconds(1300), std::make_unique<Return>(number));
    }
  }

  std::unique_ptr<Simulation> simulation_;
  std::vector<flood::FloodProtocol> protocols_;
};

}  // namespace

std::unique_ptr<TestWorld> tie_world(const Variant& variant) {
  return std::make_unique<GossipWorld>(Kind::ties, variant);
}

std::unique_ptr<TestWorld> uplink_world(const Variant& variant) {
  return std::make_unique<GossipWorld>(Kind::uplinks, variant);
}

std::unique_ptr<TestWorld> trickle_world(const Variant& variant) {
  return std::make_unique<GossipWorld>(Kind::trickle, variant);
}

std::vector<NamedWorld> gossip_worlds() {
  return {{"flood.ties", tie_world},
          {"flood.uplinks", uplink_world},
          {"trickle", trickle_world},
          {"flood.links", link_world}};
}

}  // namespace hearsay::test
