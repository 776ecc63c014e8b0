#include "models/protocols/bitcoin/bitcoin_node.hpp"

#include <algorithm>

#include "sim/core/check.hpp"

namespace hearsay::bitcoin {

namespace {

// MIN_PEER_PROTO_VERSION, Bitcoin Core node/protocol_version.h.
constexpr std::int32_t kMinimumProtocolVersion = 31800;
// NODE_NETWORK | NODE_NETWORK_LIMITED, NODE_WITNESS, NODE_BLOOM; Bitcoin Core protocol.h.
constexpr std::uint64_t kServices = 0x401;
constexpr std::uint64_t kWitnessService = 0x8;
constexpr std::uint64_t kBloomService = 0x4;

BlockRelay relay_named(const std::string& name) {
  if (name == "inv") return BlockRelay::inv;
  if (name == "push") return BlockRelay::push;
  SIM_CHECK(name == "headers", "block_relay is headers, inv or push");
  return BlockRelay::headers;
}

}  // namespace

BitcoinNode::BitcoinNode(BitcoinProtocol& protocol, std::shared_ptr<const BitcoinParameters> parameters,
                         std::vector<Endpoint> dials, const MinerSettings& mining, TransactionSourceSettings source,
                         PeerSupply supply)
    : protocol_(protocol),
      parameters_(std::move(parameters)),
      thread_(parameters_->validation),
      relay_(relay_named(parameters_->block_relay)),
      tree_(protocol.ledger(), protocol.premined_tip()),
      download_(static_cast<std::size_t>(parameters_->blocks_in_flight_per_peer)),
      miner_(mining),
      source_(std::move(source)),
      reconnection_({parameters_->reconnect ? Reconnect::when_missing : Reconnect::never, parameters_->reconnect_delay,
                     kReconnectionTimer},
                    std::move(dials), std::move(supply)) {}

void BitcoinNode::on_start(Context& context) {
  peers_.clear();
  ready_.clear();
  download_.clear();
  pings_.clear();
  fee_filters_.clear();
  announced_.clear();
  inbound_ = 0;
  thread_.start(context);
  if (!nonces_) nonces_ = context.stream(SeedDomain::world, Purpose("bitcoin nonce"));
  version_nonce_ = (*nonces_)();
  reconnection_.start(context);
  transactions_ = std::make_unique<TransactionState>(protocol_, *parameters_, context);
  if (miner_.active()) {
    miner_.restart();
    refresh_template(context);
    arm_mining(context);
  }
  if (source_.active()) {
    source_.start(context);
    if (const SimTime next = source_.next(context); next != SimTime::max()) context.set_timer(kSourceTimer, next);
  }
}

Admission BitcoinNode::on_connect_request(Context&, const Endpoint&) {
  return inbound_ < parameters_->inbound_slots ? Admission::accept : Admission::refuse;
}

void BitcoinNode::on_connected(Context& context, ConnectionSlot slot, Direction direction, const Endpoint& endpoint) {
  if (slot >= peers_.size()) peers_.resize(slot + 1);
  // More peers may have been let in than there are slots while their connections were being set up.
  if (direction == Direction::inbound && inbound_ >= parameters_->inbound_slots) return context.close(slot);
  Peer& peer = peers_[slot] = Peer{};
  reconnection_.connected(context, slot, endpoint, direction);
  peer.endpoint = endpoint;
  peer.direction = direction;
  peer.stamp = peer.ping_stamp = next_stamp_++;
  if (direction == Direction::inbound) ++inbound_;
  if (direction == Direction::outbound) send_version(context, slot);
}

void BitcoinNode::on_closed(Context& context, ConnectionSlot slot, CloseReason) {
  forget(context, slot);
}

void BitcoinNode::forget(Context& context, ConnectionSlot slot) {
  if (peers_[slot].direction == Direction::inbound) --inbound_;
  ready_.erase(slot);
  forget_transaction_peer(context, slot);
  peers_[slot] = Peer{};
  download_.forget_peer(slot);
  reconnection_.ended(context, slot);
  // What was asked of this peer can be asked of others.
  ready_.for_each([&](ConnectionSlot other) { request_blocks(context, other); });
}

void BitcoinNode::disconnect(Context& context, ConnectionSlot slot, Misbehaviour reason) {
  context.observe({observed::kPeerMisbehaved, 0, static_cast<std::int64_t>(reason)});
  reconnection_.discourage(slot);
  context.close(slot);
  forget(context, slot);
}

void BitcoinNode::on_timer(Context& context, TimerSlot timer) {
  if (timer == kPingTimer) ping_due_peers(context);
  if (timer == kMiningTimer) mine_block(context);
  if (timer == kMiningTimer) arm_mining(context);
  if (timer == kTemplateTimer) refresh_template(context);
  if (timer == kRequestTimer) request_transactions(context);
  if (timer == kTrickleTimer) announce_transactions(context);
  if (timer == kOrphanTimer) sweep_orphans(context);
  if (timer == kFeeFilterTimer) tell_due_fee_filters(context);
  if (timer == kSourceTimer) send_own_transaction(context);
  if (timer == kReconnectionTimer) reconnection_.on_timer(context);
}

void BitcoinNode::on_message(Context& context, ConnectionSlot slot, const MessageRef& message) {
  spend(context, Work::other, thread_.cost().of_message());
  dispatch(context, slot, static_cast<const BitcoinMessage&>(*message).payload());
}

// Before the handshake is complete, only its own messages count (ProcessMessage, Bitcoin Core net_processing.cpp).
void BitcoinNode::dispatch(Context& context, ConnectionSlot slot, const Payload& payload) {
  const Peer& peer = peers_[slot];
  const MessageType type = type_of(payload);
  if (type != MessageType::raw) {
    if (!peer.version_received && type != MessageType::version) return;
    const bool negotiates =
        type == MessageType::version || type == MessageType::verack || type == MessageType::wtxid_relay;
    if (!peer.ready && !negotiates) return;
  }
  std::visit([&](const auto& typed) { on(context, slot, typed); }, payload);
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const Raw& message) {
  Interpretation meaning = interpret(message, &protocol_.bodies());
  if (const Payload* payload = std::get_if<Payload>(&meaning)) {
    if (type_of(*payload) != MessageType::raw) dispatch(context, slot, *payload);
    return;  // an unknown command
  }
  const DecodeFailure failure = std::get<DecodeFailure>(meaning);
  if (failure == DecodeFailure::bad_magic || failure == DecodeFailure::oversize)
    disconnect(context, slot, Misbehaviour::stream_lost);
}

void BitcoinNode::send_version(Context& context, ConnectionSlot slot) {
  const Endpoint& peer = peers_[slot].endpoint;
  Version version;
  version.protocol_version = kProtocolVersion;
  const std::uint64_t services =
      kServices | (parameters_->witness ? kWitnessService : 0) | (parameters_->bloom_service ? kBloomService : 0);
  version.services = services;
  version.unix_time = unix_seconds(context.now());
  version.receiver = {services, peer.address, peer.port};
  version.sender = {services, {}, 0};  // Bitcoin Core tells its address by addr messages only
  version.nonce = version_nonce_;
  version.user_agent = parameters_->user_agent;
  version.start_height = index()[tree_.tip()].height;
  version.relay = parameters_->transaction_relay ? RelayField::yes : RelayField::no;
  send(context, slot, std::move(version));
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const Version& message) {
  Peer& peer = peers_[slot];
  if (peer.version_received) return;
  if (peer.direction == Direction::inbound && message.nonce == version_nonce_)
    return disconnect(context, slot, Misbehaviour::self_connection);
  if (message.protocol_version < kMinimumProtocolVersion)
    return disconnect(context, slot, Misbehaviour::obsolete_version);
  peer.version_received = true;
  peer.protocol_version = std::min(message.protocol_version, kProtocolVersion);
  peer.wants_transactions = message.wants_transactions();
  if (peer.direction == Direction::inbound) send_version(context, slot);
  if (parameters_->wtxid_relay && peer.protocol_version >= kWtxidRelayVersion) send(context, slot, WtxidRelay{});
  send(context, slot, Verack{});
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const Verack&) {
  if (peers_[slot].ready) return;
  peers_[slot].ready = true;
  reconnection_.shook_hands(slot);
  ready_.insert(slot);
  begin_relay(context, slot);
}

// In the order of SendMessages, Bitcoin Core net_processing.cpp. Headers are asked of every peer because the best
// header is less than a day old.
void BitcoinNode::begin_relay(Context& context, ConnectionSlot slot) {
  send_ping(context, slot);
  if (relay_ == BlockRelay::headers) send(context, slot, SendHeaders{});
  // From the parent of the best header, so that the answer is never empty.
  const chain::BlockRef best = tree_.best_header();
  send_getheaders(context, slot, index()[best].height == 0 ? best : index()[best].parent);
  begin_transaction_relay(context, slot);
}

void BitcoinNode::on(Context&, ConnectionSlot slot, const SendHeaders&) {
  peers_[slot].wants_headers = true;
}

void BitcoinNode::send_ping(Context& context, ConnectionSlot slot) {
  Peer& peer = peers_[slot];
  do {
    peer.ping_nonce = (*nonces_)();
  } while (peer.ping_nonce == 0);
  peer.ping_sent = context.now();
  send(context, slot, Ping{peer.ping_nonce});
  pings_.push({context.now() + std::min(parameters_->ping_interval, parameters_->ping_timeout), slot, peer.ping_stamp});
  context.set_timer(kPingTimer, pings_.next());
}

void BitcoinNode::ping_due_peers(Context& context) {
  Deadline due;
  while (pings_.pop_due(context.now(), due)) {
    const Peer& peer = peers_[due.connection];
    if (peer.ping_stamp != due.stamp) continue;
    const bool answered = peer.ping_nonce == 0;
    const SimTime next = peer.ping_sent + (answered ? parameters_->ping_interval : parameters_->ping_timeout);
    if (context.now() < next) {
      pings_.push({next, due.connection, due.stamp});
    } else if (answered) {
      send_ping(context, due.connection);
    } else {
      context.close(due.connection);
      forget(context, due.connection);
    }
  }
  if (!pings_.empty()) context.set_timer(kPingTimer, pings_.next());
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const Ping& message) {
  send(context, slot, Pong{message.nonce});
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const Pong& message) {
  Peer& peer = peers_[slot];
  if (peer.ping_nonce == 0 || message.nonce != peer.ping_nonce) return;
  peer.ping_nonce = 0;
  const Duration round_trip = context.now() - peer.ping_sent;
  if (round_trip < parameters_->ping_interval) return;
  peer.ping_stamp = next_stamp_++;  // the deadline of the late answer is void
  send_ping(context, slot);
}

}  // namespace hearsay::bitcoin
