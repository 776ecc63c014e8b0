// What the engine keeps for each node on its rank: one cache line that every event touches, and the rest.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/core/ids.hpp"
#include "sim/core/time.hpp"
#include "sim/net/connection_half.hpp"
#include "sim/node/node.hpp"

namespace hearsay {

struct alignas(64) NodeRecord {
  Node* node = nullptr;
  std::uint64_t digest = 0;
  SimTime uplink_free;                     // when the last byte given to the uplink has left
  std::array<HalfIndex, 2> near_blocks{};  // where the halves of slots 0 to 7 and 8 to 15 lie
  std::uint32_t slots = 0;                 // places in all blocks
  std::uint32_t uplink_ps_per_byte = 0;    // picoseconds; zero: not limited
  std::uint32_t next_sequence = 0;         // of events; goes on over incarnations
  std::uint32_t incarnation = 0;
};
static_assert(sizeof(NodeRecord) == 64, "a record is one cache line");

enum class Presence : std::uint8_t {
  unborn,  // never started: its host is not there either
  online,
  stopped,   // the process is gone, the host answers by RST
  vanished,  // the host is silent
};

// One live event per (node, timer): a deadline that moves back keeps its event, which is pushed on when it comes due.
struct TimerState {
  SimTime deadline = SimTime::max();  // max: not set
  SimTime event = SimTime::max();     // of the live event; max: none
};

struct NodeExtra {
  std::unique_ptr<Node> node;
  std::vector<HalfIndex> blocks;          // by slot / kHalvesPerBlock: where the halves of those slots lie
  std::uint64_t connections_dialled = 0;  // over all incarnations: the initiator's counter in a connection's id
  std::array<TimerState, kTimerSlots> timers{};
  Presence presence = Presence::unborn;
};

}  // namespace hearsay
