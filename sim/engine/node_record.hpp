// What the engine keeps for each node on its rank: one cache line that every event touches, and the rest.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/core/ids.hpp"
#include "sim/core/time.hpp"
#include "sim/engine/slowness.hpp"
#include "sim/engine/uplink_queue.hpp"
#include "sim/net/connection_half.hpp"
#include "sim/net/flow.hpp"
#include "sim/node/node.hpp"
#include "sim/node/session_law.hpp"

namespace hearsay {

struct alignas(64) NodeRecord {
  Node* node = nullptr;
  std::uint64_t digest = 0;
  SimTime uplink_free;                     // when the last byte given to the uplink has left
  SimTime downlink_free;                   // when the last byte that is on its way through the downlink is through
  SimTime busy_until;                      // of the message thread
  std::array<HalfIndex, 2> near_blocks{};  // where the halves of slots 0 to 7 and 8 to 15 lie
  std::uint32_t slots : 29 = 0;            // places in all blocks
  std::uint32_t slowed : 1 = 0;            // NodeExtra::slowness is not 1
  std::uint32_t bulk_leaves : 1 = 0;       // the uplink serves large messages at present
  std::uint32_t bulk_arrives : 1 = 0;      // likewise the downlink
  std::uint32_t uplink_ps_per_byte = 0;    // picoseconds; zero: not limited
  std::uint32_t downlink_ps_per_byte = 0;  // likewise
  std::uint32_t next_sequence = 0;         // of events; goes on over incarnations
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

// What the message thread of a node could not do yet.
struct WaitingWork {
  // Something sent, or a FIN, by a handler that had spent time before: it leaves then.
  struct LateSend {
    SimTime time;
    HalfIndex half = 0;
    std::uint32_t generation = 0;
    EventKind kind = EventKind::message;
    MessageRef message;
  };
  struct Datagram {
    NodeId from = 0;
    MessageRef message;
  };
  std::vector<LateSend> late;      // by time
  std::vector<HalfIndex> inboxes;  // halves with something in their inbox
  std::vector<HalfIndex> pass;     // those whose turn is still to come in this pass; from the back
  Fifo<Datagram> datagrams;
  std::uint64_t datagram_bytes = 0;
  SimTime resume = SimTime::max();    // of the live resume event; max: none
  std::optional<RandomStream> order;  // of the connections in a pass
};

// A node that comes and goes by a law. Kept when the law ends: its stream goes on.
struct Sessions {
  std::shared_ptr<const SessionLaw> law;
  RandomStream draws;
  std::uint32_t generation = 0;    // of the law: events of an earlier one are stale
  bool in_session = false;         // by the law, whatever control events have done to the node
  StopKind end = StopKind::clean;  // of the session under way
  explicit Sessions(const RandomStream& stream) : draws(stream) {}
};

struct NodeExtra {
  std::unique_ptr<Node> node;
  std::vector<HalfIndex> blocks;          // by slot / kHalvesPerBlock: where the halves of those slots lie
  std::uint64_t connections_dialled = 0;  // over all incarnations: the initiator's counter in a connection's id
  std::uint64_t datagrams_sent = 0;       // likewise
  std::unique_ptr<UplinkQueue> uplink;    // null: no large message was ever sent
  std::unique_ptr<WaitingWork> thread;    // null: it was never busy
  std::uint32_t bulk_arriving = 0;        // connections with a large message on its way through the downlink
  SimTime small_through;                  // when the last small message is that went between the parts of large ones
  std::uint32_t accepting = 0;            // halves in that state
  std::uint32_t incarnation = 0;
  std::array<TimerState, kTimerSlots> timers{};
  Presence presence = Presence::unborn;
  Slowness slowness;
  std::unique_ptr<Sessions> sessions;  // null: it never had a session law
};

}  // namespace hearsay
