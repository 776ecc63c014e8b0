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
  bool ready = false;  // verack received: the handshake is complete
  bool wants_headers = false;
  chain::BlockRef best_known = chain::kNoBlock;        // the block with the most work that the peer is known to have
  chain::BlockRef best_header_sent = chain::kNoBlock;  // the best header that we told it
  chain::Hash256 last_unknown;                         // announced by it, header not known here
  SimTime getheaders_sent{INT64_MIN / 2};
  std::uint64_t ping_nonce = 0;  // zero: no ping under way
  SimTime ping_sent;
  Duration minimum_ping{INT64_MAX};
  std::uint32_t stamp = 0;  // tells successive connections of one slot apart in queues of deadlines
};

}  // namespace hearsay::bitcoin
