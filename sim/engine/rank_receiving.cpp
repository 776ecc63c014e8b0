// The part of a rank between a host's downlink and its node: what queues at the downlink, and what waits until the
// node's one message thread is free.
#include <algorithm>

#include "sim/core/check.hpp"
#include "sim/engine/link_time.hpp"
#include "sim/engine/rank.hpp"
#include "sim/engine/rank_context.hpp"
#include "sim/engine/wire.hpp"

namespace hearsay {

namespace {

// The wire bytes of the last part of a message (all of a small one).
std::uint64_t last_part_bytes(const Message& message) {
  const std::uint32_t stream = message.stream_bytes();
  if (stream <= kSegmentBytes) return std::uint64_t{stream} + kTcpIpHeaderBytes;
  const std::uint32_t segments = std::max(1u, segments_of(stream));
  const std::uint32_t quantum = quantum_segments(segments);
  const std::uint32_t before = (segments - 1) / quantum * quantum;
  return std::uint64_t{stream - before * kSegmentBytes} + std::uint64_t{segments - before} * kTcpIpHeaderBytes;
}

}  // namespace

void Rank::handle_message(const Event& event) {
  MessageRef message = messages_.take(event.payload);
  const ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation || half.state != HalfState::open) [[unlikely]]
    return meet_closed_half(event);
  if (record(event.destination).downlink_ps_per_byte != 0 || half.flow != kNoFlow) {
    const SimTime done = pass_downlink(event.destination, event.target, *message);
    if (done > now_) {
      Flow& flow = flow_of(event.target);
      ++flow.deferred;
      flow.last_delivery = done;
      queue_.emplace(done, event.destination, event.destination, take_sequence(event.destination), event.target,
                     messages_.hold(*message), EventKind::delivery, event.generation);
      return;
    }
  }
  deliver(event.destination, event.target, std::move(message));
}

void Rank::handle_delivery(const Event& event) {
  MessageRef message = messages_.take(event.payload);
  const ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation || half.state != HalfState::open) [[unlikely]]
    return meet_closed_half(event);
  Flow& flow = flows_[half.flow];
  --flow.deferred;
  if (flow.deferred == 0 && !flow.large_begun) end_bulk(event.destination, flow);
  deliver(event.destination, event.target, std::move(message));
}

void Rank::meet_closed_half(const Event& event) {
  ++counters_.dropped;
  if (halves_[event.target].generation == event.generation) answer_from_tombstone(event.destination, event.target);
}

// When the message, whose last byte arrives now, is through the downlink. Its sender has counted the time that it takes
// on an idle downlink; here it waits for what other senders have sent.
SimTime Rank::pass_downlink(NodeId self, HalfIndex index, const Message& message) {
  NodeRecord& hot = record(self);
  ConnectionHalf& half = halves_[index];
  SimTime done = now_;
  if (hot.downlink_ps_per_byte != 0) {
    if (options_.transport.model == TransportModel::serial) [[unlikely]] {
      const std::uint32_t bytes = link_bytes(message);
      if (options_.transport.serial_rate == SerialRate::both_ends && !passes_queues(bytes)) {
        const SimTime starts = std::max(hot.downlink_free, now_);
        done = starts + link_time(bytes, std::max(hot.downlink_ps_per_byte,
                                                  picoseconds_per_byte(world_.host(half.peer).uplink)));
        hot.downlink_free = starts + link_time(bytes, hot.downlink_ps_per_byte);
      }
    } else {
      const Duration takes = link_time(last_part_bytes(message), hot.downlink_ps_per_byte);
      const bool small = segments_of(message.stream_bytes()) <= kInitialWindow;
      const bool behind_bulk = half.flow != kNoFlow && flows_[half.flow].counted_as_bulk;
      if (hot.bulk_arrives && small && !behind_bulk) {
        done = pass_between_bulk(self, takes);
      } else {
        done = hot.downlink_free = std::max(hot.downlink_free + takes, now_);
      }
    }
  }
  if (half.flow == kNoFlow) return done;
  Flow& flow = flows_[half.flow];
  flow.large_begun = false;  // a large message has ended, if one had begun
  if (flow.deferred > 0) done = std::max({done, flow.last_delivery, now_ + nanoseconds(1)});
  if (flow.deferred == 0 && done == now_) end_bulk(self, flow);
  return done;
}

// Large messages queue at their senders, not here: a small one waits for a segment of each of them, and for the small
// ones before it. The parts of large ones after it are later by its bytes (one of them is on its way through the link
// now, although it is counted when its last byte arrives: the link is not idle).
SimTime Rank::pass_between_bulk(NodeId self, Duration takes) {
  NodeRecord& hot = record(self);
  NodeExtra& rest = extra(self);
  hot.downlink_free = hot.downlink_free + takes;
  const std::uint64_t segments = std::uint64_t{rest.bulk_arriving} * kFullSegmentBytes;
  rest.small_through = std::max(now_ + link_time(segments, hot.downlink_ps_per_byte), rest.small_through + takes);
  return rest.small_through;
}

// No large message of this connection is on its way through the downlink any more.
void Rank::end_bulk(NodeId self, Flow& flow) {
  flow.large_begun = false;
  if (!flow.counted_as_bulk) return;
  flow.counted_as_bulk = false;
  if (--extra(self).bulk_arriving == 0) record(self).bulk_arrives = 0;
}

void Rank::handle_quantum(const Event& event) {
  const ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation) return;
  if (half.state != HalfState::open) return answer_from_tombstone(event.destination, event.target);
  NodeRecord& hot = record(event.destination);
  if (hot.downlink_ps_per_byte == 0) return;
  NodeExtra& rest = extra(event.destination);
  if (!hot.bulk_arrives) rest.small_through = hot.downlink_free;  // all that waits is small
  hot.downlink_free = std::max(hot.downlink_free + link_time(event.payload, hot.downlink_ps_per_byte), now_);
  Flow& flow = flow_of(event.target);
  flow.large_begun = true;
  if (flow.counted_as_bulk) return;
  flow.counted_as_bulk = true;
  hot.bulk_arrives = 1;
  ++rest.bulk_arriving;
}

void Rank::deliver(NodeId self, HalfIndex index, MessageRef&& message) {
  const ConnectionHalf& half = halves_[index];
  const bool waits = record(self).busy_until > now_ ||
                     (half.flow != kNoFlow && (!flows_[half.flow].inbox.empty() || is_deaf(flows_[half.flow])));
  if (waits) [[unlikely]]
    return put_into_inbox(self, index, std::move(message));
  hand_over(self, index, std::move(message));
}

// Bitcoin Core takes no message from a peer to which too much waits to be sent (fPauseSend, net.cpp).
bool Rank::is_deaf(const Flow& flow) const {
  return flow.queued_bytes > static_cast<std::uint64_t>(options_.transport.send_buffer.bytes);
}

void Rank::hand_over(NodeId self, HalfIndex index, MessageRef&& message) {
  NodeRecord& receiver = record(self);
  ConnectionHalf& half = halves_[index];
  if (message->type() == kWireBytesType)
    message = receiver.node->protocol().decode(static_cast<const WireBytes&>(*message).bytes());
  ++counters_.delivered;
  half.heard = fold_stream(half.heard, message->content_id());
  const auto type_and_size = static_cast<std::uint64_t>(message->type()) << 32 | message->stream_bytes();
  fold(receiver, fingerprint(half.receive_key(), now_.ns, type_and_size, message->content_id()));
  RankContext context(*this, self);
  receiver.node->on_message(context, half.slot, message);
}

void Rank::put_into_inbox(NodeId self, HalfIndex index, MessageRef&& message) {
  Flow& flow = flow_of(index);
  if (flow.inbox.empty()) thread_of(self).inboxes.push_back(index);
  flow.inbox_bytes += message->stream_bytes();
  flow.inbox.push(std::move(message));
  if (!flow.credit_withdrawn &&
      flow.inbox_bytes > static_cast<std::uint64_t>(options_.transport.receive_buffer.bytes)) {
    flow.credit_withdrawn = true;
    send_note(self, halves_[index], EventKind::withdraw_credit);
  }
  wake(self);
}

// Part of an acknowledgement, or bookkeeping of the engine: costs nothing.
void Rank::send_note(NodeId self, const ConnectionHalf& half, EventKind kind) {
  const Event event{now_ + half.delay, half.peer, self, take_sequence(self),
                    half.peer_half,    0,         kind, half.peer_generation};
  if (owns(half.peer)) return queue_.push(event);
  outbox_.push_back({event, 0, {}});
}

void Rank::handle_credit(const Event& event) {
  ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation || (half.state != HalfState::open && half.state != HalfState::closing))
    return;
  Flow& flow = flow_of(event.target);
  flow.no_credit = event.kind == EventKind::withdraw_credit;
  if (flow.no_credit || flow.queue.empty() || flow.scheduled || flow.held) return;
  schedule(event.destination, event.target);
  serve_uplink(event.destination);
}

}  // namespace hearsay
