// Deadlines of a node that belong to its connections: many deadlines behind one timer slot of the engine.
//
// Removing is lazy: each entry carries the stamp of its connection, and the owner ignores entries whose stamp is old.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/core/ids.hpp"
#include "sim/core/time.hpp"

namespace hearsay {

struct Deadline {
  SimTime time;
  ConnectionSlot connection = 0;
  std::uint32_t stamp = 0;
  constexpr auto operator<=>(const Deadline&) const = default;
};

class DeadlineHeap {
 public:
  void push(const Deadline& deadline) {
    heap_.push_back(deadline);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  // True: `deadline` is the earliest one due at `now`, and was removed.
  bool pop_due(SimTime now, Deadline& deadline) {
    if (heap_.empty() || heap_.front().time > now) return false;
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    deadline = heap_.back();
    heap_.pop_back();
    return true;
  }
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] SimTime next() const { return heap_.front().time; }
  void clear() { heap_.clear(); }

 private:
  std::vector<Deadline> heap_;
};

}  // namespace hearsay
