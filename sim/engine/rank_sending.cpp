// The part of a rank that puts bytes on the wire. Small messages leave at once; large ones, and whatever queues behind
// one on its connection, by rank_uplink.cpp.
#include <algorithm>

#include "sim/core/check.hpp"
#include "sim/engine/link_time.hpp"
#include "sim/engine/rank.hpp"
#include "sim/engine/rank_context.hpp"
#include "sim/engine/wire.hpp"

namespace hearsay {

std::uint32_t tcp_ip_bytes(const Message& message) {
  return segments_of(message.stream_bytes()) * kTcpIpHeaderBytes;
}

// Part of every send, and used here alone.
[[gnu::always_inline]] inline SimTime Rank::arrival(NodeId self, ConnectionHalf& half, const Leaving& leaving) {
  Duration delay = half.delay;
  if (redraws_) [[unlikely]] {
    delay = world_.redrawn(self, half.peer, delay, {half.send_key(), half.sent});
    delay = std::max(delay, options_.minimum_latency);
  }
  ++half.sent;
  half.last_arrival =
      std::max(leaving.departs + leaving.beyond + delay, half.last_arrival);  // a stream keeps its order
  return half.last_arrival;
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
  const NodeRecord& hot = record(self);
  const bool at_once = half.flow == kNoFlow && hot.uplink_ps_per_byte == 0 && now_ == event_time_ && rules_.empty() &&
                       message->stream_bytes() + tcp_ip <= small_bytes_ &&
                       options_.transport.model == TransportModel::tcp;
  if (at_once) [[likely]] {
    const Duration beyond = beyond_uplink(message->stream_bytes() + tcp_ip, 0, half.peer_downlink_ps);
    return transmit(self, half, EventKind::message, {now_, now_, beyond}, message.get());
  }
  if (now_ != event_time_) [[unlikely]]
    return send_late(self, index, EventKind::message, message);
  send_now(self, index, EventKind::message, message);
}

// What a message takes on access links.
std::uint32_t Rank::link_bytes(const Message& message) const {
  const bool serial = options_.transport.model == TransportModel::serial;
  return message.stream_bytes() + (serial ? 0 : tcp_ip_bytes(message));
}

// FIN goes this way too: it leaves behind what the connection still has to send.
void Rank::send_now(NodeId self, HalfIndex index, EventKind kind, const MessageRef& message) {
  ConnectionHalf& half = halves_[index];
  const std::uint32_t bytes = message == nullptr ? kTcpIpHeaderBytes : link_bytes(*message);
  const std::uint32_t segments = message == nullptr ? 1 : std::max(1u, segments_of(message->stream_bytes()));
  const bool plain = half.flow == kNoFlow || is_plain(flows_[half.flow]);
  if (!plain || bytes > small_bytes_) [[unlikely]]
    return enqueue(self, index, kind, message);
  if (!rules_.empty()) [[unlikely]] {
    const Judged judged = judge_stream(self, half, message);
    if (judged.fate == StreamFate::Kind::hold) return enqueue(self, index, kind, message);
    if (judged.fate == StreamFate::Kind::reset) return reset_both(self, index, message == nullptr ? 0 : 1);
    Leaving leaving = leave_small(record(self), half, bytes);
    risk_losses(index, segments, judged.loss, leaving);
    leaving.beyond = leaving.beyond + judged.delay;
    return transmit(self, half, kind, leaving, judged.replaces ? judged.replacement.get() : message.get());
  }
  Leaving leaving = leave_small(record(self), half, bytes);
  risk_losses(index, segments, 0.0, leaving);
  transmit(self, half, kind, leaving, message.get());
}

Leaving Rank::leave_small(NodeRecord& hot, const ConnectionHalf& half, std::uint64_t bytes) {
  if (options_.transport.model == TransportModel::serial) [[unlikely]]
    return leave_serial(hot, half, bytes);
  Leaving leaving{now_, now_, beyond_uplink(bytes, hot.uplink_ps_per_byte, half.peer_downlink_ps)};
  if (hot.uplink_ps_per_byte == 0) return leaving;
  const Duration service = link_time(bytes, hot.uplink_ps_per_byte);
  if (now_ != event_time_) [[unlikely]] {  // later than this event: the uplink is not taken before then
    leaving.departs = now_ + service;
    return leaving;
  }
  if (hot.bulk_leaves && extra(half.owner).uplink->serving) [[unlikely]] {
    // Between the quanta: it waits for one segment of each large message under way, and the quanta after it are later.
    UplinkQueue& uplink = *extra(half.owner).uplink;
    const Duration turn = link_time(std::uint64_t{uplink.active} * kFullSegmentBytes, hot.uplink_ps_per_byte);
    leaving.starts = std::max(now_ + turn, uplink.small_free);
    uplink.small_free = leaving.departs = leaving.starts + service;
    hot.uplink_free = hot.uplink_free + service;
    return leaving;
  }
  leaving.starts = std::max(now_, hot.uplink_free);
  leaving.departs = hot.uplink_free = leaving.starts + service;
  if (hot.bulk_leaves) extra(half.owner).uplink->small_free = leaving.departs;
  return leaving;
}

// One message after another, whole: the transport of published simulators.
Leaving Rank::leave_serial(NodeRecord& hot, const ConnectionHalf& half, std::uint64_t bytes) const {
  const TransportParameters& transport = options_.transport;
  if (passes_queues(bytes)) return {now_, now_, transport.serial_pass_delay};
  std::uint32_t rate = hot.uplink_ps_per_byte;
  if (transport.serial_rate == SerialRate::narrower) rate = std::max(rate, half.peer_downlink_ps);
  if (rate == 0) return {now_, now_, {}};
  const SimTime starts = std::max(now_, hot.uplink_free);
  hot.uplink_free = starts + link_time(bytes, rate);
  // Of a message that the receiver's queue takes its time for, the first byte counts.
  const bool queued_there = transport.serial_rate == SerialRate::both_ends && half.peer_downlink_ps != 0;
  return {starts, queued_there ? starts : hot.uplink_free, {}};
}

// Rules are asked about what may get lost: the ACK that completes a set-up and the answer to a FIN would be sent again
// with whatever comes next.
Rank::Passes Rank::judge_control(NodeId self, const ConnectionHalf& half, EventKind kind) const {
  if (kind == EventKind::connect_confirm || kind == EventKind::finish) return {};
  if (kind == EventKind::reset) {
    const Judged judged = judge_stream(self, half, nullptr);
    return {judged.fate != StreamFate::Kind::hold, judged.delay};
  }
  const PacketFate fate = judge_packet(self, half.peer, nullptr, {half.send_key(), half.sent});
  return {fate.kind != PacketFate::Kind::drop, fate.delay};
}

// A segment without payload, in the traffic of the run.
void Rank::count_control() {
  ++traffic_[0].messages;
  traffic_[0].tcp_ip_bytes += kTcpIpHeaderBytes;
}

// False: it got lost.
bool Rank::send_control(NodeId self, ConnectionHalf& half, EventKind kind, const Message* message) {
  if (kind != EventKind::finish) count_control();  // a FIN counts when it leaves
  Leaving leaving = leave_small(record(self), half, kTcpIpHeaderBytes);
  Passes passes;
  if (!rules_.empty()) [[unlikely]]
    passes = judge_control(self, half, kind);
  const bool sent_again = kind == EventKind::connect_request || kind == EventKind::connect_accept;
  const bool lost = lossy_ && sent_again && is_lost(self, half.peer, {half.send_key(), half.sent});
  if (lost || !passes.yes) {
    ++half.sent;
    return false;
  }
  leaving.beyond = leaving.beyond + passes.delay;
  transmit(self, half, kind, leaving, message);
  return true;
}

bool Rank::is_lost(NodeId self, NodeId peer, const PathDraw& draw) const {
  const double loss = world_.loss(self, peer).fraction;
  return loss > 0.0 && uniform_share(random_bits(loss_key_, draw.stream, draw.number)) < loss;
}

void Rank::transmit_part(NodeId self, ConnectionHalf& half, const Leaving& leaving, std::uint32_t bytes,
                         const Message& message) {
  const SimTime arrives = arrival(self, half, leaving);
  if (tap_ != nullptr) [[unlikely]]
    tell_tap(self, half, EventKind::message, leaving, &message);
  const Event event{
      arrives, half.peer, self, take_sequence(self), half.peer_half, bytes, EventKind::quantum, half.peer_generation};
  if (owns(half.peer)) return queue_.push(event);
  outbox_.push_back({event, 0, {}});
}

void Rank::transmit(NodeId self, ConnectionHalf& half, EventKind kind, const Leaving& leaving, const Message* message) {
  if (kind == EventKind::message) half.said = fold_stream(half.said, message->content_id());
  if (kind == EventKind::finish) {
    half.finish_waits = 0;
    count_control();
  }
  arrival(self, half, leaving);
  if (next_waits_for_arrival_ && leaving.departs > leaving.starts) [[unlikely]]
    record(self).uplink_free = half.last_arrival;
  if (tap_ != nullptr) [[unlikely]]
    tell_tap(self, half, kind, leaving, message);
  const bool as_value = message == nullptr || !options_.wire_bytes || message->type() == kSetUpType;
  if (owns(half.peer) && as_value) [[likely]] {
    const std::uint32_t place = message == nullptr ? 0 : messages_.hold(*message);
    return queue_.emplace(half.last_arrival, half.peer, self, take_sequence(self), half.peer_half, place, kind,
                          half.peer_generation);
  }
  transmit_bytes(
      {half.last_arrival, half.peer, self, take_sequence(self), half.peer_half, 0, kind, half.peer_generation},
      message);
}

// To another rank, or in a run that carries every message as bytes.
void Rank::transmit_bytes(const Event& event, const Message* message) {
  Crossing crossing{event, 0, {}};
  if (message != nullptr) {
    const bool set_up = message->type() == kSetUpType;
    crossing.carries = set_up ? kSetUpType : kWireBytesType;
    crossing.bytes.reserve(message->stream_bytes());
    message->encode(crossing.bytes);
    SIM_CHECK(set_up || crossing.bytes.size() == message->stream_bytes(), "a message encodes to the size it promised");
  }
  if (owns(event.destination)) return receive(std::move(crossing));
  outbox_.push_back(std::move(crossing));
}

}  // namespace hearsay
