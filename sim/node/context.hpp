// Everything that a node may do. A node touches the world only through its Context: no globals, no other nodes.
//
// Nothing takes effect at the current instant: a timer of zero fires one nanosecond later, and what is sent arrives
// after the path's latency. A Context is valid during one call into the node only.
#pragma once

#include <cstdint>

#include "sim/core/ids.hpp"
#include "sim/core/random.hpp"
#include "sim/core/time.hpp"
#include "sim/net/endpoint.hpp"
#include "sim/node/message.hpp"
#include "sim/observe/observation.hpp"

namespace hearsay {

class Context {
 public:
  virtual ~Context() = default;

  [[nodiscard]] virtual SimTime now() const = 0;
  [[nodiscard]] virtual StableId self() const = 0;
  [[nodiscard]] virtual const Endpoint& endpoint() const = 0;
  // Counts starts: 1 in the first life of the node. Timers and connections die with their incarnation.
  [[nodiscard]] virtual std::uint32_t incarnation() const = 0;

  // A new position at the start of the named stream of this node; the node keeps it and draws from it.
  [[nodiscard]] virtual RandomStream stream(SeedDomain domain, Purpose purpose) const = 0;

  // Dials. Answered by on_connected or on_connect_failed with the slot that is returned here.
  virtual ConnectionSlot connect(const Endpoint& endpoint) = 0;
  // One datagram to whoever owns the endpoint; it may be lost. Delivered by on_datagram.
  virtual void send_datagram(const Endpoint& endpoint, const MessageRef& message) = 0;
  // The connection must be open (from on_connected to on_closed, close or reset).
  virtual void send(ConnectionSlot connection, const MessageRef& message) = 0;
  // Sends FIN after what was sent before, resp. RST; on_closed is not called at this end.
  virtual void close(ConnectionSlot connection) = 0;
  virtual void reset(ConnectionSlot connection) = 0;

  // Each timer slot holds one deadline; setting it again replaces it. A deadline that is not in the future becomes the
  // next nanosecond.
  virtual void set_timer(TimerSlot timer, SimTime deadline) = 0;
  virtual void cancel_timer(TimerSlot timer) = 0;

  // The node's message thread is busy for this long: its clock (now) moves on, so what it sends, sets and observes from
  // here on is later, and it handles nothing before then.
  virtual void spend(Duration busy) = 0;

  virtual void observe(const Observation& observation) = 0;
};

}  // namespace hearsay
