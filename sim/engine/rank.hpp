// A rank: the event queue, nodes, connection halves and messages of a contiguous range of node numbers, and the loop
// that executes their events.
//
// A rank never touches another one. What it sends there is encoded and put into its outbox, which the run loop
// (Simulation) hands over between two windows. With one rank there is no outbox and no window.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/core/event_queue.hpp"
#include "sim/core/memory.hpp"
#include "sim/engine/node_record.hpp"
#include "sim/engine/world.hpp"
#include "sim/observe/capture.hpp"
#include "sim/observe/digest.hpp"

namespace hearsay {

// IPv4 (20) and TCP (20) header without options, as each segment carries them (RFC 791, RFC 9293).
inline constexpr std::uint32_t kTcpIpHeaderBytes = 40;
// Payload bytes of a full segment: Ethernet's 1,500 less IPv4, TCP and the 12 bytes of TCP timestamps.
inline constexpr std::uint32_t kSegmentBytes = 1448;
// Bitcoin Core gives up a dial after 5 s (nConnectTimeout, netbase.cpp).
inline constexpr Duration kDialTimeout = seconds(5);

struct RankOptions {
  Duration minimum_latency = microseconds(100);
  Duration horizon = hours(1);  // what the slices of the digest divide
  bool wire_bytes = false;      // encode, carry and decode every message
};

// What was put on the wire by the nodes of a rank, for one type of message.
struct Traffic {
  std::uint64_t messages = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t header_bytes = 0;
  std::uint64_t tcp_ip_bytes = 0;
};

struct Counters {
  std::uint64_t events = 0;     // executed, stale timers not counted
  std::uint64_t sent = 0;       // messages
  std::uint64_t delivered = 0;  // messages handled by their node
  std::uint64_t dropped = 0;    // messages that met a closed connection
};

// How a node goes offline: FIN on every connection; reset at the next contact; or silence, which leaves its peers to
// their own timeouts.
enum class StopKind : std::uint8_t { clean, crash, vanish };

// An event on its way to another rank, with the bytes of what it carries.
struct Crossing {
  Event event;
  MessageType carries = 0;  // kSetUpType, kWireBytesType, or zero for nothing
  std::vector<std::uint8_t> bytes;
};

struct SetUp;

class Rank {
 public:
  // Owns the nodes first <= number < last.
  Rank(const World& world, const Seeds& seeds, const RankOptions& options, NodeId first, NodeId last);
  ~Rank();
  Rank(const Rank&) = delete;
  Rank& operator=(const Rank&) = delete;

  void install(NodeId node, std::unique_ptr<Node> object);
  // Every node has its object.
  [[nodiscard]] bool complete() const;
  void add_probe(Probe& probe) { probes_.push_back(&probe); }
  void set_tap(PacketTap& tap) { tap_ = &tap; }

  // Control: called between events, at the instant `now`.
  void start(NodeId node, SimTime now);
  void stop(NodeId node, StopKind kind, SimTime now);

  // Executes every event before `limit`.
  void run_until(SimTime limit);
  [[nodiscard]] SimTime next_time() const { return queue_.next_time(); }

  [[nodiscard]] std::vector<Crossing>& outbox() { return outbox_; }
  void receive(Crossing&& crossing);

  [[nodiscard]] bool owns(NodeId node) const { return node - first_ < records_.size(); }
  [[nodiscard]] std::uint64_t node_digest(NodeId node) const { return records_[node - first_].digest; }
  [[nodiscard]] const DigestSlices& slices() const { return slices_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const std::vector<Traffic>& traffic_by_type() const { return traffic_; }
  [[nodiscard]] std::size_t messages_in_flight() const;
  [[nodiscard]] std::size_t halves_in_use() const { return halves_.in_use(); }
  [[nodiscard]] const Node& node(NodeId number) const { return *records_[number - first_].node; }
  [[nodiscard]] SimTime now() const { return now_; }

 private:
  class RankContext;
  friend class RankContext;

  void set_now(SimTime now);
  void handle(const Event& event);
  void handle_message(const Event& event);
  void handle_timer(const Event& event);
  void handle_connect_request(const Event& event);
  void handle_connect_accept(const Event& event);
  void handle_connect_confirm(const Event& event);
  void handle_connect_failed(const Event& event, ConnectFailure failure);
  void handle_closed(const Event& event, CloseReason reason);

  ConnectionSlot connect(NodeId self, const Endpoint& endpoint);
  void send(NodeId self, ConnectionSlot slot, const MessageRef& message);
  void close(NodeId self, ConnectionSlot slot);
  void reset(NodeId self, ConnectionSlot slot);
  void set_timer(NodeId self, TimerSlot timer, SimTime deadline);
  void cancel_timer(NodeId self, TimerSlot timer);
  void observe(NodeId self, const Observation& observation);
  void spend(NodeId self, Duration busy);
  void send_datagram(NodeId self, const Endpoint& endpoint, const MessageRef& message);

  // Queues `bytes` behind what the node's uplink still holds; the result is when the last one has left.
  SimTime leave_uplink(NodeRecord& record, std::uint64_t bytes);
  // Puts a segment without payload, or a message, on the way to the other half.
  void transmit(NodeId self, ConnectionHalf& half, EventKind kind, SimTime departure, const Message* message);
  void send_control(NodeId self, ConnectionHalf& half, EventKind kind, const Message* message = nullptr);
  void tell_tap(NodeId self, const ConnectionHalf& half, EventKind kind, SimTime departure, const Message* message);
  void tell_tap_of_dial_to_nobody(NodeId self, const ConnectionHalf& half, const Endpoint& endpoint);
  // RST to a half of which this rank holds no counterpart.
  void answer_reset(NodeId self, NodeId peer, const SetUp& theirs, EventKind kind);
  void answer_from_tombstone(NodeId self, HalfIndex half);
  std::uint32_t take_sequence(NodeId self);

  HalfIndex take_half(NodeId self);
  HalfIndex half_at(NodeId self, ConnectionSlot slot) const;
  void fold(NodeRecord& record, std::uint64_t entry);
  void prefetch_ahead();

  NodeRecord& record(NodeId node) { return records_[node - first_]; }
  NodeExtra& extra(NodeId node) { return extras_[node - first_]; }

  const World& world_;
  const Seeds& seeds_;
  RankOptions options_;
  NodeId first_;
  SimTime now_;
  std::vector<NodeRecord, LargeArrayAllocator<NodeRecord>> records_;
  HalfStore halves_;
  EventQueue queue_;
  MessageStore messages_;
  std::vector<NodeExtra> extras_;
  std::vector<Probe*> probes_;
  PacketTap* tap_ = nullptr;  // null: nobody captures packets
  std::vector<Crossing> outbox_;
  std::vector<Traffic> traffic_;
  Counters counters_;
  bool first_send_ = true;  // none yet in this event
  DigestSlices slices_{};
  std::size_t slice_ = 0;
  SimTime slice_end_;
  Duration slice_length_;
};

}  // namespace hearsay
