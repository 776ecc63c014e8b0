// One node's half of a connection, and the store in which a rank keeps the halves of its nodes.
//
// A half lives on its owner's rank and is touched only there. It knows where the other half is (node, place,
// generation) from the set-up messages. A place is reused after its half is freed; the generation tells late events
// for an earlier half apart.
//
// States: dialling -> open (SYN-ACK) | freed (refused, timed out); accepting -> open (ACK); open -> closing (own FIN
// sent, the peer's awaited; arriving data is discarded) -> freed; any -> freed on RST; any -> tombstone when the owner
// crashes or gives up: the next arrival is answered by a reset, as a rebooted host answers segments of an unknown
// connection (RFC 9293, 3.10.7.1). Two tombstones of one connection free each other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/core/event.hpp"
#include "sim/core/ids.hpp"
#include "sim/core/memory.hpp"
#include "sim/core/time.hpp"

namespace hearsay {

using HalfIndex = std::uint32_t;

// Place of a flow (flow.hpp).
using FlowIndex = std::uint32_t;
inline constexpr FlowIndex kNoFlow = 0xffffffff;

enum class HalfState : std::uint8_t { free, dialling, accepting, open, closing, tombstone };

struct alignas(64) ConnectionHalf {
  std::uint64_t connection = 0;  // stable id: fingerprint of the initiator and its own counter
  SimTime last_arrival;          // at the peer: what is sent later arrives no earlier
  Duration delay;                // one-way propagation to the peer
  NodeId owner = 0;
  NodeId peer = 0;
  HalfIndex peer_half = 0;
  ConnectionSlot slot = 0;
  std::uint32_t generation : 24 = 0;
  std::uint32_t initiator : 1 = 0;
  std::uint32_t finish_waits : 1 = 0;  // closed, but FIN has not left yet
  std::uint32_t unconfirmed : 1 = 0;   // accepted; the ACK that completes the set-up has not come yet
  std::uint32_t peer_generation : 24 = 0;
  HalfState state : 8 = HalfState::free;
  std::uint32_t flow = kNoFlow;        // place in the rank's flows; none: nothing waits here, and no window is kept
  std::uint32_t peer_downlink_ps = 0;  // picoseconds a byte, learnt at set-up; zero: not limited
  std::uint16_t said = 0;              // fingerprint of all messages that left here, in order
  std::uint16_t heard = 0;             // of all that were handed over here
  std::uint32_t sent = 0;              // messages and segments of TCP itself: numbers the draws of the path

  // The two directions of a connection must not look alike in a digest.
  [[nodiscard]] std::uint64_t receive_key() const { return initiator != 0 ? connection : ~connection; }
  [[nodiscard]] std::uint64_t send_key() const { return ~receive_key(); }
};
// What a stream must deliver is what was sent, in order, once: both ends keep a fingerprint of it, to be compared.
[[nodiscard]] constexpr std::uint16_t fold_stream(std::uint16_t stream, std::uint64_t content_id) {
  const auto id = static_cast<std::uint32_t>(content_id * 0x9e3779b97f4a7c15u >> 48);
  const std::uint32_t turned = (std::uint32_t{stream} << 5 | std::uint32_t{stream} >> 11) & 0xffff;
  return static_cast<std::uint16_t>((turned ^ id) * 0x9e37u + 1);
}

static_assert(sizeof(ConnectionHalf) == 64, "a half is one cache line");

inline constexpr std::uint32_t kHalvesPerBlock = 8;

class HalfStore {
 public:
  [[nodiscard]] ConnectionHalf& operator[](HalfIndex index) { return halves_[index]; }
  [[nodiscard]] const ConnectionHalf& operator[](HalfIndex index) const { return halves_[index]; }

  // A contiguous block of kHalvesPerBlock free halves, for one node: what it sends to all its peers then lies together.
  HalfIndex add_block() {
    const auto first = static_cast<HalfIndex>(halves_.size());
    halves_.resize(halves_.size() + kHalvesPerBlock);
    return first;
  }

  // The place may be used again; events for the earlier half are stale from now on.
  void release(HalfIndex index) {
    const std::uint32_t next = halves_[index].generation + 1;
    halves_[index] = ConnectionHalf{};
    halves_[index].generation = next & kGenerationMask;
  }

  void touch(HalfIndex index) const { hearsay::touch(&halves_[index]); }
  // The whole block that the half is in.
  void prefetch_block(HalfIndex index) const {
    const ConnectionHalf* first = &halves_[index / kHalvesPerBlock * kHalvesPerBlock];
    for (std::uint32_t i = 0; i < kHalvesPerBlock; ++i) __builtin_prefetch(first + i);
  }
  template <class Visit>
  void for_each_open(Visit visit) const {
    for (HalfIndex index = 0; index < halves_.size(); ++index)
      if (halves_[index].state == HalfState::open) visit(index, halves_[index]);
  }
  // Counts; for tests and reports.
  [[nodiscard]] std::size_t in_use() const {
    return static_cast<std::size_t>(std::count_if(
        halves_.begin(), halves_.end(), [](const ConnectionHalf& half) { return half.state != HalfState::free; }));
  }

 private:
  std::vector<ConnectionHalf, LargeArrayAllocator<ConnectionHalf>> halves_;
};

}  // namespace hearsay
