// The part of a rank that asks the delivery rules, and what they do to a connection.
#include <algorithm>

#include "sim/core/check.hpp"
#include "sim/core/planted_bug.hpp"
#include "sim/engine/rank.hpp"
#include "sim/engine/rank_context.hpp"
#include "sim/engine/retransmission.hpp"

namespace hearsay {

void Rank::add_rule(const DeliveryRule& rule) {
  SIM_CHECK(options_.transport.model == TransportModel::tcp, "the serial transport knows no delivery rules");
  rules_.push_back(&rule);
}

// The chance that at least one of two independent things happens. Exact where one of them is impossible.
double Rank::either(double a, double b) {
  if (a == 0.0) return b;
  if (b == 0.0) return a;
  return 1.0 - (1.0 - a) * (1.0 - b);
}

// The first rule that says anything but pass decides; delays and losses of rules before it add up.
Rank::Judged Rank::judge_stream(NodeId self, const ConnectionHalf& half, const MessageRef& message) const {
  Judged judged;
  const Message* present = message.get();
  for (const DeliveryRule* rule : rules_) {
    const StreamFate fate =
        rule->stream({now_, world_.host(self), world_.host(half.peer), present, PathDraw{half.send_key(), half.sent}});
    SIM_CHECK(fate.loss.fraction >= 0.0 && fate.loss.fraction < 1.0, "a delivery rule loses a share below one");
    judged.loss = either(judged.loss, fate.loss.fraction);
    switch (fate.kind) {
      case StreamFate::Kind::pass:
        break;
      case StreamFate::Kind::delay:
        SIM_CHECK(fate.delay >= Duration{}, "a delivery rule delays by no less than nothing");
        judged.delay = judged.delay + fate.delay;
        break;
      case StreamFate::Kind::replace:
        SIM_CHECK(present != nullptr && fate.replacement->stream_bytes() == present->stream_bytes(),
                  "a delivery rule replaces a message by one of the same length");
        judged.replaces = true;
        judged.replacement = fate.replacement;
        present = judged.replacement.get();
        break;
      case StreamFate::Kind::hold:
      case StreamFate::Kind::reset:
        judged.fate = fate.kind;
        return judged;
    }
  }
  return judged;
}

PacketFate Rank::judge_packet(NodeId self, NodeId peer, const Message* message, const PathDraw& draw) const {
  PacketFate sum;
  for (const DeliveryRule* rule : rules_) {
    const PacketFate fate = rule->packet({now_, world_.host(self), world_.host(peer), message, draw});
    if (fate.kind == PacketFate::Kind::drop) return fate;
    if (fate.kind == PacketFate::Kind::delay) sum.delay = sum.delay + fate.delay;
  }
  return sum;
}

// Nothing leaves on the connection until a retransmission passes.
void Rank::hold(NodeId self, HalfIndex index) {
  const ConnectionHalf& half = halves_[index];
  Flow& flow = flows_[half.flow];
  unschedule(self, flow);
  if (!flow.held) {
    flow.held = true;
    flow.held_since = now_;
    flow.retransmission = kFirstRetransmission;
  }
  const SimTime next = std::min(now_ + flow.retransmission, flow.held_since + options_.transport.give_up);
  queue_.emplace(next, self, self, take_sequence(self), index, 0, EventKind::retransmit, half.generation);
}

void Rank::handle_retransmit(const Event& event) {
  const NodeId self = event.destination;
  const ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation || half.flow == kNoFlow || !flows_[half.flow].held) {
    --counters_.events;
    return;
  }
  Flow& flow = flows_[half.flow];
  if (now_ - flow.held_since >= options_.transport.give_up) {
    const ConnectionSlot slot = half.slot;
    const bool was_open = half.state == HalfState::open;
    bury(event.target);
    return tell_of_give_up(self, slot, was_open);
  }
  const Judged judged = judge_stream(self, half, flow.queue.front().message);
  if (judged.fate != StreamFate::Kind::hold) {
    flow.held = false;
    if (kPlantedBug == PlantedBug::message_lost_on_hold) flow.queue.pop(), flow.segments_left = 0;
    if (kPlantedBug == PlantedBug::message_lost_on_hold && flow.queue.empty()) return;
    if (flow.no_credit) return;
    schedule(self, event.target);
    return serve_uplink(self);
  }
  flow.retransmission = std::min(flow.retransmission * 2, kLongestRetransmission);
  hold(self, event.target);
}

// The rule's reset reaches both ends: this one at once, the other with the latency of the path.
void Rank::reset_both(NodeId self, HalfIndex index, std::uint64_t messages_lost) {
  ConnectionHalf& half = halves_[index];
  counters_.dropped += messages_lost;
  if (half.flow != kNoFlow) unschedule(self, flows_[half.flow]);
  transmit(self, half, EventKind::reset, {now_, now_, {}}, nullptr);
  queue_.emplace(now_ + nanoseconds(1), self, self, take_sequence(self), index, 0, EventKind::reset, half.generation);
}

// No acknowledgement for too long: this end forgets the connection, the other is not told.
void Rank::tell_of_give_up(NodeId self, ConnectionSlot slot, bool was_open) {
  if (!was_open) return;
  RankContext context(*this, self);
  record(self).node->on_closed(context, slot, CloseReason::timed_out);
}

// The other host is silent, so it will not ask for this half either.
void Rank::handle_give_up(const Event& event) {
  const ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation) {
    --counters_.events;
    return;
  }
  const ConnectionSlot slot = half.slot;
  const bool was_open = half.state == HalfState::open;
  release(event.target);
  tell_of_give_up(event.destination, slot, was_open);
}

}  // namespace hearsay
