#include "tests/determinism/bitcoin_offence_world.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "models/internet/region_matrix_path.hpp"
#include "models/protocols/bitcoin/bitcoin_node.hpp"
#include "sim/net/topology.hpp"

namespace hearsay::test {

namespace {

using bitcoin::BitcoinMessage;
using bitcoin::Payload;
using bitcoin::Raw;

constexpr std::uint32_t kHonest = 16;
constexpr std::uint32_t kVillains = 4;
constexpr std::uint32_t kNodes = kHonest + kVillains;
constexpr std::uint32_t kVictims = 5;  // of each villain
constexpr Duration kBlockInterval = seconds(20);
constexpr Duration kSendingInterval = seconds(1);  // of all honest nodes together

// Shakes hands, remembers what it hears, and sends damaged copies of that to all its victims. When one has hung up, it
// dials again.
class Villain final : public Node {
 public:
  Villain(bitcoin::BitcoinProtocol& protocol, std::vector<Endpoint> victims)
      : protocol_(protocol), victims_(std::move(victims)) {}

  [[nodiscard]] Protocol& protocol() override { return protocol_; }
  void on_start(Context& context) override {
    draws_ = context.stream(SeedDomain::world, Purpose("offences"));
    memory_ = {{"mempool", {}, {}, {}, {}}};  // which it would never hear
    for (const Endpoint& victim : victims_) dial(context, victim);
    context.set_timer(0, context.now() + seconds(1));
  }
  [[nodiscard]] Admission on_connect_request(Context&, const Endpoint&) override { return Admission::refuse; }
  void on_connected(Context& context, ConnectionSlot slot, Direction, const Endpoint&) override {
    open_.push_back(slot);
    bitcoin::Version version;
    version.protocol_version = bitcoin::kProtocolVersion;
    version.nonce = (*draws_)();
    version.user_agent = "/villain/";
    say(context, slot, version);
    if (draws_->below(2) == 0) say(context, slot, bitcoin::WtxidRelay{});
    say(context, slot, bitcoin::Verack{});
  }
  void on_connect_failed(Context&, ConnectionSlot slot, ConnectFailure) override { waiting_.push_back(place_of(slot)); }
  void on_closed(Context&, ConnectionSlot slot, CloseReason) override {
    std::erase(open_, slot);
    waiting_.push_back(place_of(slot));
  }
  void on_message(Context& context, ConnectionSlot slot, const MessageRef& message) override {
    const Payload& payload = static_cast<const BitcoinMessage&>(*message).payload();
    // Everything that is announced is asked for: damaged transactions and blocks do most harm.
    if (const auto* inv = std::get_if<bitcoin::Inv>(&payload)) say(context, slot, bitcoin::GetData{inv->inventory});
    Raw raw;
    raw.command = std::string(command_of(payload));
    raw.payload = encode_payload(payload);
    if (memory_.size() < 64) {
      memory_.push_back(std::move(raw));
    } else {
      memory_[draws_->below(memory_.size())] = std::move(raw);
    }
  }
  void on_timer(Context& context, TimerSlot) override {
    for (const std::size_t place : std::exchange(waiting_, {})) dial(context, victims_[place]);
    const std::vector<ConnectionSlot> open = open_;
    for (const ConnectionSlot slot : open)
      if (!memory_.empty()) say(context, slot, offence());
    context.set_timer(0, context.now() + draws_->uniform(milliseconds(100), milliseconds(900)));
  }

 private:
  void say(Context& context, ConnectionSlot slot, Payload payload) {
    context.send(slot, protocol_.make(std::move(payload)));
  }
  void dial(Context& context, const Endpoint& victim) {
    const ConnectionSlot slot = context.connect(victim);
    if (slot >= victim_of_.size()) victim_of_.resize(slot + 1);
    victim_of_[slot] = static_cast<std::size_t>(std::find(victims_.begin(), victims_.end(), victim) - victims_.begin());
  }
  [[nodiscard]] std::size_t place_of(ConnectionSlot slot) const { return victim_of_[slot]; }

  Raw offence() {
    Raw raw = memory_[draws_->below(memory_.size())];
    for (std::uint64_t edits = draws_->below(4); edits > 0; --edits) damage(raw);
    raw.checksum = bitcoin::payload_checksum(raw.payload);
    if (draws_->below(10) == 0) raw.checksum[draws_->below(4)] ^= 0x10;
    if (draws_->below(40) == 0) raw.magic = bitcoin::Magic{0xf9, 0xbe, 0xb4, 0xd9};
    if (draws_->below(40) == 0) raw.announced_bytes = 4'000'001 + static_cast<std::uint32_t>(draws_->below(1'000'000));
    return raw;
  }
  void damage(Raw& raw) {
    const std::uint64_t kind = draws_->below(12);
    if (kind == 0) {
      raw.command = std::string(memory_[draws_->below(memory_.size())].command);
    } else if (kind == 1 && !raw.command.empty()) {
      raw.command[draws_->below(raw.command.size())] = static_cast<char>(draws_->below(128));
    } else if (kind == 2) {
      const Raw& other = memory_[draws_->below(memory_.size())];
      if (raw.payload.size() < 10'000)
        raw.payload.insert(raw.payload.end(), other.payload.begin(), other.payload.end());
    } else if (!raw.payload.empty()) {
      const std::size_t place = draws_->below(raw.payload.size());
      const auto where = raw.payload.begin() + static_cast<std::ptrdiff_t>(place);
      if (kind < 5) {
        raw.payload.erase(where, kind == 3 ? raw.payload.end() : where + 1);
      } else if (kind < 7) {
        raw.payload.insert(where, static_cast<std::uint8_t>(draws_->below(256)));
      } else {
        *where = static_cast<std::uint8_t>(*where ^ 1U << draws_->below(8));
      }
    }
  }

  bitcoin::BitcoinProtocol& protocol_;
  std::vector<Endpoint> victims_;
  std::vector<std::size_t> victim_of_;  // by slot: place in victims_
  std::vector<std::size_t> waiting_;    // victims to dial again
  std::vector<ConnectionSlot> open_;
  std::vector<Raw> memory_;
  std::optional<RandomStream> draws_;
};

class OffenceWorld final : public TestWorld {
 public:
  explicit OffenceWorld(const Variant& variant) {
    const std::uint32_t total = kNodes + variant.idle_nodes;
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
    const SimulationOptions options{minutes(5), milliseconds(2), variant.ranks, variant.wire == Wire::bytes, {}};
    simulation_ = std::make_unique<Simulation>(
        seeds, options, World(seeds, std::move(specs), std::make_unique<internet::RegionMatrixPath>(regions)));
    for (unsigned rank = 0; rank < simulation_->ranks(); ++rank)
      protocols_.push_back(std::make_unique<bitcoin::BitcoinProtocol>(chain::regtest_params(), 102, kHonest * 20));

    const Topology topology = hamiltonian_cycles(Seeds(7), kHonest, 2);
    for (std::size_t position = 0; position < total; ++position) {
      const NodeId number = simulation_->world().node_at(position);
      simulation_->install(number, node(who[position], topology, *protocols_[simulation_->rank_of(number)]));
    }
  }

  [[nodiscard]] Simulation& simulation() override { return *simulation_; }

 private:
  static std::string name(std::uint32_t node) { return "groups.node[" + std::to_string(node) + "]"; }
  static Endpoint endpoint(std::uint32_t node) { return ipv4_endpoint(0x0a000000 + node, 18444); }

  [[nodiscard]] static std::unique_ptr<Node> node(std::uint32_t node, const Topology& topology,
                                                  bitcoin::BitcoinProtocol& protocol) {
    if (node >= kHonest && node < kNodes) {
      std::vector<Endpoint> victims;
      for (std::uint32_t i = 0; i < kVictims; ++i) victims.push_back(endpoint((3 * (node - kHonest) + i) % kHonest));
      return std::make_unique<Villain>(protocol, std::move(victims));
    }
    std::vector<Endpoint> dials;
    bitcoin::MinerSettings mining;
    bitcoin::TransactionSourceSettings source;
    auto parameters = std::make_shared<bitcoin::BitcoinParameters>();
    if (node < kHonest) {
      for (const std::uint32_t peer : topology.dials[node]) dials.push_back(endpoint(peer));
      if (node < 2) mining = {kBlockInterval * 2, ByteCount{0}, milliseconds(300)};
      source.mean_interval = kSendingInterval * kHonest;
      source.mean_millibytes = 300'000;
      source.least_fee_rate = 1'000;
      source.most_fee_rate = 50'000;
      for (std::uint32_t i = 0; i < 20; ++i) source.coins.push_back(protocol.spendable().at(node * 20 + i));
      // Nodes of several kinds, so that every answer to an offence occurs.
      parameters->bloom_service = node % 2 == 0;
      parameters->invalid_transactions = node % 3 == 0 ? "disconnect" : "ignore";
      parameters->wtxid_relay = node % 5 != 0;
      parameters->transaction_relay = node % 7 != 6;
    }
    return std::make_unique<bitcoin::BitcoinNode>(protocol, std::move(parameters), std::move(dials), mining,
                                                  std::move(source));
  }

  std::vector<std::unique_ptr<bitcoin::BitcoinProtocol>> protocols_;  // they outlive the nodes
  std::unique_ptr<Simulation> simulation_;
};

}  // namespace

NamedWorld bitcoin_offence_world() {
  return {"bitcoin.offences",
          [](const Variant& variant) -> std::unique_ptr<TestWorld> { return std::make_unique<OffenceWorld>(variant); }};
}

}  // namespace hearsay::test
