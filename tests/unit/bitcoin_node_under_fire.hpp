// A Bitcoin node outside any simulation, fed frame by frame with whatever bytes somebody thinks of: the driver of the
// test of mutations, and fit to be the body of a fuzz target.
//
// Two nodes that are twins get each frame, one as the parts of a Raw message, the other as bytes. What they send, say,
// close and wait for must be the same. The driver plays the world: it lets time pass, fires timers, and connects and
// shakes hands again when a twin has hung up. It throws (CheckFailure) where something is wrong.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/protocols/bitcoin/bitcoin_node.hpp"
#include "sim/node/context.hpp"

namespace hearsay::test {

// One twin and the world that it sees: slot 0 is a peer that dialled it, slot 1 one that it dialled.
class NodeUnderFire final : public Context {
 public:
  NodeUnderFire(const bitcoin::BitcoinParameters& parameters, std::uint32_t spendable_outputs);

  [[nodiscard]] bitcoin::BitcoinProtocol& bitcoin() { return protocol_; }
  [[nodiscard]] const bitcoin::BitcoinNode& node() const { return *node_; }
  // Timers that come due on the way fire at their time.
  void pass_time(SimTime until);
  void deliver(ConnectionSlot slot, const MessageRef& message);
  // Connects and shakes hands again where the node has hung up.
  void reconnect();
  void hang_up();
  // Everything that it did, folded into one number.
  [[nodiscard]] std::uint64_t deeds() const { return deeds_; }
  [[nodiscard]] std::size_t hang_ups() const { return hang_ups_; }
  [[nodiscard]] std::size_t sent() const { return sent_; }
  [[nodiscard]] bool is_open(ConnectionSlot slot) const { return open_.at(slot); }

  [[nodiscard]] SimTime now() const override { return now_; }
  [[nodiscard]] StableId self() const override { return stable_id("under fire"); }
  [[nodiscard]] const Endpoint& endpoint() const override { return endpoint_; }
  [[nodiscard]] std::uint32_t incarnation() const override { return 1; }
  [[nodiscard]] RandomStream stream(SeedDomain domain, Purpose purpose) const override {
    return {Seeds(1), domain, purpose, self()};
  }
  ConnectionSlot connect(const Endpoint&) override { return 1; }
  void send(ConnectionSlot connection, const MessageRef& message) override;
  void close(ConnectionSlot connection) override;
  void reset(ConnectionSlot connection) override { close(connection); }
  void set_timer(TimerSlot timer, SimTime deadline) override { timers_.at(timer) = deadline; }
  void cancel_timer(TimerSlot timer) override { timers_.at(timer) = SimTime::max(); }
  void send_datagram(const Endpoint&, const MessageRef&) override {}
  void spend(Duration) override {}
  void observe(const Observation& observation) override;

 private:
  void fold(std::uint64_t a, std::uint64_t b, std::uint64_t c);

  bitcoin::BitcoinProtocol protocol_;
  std::unique_ptr<bitcoin::BitcoinNode> node_;
  Endpoint endpoint_;
  SimTime now_;
  std::array<SimTime, 16> timers_;
  std::array<bool, 2> open_{};
  std::uint64_t deeds_ = 0;
  std::uint64_t nonce_ = 1000;
  std::size_t hang_ups_ = 0;
  std::size_t sent_ = 0;
};

class TwinsUnderFire {
 public:
  // What became of a frame.
  enum class Fate : std::uint8_t { typed, raw, short_of_a_header };

  TwinsUnderFire();

  // 24 bytes or more are a frame, whatever its header says: delivered to both twins on the connection of that slot.
  // Time passes first. Fewer bytes are nothing: a stream would wait for more.
  Fate deliver(ConnectionSlot slot, std::span<const std::uint8_t> frame, Duration since_last);
  // Hangs up; then nothing may be left but the mempool.
  void end();

  [[nodiscard]] NodeUnderFire& twin() { return from_bytes_; }

 private:
  NodeUnderFire from_parts_;
  NodeUnderFire from_bytes_;
  SimTime now_;
};

// Bytes that a decoded message holds, at most a multiple of those that it came in.
[[nodiscard]] std::size_t held_bytes(const bitcoin::Payload& payload);

}  // namespace hearsay::test
