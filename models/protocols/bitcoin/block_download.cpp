#include "models/protocols/bitcoin/block_download.hpp"

#include <algorithm>

namespace hearsay::bitcoin {

std::vector<chain::BlockRef> BlockDownload::request(const chain::BlockIndex& index, const chain::BlockTree& tree,
                                                    ConnectionSlot peer, chain::BlockRef peer_best) {
  std::vector<chain::BlockRef> chosen;
  if (peer_best == chain::kNoBlock || tree.is_complete(peer_best) || tree.has_failed(peer_best)) return chosen;
  // A chain with less work than ours is not worth its bytes; one with equal work is fetched, as Bitcoin Core does.
  if (index[peer_best].chain_work < index[tree.tip()].chain_work) return chosen;
  const std::int32_t common = index[index.fork_point(peer_best, tree.tip())].height;
  const std::int32_t highest = std::min(index[peer_best].height, common + kDownloadWindow);
  std::vector<chain::BlockRef> missing;
  for (chain::BlockRef block = index.ancestor(peer_best, highest); index[block].height > common;
       block = index[block].parent)
    if (!tree.has_body(block) && !in_flight(block)) missing.push_back(block);
  std::reverse(missing.begin(), missing.end());
  std::size_t busy = in_flight_from(peer);
  for (const chain::BlockRef block : missing) {
    if (busy++ >= per_peer_) break;
    in_flight_.push_back({block, peer});
    chosen.push_back(block);
  }
  return chosen;
}

void BlockDownload::received(chain::BlockRef block) {
  std::erase_if(in_flight_, [&](const Request& request) { return request.block == block; });
}

void BlockDownload::forget_peer(ConnectionSlot peer) {
  std::erase_if(in_flight_, [&](const Request& request) { return request.peer == peer; });
}

bool BlockDownload::in_flight(chain::BlockRef block) const {
  return std::any_of(in_flight_.begin(), in_flight_.end(),
                     [&](const Request& request) { return request.block == block; });
}

std::size_t BlockDownload::in_flight_from(ConnectionSlot peer) const {
  return static_cast<std::size_t>(std::count_if(in_flight_.begin(), in_flight_.end(),
                                                [&](const Request& request) { return request.peer == peer; }));
}

}  // namespace hearsay::bitcoin
