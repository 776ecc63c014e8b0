// Events and their one total order.
//
// Order: time; then (destination, source, per-source sequence), where nodes compare by tie rank (NodeId is given in
// that order). Control events are not in the queues: the run loop stops before their instant, so they come first. Two
// events are never equal in this order, except for a stale copy of a timer, which does nothing. The order does not
// depend on how nodes are split over ranks, because each source counts for itself.
#pragma once

#include <cstdint>

#include "sim/core/ids.hpp"
#include "sim/core/time.hpp"

namespace hearsay {

enum class EventKind : std::uint8_t {
  message,          // a message of a protocol, or the last quantum of a large one, arrives on a connection
  timer,            // a deadline of the node itself
  quantum,          // a part of a large message arrives, not its last one; payload: its bytes with headers
  datagram,         // a message outside any connection arrives
  delivery,         // own: a message has passed the downlink
  uplink,           // own: the uplink may serve the next quantum
  resume,           // own: the message thread is free while something waits
  connect_request,  // SYN
  connect_accept,   // SYN-ACK
  connect_confirm,  // the ACK that completes the set-up at the accepting end
  connect_refuse,   // RST in answer to a SYN
  connect_timeout,  // own: nobody answered the dial
  dial_again,       // own: the SYN was lost and is sent again
  finish,           // FIN: the peer sends nothing more
  reset,            // RST
  withdraw_credit,  // the peer's inbox is full: it takes nothing more
  grant_credit,     // it takes more again
  retransmit,       // own: the retransmission timeout of bytes that a delivery rule holds
  answer_late,      // own: a retransmission arrives for a connection that this host has forgotten
  give_up,          // nothing was acknowledged for too long
  session,          // own: a session or a pause of the node ends
  forgotten,        // the peer keeps only a tombstone of the connection; TCP knows nothing of this
};

struct Event {
  SimTime time;
  NodeId destination = 0;
  NodeId source = 0;
  std::uint32_t sequence = 0;  // messages: per source; timers: kTimerSequence + slot (a timer uses up no number)
  std::uint32_t target = 0;    // the receiver's connection half, or the timer slot
  std::uint32_t payload = 0;   // the message's place in the rank's store, where the kind carries one; or see the kind
  EventKind kind : 8 = EventKind::message;
  std::uint32_t generation : 24 = 0;  // of the target: an event for an earlier user of the same place is stale

  Event() = default;
  Event(SimTime at, NodeId to, NodeId from, std::uint32_t number, std::uint32_t at_target, std::uint32_t place,
        EventKind what, std::uint32_t of_generation)
      : time(at),
        destination(to),
        source(from),
        sequence(number),
        target(at_target),
        payload(place),
        kind(what),
        generation(of_generation & 0xffffff) {}
};
static_assert(sizeof(Event) == 32, "events are moved in bulk: two to a cache line");

inline constexpr std::uint32_t kGenerationMask = 0xffffff;
inline constexpr std::uint32_t kTimerSequence = 0x80000000;

[[nodiscard]] inline bool before(const Event& a, const Event& b) {
  if (a.time != b.time) return a.time < b.time;
  const auto nodes = [](const Event& e) { return static_cast<std::uint64_t>(e.destination) << 32 | e.source; };
  if (nodes(a) != nodes(b)) return nodes(a) < nodes(b);
  return a.sequence < b.sequence;
}

}  // namespace hearsay
