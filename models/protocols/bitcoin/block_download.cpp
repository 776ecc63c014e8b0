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

bool BlockDownload::ask_by_hash(std::uint64_t id, ConnectionSlot peer) {
  const auto asked = [&](const HashRequest& request) { return request.id == id; };
  if (std::any_of(by_hash_.begin(), by_hash_.end(), asked) || in_flight_from(peer) >= per_peer_) return false;
  by_hash_.push_back({id, peer});
  return true;
}

void BlockDownload::learn_header(std::uint64_t id, chain::BlockRef block) {
  const auto found =
      std::find_if(by_hash_.begin(), by_hash_.end(), [&](const HashRequest& request) { return request.id == id; });
  if (found == by_hash_.end()) return;
  in_flight_.push_back({block, found->peer});
  by_hash_.erase(found);
}

void BlockDownload::received(chain::BlockRef block) {
  std::erase_if(in_flight_, [&](const Request& request) { return request.block == block; });
}

void BlockDownload::forget_peer(ConnectionSlot peer) {
  std::erase_if(in_flight_, [&](const Request& request) { return request.peer == peer; });
  std::erase_if(by_hash_, [&](const HashRequest& request) { return request.peer == peer; });
}

bool BlockDownload::in_flight(chain::BlockRef block) const {
  return std::any_of(in_flight_.begin(), in_flight_.end(),
                     [&](const Request& request) { return request.block == block; });
}

std::size_t BlockDownload::in_flight_from(ConnectionSlot peer) const {
  const auto of_peer = [&](const auto& request) { return request.peer == peer; };
  return static_cast<std::size_t>(std::count_if(in_flight_.begin(), in_flight_.end(), of_peer) +
                                  std::count_if(by_hash_.begin(), by_hash_.end(), of_peer));
}

}  // namespace hearsay::bitcoin
