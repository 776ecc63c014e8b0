// What hosts put on the wire, as the TCP segments that a capture on each tapped host would show: with true sequence and
// acknowledgement numbers, at the times at which they leave and arrive.
//
// The engine tells of whole messages and of the steps of a connection; here they are cut into segments and played a
// second time, at the end that sends and at the end that receives, so that each segment acknowledges exactly what has
// arrived at its sender when it leaves. Segments that carry nothing but an acknowledgement are not simulated and do not
// appear. Not here: bytes of frames and files (the sink's).
//
// Invariants: packets come out in the order (time, received before sent, tap's host by stable id, the sender's own
// count), so they do not depend on ranks; sequence numbers of a direction are contiguous; an acknowledgement never runs
// ahead of what its host has received.
#pragma once

#include <array>
#include <compare>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <span>
#include <vector>

#include "scenarios/app/capture/pcapng_writer.hpp"
#include "scenarios/app/capture/tcp_frame.hpp"
#include "sim/engine/world.hpp"
#include "sim/observe/capture.hpp"

namespace hearsay::app {

struct CapturedPacket {
  SimTime time;
  NodeId host = 0;  // whose interface saw it
  PacketDirection direction = PacketDirection::outbound;
  TcpSegment segment;
  std::span<const std::uint8_t> payload;  // valid during the call
};

class PacketSink {
 public:
  virtual ~PacketSink() = default;
  virtual void on_packet(const CapturedPacket& packet) = 0;
};

class TcpConversations final : public PacketTap {
 public:
  // The world and the sink must outlive it.
  TcpConversations(const World& world, const std::vector<NodeId>& tapped, PacketSink& sink);

  [[nodiscard]] bool taps(NodeId node) const override { return tapped_[node]; }
  void on_transmission(const Transmission& transmission, const Message* message) override;
  void on_host(SimTime now, NodeId node, HostState state) override;

  // Hands every packet before `limit` to the sink. All nodes have reached that time.
  void play_until(SimTime limit);

 private:
  // One end's numbers (names of RFC 9293, 3.3.1).
  struct End {
    std::uint32_t send_next = 0;
    std::uint32_t receive_next = 0;
    std::uint32_t recent_timestamp = 0;  // TS.Recent of RFC 7323
    SimTime last_arrival;                // of what it sent
  };
  struct Connection {
    std::array<Endpoint, 2> endpoints;  // by ConnectionEnd
    std::array<End, 2> ends;
  };
  // A transmission whose segments have not all arrived yet.
  struct Underway;
  enum class Phase : std::uint8_t { presence, arrival, departure };
  struct Entry {
    SimTime time;
    Phase phase;
    std::uint64_t host;     // stable id of who sends, receives or changes
    std::uint64_t from;     // stable id of the sender
    std::uint64_t number;   // of the transmission, by its sender; of the change, by its host
    std::uint32_t segment;  // of the transmission
    std::shared_ptr<Underway> what;
    [[nodiscard]] bool operator>(const Entry& other) const;
  };

  void push(SimTime time, Phase phase, NodeId host, std::shared_ptr<Underway> what, std::uint32_t segment);
  void depart(const Entry& entry);
  void arrive(const Entry& entry);
  void show(SimTime time, NodeId host, PacketDirection direction, const Underway& what, std::uint32_t segment);
  Connection& connection_of(const Transmission& transmission);
  std::uint16_t take_port(const Endpoint& from, const Endpoint& to, std::uint64_t connection);

  const World& world_;
  PacketSink& sink_;
  std::vector<bool> tapped_;
  std::vector<bool> silent_;
  std::vector<std::uint64_t> counts_;  // of what a node has been told to send, or to become
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries_;
  // Kept to the end: a host that restarts may still answer for a connection that the other end holds.
  std::map<std::uint64_t, Connection> connections_;
  std::map<std::pair<Endpoint, Endpoint>, std::set<std::uint16_t>> ports_;  // taken, by (from, to)
};

}  // namespace hearsay::app
