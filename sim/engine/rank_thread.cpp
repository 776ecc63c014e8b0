// The part of a rank that is the message thread of a node: while it is busy, messages, datagrams and due timers wait;
// when it is free again, due timers come first, then one message of each connection a pass.
#include <algorithm>

#include "sim/core/check.hpp"
#include "sim/engine/rank.hpp"
#include "sim/engine/rank_context.hpp"
#include "sim/engine/wire.hpp"

namespace hearsay {

namespace {

// net.core.rmem_default of Linux: what waits on a datagram socket.
constexpr std::uint64_t kDatagramBuffer = 212'992;

}  // namespace

WaitingWork& Rank::thread_of(NodeId self) {
  std::unique_ptr<WaitingWork>& thread = extra(self).thread;
  if (thread == nullptr) {
    thread = std::make_unique<WaitingWork>();
    thread->order.emplace(seeds_, SeedDomain::world, Purpose("order of connections"), world_.host(self).id);
  }
  return *thread;
}

// Sees to it that the thread goes on when it is next free.
void Rank::wake(NodeId self) {
  arm_resume(self, std::max(record(self).busy_until, event_time_ + nanoseconds(1)));
}

void Rank::arm_resume(NodeId self, SimTime time) {
  WaitingWork& thread = thread_of(self);
  if (thread.resume <= time) return;
  thread.resume = time;
  queue_.emplace(time, self, self, take_sequence(self), 0, 0, EventKind::resume, 0);
}

void Rank::handle_resume(const Event& event) {
  const NodeId self = event.destination;
  WaitingWork& thread = *extra(self).thread;
  if (thread.resume != event.time) {  // an earlier one took its place
    --counters_.events;
    return;
  }
  thread.resume = SimTime::max();
  leave_late(self, thread);
  const auto busy = [&] { return record(self).busy_until > event_time_; };
  if (extra(self).presence == Presence::online) {
    fire_due_timers(self);
    while (!busy() && !thread.datagrams.empty()) {
      const WaitingWork::Datagram datagram = thread.datagrams.pop();
      thread.datagram_bytes -= datagram.message->stream_bytes();
      hand_over_datagram(self, datagram.from, datagram.message);
    }
    while (!busy() && take_turn(self, thread)) {
    }
  }
  arm_next(self, thread);
}

void Rank::leave_late(NodeId self, WaitingWork& thread) {
  std::size_t done = 0;
  while (done < thread.late.size() && thread.late[done].time <= now_) {
    const WaitingWork::LateSend late = std::move(thread.late[done++]);
    const ConnectionHalf& half = halves_[late.half];
    const bool usable =
        half.generation == late.generation && (half.state == HalfState::open || half.state == HalfState::closing);
    if (usable)
      send_now(self, late.half, late.kind, late.message);
    else if (late.message != nullptr)
      ++counters_.dropped;
  }
  thread.late.erase(thread.late.begin(), thread.late.begin() + static_cast<std::ptrdiff_t>(done));
}

// One message of the next connection of the pass. A new pass takes every connection that has something, in an order
// drawn for it (Bitcoin Core shuffles, CConnman::ThreadMessageHandler). False: nobody may be heard.
bool Rank::take_turn(NodeId self, WaitingWork& thread) {
  const auto can_speak = [this](HalfIndex index) {
    const FlowIndex flow = halves_[index].flow;
    return flow != kNoFlow && !flows_[flow].inbox.empty() && !is_deaf(flows_[flow]);
  };
  while (!thread.pass.empty() && !can_speak(thread.pass.back())) thread.pass.pop_back();
  if (thread.pass.empty()) {
    for (const HalfIndex index : thread.inboxes)
      if (can_speak(index)) thread.pass.push_back(index);
    if (thread.pass.empty()) return false;
    thread.order->shuffle(thread.pass);
  }
  const HalfIndex index = thread.pass.back();
  thread.pass.pop_back();
  Flow& flow = flows_[halves_[index].flow];
  MessageRef message = flow.inbox.pop();
  if (flow.inbox.empty()) std::erase(thread.inboxes, index);
  flow.inbox_bytes -= message->stream_bytes();
  if (flow.credit_withdrawn &&
      flow.inbox_bytes <= static_cast<std::uint64_t>(options_.transport.receive_buffer.bytes)) {
    flow.credit_withdrawn = false;
    send_note(self, halves_[index], EventKind::grant_credit);
  }
  hand_over(self, index, std::move(message));
  return true;
}

void Rank::fire_due_timers(NodeId self) {
  NodeExtra& rest = extra(self);
  for (TimerSlot slot = 0; slot < kTimerSlots; ++slot) {
    TimerState& timer = rest.timers[slot];
    if (record(self).busy_until > event_time_) return;
    if (timer.deadline > event_time_) continue;
    timer.deadline = SimTime::max();
    timer.event = SimTime::max();  // it may be this very instant's
    RankContext context(*this, self);
    record(self).node->on_timer(context, slot);
  }
}

// The next instant at which something that waits can be done.
void Rank::arm_next(NodeId self, WaitingWork& thread) {
  SimTime next = SimTime::max();
  if (!thread.late.empty()) next = thread.late.front().time;
  const SimTime busy_until = record(self).busy_until;
  if (busy_until > event_time_) {
    bool waits = !thread.datagrams.empty() || !thread.inboxes.empty();
    for (const TimerState& timer : extra(self).timers)
      waits = waits || (timer.event == SimTime::max() && timer.deadline != SimTime::max());
    if (waits) next = std::min(next, busy_until);
  }
  if (next != SimTime::max()) arm_resume(self, next);
}

void Rank::spend(NodeId self, Duration busy) {
  SIM_CHECK(busy >= Duration{}, "a node spends no less than nothing");
  NodeRecord& hot = record(self);
  if (hot.slowed) [[unlikely]]
    busy = extra(self).slowness.of(busy);
  hot.busy_until = std::max(hot.busy_until, now_) + busy;
  now_ = hot.busy_until;
}

void Rank::slow(NodeId node, Factor slowness, SimTime now) {
  set_now(now);
  extra(node).slowness = Slowness(slowness);
  record(node).slowed = extra(node).slowness.is_usual() ? 0 : 1;
}

// A handler that has spent time goes on in the future: what it sends from then on leaves then.
void Rank::send_late(NodeId self, HalfIndex index, EventKind kind, const MessageRef& message) {
  WaitingWork& thread = thread_of(self);
  const auto after = std::upper_bound(thread.late.begin(), thread.late.end(), now_,
                                      [](SimTime time, const WaitingWork::LateSend& late) { return time < late.time; });
  thread.late.insert(after, {now_, index, halves_[index].generation, kind, message});
  arm_resume(self, now_);
}

// The process ends: what it had not handled and not sent yet is gone.
void Rank::clear_thread(NodeId self) {
  NodeExtra& rest = extra(self);
  if (rest.thread == nullptr) return;
  for (const WaitingWork::LateSend& late : rest.thread->late) {
    if (late.message != nullptr)
      ++counters_.dropped;
    else if (halves_[late.half].generation == late.generation && halves_[late.half].state == HalfState::closing)
      send_now(self, late.half, EventKind::finish, nullptr);  // was closed before the process ended
  }
  counters_.dropped += rest.thread->datagrams.size();
  rest.thread->late.clear();
  rest.thread->datagrams.clear();
  rest.thread->datagram_bytes = 0;
}

// ---- datagrams

void Rank::send_datagram(NodeId self, const Endpoint& endpoint, const MessageRef& message) {
  SIM_CHECK(message->type() < traffic_.size(), "protocol numbers are 0 to 15");
  SIM_CHECK(message->stream_bytes() <= kSegmentBytes, "a datagram is at most one packet");
  Traffic& traffic = traffic_[message->type()];
  ++traffic.messages;
  traffic.payload_bytes += message->payload_bytes();
  traffic.header_bytes += message->header_bytes();
  traffic.tcp_ip_bytes += kUdpIpHeaderBytes;
  ++counters_.sent;
  const PathDraw draw{world_.host(self).id.value, extra(self).datagrams_sent++};
  const auto peer = world_.owner(endpoint);
  if (!peer) {
    ++counters_.dropped;
    return;
  }
  ConnectionHalf path;  // what a connection would know of the way there
  path.owner = self;
  path.peer = *peer;
  path.connection = fingerprint(world_.host(self).id.value, world_.host(*peer).id.value);
  const Leaving leaving = leave_small(record(self), path, message->stream_bytes() + kUdpIpHeaderBytes);
  Duration delay = world_.propagation(self, *peer, path.connection);
  if (redraws_) delay = world_.redrawn(self, *peer, delay, draw);
  delay = std::max(delay, options_.minimum_latency);
  bool lost = lossy_ && is_lost(self, *peer, draw);
  if (!rules_.empty()) {
    const PacketFate fate = judge_packet(self, *peer, message.get(), draw);
    lost = lost || fate.kind == PacketFate::Kind::drop;
    delay = delay + fate.delay;
  }
  if (lost) {
    ++counters_.dropped;
    return;
  }
  const SimTime arrives = leaving.departs + leaving.beyond + delay;
  if (owns(*peer) && !options_.wire_bytes)
    return queue_.emplace(arrives, *peer, self, take_sequence(self), 0, messages_.hold(*message), EventKind::datagram,
                          0);
  transmit_bytes({arrives, *peer, self, take_sequence(self), 0, 0, EventKind::datagram, 0}, message.get());
}

void Rank::handle_datagram(const Event& event) {
  const MessageRef message = messages_.take(event.payload);
  const NodeId self = event.destination;
  if (extra(self).presence != Presence::online) {
    ++counters_.dropped;
    return;
  }
  if (record(self).busy_until <= now_) return hand_over_datagram(self, event.source, message);
  WaitingWork& thread = thread_of(self);
  if (thread.datagram_bytes + message->stream_bytes() > kDatagramBuffer) {
    ++counters_.dropped;
    return;
  }
  thread.datagram_bytes += message->stream_bytes();
  thread.datagrams.push({event.source, message});
  wake(self);
}

void Rank::hand_over_datagram(NodeId self, NodeId from, MessageRef message) {
  NodeRecord& receiver = record(self);
  if (message->type() == kWireBytesType)
    message = receiver.node->protocol().decode(static_cast<const WireBytes&>(*message).bytes());
  ++counters_.delivered;
  const auto type_and_size = static_cast<std::uint64_t>(message->type()) << 32 | message->stream_bytes();
  fold(receiver, fingerprint(world_.host(from).id.value, now_.ns, type_and_size, message->content_id()));
  RankContext context(*this, self);
  receiver.node->on_datagram(context, world_.host(from).endpoint, message);
}

}  // namespace hearsay
