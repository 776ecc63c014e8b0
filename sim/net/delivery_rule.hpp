// The seam for faults and network-level attackers: what becomes of bytes that leave a host.
//
// A rule is evaluated at the sender, for each datagram, dial, and departing part of a stream. It is a pure function of
// time, hosts, connection and message; what it draws, it draws from a stream of its own keyed by `draw`. It hears of
// nothing else: who wants to watch what passes is a node that hears with latency.
//
// Streams lose nothing: a part that is held waits at its sender, which tries again at its retransmission timeouts (1 s,
// doubled up to 120 s: RFC 6298, Linux TCP_RTO_MAX) and gives up after TransportParameters::give_up.
#pragma once

#include <cstdint>

#include "sim/core/time.hpp"
#include "sim/core/units.hpp"
#include "sim/net/host.hpp"
#include "sim/net/path_model.hpp"
#include "sim/node/message.hpp"

namespace hearsay {

// Something about to leave `from` towards `to`.
struct Passage {
  SimTime now;
  const Host& from;
  const Host& to;
  const Message* message;  // null: a segment of TCP itself (SYN, FIN, ...)
  PathDraw draw;           // unique in the run
};

struct PacketFate {
  enum class Kind : std::uint8_t { pass, drop, delay };
  Kind kind = Kind::pass;
  Duration delay;  // at least zero; for `delay`
};

struct StreamFate {
  enum class Kind : std::uint8_t { pass, delay, hold, replace, reset };
  Kind kind = Kind::pass;
  Duration delay;          // at least zero; for `delay`. The stream keeps its order: what follows waits too
  MessageRef replacement;  // of the same length; for `replace`
  // For `pass`, `delay` and `replace`: the chance that a segment of this part is lost, below one, beside those of the
  // path and of other rules. What is lost is sent again by TCP, and shows as lateness and in its window.
  Share loss{};
};

class DeliveryRule {
 public:
  virtual ~DeliveryRule() = default;
  // Datagrams, SYN, SYN-ACK and the refusal of a SYN. (The ACK that completes a set-up is not asked about.)
  [[nodiscard]] virtual PacketFate packet(const Passage& passage) const = 0;
  // Bytes of an open connection, its FIN and its RST; an RST that is held is lost. (The answer to a FIN is not asked
  // about.) A part of a large message is asked about twice: for its losses when TCP's window lets it leave, and for the
  // rest when it leaves.
  [[nodiscard]] virtual StreamFate stream(const Passage& passage) const = 0;
};

}  // namespace hearsay
