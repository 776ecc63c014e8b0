// Whom a node dials: at its start, and again when it has fewer outbound connections than it set out with.
//
// It stands in for the address manager and the thread that opens connections (ThreadOpenConnections, Bitcoin Core
// net.cpp). With a list of endpoints that are known to accept connections, a lost or failed one is replaced by a draw:
// uniform among those that the node is not connected to, that it is not dialling, and that did not fail lately. A peer
// that is fixed, and without a list every peer, is dialled again itself, after a delay that doubles while attempts fail
// (ours). One attempt at a time, a delay apart.
//
// Not here: what an address is worth, groups of addresses, feelers, anchors, eviction of outbound peers, inbound slots.
//
// Invariants: the timer runs only while something is missing and somebody can be dialled, and no attempt is under way;
// nobody is drawn who is connected, in whichever direction, or being dialled; whoever was disconnected for
// misbehaviour is not dialled again in this life; a node that loses nothing draws nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/core/random.hpp"
#include "sim/node/node.hpp"

namespace hearsay::bitcoin {

// Where peers come from, beyond those that are dialled first.
struct PeerSupply {
  // Accept connections; sorted, each once. Null: nobody knows others than the first ones.
  std::shared_ptr<const std::vector<Endpoint>> reachable;
  // Dialled again themselves; at the start after the others, unless they are among these.
  std::vector<Endpoint> fixed;
};

enum class Reconnect : std::uint8_t { never, when_missing };

struct ReconnectionSettings {
  Reconnect reconnect = Reconnect::when_missing;
  Duration delay = milliseconds(500);
  TimerSlot timer = 0;  // of the node; this class alone sets it
};

class Reconnection {
 public:
  Reconnection(const ReconnectionSettings& settings, std::vector<Endpoint> dials, PeerSupply supply);

  // A new life of the node: forgets the one before, and dials the first peers.
  void start(Context& context);
  // What became of connections. Each call names a slot of the node; `failed` and `ended` free it.
  void connected(Context& context, ConnectionSlot slot, const Endpoint& peer, Direction direction);
  void shook_hands(ConnectionSlot slot);
  void discourage(ConnectionSlot slot);  // the peer misbehaved; before `ended`
  void failed(Context& context, ConnectionSlot slot) { lose(context, slot, context.now() + kForget); }
  void ended(Context& context, ConnectionSlot slot);
  void on_timer(Context& context);

 private:
  // Core skips what was tried in the last 10 min, for the first 30 draws (net.cpp, nTries < 30); here, for all.
  static constexpr Duration kForget = minutes(10);
  static constexpr Duration kLongestDelay = seconds(60);
  static constexpr std::uint32_t kNone = 0xffffffff;

  enum class State : std::uint8_t { none, dialling, open };
  struct Contact {
    Endpoint endpoint;
    State state = State::none;
    Direction direction = Direction::outbound;
    bool shook_hands = false;
    std::uint32_t target = kNone;
  };
  enum class Replacement : std::uint8_t { drawn, itself };
  struct First {
    Endpoint endpoint;
    Replacement replacement;
  };
  // A peer that is dialled again itself.
  struct Target {
    Endpoint endpoint;
    Duration delay;  // before the next attempt
    SimTime due = SimTime::max();
  };
  struct Failure {
    Endpoint endpoint;
    SimTime until;
  };

  Contact& contact(ConnectionSlot slot);
  ConnectionSlot dial(Context& context, const Endpoint& endpoint, std::uint32_t target);
  // Frees the slot; a peer that is not fixed is not drawn before `avoid_until`.
  void lose(Context& context, ConnectionSlot slot, SimTime avoid_until);
  void attempt_over(SimTime now);
  void await_draw(SimTime now);
  [[nodiscard]] Target* next_target();
  [[nodiscard]] std::optional<Endpoint> draw(Context& context);
  [[nodiscard]] std::vector<std::size_t> excluded(const Context& context) const;
  [[nodiscard]] bool is_discouraged(const Endpoint& endpoint) const;
  void arm(Context& context);

  ReconnectionSettings settings_;
  std::vector<First> first_;  // dialled at the start
  std::size_t wanted_ = 0;    // of these, those that draws replace
  std::vector<Target> targets_;
  std::shared_ptr<const std::vector<Endpoint>> reachable_;
  std::optional<RandomStream> draws_;  // goes on over lives
  std::vector<Contact> contacts_;      // by slot
  std::vector<Failure> failures_;      // of peers that are not fixed
  std::vector<Endpoint> discouraged_;  // few
  std::size_t outbound_ = 0;           // open or being dialled, but for targets
  SimTime draw_due_ = SimTime::max();  // when somebody is to be drawn; max: not, for now
  SimTime pause_until_;                // the attempt before was over a delay ago
  ConnectionSlot attempt_ = kNone;     // the dial under way that replaces somebody
};

}  // namespace hearsay::bitcoin
