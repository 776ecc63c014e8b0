// The part of a rank that stops and starts nodes by their session laws: one pending event a node, drawn by its owner.
#include <algorithm>
#include <utility>

#include "sim/engine/rank.hpp"

namespace hearsay {

void Rank::set_sessions(NodeId node, std::shared_ptr<const SessionLaw> law, SimTime now) {
  set_now(now);
  NodeExtra& rest = extra(node);
  if (rest.sessions == nullptr)
    rest.sessions =
        std::make_unique<Sessions>(RandomStream(seeds_, SeedDomain::world, Purpose("sessions"), world_.host(node).id));
  Sessions& sessions = *rest.sessions;
  ++sessions.generation;
  sessions.law = std::move(law);
  if (sessions.law == nullptr) {
    if (rest.presence != Presence::online) start(node, now);
  } else if (sessions.law->begins_online(sessions.draws)) {
    begin_session(node, sessions.law->first_session(sessions.draws));
  } else {
    const SessionLaw::Absence absence = sessions.law->first_pause(sessions.draws);
    begin_pause(node, absence.end, absence.length);
  }
}

// A control event may have started or stopped the node meanwhile: then there is nothing to do but to wait.
void Rank::begin_session(NodeId node, const Session& session) {
  Sessions& sessions = *extra(node).sessions;
  sessions.in_session = true;
  sessions.end = session.end;
  await_session_event(node, session.length);
  if (extra(node).presence != Presence::online) start(node, now_);
}

void Rank::begin_pause(NodeId node, StopKind end, Duration length) {
  NodeExtra& rest = extra(node);
  rest.sessions->in_session = false;
  await_session_event(node, length);
  if (rest.presence == Presence::online) {
    stop(node, end, now_);
  } else if (rest.presence == Presence::unborn && end != StopKind::vanish) {  // it was there before the run began
    rest.presence = Presence::stopped;
    if (tap_ != nullptr) tap_->on_host(now_, node, HostState::reachable);
  }
}

void Rank::await_session_event(NodeId node, Duration length) {
  if (length > SimTime::max() - now_) return;  // never
  const SimTime time = now_ + std::max(length, nanoseconds(1));
  queue_.emplace(time, node, node, take_sequence(node), 0, 0, EventKind::session, extra(node).sessions->generation);
}

void Rank::handle_session(const Event& event) {
  Sessions& sessions = *extra(event.destination).sessions;
  if ((sessions.generation & kGenerationMask) != event.generation) {  // another law holds meanwhile
    --counters_.events;
    return;
  }
  if (sessions.in_session)
    begin_pause(event.destination, sessions.end, sessions.law->pause(sessions.draws));
  else
    begin_session(event.destination, sessions.law->session(sessions.draws));
}

}  // namespace hearsay
