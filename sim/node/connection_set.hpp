// A set of a node's connections: one bit a slot. The first 64 lie in the object itself; few nodes need more.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "sim/core/ids.hpp"

namespace hearsay {

class ConnectionSet {
 public:
  void insert(ConnectionSlot slot) { word(slot / 64) |= bit(slot); }
  void erase(ConnectionSlot slot) { word(slot / 64) &= ~bit(slot); }
  void clear() {
    first_ = 0;
    more_.clear();
  }
  [[nodiscard]] bool contains(ConnectionSlot slot) const {
    if (slot < 64) return (first_ & bit(slot)) != 0;
    return slot / 64 - 1 < more_.size() && (more_[slot / 64 - 1] & bit(slot)) != 0;
  }

  // Calls visit(slot) in ascending order. The set must not change meanwhile.
  template <class Visit>
  void for_each(Visit visit) const {
    visit_word(first_, 0, visit);
    for (std::size_t i = 0; i < more_.size(); ++i)
      visit_word(more_[i], static_cast<ConnectionSlot>(64 * (i + 1)), visit);
  }

 private:
  static std::uint64_t bit(ConnectionSlot slot) { return std::uint64_t{1} << (slot % 64); }
  std::uint64_t& word(std::size_t index) {
    if (index == 0) return first_;
    if (more_.size() < index) more_.resize(index);
    return more_[index - 1];
  }
  template <class Visit>
  static void visit_word(std::uint64_t bits, ConnectionSlot base, Visit visit) {
    for (; bits != 0; bits &= bits - 1) visit(base + static_cast<ConnectionSlot>(std::countr_zero(bits)));
  }

  std::uint64_t first_ = 0;
  std::vector<std::uint64_t> more_;
};

}  // namespace hearsay
