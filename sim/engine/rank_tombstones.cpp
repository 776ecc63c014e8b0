// The part of a rank that keeps what is left of a connection at an end that has forgotten it: after a crash, a
// vanishing, a reset that got lost, or when it gave up. Its host answers the peer by RST, at the next contact or
// retransmission.
#include <algorithm>

#include "sim/engine/rank.hpp"
#include "sim/engine/retransmission.hpp"

namespace hearsay {

// The node has forgotten the connection, and its peer does not know.
void Rank::bury(HalfIndex index) {
  ConnectionHalf& half = halves_[index];
  if (half.state == HalfState::accepting) --extra(half.owner).accepting;
  connection_changes_ += half.state == HalfState::open ? 1 : 0;
  drop_flow(index);
  half.state = HalfState::tombstone;
  half.last_arrival = SimTime{};  // from now on: when a peer first met it in vain
  send_note(half.owner, half, EventKind::forgotten);
}

void Rank::answer_from_tombstone(NodeId self, HalfIndex index) {
  ConnectionHalf& half = halves_[index];
  if (half.state != HalfState::tombstone) return;
  const bool answers = extra(self).presence != Presence::vanished;
  if (answers && send_control(self, half, EventKind::reset)) return release(index);
  if (half.last_arrival != SimTime{}) return;
  half.last_arrival = now_;
  send_give_up(self, half, options_.transport.give_up);
  if (answers) await_retransmission(self, index);
}

// Nobody acknowledges what the peer has sent: unless the host comes back in time, the peer gives up.
void Rank::send_give_up(NodeId self, const ConnectionHalf& half, Duration patience) {
  const Event event{now_ + patience,    half.peer,           self, take_sequence(self), half.peer_half, 0,
                    EventKind::give_up, half.peer_generation};
  if (owns(half.peer)) return queue_.push(event);
  outbox_.push_back({event, 0, {}});
}

// The peer sends again what was not answered: 1, 3, 7 ... s after the first contact, at most 120 s apart. When it has
// given up, nobody asks for this half any more.
void Rank::await_retransmission(NodeId self, HalfIndex index) {
  const ConnectionHalf& half = halves_[index];
  SimTime next = half.last_arrival;
  Duration timeout = kFirstRetransmission;
  while (next <= now_) {
    next = next + timeout;
    timeout = std::min(timeout * 2, kLongestRetransmission);
  }
  if (next - half.last_arrival > options_.transport.give_up) return release(index);
  queue_.emplace(next, self, self, take_sequence(self), index, 0, EventKind::answer_late, half.generation);
}

// A host that comes back answers the next retransmission of a peer that still waits.
void Rank::answer_for_earlier_life(NodeId self) {
  for (ConnectionSlot slot = 0; slot < record(self).slots; ++slot) {
    const HalfIndex index = half_at(self, slot);
    const ConnectionHalf& half = halves_[index];
    if (half.state == HalfState::tombstone && half.last_arrival != SimTime{}) await_retransmission(self, index);
  }
}

void Rank::handle_answer_late(const Event& event) {
  const NodeId self = event.destination;
  const ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation || half.state != HalfState::tombstone) {
    --counters_.events;
    return;
  }
  answer_from_tombstone(self, event.target);
  const bool waits = half.generation == event.generation && extra(self).presence != Presence::vanished;
  if (waits) await_retransmission(self, event.target);
}

// The peer has forgotten the connection too: nobody will ever ask for this half, nor for the peer's.
void Rank::handle_forgotten(const Event& event) {
  const ConnectionHalf& half = halves_[event.target];
  if (half.generation != event.generation || half.state != HalfState::tombstone) {
    --counters_.events;
    return;
  }
  send_note(event.destination, half, EventKind::forgotten);
  release(event.target);
}

}  // namespace hearsay
