// A protocol participant, as the engine sees it. To model a protocol, derive from this class.
//
// All calls into a node come from the engine, one at a time, in the order of its events. The object lives for the
// whole run; on_start begins a new incarnation and must drop what a restarted process would not remember.
#pragma once

#include "sim/node/context.hpp"

namespace hearsay {

enum class Direction : std::uint8_t { outbound, inbound };
enum class ConnectFailure : std::uint8_t { refused, timed_out };
// FIN or RST from the other end; or nothing from it for so long that TCP gave up.
enum class CloseReason : std::uint8_t { finished, reset, timed_out };
enum class Admission : std::uint8_t { accept, refuse };

class Node {
 public:
  virtual ~Node() = default;

  // The codec and shared caches of this node's protocol on this node's rank.
  [[nodiscard]] virtual Protocol& protocol() = 0;

  virtual void on_start(Context& context) = 0;
  // The set-up and the end of connections are the kernel's: these calls come even while the message thread is busy.
  // A SYN arrived. Accepting only reserves the connection; on_connected follows when the set-up is complete.
  [[nodiscard]] virtual Admission on_connect_request(Context& context, const Endpoint& from) = 0;
  virtual void on_connected(Context& context, ConnectionSlot connection, Direction direction, const Endpoint& peer) = 0;
  virtual void on_connect_failed(Context& context, ConnectionSlot connection, ConnectFailure failure) = 0;
  virtual void on_message(Context& context, ConnectionSlot connection, const MessageRef& message) = 0;
  // What had arrived and waited for a busy node is dropped (Bitcoin Core forgets a peer with all it had received).
  virtual void on_closed(Context& context, ConnectionSlot connection, CloseReason reason) = 0;
  virtual void on_timer(Context& context, TimerSlot timer) = 0;
  // A protocol without datagrams lets them fall.
  virtual void on_datagram(Context& context, const Endpoint& from, const MessageRef& message) {
    static_cast<void>(context), static_cast<void>(from), static_cast<void>(message);
  }
};

}  // namespace hearsay
