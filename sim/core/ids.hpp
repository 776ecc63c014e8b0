// Names of things that must mean the same in every run, however it is split, and the dense numbers that arrays use.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "sim/core/fingerprint.hpp"

namespace hearsay {

// A node's identity: the 64-bit fingerprint of its path in the scenario, for example `full[17]`. It may appear
// in draws, observations and digests. Two names with one fingerprint are refused at build.
struct StableId {
  std::uint64_t value = 0;
  constexpr auto operator<=>(const StableId&) const = default;
};

[[nodiscard]] inline StableId stable_id(std::string_view path) {
  return {fingerprint_text(path)};
}

// A node's dense number, 0 to node count - 1, given in the order of tie ranks (drawn from world seed and stable
// id), so that comparing two numbers compares tie ranks. For arrays and for the order of events only: never in a draw,
// an observation or a digest, because an added node shifts the numbers (though never the order) of the others.
using NodeId = std::uint32_t;

// A node's own number for one of its connections, reused after the connection is gone: the lowest free one is taken,
// so per-connection state of a protocol can live in dense arrays and rows of bits.
using ConnectionSlot = std::uint32_t;

// A protocol's own number for one of its timers, 0 to kTimerSlots - 1.
using TimerSlot = std::uint32_t;
inline constexpr TimerSlot kTimerSlots = 12;

}  // namespace hearsay
