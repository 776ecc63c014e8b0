// The part of a rank that puts bytes on the wire: small messages at once, large ones as quanta that the uplink serves
// in turn.
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
  const bool plain = half.flow == kNoFlow || is_plain(flows_[half.flow]);
  if (!plain || bytes > small_bytes_) [[unlikely]]
    return enqueue(self, index, kind, message);
  if (!rules_.empty()) [[unlikely]] {
    const Judged judged = judge_stream(self, half, message);
    if (judged.fate == StreamFate::Kind::hold) {
      enqueue(self, index, kind, message);
      return;
    }
    if (judged.fate == StreamFate::Kind::reset) return reset_both(self, index, message == nullptr ? 0 : 1);
    const Leaving leaving = leave_small(record(self), half, bytes);
    return transmit(self, half, kind, {leaving.starts, leaving.departs, leaving.beyond + judged.delay},
                    judged.replaces ? judged.replacement.get() : message.get());
  }
  transmit(self, half, kind, leave_small(record(self), half, bytes), message.get());
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

Flow& Rank::flow_of(HalfIndex index) {
  ConnectionHalf& half = halves_[index];
  if (half.flow == kNoFlow) {
    half.flow = flows_.add(RandomStream(seeds_, SeedDomain::world, segment_loss_, StableId{half.send_key()}));
    Flow& flow = flows_[half.flow];
    const Duration back =
        std::max(world_.propagation(half.peer, half.owner, half.connection), options_.minimum_latency);
    const std::uint32_t slowest = std::max(record(half.owner).uplink_ps_per_byte, half.peer_downlink_ps);
    flow.round_trip = half.delay + back + link_time(kFullSegmentBytes, slowest);
    flow.loss = world_.loss(half.owner, half.peer).fraction;
  }
  return flows_[half.flow];
}

CongestionPath Rank::congestion_path(const ConnectionHalf& half, const Flow& flow) const {
  const TransportParameters& transport = options_.transport;
  CongestionPath path;
  path.round_trip = flow.round_trip;
  const std::uint32_t slowest = std::max(records_[half.owner - first_].uplink_ps_per_byte, half.peer_downlink_ps);
  path.segment_picoseconds = std::int64_t{slowest} * kFullSegmentBytes;
  path.queue_segments = static_cast<std::uint32_t>(transport.queue_segments);
  path.window_limit = static_cast<std::uint32_t>(transport.socket_buffer.bytes / kSegmentBytes);
  path.loss = flow.loss;
  path.control = transport.congestion;
  return path;
}

bool Rank::is_plain(const Flow& flow) {
  return flow.queue.empty() && !flow.scheduled && !flow.no_credit && flow.loss == 0.0;
}

void Rank::enqueue(NodeId self, HalfIndex index, EventKind kind, const MessageRef& message) {
  Flow& flow = flow_of(index);
  if (message != nullptr) flow.queued_bytes += message->stream_bytes();
  flow.queue.push({kind, message});
  if (flow.scheduled || flow.no_credit || flow.held) return;
  schedule(self, index);
  serve_uplink(self);
}

// How many segments of the stream follow the next `segments`; enough to tell of a loss are as good as all.
std::uint32_t Rank::behind(const Flow& flow, std::uint32_t segments) {
  std::uint32_t count = flow.segments_left - segments;
  if (count < kDuplicateThreshold && flow.queue.size() > 1) count += static_cast<std::uint32_t>(flow.queue.size() - 1);
  return count;
}

// Asks the window when the next quantum of the first message may leave, and queues the flow for that.
void Rank::schedule(NodeId self, HalfIndex index) {
  const ConnectionHalf& half = halves_[index];
  Flow& flow = flows_[half.flow];
  if (flow.segments_left == 0) {
    const Message* message = flow.queue.front().message.get();
    flow.segments_left = message == nullptr ? 1 : std::max(1u, segments_of(message->stream_bytes()));
    flow.quantum_segments = quantum_segments(flow.segments_left);
  }
  const std::uint32_t segments = std::min(flow.segments_left, flow.quantum_segments);
  const WindowOpening opening = flow.window.admit(std::max(now_, flow.sent_until), segments,
                                                  congestion_path(half, flow), flow.losses, behind(flow, segments));
  flow.ready = opening.start;
  flow.repair = opening.repair;
  std::unique_ptr<UplinkQueue>& uplink = extra(self).uplink;
  if (uplink == nullptr) uplink = std::make_unique<UplinkQueue>();
  // Small messages that wait at this instant go first; later ones pass the large ones, but not these.
  if (uplink->active == 0) uplink->small_free = record(self).uplink_free;
  if (!flow.scheduled) ++uplink->active;
  flow.scheduled = true;
  record(self).bulk_leaves = 1;
  uplink->enter(flow.ready, index, half.generation);
}

void Rank::unschedule(NodeId self, Flow& flow) {
  if (!flow.scheduled) return;
  flow.scheduled = false;
  if (--extra(self).uplink->active == 0) record(self).bulk_leaves = 0;
}

// Lets the uplink serve whoever is ready, until it is busy or nobody is.
void Rank::serve_uplink(NodeId self) {
  UplinkQueue& uplink = *extra(self).uplink;
  while (!uplink.serving) {
    UplinkQueue::Entry next;
    if (!uplink.pop_ready(now_, next)) {
      if (uplink.next_ready() != SimTime::max()) arm_uplink(self, uplink.next_ready());
      return;
    }
    const ConnectionHalf& half = halves_[next.half];
    if (half.generation != next.generation || half.flow == kNoFlow) continue;  // it ended meanwhile
    Flow& flow = flows_[half.flow];
    if (flow.no_credit || flow.held)
      unschedule(self, flow);
    else
      leave_quantum(self, next.half);
  }
}

void Rank::arm_uplink(NodeId self, SimTime time) {
  UplinkQueue& uplink = *extra(self).uplink;
  if (uplink.event == time) return;
  uplink.event = time;
  queue_.emplace(time, self, self, take_sequence(self), 0, 0, EventKind::uplink, 0);
}

void Rank::handle_uplink(const Event& event) {
  UplinkQueue& uplink = *extra(event.destination).uplink;
  if (uplink.event != event.time) {  // an earlier one took its place
    --counters_.events;
    return;
  }
  uplink.event = SimTime{};
  if (uplink.serving) {
    uplink.serving = false;
    after_quantum(event.destination, uplink.served, uplink.served_generation);
  }
  serve_uplink(event.destination);
}

void Rank::leave_quantum(NodeId self, HalfIndex index) {
  NodeRecord& hot = record(self);
  ConnectionHalf& half = halves_[index];
  Flow& flow = flows_[half.flow];
  MessageRef message = flow.queue.front().message;
  Duration delay;
  if (!rules_.empty()) [[unlikely]] {
    const Judged judged = judge_stream(self, half, message);
    if (judged.fate == StreamFate::Kind::hold) return hold(self, index);
    if (judged.fate == StreamFate::Kind::reset) return reset_both(self, index, 0);
    delay = judged.delay;
    if (judged.replaces) message = flow.queue.front().message = judged.replacement;
  }
  const std::uint32_t stream = message == nullptr ? 0 : message->stream_bytes();
  const std::uint32_t whole = message == nullptr ? 1 : std::max(1u, segments_of(stream));
  const std::uint32_t segments = std::min(flow.segments_left, flow.quantum_segments);
  const std::uint32_t before = whole - flow.segments_left;
  const bool last = segments == flow.segments_left;
  const std::uint32_t payload = (last ? stream : (before + segments) * kSegmentBytes) - before * kSegmentBytes;
  const std::uint64_t bytes = std::uint64_t{payload} + std::uint64_t{segments} * kTcpIpHeaderBytes;

  Leaving leaving;
  leaving.starts = std::max({now_, hot.uplink_free, flow.ready});
  flow.window.postpone(leaving.starts - flow.ready);
  leaving.departs = leaving.starts + link_time(bytes, hot.uplink_ps_per_byte);
  leaving.beyond = beyond_uplink(bytes, hot.uplink_ps_per_byte, half.peer_downlink_ps) + flow.repair + delay;
  const std::uint32_t slowest = std::max(hot.uplink_ps_per_byte, half.peer_downlink_ps);
  flow.sent_until = leaving.starts + link_time(bytes, slowest);
  if (hot.uplink_ps_per_byte != 0) hot.uplink_free = leaving.departs;
  leaving.offset = before * kSegmentBytes;
  leaving.bytes = payload;
  flow.segments_left -= segments;
  if (last) {
    const EventKind kind = flow.queue.pop().kind;
    if (message != nullptr) flow.queued_bytes -= stream;
    transmit(self, half, kind, leaving, message.get());
    if (!flow.inbox.empty()) wake(self);  // its peer may be heard again
  } else {
    transmit_part(self, half, leaving, static_cast<std::uint32_t>(bytes), *message);
  }
  UplinkQueue& uplink = *extra(self).uplink;
  if (hot.uplink_ps_per_byte == 0) return after_quantum(self, index, half.generation);
  uplink.serving = true;
  uplink.served = index;
  uplink.served_generation = half.generation;
  arm_uplink(self, leaving.departs);
}

void Rank::after_quantum(NodeId self, HalfIndex index, std::uint32_t generation) {
  const ConnectionHalf& half = halves_[index];
  if (half.generation != generation || half.flow == kNoFlow) return;
  Flow& flow = flows_[half.flow];
  if (flow.queue.empty() || flow.no_credit || flow.held) return unschedule(self, flow);
  schedule(self, index);
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

// False: it got lost.
bool Rank::send_control(NodeId self, ConnectionHalf& half, EventKind kind, const Message* message) {
  ++traffic_[0].messages;
  traffic_[0].tcp_ip_bytes += kTcpIpHeaderBytes;
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
  if (kind == EventKind::finish) half.finish_waits = 0;
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
