// Which blocks a node has asked for, from whom, and which it should ask for next. Knows no clock and sends nothing.
//
// A block is in flight from one peer at a time. Of a peer's chain, the oldest missing blocks are asked for first, up to
// a limit a peer, within a window above the last block in common (FindNextBlocksToDownload, Bitcoin Core
// net_processing.cpp).
#pragma once

#include <cstdint>
#include <vector>

#include "models/chain/block_tree.hpp"
#include "sim/core/ids.hpp"

namespace hearsay::bitcoin {

// BLOCK_DOWNLOAD_WINDOW, Bitcoin Core net_processing.cpp.
inline constexpr std::int32_t kDownloadWindow = 1024;

class BlockDownload {
 public:
  explicit BlockDownload(std::size_t per_peer) : per_peer_(per_peer) {}

  // What to ask `peer` for now, given the best block that it is known to have; marks it as in flight.
  [[nodiscard]] std::vector<chain::BlockRef> request(const chain::BlockIndex& index, const chain::BlockTree& tree,
                                                     ConnectionSlot peer, chain::BlockRef peer_best);
  // A block of which only the hash is known: is it worth asking this peer for? If so, it is marked as in flight.
  [[nodiscard]] bool ask_by_hash(std::uint64_t id, ConnectionSlot peer);
  // The header of a block came: what was asked by hash goes on as an ordinary request.
  void learn_header(std::uint64_t id, chain::BlockRef block);
  // A valid body arrived, from whomever.
  void received(chain::BlockRef block);
  // Nothing more will come from this peer.
  void forget_peer(ConnectionSlot peer);
  void clear() {
    in_flight_.clear();
    by_hash_.clear();
  }
  [[nodiscard]] bool in_flight(chain::BlockRef block) const;
  [[nodiscard]] std::size_t in_flight_from(ConnectionSlot peer) const;

 private:
  struct Request {
    chain::BlockRef block;
    ConnectionSlot peer;
  };
  struct HashRequest {
    std::uint64_t id;
    ConnectionSlot peer;
  };
  std::size_t per_peer_;
  std::vector<HashRequest> by_hash_;
  std::vector<Request> in_flight_;  // short: at most per_peer_ a peer, and usually none
};

}  // namespace hearsay::bitcoin
