// The seam of packet capture: a tap that a simulation tells what hosts put on the wire, when it leaves and when it
// arrives.
//
// Not here: segments, TCP's numbers, bytes, files. The engine knows messages and the steps of a connection; who wants
// packets makes them out of these (scenarios/app/capture).
//
// Invariants: a tap listens and never steers. All ranks of a process tell one tap, each about its own nodes: what one
// node sends comes in the order in which it leaves, calls about different nodes come in any order. Nothing that is
// told at `now` leaves or arrives before `now`.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/core/ids.hpp"
#include "sim/core/time.hpp"
#include "sim/net/endpoint.hpp"
#include "sim/node/message.hpp"

namespace hearsay {

enum class TcpStep : std::uint8_t { syn, syn_ack, ack, message, finish, refuse, reset };
enum class ConnectionEnd : std::uint8_t { initiator, responder };
enum class HostState : std::uint8_t { reachable, silent };

struct Transmission {
  std::uint64_t connection = 0;  // stable id, the same at both ends
  NodeId from = 0;
  std::optional<NodeId> to;  // nothing: nobody owns the endpoint
  Endpoint from_endpoint;    // of the hosts; which port an initiator dials from is not simulated
  Endpoint to_endpoint;
  ConnectionEnd sender = ConnectionEnd::initiator;
  TcpStep step = TcpStep::syn;
  std::uint32_t offset = 0;  // of TcpStep::message: which bytes of the message; a large one leaves in parts
  std::uint32_t bytes = 0;
  SimTime starts;   // the first byte is given to the uplink
  SimTime departs;  // the last one has left it
  SimTime arrives;  // the last one is there, whoever hears it; meaningless without `to`
};

class PacketTap {
 public:
  virtual ~PacketTap() = default;
  [[nodiscard]] virtual bool taps(NodeId node) const = 0;
  // From or to a tapped node. The message, with TcpStep::message alone, may be kept.
  virtual void on_transmission(const Transmission& transmission, const Message* message) = 0;
  // Whether segments that arrive at a host from now on are heard there. Hosts are silent until told otherwise.
  virtual void on_host(SimTime now, NodeId node, HostState state) = 0;
};

}  // namespace hearsay
