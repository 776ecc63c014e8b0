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

Duration transmission_time(const NodeRecord& hot, std::uint64_t bytes) {
  return {static_cast<std::int64_t>((bytes * hot.uplink_ps_per_byte + 999) / 1000)};
}

std::uint32_t tcp_ip_bytes(const Message& message) {
  return (message.stream_bytes() + kSegmentBytes - 1) / kSegmentBytes * kTcpIpHeaderBytes;
}

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
    case EventKind::reset:
    case EventKind::timer:
    case EventKind::connect_timeout:
      break;
  }
  SIM_CHECK(kind == EventKind::reset, "a node's own events are not transmitted");
  return TcpStep::reset;
}

}  // namespace

SimTime Rank::leave_uplink(NodeRecord& hot, std::uint64_t bytes) {
  if (hot.uplink_ps_per_byte == 0) return now_;
  hot.uplink_free = std::max(now_, hot.uplink_free) + transmission_time(hot, bytes);
  return hot.uplink_free;
}

void Rank::transmit(NodeId self, ConnectionHalf& half, EventKind kind, SimTime departure, const Message* message) {
  half.last_arrival = std::max(departure + half.delay, half.last_arrival);  // a stream keeps its order
  if (tap_ != nullptr) [[unlikely]]
    tell_tap(self, half, kind, departure, message);
  const std::uint32_t sequence = take_sequence(self);
  const bool set_up = message != nullptr && message->type() == kSetUpType;
  const bool as_value = message == nullptr || set_up || !options_.wire_bytes;
  if (owns(half.peer) && as_value) [[likely]] {
    const std::uint32_t place = message == nullptr ? 0 : messages_.hold(*message);
    return queue_.emplace(half.last_arrival, half.peer, self, sequence, half.peer_half, place, kind,
                          half.peer_generation);
  }
  Crossing crossing{
      {half.last_arrival, half.peer, self, sequence, half.peer_half, 0, kind, half.peer_generation}, 0, {}};
  if (message != nullptr) {
    crossing.carries = set_up ? kSetUpType : kWireBytesType;
    crossing.bytes.reserve(message->stream_bytes());
    message->encode(crossing.bytes);
    SIM_CHECK(set_up || crossing.bytes.size() == message->stream_bytes(), "a message encodes to the size it promised");
  }
  if (owns(half.peer)) return receive(std::move(crossing));
  outbox_.push_back(std::move(crossing));
}

void Rank::tell_tap(NodeId self, const ConnectionHalf& half, EventKind kind, SimTime departure,
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
  const std::uint64_t bytes =
      message == nullptr ? kTcpIpHeaderBytes : std::uint64_t{message->stream_bytes()} + tcp_ip_bytes(*message);
  told.starts = departure - transmission_time(record(self), bytes);
  told.departs = departure;
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

void Rank::send(NodeId self, ConnectionSlot slot, const MessageRef& message) {
  const HalfIndex index = half_at(self, slot);
  if (first_send_) halves_.prefetch_block(index);  // a node that sends to one peer often sends to most
  first_send_ = false;
  ConnectionHalf& half = halves_[index];
  SIM_CHECK(half.state == HalfState::open, "messages go out on open connections only");
  SIM_CHECK(message->type() < traffic_.size(), "protocol numbers are 0 to 15");
  const std::uint32_t tcp_ip = tcp_ip_bytes(*message);
  Traffic& traffic = traffic_[message->type()];
  ++traffic.messages;
  traffic.payload_bytes += message->payload_bytes();
  traffic.header_bytes += message->header_bytes();
  traffic.tcp_ip_bytes += tcp_ip;
  ++counters_.sent;
  transmit(self, half, EventKind::message, leave_uplink(record(self), message->stream_bytes() + tcp_ip), message.get());
}

void Rank::send_control(NodeId self, ConnectionHalf& half, EventKind kind, const Message* message) {
  ++traffic_[0].messages;
  traffic_[0].tcp_ip_bytes += kTcpIpHeaderBytes;
  transmit(self, half, kind, leave_uplink(record(self), kTcpIpHeaderBytes), message);
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
    const SetUp set_up{half.connection, world_.host(self).endpoint, index, half.generation};
    send_control(self, half, EventKind::connect_request, make_message<SetUpMessage>(set_up).get());
  } else if (tap_ != nullptr) {
    tell_tap_of_dial_to_nobody(self, half, endpoint);
  }
  queue_.emplace(now_ + kDialTimeout, self, self, take_sequence(self), index, 0, EventKind::connect_timeout,
                 half.generation);
  return slot;
}

void Rank::handle_connect_request(const Event& event) {
  const NodeId self = event.destination;
  const MessageRef message = messages_.take(event.payload);
  const SetUp& theirs = static_cast<const SetUpMessage&>(*message).set_up();
  const Presence presence = extra(self).presence;
  if (presence == Presence::vanished || presence == Presence::unborn) return;  // the dial will time out
  RankContext context(*this, self);
  if (presence == Presence::stopped || record(self).node->on_connect_request(context, theirs.from) == Admission::refuse)
    return answer_reset(self, event.source, theirs, EventKind::connect_refuse);
  const HalfIndex index = take_half(self);
  ConnectionHalf& half = halves_[index];
  half.connection = theirs.connection;
  half.peer = event.source;
  half.peer_half = theirs.half;
  half.peer_generation = theirs.generation & kGenerationMask;
  half.state = HalfState::accepting;
  half.delay = std::max(world_.propagation(self, event.source, half.connection), options_.minimum_latency);
  const SetUp ours{half.connection, world_.host(self).endpoint, index, half.generation};
  send_control(self, half, EventKind::connect_accept, make_message<SetUpMessage>(ours).get());
}

void Rank::handle_connect_accept(const Event& event) {
  const NodeId self = event.destination;
  const MessageRef message = messages_.take(event.payload);
  const SetUp& theirs = static_cast<const SetUpMessage&>(*message).set_up();
  ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation || half.state != HalfState::dialling) {
    if (extra(self).presence != Presence::vanished) answer_reset(self, event.source, theirs, EventKind::reset);
    return;
  }
  half.peer_half = theirs.half;
  half.peer_generation = theirs.generation & kGenerationMask;
  half.state = HalfState::open;
  send_control(self, half, EventKind::connect_confirm);
  RankContext context(*this, self);
  record(self).node->on_connected(context, half.slot, Direction::outbound, theirs.from);
}

void Rank::handle_connect_confirm(const Event& event) {
  ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation) return;
  if (half.state != HalfState::accepting) return answer_from_tombstone(event.destination, event.target);
  half.state = HalfState::open;
  RankContext context(*this, event.destination);
  const Endpoint& peer = world_.host(event.source).endpoint;
  record(event.destination).node->on_connected(context, half.slot, Direction::inbound, peer);
}

void Rank::handle_connect_failed(const Event& event, ConnectFailure failure) {
  const ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation || half.state != HalfState::dialling) {
    --counters_.events;  // the timeout of a dial that was answered
    return;
  }
  const ConnectionSlot slot = half.slot;
  halves_.release(event.target);
  RankContext context(*this, event.destination);
  record(event.destination).node->on_connect_failed(context, slot, failure);
}

void Rank::handle_closed(const Event& event, CloseReason reason) {
  const NodeId self = event.destination;
  ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation) return;
  if (half.state == HalfState::tombstone && reason == CloseReason::finished)
    return answer_from_tombstone(self, event.target);
  const ConnectionSlot slot = half.slot;
  const bool was_open = half.state == HalfState::open;
  if (was_open && reason == CloseReason::finished) send_control(self, half, EventKind::finish);
  halves_.release(event.target);
  if (!was_open) return;
  RankContext context(*this, self);
  record(self).node->on_closed(context, slot, reason);
}

void Rank::close(NodeId self, ConnectionSlot slot) {
  const HalfIndex index = half_at(self, slot);
  ConnectionHalf& half = halves_[index];
  SIM_CHECK(half.state == HalfState::open, "only an open connection can be closed");
  send_control(self, half, EventKind::finish);
  half.state = HalfState::closing;
}

void Rank::reset(NodeId self, ConnectionSlot slot) {
  const HalfIndex index = half_at(self, slot);
  ConnectionHalf& half = halves_[index];
  SIM_CHECK(half.state == HalfState::open, "only an open connection can be reset");
  send_control(self, half, EventKind::reset);
  halves_.release(index);
}

void Rank::answer_reset(NodeId self, NodeId peer, const SetUp& theirs, EventKind kind) {
  ConnectionHalf unknown;
  unknown.peer = peer;
  unknown.peer_half = theirs.half;
  unknown.peer_generation = theirs.generation & kGenerationMask;
  unknown.connection = theirs.connection;
  unknown.initiator = kind == EventKind::reset ? 1 : 0;  // the answer to a SYN-ACK; else to a SYN
  unknown.delay = std::max(world_.propagation(self, peer, theirs.connection), options_.minimum_latency);
  send_control(self, unknown, kind);
}

void Rank::answer_from_tombstone(NodeId self, HalfIndex index) {
  ConnectionHalf& half = halves_[index];
  if (half.state != HalfState::tombstone || extra(self).presence == Presence::vanished) return;
  send_control(self, half, EventKind::reset);
  halves_.release(index);
}

}  // namespace hearsay
