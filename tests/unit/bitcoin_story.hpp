// A story about Bitcoin nodes: a few of them on one simulation with the same delay everywhere, and scripted peers that
// say what a test tells them to and write down all that they hear, with its time.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/chain/block_assembly.hpp"
#include "models/protocols/bitcoin/bitcoin_node.hpp"
#include "sim/core/check.hpp"
#include "sim/engine/simulation.hpp"
#include "tests/unit/story_time.hpp"

namespace hearsay::test {

using bitcoin::BitcoinNode;
using bitcoin::BitcoinParameters;
using bitcoin::BitcoinProtocol;
using bitcoin::Misbehaviour;
using bitcoin::Payload;
using chain::BlockPointer;
using chain::Hash256;

// One-way delay between any two nodes of a story.
inline constexpr std::int64_t kDelayMs = 10;

// Does nothing by itself, except (unless told otherwise) shake hands, answer pings and say that it has no new headers.
class ScriptedPeer final : public Node {
 public:
  enum class Manners : std::uint8_t { polite, mute };
  struct Heard {
    SimTime time;
    ConnectionSlot slot;
    Payload payload;
  };
  struct Happened {
    SimTime time;
    std::string what;  // connected, refused, timed out, closed
  };
  using Action = std::function<void(Context&)>;

  ScriptedPeer(BitcoinProtocol& protocol, Manners manners) : protocol_(protocol), manners_(manners) {}

  void dials(const Endpoint& endpoint) { dials_.push_back(endpoint); }
  // Everything is scripted before the story runs.
  void at(SimTime time, Action action) {
    SIM_CHECK(!started_, "a script is written before the story runs");
    script_.emplace(time, std::move(action));
  }
  void says(SimTime time, Payload payload, ConnectionSlot slot = 0) {
    at(time, [this, slot, payload = std::move(payload)](Context& context) { say(context, slot, payload); });
  }
  void closes(SimTime time, ConnectionSlot slot = 0) {
    at(time, [slot](Context& context) { context.close(slot); });
  }
  void ignores_pings() { answers_pings_ = false; }
  // Before the handshake: announce by wtxid; want no transactions; ask for transactions that are announced.
  void speaks_wtxid() { speaks_wtxid_ = true; }
  void wants_no_transactions() { relay_ = bitcoin::RelayField::no; }
  void asks_for_transactions() { asks_for_transactions_ = true; }
  // Sent whenever it is asked for, by txid or wtxid; anything else is left unanswered.
  void has(const chain::TransactionPointer& transaction) { transactions_.push_back(transaction); }

  [[nodiscard]] const std::vector<Heard>& heard() const { return heard_; }
  [[nodiscard]] const std::vector<Happened>& happened() const { return happened_; }
  // Commands heard at or after `from`: "41 ms version" and so on.
  [[nodiscard]] std::vector<std::string> commands(SimTime from = {}) const {
    std::vector<std::string> list;
    for (const Heard& entry : heard_)
      if (entry.time >= from)
        list.push_back(std::to_string(entry.time.ns / 1'000'000) + " ms " + std::string(command_of(entry.payload)));
    return list;
  }
  template <class M>
  [[nodiscard]] std::vector<std::pair<SimTime, M>> all(SimTime from = {}) const {
    std::vector<std::pair<SimTime, M>> list;
    for (const Heard& entry : heard_)
      if (const M* message = std::get_if<M>(&entry.payload); message != nullptr && entry.time >= from)
        list.emplace_back(entry.time, *message);
    return list;
  }
  // Whether the other side closed the connection, or never opened it.
  [[nodiscard]] bool was_closed() const { return count("closed") != 0; }
  [[nodiscard]] std::size_t count(const std::string& what) const {
    std::size_t sum = 0;
    for (const Happened& entry : happened_) sum += entry.what == what ? 1 : 0;
    return sum;
  }

  [[nodiscard]] static bitcoin::Version version(std::uint64_t nonce = 77) {
    bitcoin::Version version;
    version.protocol_version = 70016;
    version.services = 0x409;
    version.unix_time = kUnixEpochSeconds;
    version.nonce = nonce;
    version.user_agent = "/scripted/";
    version.start_height = 0;
    return version;
  }

  [[nodiscard]] Protocol& protocol() override { return protocol_; }
  void on_start(Context& context) override {
    started_ = true;
    for (const Endpoint& endpoint : dials_) context.connect(endpoint);
    run_script(context);
  }
  [[nodiscard]] Admission on_connect_request(Context&, const Endpoint&) override { return Admission::accept; }
  void on_connected(Context& context, ConnectionSlot slot, Direction direction, const Endpoint&) override {
    happened_.push_back({context.now(), "connected"});
    if (manners_ == Manners::polite && direction == Direction::outbound) say(context, slot, own_version());
    inbound_[slot] = direction == Direction::inbound;
  }
  void on_connect_failed(Context& context, ConnectionSlot, ConnectFailure failure) override {
    happened_.push_back({context.now(), failure == ConnectFailure::refused ? "refused" : "timed out"});
  }
  void on_message(Context& context, ConnectionSlot slot, const MessageRef& message) override {
    const Payload& payload = static_cast<const bitcoin::BitcoinMessage&>(*message).payload();
    heard_.push_back({context.now(), slot, payload});
    if (manners_ == Manners::mute) return;
    if (std::holds_alternative<bitcoin::Version>(payload)) {
      if (inbound_[slot]) say(context, slot, own_version());
      if (speaks_wtxid_) say(context, slot, bitcoin::WtxidRelay{});
      say(context, slot, bitcoin::Verack{});
    }
    if (const auto* request = std::get_if<bitcoin::GetData>(&payload)) serve(context, slot, *request);
    if (const auto* inv = std::get_if<bitcoin::Inv>(&payload); inv != nullptr && asks_for_transactions_)
      ask(context, slot, *inv);
    if (const auto* ping = std::get_if<bitcoin::Ping>(&payload); ping != nullptr && answers_pings_)
      say(context, slot, bitcoin::Pong{ping->nonce});
    if (std::holds_alternative<bitcoin::GetHeaders>(payload)) say(context, slot, bitcoin::Headers{});
  }
  void on_closed(Context& context, ConnectionSlot, CloseReason) override {
    happened_.push_back({context.now(), "closed"});
  }
  void on_timer(Context& context, TimerSlot) override { run_script(context); }

 private:
  void say(Context& context, ConnectionSlot slot, const Payload& payload) {
    if (!was_closed()) context.send(slot, protocol_.make(payload));
  }
  [[nodiscard]] bitcoin::Version own_version() const {
    bitcoin::Version mine = version();
    mine.relay = relay_;
    return mine;
  }
  void serve(Context& context, ConnectionSlot slot, const bitcoin::GetData& request) {
    for (const bitcoin::InventoryVector& entry : request.inventory)
      for (const chain::TransactionPointer& transaction : transactions_)
        if (transaction->txid() == entry.hash || transaction->wtxid() == entry.hash)
          say(context, slot, bitcoin::TxMessage{transaction});
  }
  void ask(Context& context, ConnectionSlot slot, const bitcoin::Inv& inv) {
    bitcoin::GetData request;
    for (bitcoin::InventoryVector entry : inv.inventory) {
      if (entry.type == bitcoin::InventoryType::tx) entry.type = bitcoin::InventoryType::witness_tx;
      if (entry.type != bitcoin::InventoryType::block) request.inventory.push_back(entry);
    }
    if (!request.inventory.empty()) say(context, slot, request);
  }
  void run_script(Context& context) {
    while (!script_.empty() && script_.begin()->first <= context.now()) {
      const Action action = std::move(script_.begin()->second);
      script_.erase(script_.begin());
      action(context);
    }
    if (!script_.empty()) context.set_timer(0, script_.begin()->first);
  }

  BitcoinProtocol& protocol_;
  Manners manners_;
  std::vector<Endpoint> dials_;
  std::multimap<SimTime, Action> script_;
  std::vector<Heard> heard_;
  std::vector<Happened> happened_;
  std::map<ConnectionSlot, bool> inbound_;
  bool answers_pings_ = true;
  bool speaks_wtxid_ = false;
  bool asks_for_transactions_ = false;
  bitcoin::RelayField relay_ = bitcoin::RelayField::yes;
  std::vector<chain::TransactionPointer> transactions_;
  bool started_ = false;
};

struct Seen {
  SimTime time;
  std::string node;
  Observation observation;
};

// How the messages of a story travel.
enum class StoryWire : std::uint8_t { values, bytes };

class BitcoinStory {
 public:
  // A premined chain of 101 blocks or more has `spendable_outputs` to spend.
  explicit BitcoinStory(std::uint32_t premined_blocks = 20, Duration delay = milliseconds(kDelayMs),
                        std::uint32_t spendable_outputs = 0, StoryWire wire = StoryWire::values,
                        chain::SpendForm form = chain::SpendForm::p2wsh,
                        const chain::ChainParams& params = chain::regtest_params())
      : protocol_(params, premined_blocks, spendable_outputs, form), delay_(delay) {
    options_.horizon = hours(2);
    options_.wire_bytes = wire == StoryWire::bytes;
  }

  // Nodes and peers are added before anything runs.
  BitcoinNode& node(const std::string& name, const std::vector<std::string>& dials = {},
                    const BitcoinParameters& parameters = {}, const bitcoin::MinerSettings& mining = {},
                    bitcoin::TransactionSourceSettings source = {}, bitcoin::PeerSupply supply = {}) {
    std::vector<Endpoint> endpoints;
    for (const std::string& peer : dials) endpoints.push_back(endpoint(peer));
    auto made = std::make_unique<BitcoinNode>(protocol_, std::make_shared<const BitcoinParameters>(parameters),
                                              std::move(endpoints), mining, std::move(source), std::move(supply));
    BitcoinNode& reference = *made;
    add(name, std::move(made));
    return reference;
  }
  ScriptedPeer& peer(const std::string& name, const std::vector<std::string>& dials = {},
                     ScriptedPeer::Manners manners = ScriptedPeer::Manners::polite) {
    auto made = std::make_unique<ScriptedPeer>(protocol_, manners);
    for (const std::string& other : dials) made->dials(endpoint(other));
    ScriptedPeer& reference = *made;
    add(name, std::move(made));
    return reference;
  }
  [[nodiscard]] static Endpoint endpoint(const std::string& name) {
    return ipv4_endpoint(0x0a000000u | static_cast<std::uint32_t>(fingerprint_text(name) & 0xffffff), 18444);
  }

  void run_until(SimTime time) {
    if (simulation_ == nullptr) build();
    simulation_->run_until(time);
  }
  [[nodiscard]] Simulation& simulation() { return *simulation_; }
  [[nodiscard]] BitcoinProtocol& protocol() { return protocol_; }

  // What `node` observed of a kind.
  [[nodiscard]] std::vector<Seen> seen(const std::string& node, ObservationKind kind) const {
    std::vector<Seen> list;
    for (const Seen& entry : probe_.seen_)
      if (entry.node == node && entry.observation.kind == kind) list.push_back(entry);
    return list;
  }
  // Reasons for which `node` disconnected peers.
  [[nodiscard]] std::vector<Misbehaviour> verdicts(const std::string& node) const {
    std::vector<Misbehaviour> list;
    for (const Seen& entry : seen(node, bitcoin::observed::kPeerMisbehaved))
      list.push_back(static_cast<Misbehaviour>(entry.observation.value));
    return list;
  }
  // When `node` first observed that kind of that block, or transaction; -1 ms: never.
  [[nodiscard]] SimTime when(const std::string& node, ObservationKind kind, const BlockPointer& block) const {
    return when(node, kind, block->hash());
  }
  [[nodiscard]] SimTime when(const std::string& node, ObservationKind kind,
                             const chain::TransactionPointer& transaction) const {
    return when(node, kind, transaction->wtxid());
  }
  [[nodiscard]] SimTime when(const std::string& node, ObservationKind kind, const Hash256& hash) const {
    for (const Seen& entry : seen(node, kind))
      if (entry.observation.object == chain::short_id64(hash)) return entry.time;
    return at_ms(-1);
  }

  // The premined tip, as a block.
  [[nodiscard]] BlockPointer tip() { return protocol_.index()[protocol_.premined_tip()].body; }
  // Blocks on top of `parent`, oldest first, which no node knows.
  [[nodiscard]] std::vector<BlockPointer> chain_on(BlockPointer parent, std::size_t count, std::uint64_t tag = 1) {
    std::vector<BlockPointer> blocks;
    for (std::size_t i = 0; i < count; ++i) {
      parent = make_block(parent, height_of(parent) + 1, tag * 100'000 + i, {});
      blocks.push_back(parent);
    }
    return blocks;
  }
  [[nodiscard]] BlockPointer block_on(const BlockPointer& parent, std::uint64_t tag = 1) {
    return chain_on(parent, 1, tag)[0];
  }
  // A block with these transactions, whose fees it leaves to nobody.
  [[nodiscard]] BlockPointer block_with(const BlockPointer& parent, std::vector<chain::TransactionPointer> transactions,
                                        std::uint64_t tag = 1) {
    return make_block(parent, height_of(parent) + 1, tag * 100'000, std::move(transactions));
  }
  [[nodiscard]] std::int32_t height_of(const BlockPointer& block) {
    const auto found = heights_.find(block->hash());
    return found != heights_.end() ? found->second : protocol_.index()[protocol_.index().find(block->hash())].height;
  }

 private:
  class StoryProbe final : public Probe {
   public:
    void on_observation(SimTime now, NodeId node, const Observation& observation) override {
      seen_.push_back({now, world_->name(node), observation});
    }
    const World* world_ = nullptr;
    std::vector<Seen> seen_;
  };

  void add(const std::string& name, std::unique_ptr<Node> node) {
    specs_.push_back({name, endpoint(name), 0, {}});
    nodes_.push_back(std::move(node));
  }
  void build() {
    const Seeds seeds(1);
    simulation_ =
        std::make_unique<Simulation>(seeds, options_, World(seeds, specs_, std::make_unique<ConstantPath>(delay_)));
    probe_.world_ = &simulation_->world();
    for (std::size_t position = 0; position < nodes_.size(); ++position)
      simulation_->install(simulation_->world().node_at(position), std::move(nodes_[position]));
    simulation_->add_probe(0, probe_);
  }
  BlockPointer make_block(const BlockPointer& parent, std::int32_t height, std::uint64_t tag,
                          std::vector<chain::TransactionPointer> transactions) {
    chain::BlockPlan plan;
    plan.parent = parent->hash();
    plan.height = height;
    plan.unix_time = parent->header().unix_time + 1;
    plan.bits = parent->header().bits;
    plan.tag = tag;
    plan.transactions = std::move(transactions);
    plan.least_stripped_bytes = 300;
    BlockPointer block = chain::assemble_block(protocol_.params(), plan);
    heights_[block->hash()] = height;
    return block;
  }

  BitcoinProtocol protocol_;
  Duration delay_;
  SimulationOptions options_;
  std::vector<NodeSpec> specs_;
  std::vector<std::unique_ptr<Node>> nodes_;
  StoryProbe probe_;
  std::unique_ptr<Simulation> simulation_;
  std::map<Hash256, std::int32_t> heights_;
};

inline bitcoin::Headers headers_of(const std::vector<BlockPointer>& blocks) {
  bitcoin::Headers message;
  for (const BlockPointer& block : blocks) message.headers.push_back(block->header());
  return message;
}
inline bitcoin::Inv inv_of(const BlockPointer& block) {
  return {{{bitcoin::InventoryType::block, block->hash()}}};
}
inline std::vector<Hash256> hashes_of(const bitcoin::GetData& message) {
  std::vector<Hash256> hashes;
  for (const auto& entry : message.inventory) hashes.push_back(entry.hash);
  return hashes;
}
inline std::vector<Hash256> hashes_of(const std::vector<BlockPointer>& blocks, std::size_t from, std::size_t to) {
  std::vector<Hash256> hashes;
  for (std::size_t i = from; i < to; ++i) hashes.push_back(blocks[i]->hash());
  return hashes;
}

// The same header and transactions but for one thing, solved again where the header changed.
inline BlockPointer with_header(const BlockPointer& block, const std::function<void(chain::BlockHeader&)>& change) {
  chain::BlockHeader header = block->header();
  change(header);
  REQUIRE(chain::solve(header) == chain::Solution::found);
  return std::make_shared<const chain::Block>(header, block->transactions());
}
// A header whose hash is above its target.
inline chain::BlockHeader unsolved(chain::BlockHeader header) {
  const auto target = chain::target_of(header.bits);
  REQUIRE(target.has_value());
  while (chain::meets_target(header.hash(), *target)) ++header.nonce;
  return header;
}

}  // namespace hearsay::test
