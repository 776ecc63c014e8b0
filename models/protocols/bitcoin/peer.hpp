// What a node keeps about one of its connections.
#pragma once

#include <cstdint>

#include "models/chain/block_index.hpp"
#include "sim/core/time.hpp"
#include "sim/net/endpoint.hpp"
#include "sim/node/node.hpp"

namespace hearsay::bitcoin {

struct Peer {
  Endpoint endpoint;
  Direction direction = Direction::outbound;
  bool version_received = false;
  std::int32_t protocol_version = 0;  // the lower of the two ends'
  bool ready = false;                 // verack received: the handshake is complete
  bool wants_headers = false;
  bool wants_transactions = false;                     // as its version message said
  bool wtxid_relay = false;                            // both ends announce by wtxid
  chain::BlockRef best_known = chain::kNoBlock;        // the block with the most work that the peer is known to have
  chain::BlockRef best_header_sent = chain::kNoBlock;  // the best header that we told it
  chain::Hash256 last_unknown;                         // announced by it, header not known here
  SimTime getheaders_sent{INT64_MIN / 2};
  std::uint64_t ping_nonce = 0;  // zero: no ping under way
  SimTime ping_sent;
  std::int64_t fee_filter_sent = -1;   // satoshis per 1,000 virtual bytes; -1: none yet
  std::int64_t minimum_fee_told = -1;  // what it was rounded from
  bool fee_filter_due = false;
  std::uint32_t stamp = 0;       // tells successive connections of one slot apart in queues of deadlines
  std::uint32_t ping_stamp = 0;  // likewise, and successive pings, in the queue of pings
};

}  // namespace hearsay::bitcoin
