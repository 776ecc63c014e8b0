// The seam for churn: how long a node stays, how it leaves, and how long it is away.
//
// A law is shared by many nodes and keeps nothing: what it draws, it draws from the stream that is handed to it, which
// is the node's own (world seed, purpose "sessions", stable id) and goes on over sessions and over laws. Durations are
// rounded to integers by the law; the engine makes them at least one nanosecond, and "never" of one beyond the range of
// time.
//
// Not here: what a node does when it starts again (Node::on_start), faults that concern several nodes at once.
#pragma once

#include <cstdint>

#include "sim/core/random.hpp"
#include "sim/core/time.hpp"

namespace hearsay {

// How a node goes offline: FIN on every connection; reset at the next contact; or silence, which leaves its peers to
// their own timeouts.
enum class StopKind : std::uint8_t { clean, crash, vanish };

struct Session {
  Duration length;
  StopKind end = StopKind::clean;
};

class SessionLaw {
 public:
  virtual ~SessionLaw() = default;

  // Whether the node is online when the law begins to hold.
  [[nodiscard]] virtual bool begins_online(RandomStream& stream) const = 0;
  // What is left then of the session under way.
  [[nodiscard]] virtual Session first_session(RandomStream& stream) const { return session(stream); }
  // What is left then of the pause under way, after a session that ended by `end`: so the node stops, if it is online.
  struct Absence {
    Duration length;
    StopKind end = StopKind::clean;
  };
  [[nodiscard]] virtual Absence first_pause(RandomStream& stream) const {
    const StopKind end = session(stream).end;
    return {pause(stream), end};
  }

  [[nodiscard]] virtual Session session(RandomStream& stream) const = 0;
  // Between the end of a session and the beginning of the next one.
  [[nodiscard]] virtual Duration pause(RandomStream& stream) const = 0;
};

}  // namespace hearsay
