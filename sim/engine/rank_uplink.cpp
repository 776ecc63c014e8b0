// The part of a rank that sends large messages: quanta that wait for the window of their connection, and that the
// uplink serves in turn.
#include <algorithm>

#include "sim/engine/link_time.hpp"
#include "sim/engine/rank.hpp"
#include "sim/engine/wire.hpp"

namespace hearsay {

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

CongestionPath Rank::congestion_path(const ConnectionHalf& half, const Flow& flow, double added_loss) const {
  const TransportParameters& transport = options_.transport;
  CongestionPath path;
  path.round_trip = flow.round_trip;
  const std::uint32_t slowest = std::max(records_[half.owner - first_].uplink_ps_per_byte, half.peer_downlink_ps);
  path.segment_picoseconds = std::int64_t{slowest} * kFullSegmentBytes;
  path.queue_segments = static_cast<std::uint32_t>(transport.queue_segments);
  path.window_limit = static_cast<std::uint32_t>(transport.socket_buffer.bytes / kSegmentBytes);
  path.loss = either(flow.loss, added_loss);
  path.control = transport.congestion;
  return path;
}

// Nothing waits on the connection, so a small message may leave at once.
bool Rank::is_plain(const Flow& flow) {
  return flow.queue.empty() && !flow.scheduled && !flow.no_credit;
}

// What a small message meets on a path that loses: later windows after a loss, and segments that are sent again.
void Rank::risk_losses(HalfIndex index, std::uint32_t segments, double added_loss, Leaving& leaving) {
  const ConnectionHalf& half = halves_[index];
  if (added_loss == 0.0 && (half.flow == kNoFlow || flows_[half.flow].loss == 0.0)) return;
  Flow& flow = flow_of(index);
  const SimTime ready = std::max(leaving.starts, flow.sent_until);
  const CongestionPath path = congestion_path(half, flow, added_loss);
  const WindowOpening opening = flow.window.admit(ready, segments, path, flow.losses, 0);
  const Duration wait = opening.start - leaving.starts;
  leaving.starts = opening.start;
  leaving.departs = leaving.departs + wait;
  leaving.beyond = leaving.beyond + opening.repair;
  flow.sent_until = leaving.departs;
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
  if (!flow.admitted) {  // else it was held up after the window had let it go
    const std::uint32_t segments = std::min(flow.segments_left, flow.quantum_segments);
    const double added_loss = rules_.empty() ? 0.0 : judge_stream(self, half, flow.queue.front().message).loss;
    const CongestionPath path = congestion_path(half, flow, added_loss);
    const WindowOpening opening =
        flow.window.admit(std::max(now_, flow.sent_until), segments, path, flow.losses, behind(flow, segments));
    flow.ready = opening.start;
    flow.repair = opening.repair;
    flow.admitted = true;
  }
  std::unique_ptr<UplinkQueue>& uplink = extra(self).uplink;
  if (uplink == nullptr) uplink = std::make_unique<UplinkQueue>();
  // Small messages that wait at this instant go first; later ones pass the large ones, but not these.
  if (uplink->active == 0) uplink->small_free = record(self).uplink_free;
  if (!flow.scheduled) ++uplink->active;
  flow.scheduled = true;
  record(self).bulk_leaves = 1;
  uplink->enter(std::max(flow.ready, now_), index, half.generation);
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
  flow.admitted = false;
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

}  // namespace hearsay
