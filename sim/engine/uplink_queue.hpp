// Which large messages a host's uplink serves, and in what order: a quantum of each connection in turn.
//
// A flow is ready when its congestion window lets the next quantum leave, or waits for that instant. Entries whose half
// has ended meanwhile are skipped by the owner (they carry its generation).
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/core/time.hpp"
#include "sim/net/connection_half.hpp"
#include "sim/net/flow.hpp"

namespace hearsay {

class UplinkQueue {
 public:
  struct Entry {
    SimTime ready;
    std::uint32_t turn = 0;  // order of entering: first come, first served
    HalfIndex half = 0;
    std::uint32_t generation = 0;
    constexpr auto operator<=>(const Entry&) const = default;
  };

  void enter(SimTime ready, HalfIndex half, std::uint32_t generation) {
    waiting_.push_back({ready, next_turn_++, half, generation});
    std::push_heap(waiting_.begin(), waiting_.end(), std::greater<>());
  }
  // True: `entry` is the next to be served at `now`, and was removed.
  bool pop_ready(SimTime now, Entry& entry) {
    while (!waiting_.empty() && waiting_.front().ready <= now) {
      std::pop_heap(waiting_.begin(), waiting_.end(), std::greater<>());
      ready_.push(waiting_.back());
      waiting_.pop_back();
    }
    if (ready_.empty()) return false;
    entry = ready_.pop();
    return true;
  }
  // When the first waiting flow becomes ready; SimTime::max() if none waits.
  [[nodiscard]] SimTime next_ready() const { return waiting_.empty() ? SimTime::max() : waiting_.front().ready; }

  std::uint32_t active = 0;  // flows with something to send
  SimTime small_free;        // when the last small message that went between quanta has left
  SimTime event;             // of the live uplink event; zero: none
  HalfIndex served = 0;      // whose quantum is leaving
  std::uint32_t served_generation = 0;
  bool serving = false;

 private:
  std::vector<Entry> waiting_;  // heap
  Fifo<Entry> ready_;
  std::uint32_t next_turn_ = 0;
};

}  // namespace hearsay
