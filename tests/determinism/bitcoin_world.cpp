#include "tests/determinism/bitcoin_world.hpp"

#include <numeric>
#include <utility>

#include "models/internet/region_matrix_path.hpp"
#include "models/protocols/bitcoin/bitcoin_node.hpp"
#include "sim/net/topology.hpp"

namespace hearsay::test {

namespace {

constexpr std::uint32_t kNodes = 60;
constexpr std::uint32_t kMiners = 4;
constexpr Duration kBlockInterval = seconds(4);  // of all miners together
constexpr std::uint32_t kSenders = kNodes / 3;
constexpr Duration kSendingInterval = seconds(4);  // of all senders together

class Stop final : public ControlEvent {
 public:
  Stop(NodeId node, StopKind kind) : node_(node), kind_(kind) {}
  void apply(Simulation& simulation, SimTime now) override { simulation.stop(node_, kind_, now); }

 private:
  NodeId node_;
  StopKind kind_;
};

class Start final : public ControlEvent {
 public:
  explicit Start(NodeId node) : node_(node) {}
  void apply(Simulation& simulation, SimTime now) override { simulation.start(node_, now); }

 private:
  NodeId node_;
};

class BitcoinWorld final : public TestWorld {
 public:
  BitcoinWorld(const std::string& relay, const Variant& variant, const bitcoin::ValidationParameters& validation = {}) {
    use_up_memory();
    const std::uint32_t total = kNodes + variant.idle_nodes;
    // who[i]: which node is listed as the i-th. Those from kNodes on are the idle ones.
    std::vector<std::uint32_t> who(total);
    std::iota(who.begin(), who.end(), 0u);
    if (variant.listing != 0)
      RandomStream(Seeds(variant.listing), SeedDomain::world, Purpose("listing"), StableId{}).shuffle(who);
    const internet::RegionTable& regions = *internet::find_region_table("simblock-2019");
    std::vector<NodeSpec> specs;
    for (const std::uint32_t node : who) {
      RandomStream stream(Seeds(7), SeedDomain::world, Purpose("region"), stable_id(name(node)));
      const std::uint16_t region = internet::draw_region(regions, stream);
      specs.push_back({name(node), endpoint(node), region, {regions.upload_bits_per_second[region]}});
    }

    const Seeds seeds(variant.world_seed);
    const SimulationOptions options{minutes(30), milliseconds(2), variant.ranks, variant.wire == Wire::bytes, {}};
    simulation_ = std::make_unique<Simulation>(
        seeds, options, World(seeds, std::move(specs), std::make_unique<internet::RegionMatrixPath>(regions)));
    for (unsigned rank = 0; rank < simulation_->ranks(); ++rank)
      protocols_.push_back(std::make_unique<bitcoin::BitcoinProtocol>(chain::regtest_params(), 105, 4 * kSenders));

    bitcoin::BitcoinParameters parameters;
    parameters.block_relay = relay;
    parameters.validation = validation;
    const auto shared = std::make_shared<const bitcoin::BitcoinParameters>(parameters);
    const Topology topology = hamiltonian_cycles(Seeds(7), kNodes, 4);
    for (std::size_t position = 0; position < total; ++position) {
      const std::uint32_t node = who[position];
      std::vector<Endpoint> dials;
      if (node < kNodes)
        for (const std::uint32_t peer : topology.dials[node]) dials.push_back(endpoint(peer));
      bitcoin::MinerSettings mining;
      if (node < kMiners) mining = {kBlockInterval * kMiners, ByteCount{30'000}, milliseconds(300)};
      const NodeId number = simulation_->world().node_at(position);
      simulation_->install(number,
                           std::make_unique<bitcoin::BitcoinNode>(*protocols_[simulation_->rank_of(number)], shared,
                                                                  std::move(dials), mining, sender(node)));
      // A miner and a plain node leave and come back.
      if (node == 3) interrupt(number, StopKind::crash, SimTime{} + minutes(10));
      if (node == 30) interrupt(number, StopKind::clean, SimTime{} + minutes(15));
    }
  }

  [[nodiscard]] Simulation& simulation() override { return *simulation_; }

 private:
  // Every third node sends; coins go by the number of the node, wherever it is listed.
  [[nodiscard]] bitcoin::TransactionSourceSettings sender(std::uint32_t node) const {
    bitcoin::TransactionSourceSettings settings;
    if (node >= kNodes || node % 3 != 0) return settings;
    settings.mean_interval = kSendingInterval * kSenders;
    settings.mean_millibytes = 522'400;
    settings.least_fee_rate = 1'000;
    settings.most_fee_rate = 50'000;
    const auto& coins = protocols_.front()->spendable();
    settings.coins.assign(coins.begin() + 4 * (node / 3), coins.begin() + 4 * (node / 3 + 1));
    return settings;
  }
  static std::string name(std::uint32_t node) { return "groups.node[" + std::to_string(node) + "]"; }
  static Endpoint endpoint(std::uint32_t node) { return ipv4_endpoint(0x0a000000 + node, 18444); }

  void interrupt(NodeId node, StopKind kind, SimTime time) {
    simulation_->at(time, std::make_unique<Stop>(node, kind));
    simulation_->at(time + minutes(2), std::make_unique<Start>(node));
  }

  // No two worlds of a process find the heap alike, so what depends on addresses differs.
  void use_up_memory() {
    static std::size_t worlds = 0;
    ++worlds;
    for (std::size_t block = 1; block < 40 * worlds % 997; ++block)
      memory_.push_back(std::make_unique<char[]>(16 * (block * worlds % 61) + 1));
    for (std::size_t block = 0; block < memory_.size(); block += 3) memory_[block].reset();
  }

  std::vector<std::unique_ptr<char[]>> memory_;
  std::vector<std::unique_ptr<bitcoin::BitcoinProtocol>> protocols_;  // they outlive the nodes
  std::unique_ptr<Simulation> simulation_;
};

template <const char* kRelay>
std::unique_ptr<TestWorld> world(const Variant& variant) {
  return std::make_unique<BitcoinWorld>(kRelay, variant);
}

constexpr char kHeaders[] = "headers";
constexpr char kInv[] = "inv";
constexpr char kPush[] = "push";

}  // namespace

std::vector<NamedWorld> bitcoin_worlds() {
  return {{"bitcoin.headers", world<kHeaders>}, {"bitcoin.inv", world<kInv>}, {"bitcoin.push", world<kPush>}};
}

NamedWorld validating_bitcoin_world() {
  return {"bitcoin.validating", [](const Variant& variant) {
            bitcoin::ValidationParameters validation;
            validation.model = "core";
            validation.machine = "single_board";
            validation.spread = "pareto";
            validation.per_message = microseconds(50);
            return std::make_unique<BitcoinWorld>(kHeaders, variant, validation);
          }};
}

}  // namespace hearsay::test
