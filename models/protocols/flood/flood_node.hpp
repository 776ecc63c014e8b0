// A node that floods: what it receives for the first time it sends to all its connections except the one it came from.
//
// The simplest gossip there is. It has closed forms (arrival = weighted shortest path), so it proves the engine and
// measures its speed; it is also the smallest example of a protocol.
#pragma once

#include <vector>

#include "models/protocols/flood/flood_message.hpp"
#include "sim/node/connection_set.hpp"
#include "sim/node/node.hpp"

namespace hearsay::flood {

// Observed when a node has an item for the first time; value: unused.
inline constexpr ObservationKind kItemSeen = 0x0101;

struct FloodSource {
  SimTime first;             // when its first item is born
  Duration interval;         // between its items
  std::uint64_t items = 0;   // how many; zero: not a source
  std::uint64_t number = 1;  // of its first item; the numbers of all sources must differ
};

struct FloodParameters {
  std::uint32_t item_bytes = 32;
  bool observe = true;  // emit kItemSeen; the digest then holds arrivals twice
};

class alignas(64) FloodNode final : public Node {
 public:
  // Item numbers must be below `item_limit`.
  FloodNode(Protocol& protocol, const FloodParameters& parameters, std::vector<Endpoint> dials,
            const FloodSource& source, std::uint64_t item_limit);

  [[nodiscard]] Protocol& protocol() override { return protocol_; }
  void on_start(Context& context) override;
  [[nodiscard]] Admission on_connect_request(Context&, const Endpoint&) override { return Admission::accept; }
  void on_connected(Context& context, ConnectionSlot connection, Direction direction, const Endpoint& peer) override;
  void on_connect_failed(Context&, ConnectionSlot, ConnectFailure) override {}
  void on_message(Context& context, ConnectionSlot connection, const MessageRef& message) override;
  void on_closed(Context& context, ConnectionSlot connection, CloseReason reason) override;
  void on_timer(Context& context, TimerSlot timer) override;

 private:
  void relay(Context& context, const MessageRef& item, ConnectionSlot except);
  // True the first time.
  bool mark_seen(std::uint64_t number);

  // What a delivery touches comes first: it shares one cache line with the pointer to the virtual functions.
  // Bits by item number; the word in use stands apart, so that a late copy of a recent item costs no second look-up.
  std::uint64_t recent_word_ = 0;
  std::uint64_t recent_ = 0;
  ConnectionSet connections_;
  FloodParameters parameters_;
  std::vector<std::uint64_t> seen_;
  Protocol& protocol_;
  FloodSource source_;
  std::uint64_t born_ = 0;
  std::vector<Endpoint> dials_;
};

}  // namespace hearsay::flood
