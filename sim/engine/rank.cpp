#include "sim/engine/rank.hpp"

#include <algorithm>

#include "sim/core/check.hpp"
#include "sim/engine/rank_context.hpp"
#include "sim/engine/wire.hpp"

namespace hearsay {

namespace {

constexpr std::size_t kMessageTypes = 0x1000;  // protocol numbers 0 to 15

}  // namespace

Rank::Rank(const World& world, const Seeds& seeds, const RankOptions& options, NodeId first, NodeId last)
    : world_(world),
      seeds_(seeds),
      options_(options),
      first_(first),
      loss_key_(random_bits(seeds[SeedDomain::world], Purpose("packet loss").id(), 0)),
      lossy_(world.lossy()),
      redraws_(world.redraws()) {
  const bool serial = options.transport.model == TransportModel::serial;
  small_bytes_ = serial ? 0xffffffff : kInitialWindow * kFullSegmentBytes;
  SIM_CHECK(!serial || !lossy_, "the serial transport of published simulators loses nothing");
  next_waits_for_arrival_ = serial && options.transport.serial_next == SerialNext::arrival;
  records_.resize(last - first);
  extras_.resize(last - first);
  traffic_.resize(kMessageTypes);
  slice_length_ = (options.horizon + nanoseconds(kDigestSlices - 1)) / static_cast<std::int64_t>(kDigestSlices);
  slice_end_ = SimTime{} + slice_length_;
  for (NodeId node = first; node < last; ++node) {
    record(node).uplink_ps_per_byte = picoseconds_per_byte(world.host(node).uplink);
    record(node).downlink_ps_per_byte = picoseconds_per_byte(world.host(node).downlink);
  }
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
  presence_log_.push_back({now, node, true});
  ++rest.incarnation;
  record(node).busy_until = now;
  answer_for_earlier_life(node);
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
    const bool lives = half.state == HalfState::open || half.state == HalfState::accepting ||
                       half.state == HalfState::dialling ||
                       (half.state == HalfState::closing && kind == StopKind::vanish);
    if (!lives) continue;
    if (half.state == HalfState::dialling) {
      release(index);  // the SYN-ACK will find nobody, and is answered by a reset
    } else if (half.state == HalfState::accepting && kind == StopKind::clean) {
      if (send_control(node, half, EventKind::reset))
        release(index);
      else
        bury(index);  // the reset is lost: the next contact is answered
    } else if (kind == StopKind::clean) {
      begin_closing(index);
    } else {
      bury(index);
    }
  }
  clear_thread(node);
  rest.timers.fill(TimerState{});
  presence_log_.push_back({now, node, false});
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
  event_time_ = now;
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
    case EventKind::quantum:
      return handle_quantum(event);
    case EventKind::datagram:
      return handle_datagram(event);
    case EventKind::delivery:
      return handle_delivery(event);
    case EventKind::uplink:
      return handle_uplink(event);
    case EventKind::resume:
      return handle_resume(event);
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
    case EventKind::dial_again:
      return handle_dial_again(event);
    case EventKind::finish:
      return handle_closed(event, CloseReason::finished);
    case EventKind::reset:
      return handle_closed(event, CloseReason::reset);
    case EventKind::withdraw_credit:
    case EventKind::grant_credit:
      return handle_credit(event);
    case EventKind::retransmit:
      return handle_retransmit(event);
    case EventKind::answer_late:
      return handle_answer_late(event);
    case EventKind::give_up:
      return handle_give_up(event);
    case EventKind::forgotten:
      return handle_forgotten(event);
    case EventKind::session:
      return handle_session(event);
  }
}

void Rank::handle_timer(const Event& event) {
  NodeRecord& owner = record(event.destination);
  NodeExtra& rest = extra(event.destination);
  TimerState& timer = rest.timers[event.target];
  if (timer.event != event.time || (rest.incarnation & kGenerationMask) != event.generation) {
    --counters_.events;
    return;
  }
  timer.event = SimTime::max();
  if (timer.deadline > now_) {  // moved or cancelled meanwhile
    --counters_.events;
    if (timer.deadline != SimTime::max()) set_timer(event.destination, event.target, timer.deadline);
    return;
  }
  if (owner.busy_until > now_) [[unlikely]] {  // due, but its turn comes when the thread is free
    --counters_.events;
    return wake(event.destination);
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
  const std::uint32_t incarnation = extra(self).incarnation;
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
  queue_.for_each([&count](const Event& event) {
    const bool message =
        event.kind == EventKind::message || event.kind == EventKind::delivery || event.kind == EventKind::datagram;
    count += message ? 1 : 0;
  });
  flows_.for_each([&count](const Flow& flow) {
    count += flow.inbox.size();
    flow.queue.for_each([&count](const Departing& departing) { count += departing.message == nullptr ? 0 : 1; });
  });
  for (const NodeExtra& rest : extras_) {
    if (rest.thread == nullptr) continue;
    count += rest.thread->datagrams.size();
    for (const WaitingWork::LateSend& late : rest.thread->late) count += late.message == nullptr ? 0 : 1;
  }
  return count;
}

void Rank::collect_connections(std::vector<OpenConnection>& connections) const {
  halves_.for_each_open([&connections](HalfIndex, const ConnectionHalf& half) {
    if (half.initiator != 0) connections.push_back({half.owner, half.peer});
  });
}

void Rank::collect_streams(std::map<std::uint64_t, std::uint16_t>& said,
                           std::map<std::uint64_t, std::uint16_t>& heard) {
  std::map<HalfIndex, std::vector<Event>> flying;
  queue_.for_each([&](const Event& event) {
    if (event.kind != EventKind::message && event.kind != EventKind::delivery) return;
    const ConnectionHalf& half = halves_[event.target];
    if (half.generation == event.generation && half.state == HalfState::open) flying[event.target].push_back(event);
  });
  halves_.for_each_open([&](HalfIndex index, const ConnectionHalf& half) {
    std::uint16_t stream = half.heard;
    const auto fold = [&](const Message& message) {
      if (message.type() != kWireBytesType)
        return static_cast<void>(stream = fold_stream(stream, message.content_id()));
      Protocol& protocol = record(half.owner).node->protocol();
      stream = fold_stream(stream, protocol.decode(static_cast<const WireBytes&>(message).bytes())->content_id());
    };
    if (half.flow != kNoFlow) flows_[half.flow].inbox.for_each([&](const MessageRef& message) { fold(*message); });
    if (const auto found = flying.find(index); found != flying.end()) {
      // What is through the downlink or on its way through it comes before what has not arrived yet.
      std::sort(found->second.begin(), found->second.end(), [](const Event& a, const Event& b) {
        if (a.kind != b.kind) return a.kind == EventKind::delivery;
        return before(a, b);
      });
      for (const Event& event : found->second) fold(messages_.look(event.payload));
    }
    said[half.send_key()] = half.said;
    heard[half.receive_key()] = stream;
  });
}

}  // namespace hearsay
