#include "sim/engine/rank.hpp"

#include <algorithm>

#include "sim/core/check.hpp"
#include "sim/engine/rank_context.hpp"
#include "sim/engine/wire.hpp"

namespace hearsay {

namespace {

// Picoseconds per byte, so that rates up to 8 Tbit/s are exact to the picosecond; rounded to the nearest.
std::uint32_t picoseconds_per_byte(BitRate rate) {
  if (rate.bits_per_second == 0) return 0;
  const std::int64_t picoseconds = (8'000'000'000'000 + rate.bits_per_second / 2) / rate.bits_per_second;
  SIM_CHECK(picoseconds > 0 && picoseconds < 0xffffffff, "an uplink is between 2 kbit/s and 8 Tbit/s");
  return static_cast<std::uint32_t>(picoseconds);
}

constexpr std::size_t kMessageTypes = 0x1000;  // protocol numbers 0 to 15

}  // namespace

Rank::Rank(const World& world, const Seeds& seeds, const RankOptions& options, NodeId first, NodeId last)
    : world_(world), seeds_(seeds), options_(options), first_(first) {
  records_.resize(last - first);
  extras_.resize(last - first);
  traffic_.resize(kMessageTypes);
  slice_length_ = (options.horizon + nanoseconds(kDigestSlices - 1)) / static_cast<std::int64_t>(kDigestSlices);
  slice_end_ = SimTime{} + slice_length_;
  for (NodeId node = first; node < last; ++node)
    record(node).uplink_ps_per_byte = picoseconds_per_byte(world.host(node).uplink);
}

Rank::~Rank() = default;

void Rank::install(NodeId node, std::unique_ptr<Node> object) {
  extra(node).node = std::move(object);
  record(node).node = extra(node).node.get();
}

bool Rank::complete() const {
  return std::all_of(records_.begin(), records_.end(), [](const NodeRecord& hot) { return hot.node != nullptr; });
}

void Rank::start(NodeId node, SimTime now) {
  set_now(now);
  NodeExtra& rest = extra(node);
  SIM_CHECK(rest.presence != Presence::online, "a node starts only when it is offline");
  rest.presence = Presence::online;
  ++record(node).incarnation;
  if (tap_ != nullptr) tap_->on_host(now, node, HostState::reachable);
  RankContext context(*this, node);
  record(node).node->on_start(context);
}

void Rank::stop(NodeId node, StopKind kind, SimTime now) {
  set_now(now);
  NodeRecord& hot = record(node);
  NodeExtra& rest = extra(node);
  SIM_CHECK(rest.presence == Presence::online, "a node stops only when it is online");
  for (ConnectionSlot slot = 0; slot < hot.slots; ++slot) {
    const HalfIndex index = half_at(node, slot);
    ConnectionHalf& half = halves_[index];
    if (half.state != HalfState::open && half.state != HalfState::accepting && half.state != HalfState::dialling)
      continue;
    if (half.state == HalfState::dialling) {
      halves_.release(index);  // the SYN-ACK will find nobody, and is answered by a reset
    } else if (kind == StopKind::clean) {
      send_control(node, half, EventKind::finish);
      half.state = HalfState::closing;
    } else {
      half.state = HalfState::tombstone;
    }
  }
  rest.timers.fill(TimerState{});
  rest.presence = kind == StopKind::vanish ? Presence::vanished : Presence::stopped;
  if (tap_ != nullptr && kind == StopKind::vanish) tap_->on_host(now, node, HostState::silent);
}

void Rank::run_until(SimTime limit) {
  Event event;
  try {
    while (queue_.pop_before(limit, event)) {
      prefetch_ahead();
      handle(event);
    }
  } catch (const CheckFailure& failure) {
    const std::string where = " at " + std::to_string(event.time.ns) + " ns, node " + world_.name(event.destination);
    throw CheckFailure(failure.what() + where);
  }
}

// State is fetched before it is needed, for many events at once, so that their misses overlap: first the lines whose
// place the event names, a batch later the node itself, whose place stands in the first of them.
void Rank::prefetch_ahead() {
  queue_.visit_near([this](int distance, const Event& event) {
    const NodeRecord& destination = records_[event.destination - first_];
    if (distance == 0) return touch(destination.node);
    touch(&destination);
    if (event.kind == EventKind::message) halves_.touch(event.target);
  });
}

void Rank::set_now(SimTime now) {
  now_ = now;
  while (now_ >= slice_end_ && slice_ + 1 < kDigestSlices) {
    ++slice_;
    slice_end_ = slice_end_ + slice_length_;
  }
}

void Rank::handle(const Event& event) {
  set_now(event.time);
  ++counters_.events;
  first_send_ = true;
  switch (event.kind) {
    case EventKind::message:
      return handle_message(event);
    case EventKind::timer:
      return handle_timer(event);
    case EventKind::connect_request:
      return handle_connect_request(event);
    case EventKind::connect_accept:
      return handle_connect_accept(event);
    case EventKind::connect_confirm:
      return handle_connect_confirm(event);
    case EventKind::connect_refuse:
      return handle_connect_failed(event, ConnectFailure::refused);
    case EventKind::connect_timeout:
      return handle_connect_failed(event, ConnectFailure::timed_out);
    case EventKind::finish:
      return handle_closed(event, CloseReason::finished);
    case EventKind::reset:
      return handle_closed(event, CloseReason::reset);
  }
}

void Rank::handle_message(const Event& event) {
  NodeRecord& receiver = record(event.destination);
  MessageRef message = messages_.take(event.payload);
  const ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation || half.state != HalfState::open) [[unlikely]] {
    ++counters_.dropped;
    if (half.generation == event.generation) answer_from_tombstone(event.destination, event.target);
    return;
  }
  if (message->type() == kWireBytesType)
    message = receiver.node->protocol().decode(static_cast<const WireBytes&>(*message).bytes());
  ++counters_.delivered;
  const auto type_and_size = static_cast<std::uint64_t>(message->type()) << 32 | message->stream_bytes();
  fold(receiver, fingerprint(half.receive_key(), now_.ns, type_and_size, message->content_id()));
  RankContext context(*this, event.destination);
  receiver.node->on_message(context, half.slot, message);
}

void Rank::handle_timer(const Event& event) {
  NodeRecord& owner = record(event.destination);
  TimerState& timer = extra(event.destination).timers[event.target];
  if (timer.event != event.time || (owner.incarnation & kGenerationMask) != event.generation) {
    --counters_.events;
    return;
  }
  timer.event = SimTime::max();
  if (timer.deadline > now_) {  // moved or cancelled meanwhile
    --counters_.events;
    if (timer.deadline != SimTime::max()) set_timer(event.destination, event.target, timer.deadline);
    return;
  }
  timer.deadline = SimTime::max();
  RankContext context(*this, event.destination);
  owner.node->on_timer(context, event.target);
}

void Rank::set_timer(NodeId self, TimerSlot slot, SimTime deadline) {
  SIM_CHECK(slot < kTimerSlots, "timer slots are 0 to kTimerSlots - 1");
  TimerState& timer = extra(self).timers[slot];
  timer.deadline = std::max(deadline, now_ + nanoseconds(1));
  if (timer.event <= timer.deadline) return;
  timer.event = timer.deadline;
  const std::uint32_t incarnation = record(self).incarnation;
  queue_.emplace(timer.event, self, self, kTimerSequence + slot, slot, 0, EventKind::timer, incarnation);
}

void Rank::cancel_timer(NodeId self, TimerSlot slot) {
  SIM_CHECK(slot < kTimerSlots, "timer slots are 0 to kTimerSlots - 1");
  extra(self).timers[slot].deadline = SimTime::max();
}

void Rank::observe(NodeId self, const Observation& observation) {
  fold(record(self),
       fingerprint(world_.host(self).id.value, now_.ns, observation.kind, observation.object, observation.value));
  for (Probe* probe : probes_) probe->on_observation(now_, self, observation);
}

void Rank::spend(NodeId, Duration busy) {
  now_ = now_ + busy;
}

void Rank::send_datagram(NodeId, const Endpoint&, const MessageRef&) {}

void Rank::fold(NodeRecord& target, std::uint64_t entry) {
  target.digest = fold_digest(target.digest, entry);
  slices_[slice_] += entry;
}

void Rank::receive(Crossing&& crossing) {
  if (crossing.carries == kSetUpType)
    crossing.event.payload = messages_.hold(*make_message<SetUpMessage>(std::span<const std::uint8_t>(crossing.bytes)));
  else if (crossing.carries == kWireBytesType)
    crossing.event.payload = messages_.hold(*make_message<WireBytes>(std::move(crossing.bytes)));
  queue_.push(crossing.event);
}

std::size_t Rank::messages_in_flight() const {
  std::size_t count = 0;
  queue_.for_each([&count](const Event& event) { count += event.kind == EventKind::message ? 1 : 0; });
  return count;
}

}  // namespace hearsay
