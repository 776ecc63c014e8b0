// The part of a rank that opens, uses and closes connections.
#include <algorithm>

#include "sim/core/check.hpp"
#include "sim/engine/rank.hpp"
#include "sim/engine/rank_context.hpp"
#include "sim/engine/wire.hpp"

namespace hearsay {

HalfIndex Rank::half_at(NodeId self, ConnectionSlot slot) const {
  const NodeRecord& hot = records_[self - first_];
  SIM_CHECK(slot < hot.slots, "a connection slot that this node never had");
  const std::uint32_t block = slot / kHalvesPerBlock;
  const HalfIndex first =
      block < hot.near_blocks.size() ? hot.near_blocks[block] : extras_[self - first_].blocks[block];
  return first + slot % kHalvesPerBlock;
}

// Takes the lowest free slot. A slot is free when its half is: after a close, when the other end has closed too.
HalfIndex Rank::take_half(NodeId self) {
  NodeRecord& hot = record(self);
  ConnectionSlot slot = 0;
  while (slot < hot.slots && halves_[half_at(self, slot)].state != HalfState::free) ++slot;
  if (slot == hot.slots) {
    const std::uint32_t block = slot / kHalvesPerBlock;
    const HalfIndex first = halves_.add_block();
    if (block < hot.near_blocks.size()) hot.near_blocks[block] = first;
    extra(self).blocks.push_back(first);
    hot.slots += kHalvesPerBlock;
  }
  const HalfIndex index = half_at(self, slot);
  halves_[index].slot = slot;
  halves_[index].owner = self;
  return index;
}

namespace {

// A SYN-ACK is repeated five times: 1 + 2 + 4 + 8 + 16 + 32 s (tcp_synack_retries of Linux).
constexpr Duration kSynAckPatience = seconds(63);
constexpr Duration kSynRetransmission = seconds(1);  // RFC 6298, 2.1

TcpStep tcp_step(EventKind kind) {
  switch (kind) {
    case EventKind::message:
      return TcpStep::message;
    case EventKind::connect_request:
      return TcpStep::syn;
    case EventKind::connect_accept:
      return TcpStep::syn_ack;
    case EventKind::connect_confirm:
      return TcpStep::ack;
    case EventKind::connect_refuse:
      return TcpStep::refuse;
    case EventKind::finish:
      return TcpStep::finish;
    default:
      break;
  }
  SIM_CHECK(kind == EventKind::reset, "a node's own events are not transmitted");
  return TcpStep::reset;
}

}  // namespace

void Rank::tell_tap(NodeId self, const ConnectionHalf& half, EventKind kind, const Leaving& leaving,
                    const Message* message) {
  if (!tap_->taps(self) && !tap_->taps(half.peer)) return;
  Transmission told;
  told.connection = half.connection;
  told.from = self;
  told.to = half.peer;
  told.from_endpoint = world_.host(self).endpoint;
  told.to_endpoint = world_.host(half.peer).endpoint;
  told.sender = half.initiator != 0 ? ConnectionEnd::initiator : ConnectionEnd::responder;
  told.step = tcp_step(kind);
  if (told.step != TcpStep::message) message = nullptr;  // what the set-up carries is the engine's own
  told.offset = leaving.offset;
  if (message != nullptr) told.bytes = leaving.bytes == 0 ? message->stream_bytes() : leaving.bytes;
  told.starts = leaving.starts;
  told.departs = leaving.departs;
  told.arrives = half.last_arrival;
  tap_->on_transmission(told, message);
}

// Its SYN is charged to nobody: no answer ever depends on it.
void Rank::tell_tap_of_dial_to_nobody(NodeId self, const ConnectionHalf& half, const Endpoint& endpoint) {
  if (!tap_->taps(self)) return;
  Transmission told;
  told.connection = half.connection;
  told.from = self;
  told.from_endpoint = world_.host(self).endpoint;
  told.to_endpoint = endpoint;
  told.starts = told.departs = std::max(now_, record(self).uplink_free);
  tap_->on_transmission(told, nullptr);
}

std::uint32_t Rank::take_sequence(NodeId self) {
  std::uint32_t& next = record(self).next_sequence;
  SIM_CHECK(next < kTimerSequence, "a node sends at most 2^31 events in a run");
  return next++;
}

ConnectionSlot Rank::connect(NodeId self, const Endpoint& endpoint) {
  const HalfIndex index = take_half(self);
  ConnectionHalf& half = halves_[index];
  const ConnectionSlot slot = half.slot;
  half.connection = fingerprint(world_.host(self).id.value, extra(self).connections_dialled++);
  half.initiator = 1;
  half.state = HalfState::dialling;
  if (const auto peer = world_.owner(endpoint)) {
    half.peer = *peer;
    half.delay = std::max(world_.propagation(self, *peer, half.connection), options_.minimum_latency);
    send_syn(self, index);
    queue_.emplace(now_ + kSynRetransmission, self, self, take_sequence(self), index, 1, EventKind::dial_again,
                   half.generation);
  } else if (tap_ != nullptr) {
    tell_tap_of_dial_to_nobody(self, half, endpoint);
  }
  queue_.emplace(now_ + options_.transport.dial_timeout, self, self, take_sequence(self), index, 0,
                 EventKind::connect_timeout, half.generation);
  return slot;
}

void Rank::send_syn(NodeId self, HalfIndex index) {
  ConnectionHalf& half = halves_[index];
  const SetUp set_up{half.connection, world_.host(self).endpoint, index, half.generation,
                     record(self).downlink_ps_per_byte};
  send_control(self, half, EventKind::connect_request, make_message<SetUpMessage>(set_up).get());
}

void Rank::send_syn_ack(NodeId self, HalfIndex index) {
  ConnectionHalf& half = halves_[index];
  const SetUp set_up{half.connection, world_.host(self).endpoint, index, half.generation,
                     record(self).downlink_ps_per_byte};
  send_control(self, half, EventKind::connect_accept, make_message<SetUpMessage>(set_up).get());
}

// The SYN goes out again after 1, 3, 7 ... s (RFC 6298), until the dial is given up.
void Rank::handle_dial_again(const Event& event) {
  const NodeId self = event.destination;
  const ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation || half.state != HalfState::dialling) {
    --counters_.events;
    return;
  }
  send_syn(self, event.target);
  queue_.emplace(now_ + kSynRetransmission * (std::int64_t{1} << event.payload), self, self, take_sequence(self),
                 event.target, event.payload + 1, EventKind::dial_again, half.generation);
}

void Rank::handle_connect_request(const Event& event) {
  const NodeId self = event.destination;
  const MessageRef message = messages_.take(event.payload);
  const SetUp& theirs = static_cast<const SetUpMessage&>(*message).set_up();
  NodeExtra& rest = extra(self);
  if (rest.presence == Presence::vanished || rest.presence == Presence::unborn) return;  // the dial will time out
  if (const std::optional<HalfIndex> known = half_of(self, theirs.connection)) {         // the SYN was sent again
    if (halves_[*known].state == HalfState::accepting) send_syn_ack(self, *known);
    return;
  }
  if (rest.accepting >= static_cast<std::uint64_t>(options_.transport.backlog)) return;  // Linux drops the SYN
  RankContext context(*this, self);
  if (rest.presence == Presence::stopped ||
      record(self).node->on_connect_request(context, theirs.from) == Admission::refuse)
    return answer_reset(self, event.source, theirs, EventKind::connect_refuse);
  const HalfIndex index = take_half(self);
  ConnectionHalf& half = halves_[index];
  half.connection = theirs.connection;
  half.peer = event.source;
  learn(half, theirs);
  half.state = HalfState::accepting;
  half.unconfirmed = 1;
  ++rest.accepting;
  half.delay = std::max(world_.propagation(self, event.source, half.connection), options_.minimum_latency);
  send_syn_ack(self, index);
  queue_.emplace(now_ + kSynAckPatience, self, self, take_sequence(self), index, 0, EventKind::connect_timeout,
                 half.generation);
}

// What the set-up tells of the other end.
void Rank::learn(ConnectionHalf& half, const SetUp& theirs) {
  half.peer_half = theirs.half;
  half.peer_generation = theirs.generation & kGenerationMask;
  half.peer_downlink_ps = theirs.downlink_ps_per_byte;
}

// The half of this connection at this node: a SYN may come twice. Rare enough to look at all of them.
std::optional<HalfIndex> Rank::half_of(NodeId self, std::uint64_t connection) const {
  for (ConnectionSlot slot = 0; slot < records_[self - first_].slots; ++slot) {
    const HalfIndex index = half_at(self, slot);
    const ConnectionHalf& half = halves_[index];
    if (half.state != HalfState::free && half.initiator == 0 && half.connection == connection) return index;
  }
  return std::nullopt;
}

void Rank::handle_connect_accept(const Event& event) {
  const NodeId self = event.destination;
  const MessageRef message = messages_.take(event.payload);
  const SetUp& theirs = static_cast<const SetUpMessage&>(*message).set_up();
  ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation || half.state != HalfState::dialling) {
    if (half.generation == event.generation && half.connection == theirs.connection) return;  // the second answer
    if (extra(self).presence != Presence::vanished) return answer_reset(self, event.source, theirs, EventKind::reset);
    ConnectionHalf gone;
    gone.peer = event.source;
    gone.peer_half = theirs.half;
    gone.peer_generation = theirs.generation & kGenerationMask;
    return send_give_up(self, gone, kSynAckPatience);
  }
  learn(half, theirs);
  open(event.target);
  send_control(self, half, EventKind::connect_confirm);
  RankContext context(*this, self);
  record(self).node->on_connected(context, half.slot, Direction::outbound, theirs.from);
}

void Rank::handle_connect_confirm(const Event& event) {
  ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation) return;
  half.unconfirmed = 0;
  if (half.state != HalfState::accepting) return answer_from_tombstone(event.destination, event.target);
  --extra(event.destination).accepting;
  open(event.target);
  RankContext context(*this, event.destination);
  const Endpoint& peer = world_.host(event.source).endpoint;
  record(event.destination).node->on_connected(context, half.slot, Direction::inbound, peer);
}

void Rank::handle_connect_failed(const Event& event, ConnectFailure failure) {
  const ConnectionHalf& half = halves_[event.target];
  if (half.generation == event.generation && half.unconfirmed != 0) return release(event.target);
  if (half.generation != event.generation || half.state != HalfState::dialling) {
    --counters_.events;  // the timeout of a set-up that was completed
    return;
  }
  const ConnectionSlot slot = half.slot;
  release(event.target);
  RankContext context(*this, event.destination);
  record(event.destination).node->on_connect_failed(context, slot, failure);
}

void Rank::handle_closed(const Event& event, CloseReason reason) {
  const NodeId self = event.destination;
  ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation) return;
  if (half.state == HalfState::dialling)  // the answer to the dial was lost
    return handle_connect_failed(event, ConnectFailure::refused);
  if (half.state == HalfState::tombstone && reason == CloseReason::finished)
    return answer_from_tombstone(self, event.target);
  const ConnectionSlot slot = half.slot;
  const bool was_open = half.state == HalfState::open;
  if (was_open && half.flow != kNoFlow && flows_[half.flow].deferred > 0) {  // it is behind data in the downlink
    const SimTime after = std::max(flows_[half.flow].last_delivery, now_ + nanoseconds(1));
    return queue_.emplace(after, self, self, take_sequence(self), event.target, 0, event.kind, event.generation);
  }
  // Whatever is queued would be discarded at the other end; its FIN is answered at once.
  if ((was_open || half.finish_waits != 0) && reason == CloseReason::finished)
    send_control(self, half, EventKind::finish);
  release(event.target);
  if (!was_open) return;
  RankContext context(*this, self);
  record(self).node->on_closed(context, slot, reason);
}

void Rank::close(NodeId self, ConnectionSlot slot) {
  const HalfIndex index = half_at(self, slot);
  SIM_CHECK(halves_[index].state == HalfState::open, "only an open connection can be closed");
  begin_closing(index);
}

void Rank::open(HalfIndex index) {
  halves_[index].state = HalfState::open;
  ++connection_changes_;
  if (lossy_) flow_of(index);
}

void Rank::begin_closing(HalfIndex index) {
  ConnectionHalf& half = halves_[index];
  connection_changes_ += half.state == HalfState::open ? 1 : 0;
  half.state = HalfState::closing;
  stop_listening(index);
  finish(half.owner, index);
}

void Rank::finish(NodeId self, HalfIndex index) {
  halves_[index].finish_waits = 1;
  if (now_ != event_time_) return send_late(self, index, EventKind::finish, nullptr);
  send_now(self, index, EventKind::finish, nullptr);
}

void Rank::reset(NodeId self, ConnectionSlot slot) {
  const HalfIndex index = half_at(self, slot);
  ConnectionHalf& half = halves_[index];
  SIM_CHECK(half.state == HalfState::open, "only an open connection can be reset");
  if (send_control(self, half, EventKind::reset)) return release(index);
  bury(index);
}

void Rank::release(HalfIndex index) {
  if (halves_[index].state == HalfState::accepting) --extra(halves_[index].owner).accepting;
  connection_changes_ += halves_[index].state == HalfState::open ? 1 : 0;
  drop_flow(index);
  halves_.release(index);
}

void Rank::drop_flow(HalfIndex index) {
  ConnectionHalf& half = halves_[index];
  if (half.flow == kNoFlow) return;
  Flow& flow = flows_[half.flow];
  unschedule(half.owner, flow);
  flow.queue.for_each(
      [this](const Departing& departing) { counters_.dropped += departing.message == nullptr ? 0 : 1; });
  stop_listening(index);
  flows_.remove(half.flow);
  half.flow = kNoFlow;
}

// What arrives from now on is discarded, and so is what waits to be heard.
void Rank::stop_listening(HalfIndex index) {
  ConnectionHalf& half = halves_[index];
  if (half.flow == kNoFlow) return;
  Flow& flow = flows_[half.flow];
  end_bulk(half.owner, flow);
  // The peer may send again: with a window that stays shut it would never learn what became of this end.
  if (flow.credit_withdrawn) send_note(half.owner, half, EventKind::grant_credit);
  flow.credit_withdrawn = false;
  if (flow.inbox.empty()) return;
  counters_.dropped += flow.inbox.size();
  flow.inbox.clear();
  flow.inbox_bytes = 0;
  WaitingWork& thread = thread_of(half.owner);
  std::erase(thread.inboxes, index);
  std::erase(thread.pass, index);
}

void Rank::answer_reset(NodeId self, NodeId peer, const SetUp& theirs, EventKind kind) {
  ConnectionHalf unknown;
  unknown.owner = self;
  unknown.peer = peer;
  learn(unknown, theirs);
  unknown.connection = theirs.connection;
  unknown.initiator = kind == EventKind::reset ? 1 : 0;  // the answer to a SYN-ACK; else to a SYN
  unknown.delay = std::max(world_.propagation(self, peer, theirs.connection), options_.minimum_latency);
  send_control(self, unknown, kind);
}

}  // namespace hearsay
