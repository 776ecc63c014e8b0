// A rank: the event queue, nodes, connection halves and messages of a contiguous range of node numbers, and the loop
// that executes their events.
//
// A rank never touches another one. What it sends there is encoded and put into its outbox, which the run loop
// (Simulation) hands over between two windows. With one rank there is no outbox and no window.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sim/core/event_queue.hpp"
#include "sim/core/memory.hpp"
#include "sim/engine/link_time.hpp"
#include "sim/engine/node_record.hpp"
#include "sim/engine/world.hpp"
#include "sim/net/delivery_rule.hpp"
#include "sim/net/transport_parameters.hpp"
#include "sim/node/session_law.hpp"
#include "sim/observe/capture.hpp"
#include "sim/observe/digest.hpp"

namespace hearsay {

struct RankOptions {
  Duration minimum_latency = microseconds(100);
  Duration horizon = hours(1);  // what the slices of the digest divide
  bool wire_bytes = false;      // encode, carry and decode every message
  TransportParameters transport;
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
  std::uint64_t dropped = 0;    // messages that met a closed connection, and datagrams that got lost
};

// A node started or stopped.
struct PresenceChange {
  SimTime time;
  NodeId node = 0;
  bool online = false;
};

struct OpenConnection {
  NodeId dialler = 0;
  NodeId dialled = 0;
  bool operator==(const OpenConnection&) const = default;
};

// An event on its way to another rank, with the bytes of what it carries.
struct Crossing {
  Event event;
  MessageType carries = 0;  // kSetUpType, kWireBytesType, or zero for nothing
  std::vector<std::uint8_t> bytes;
};

struct SetUp;

// Headers of TCP and IP of all its segments.
[[nodiscard]] std::uint32_t tcp_ip_bytes(const Message& message);

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
  // Holds for what leaves from now on. Of a transport by TCP; the serial one holds nothing and sends nothing again.
  void add_rule(const DeliveryRule& rule);

  // Control: called between events, at the instant `now`.
  void start(NodeId node, SimTime now);
  void stop(NodeId node, StopKind kind, SimTime now);

  // From now on the node comes and goes by this law; null: by none, and it starts if it is offline.
  void set_sessions(NodeId node, std::shared_ptr<const SessionLaw> law, SimTime now);
  // From now on whatever the node spends takes that many times as long; 1: as long as it says.
  void slow(NodeId node, Factor slowness, SimTime now);
  [[nodiscard]] bool is_online(NodeId node) const { return extras_[node - first_].presence == Presence::online; }

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
  // Sent, and neither handled nor dropped yet: queued at their sender, on their way, or waiting for a busy node.
  [[nodiscard]] std::size_t messages_in_flight() const;
  // What has left each open half, and what was handed over at it with what is still on its way to it: by direction of a
  // connection (send_key of who sends), for a check that streams lose, double and turn nothing.
  void collect_streams(std::map<std::uint64_t, std::uint16_t>& said, std::map<std::uint64_t, std::uint16_t>& heard);
  [[nodiscard]] std::size_t halves_in_use() const { return halves_.in_use(); }
  // Connections whose initiator is a node of this rank, and whose half is open.
  void collect_connections(std::vector<OpenConnection>& connections) const;
  // How often a half became open, or stopped being open.
  [[nodiscard]] std::uint64_t connection_changes() const { return connection_changes_; }
  [[nodiscard]] const std::vector<PresenceChange>& presence_log() const { return presence_log_; }
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
  void handle_dial_again(const Event& event);
  void handle_closed(const Event& event, CloseReason reason);
  void handle_quantum(const Event& event);
  void handle_delivery(const Event& event);
  void handle_uplink(const Event& event);
  void handle_datagram(const Event& event);
  void handle_resume(const Event& event);
  void handle_credit(const Event& event);
  void handle_retransmit(const Event& event);
  void handle_answer_late(const Event& event);
  void handle_give_up(const Event& event);
  void handle_forgotten(const Event& event);
  void handle_session(const Event& event);

  // What the Context of a node offers.
  ConnectionSlot connect(NodeId self, const Endpoint& endpoint);
  void send(NodeId self, ConnectionSlot slot, const MessageRef& message);
  void close(NodeId self, ConnectionSlot slot);
  void reset(NodeId self, ConnectionSlot slot);
  void set_timer(NodeId self, TimerSlot timer, SimTime deadline);
  void cancel_timer(NodeId self, TimerSlot timer);
  void observe(NodeId self, const Observation& observation);
  void spend(NodeId self, Duration busy);
  void send_datagram(NodeId self, const Endpoint& endpoint, const MessageRef& message);

  // ---- Sending (rank_sending.cpp). A message is small if it fits the initial window: it leaves at once.
  void send_now(NodeId self, HalfIndex index, EventKind kind, const MessageRef& message);
  Leaving leave_small(NodeRecord& record, const ConnectionHalf& half, std::uint64_t bytes);
  Leaving leave_serial(NodeRecord& record, const ConnectionHalf& half, std::uint64_t bytes) const;
  [[nodiscard]] std::uint32_t link_bytes(const Message& message) const;
  [[nodiscard]] bool passes_queues(std::uint64_t bytes) const {
    return bytes <= static_cast<std::uint64_t>(options_.transport.serial_pass.bytes);
  }
  // Puts a segment without payload, or a message or its last part, on the way to the other half.
  void transmit(NodeId self, ConnectionHalf& half, EventKind kind, const Leaving& leaving, const Message* message);
  void transmit_part(NodeId self, ConnectionHalf& half, const Leaving& leaving, std::uint32_t bytes,
                     const Message& message);
  void transmit_bytes(const Event& event, const Message* message);
  SimTime arrival(NodeId self, ConnectionHalf& half, const Leaving& leaving);
  [[nodiscard]] bool is_lost(NodeId self, NodeId peer, const PathDraw& draw) const;
  struct Passes {
    bool yes = true;
    Duration delay;
  };
  [[nodiscard]] Passes judge_control(NodeId self, const ConnectionHalf& half, EventKind kind) const;
  void count_control();
  // SYN, SYN-ACK, ACK, RST, and the FIN that answers one.
  bool send_control(NodeId self, ConnectionHalf& half, EventKind kind, const Message* message = nullptr);
  void tell_tap(NodeId self, const ConnectionHalf& half, EventKind kind, const Leaving& leaving,
                const Message* message);
  void tell_tap_of_dial_to_nobody(NodeId self, const ConnectionHalf& half, const Endpoint& endpoint);

  // ---- Large messages, and whatever queues behind one on its connection (rank_uplink.cpp)
  Flow& flow_of(HalfIndex index);
  [[nodiscard]] static bool is_plain(const Flow& flow);
  void risk_losses(HalfIndex index, std::uint32_t segments, double added_loss, Leaving& leaving);
  [[nodiscard]] CongestionPath congestion_path(const ConnectionHalf& half, const Flow& flow, double added_loss) const;
  void enqueue(NodeId self, HalfIndex index, EventKind kind, const MessageRef& message);
  [[nodiscard]] static std::uint32_t behind(const Flow& flow, std::uint32_t segments);
  void schedule(NodeId self, HalfIndex index);
  void unschedule(NodeId self, Flow& flow);
  void serve_uplink(NodeId self);
  void arm_uplink(NodeId self, SimTime time);
  void leave_quantum(NodeId self, HalfIndex index);
  void after_quantum(NodeId self, HalfIndex index, std::uint32_t generation);

  // ---- Delivery rules and what TCP does about them (rank_rules.cpp)
  struct Judged {
    StreamFate::Kind fate = StreamFate::Kind::pass;  // or hold, or reset
    Duration delay;
    bool replaces = false;
    MessageRef replacement;
    double loss = 0.0;  // of each segment, beside the path's
  };
  [[nodiscard]] static double either(double a, double b);
  [[nodiscard]] Judged judge_stream(NodeId self, const ConnectionHalf& half, const MessageRef& message) const;
  [[nodiscard]] PacketFate judge_packet(NodeId self, NodeId peer, const Message* message, const PathDraw& draw) const;
  void hold(NodeId self, HalfIndex index);
  void reset_both(NodeId self, HalfIndex index, std::uint64_t messages_lost);
  void tell_of_give_up(NodeId self, ConnectionSlot slot, bool was_open);

  // ---- From the downlink to the node (rank_receiving.cpp)
  void meet_closed_half(const Event& event);
  SimTime pass_downlink(NodeId self, HalfIndex index, const Message& message);
  SimTime pass_between_bulk(NodeId self, Duration takes);
  void end_bulk(NodeId self, Flow& flow);
  void deliver(NodeId self, HalfIndex index, MessageRef&& message);
  [[nodiscard]] bool is_deaf(const Flow& flow) const;
  void hand_over(NodeId self, HalfIndex index, MessageRef&& message);
  void put_into_inbox(NodeId self, HalfIndex index, MessageRef&& message);
  void send_note(NodeId self, const ConnectionHalf& half, EventKind kind);

  // ---- The message thread of a node (rank_thread.cpp)
  WaitingWork& thread_of(NodeId self);
  void wake(NodeId self);
  void arm_resume(NodeId self, SimTime time);
  void arm_next(NodeId self, WaitingWork& thread);
  void send_late(NodeId self, HalfIndex index, EventKind kind, const MessageRef& message);
  void leave_late(NodeId self, WaitingWork& thread);
  bool take_turn(NodeId self, WaitingWork& thread);
  void fire_due_timers(NodeId self);
  void clear_thread(NodeId self);
  void hand_over_datagram(NodeId self, NodeId from, MessageRef message);

  // ---- Sessions (rank_sessions.cpp)
  void begin_session(NodeId node, const Session& session);
  void begin_pause(NodeId node, StopKind end, Duration length);
  void await_session_event(NodeId node, Duration length);

  // ---- Connections (rank_connections.cpp)
  void send_syn(NodeId self, HalfIndex index);
  void send_syn_ack(NodeId self, HalfIndex index);
  [[nodiscard]] std::optional<HalfIndex> half_of(NodeId self, std::uint64_t connection) const;
  static void learn(ConnectionHalf& half, const SetUp& theirs);
  void send_give_up(NodeId self, const ConnectionHalf& half, Duration patience);
  void await_retransmission(NodeId self, HalfIndex index);
  void answer_for_earlier_life(NodeId self);
  void open(HalfIndex index);
  void begin_closing(HalfIndex index);
  // FIN, behind what is still to be sent.
  void finish(NodeId self, HalfIndex index);
  // RST to a half of which this rank holds no counterpart.
  void answer_reset(NodeId self, NodeId peer, const SetUp& theirs, EventKind kind);
  void answer_from_tombstone(NodeId self, HalfIndex half);
  std::uint32_t take_sequence(NodeId self);

  HalfIndex take_half(NodeId self);
  // The half's place may be used again; what waited at it is dropped.
  void release(HalfIndex index);
  void bury(HalfIndex index);
  void drop_flow(HalfIndex index);
  void stop_listening(HalfIndex index);
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
  FlowStore flows_;
  EventQueue queue_;
  MessageStore messages_;
  std::vector<NodeExtra> extras_;
  std::vector<Probe*> probes_;
  PacketTap* tap_ = nullptr;  // null: nobody captures packets
  std::vector<const DeliveryRule*> rules_;
  Purpose segment_loss_{"segment loss"};
  std::uint64_t loss_key_;         // of single packets
  bool lossy_ = false;             // some path may lose segments
  bool redraws_ = false;           // each message has a delay of its own
  std::uint32_t small_bytes_ = 0;  // up to this a message leaves at once
  bool next_waits_for_arrival_ = false;
  SimTime event_time_;  // of the event being handled; now_ runs ahead of it when the node spends time
  std::vector<Crossing> outbox_;
  std::vector<Traffic> traffic_;
  Counters counters_;
  std::uint64_t connection_changes_ = 0;
  std::vector<PresenceChange> presence_log_;
  bool first_send_ = true;  // none yet in this event
  DigestSlices slices_{};
  std::size_t slice_ = 0;
  SimTime slice_end_;
  Duration slice_length_;
};

}  // namespace hearsay
