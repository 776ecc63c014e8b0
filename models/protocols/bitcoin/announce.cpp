#include "models/protocols/bitcoin/announce.hpp"

namespace hearsay::bitcoin {

bool peer_has_header(const chain::BlockIndex& index, const Peer& peer, chain::BlockRef block) {
  const auto has = [&](chain::BlockRef best) { return best != chain::kNoBlock && index.is_ancestor(block, best); };
  return has(peer.best_known) || has(peer.best_header_sent);
}

namespace {

// The headers to send, or nothing where an inv must do.
std::vector<chain::BlockHeader> connecting_headers(const chain::BlockIndex& index, const Peer& peer,
                                                   const std::vector<chain::BlockRef>& connected) {
  std::vector<chain::BlockHeader> headers;
  if (connected.size() > kMaximumAnnouncedBlocks) return headers;
  for (const chain::BlockRef block : connected) {
    if (headers.empty()) {
      if (peer_has_header(index, peer, block)) continue;
      if (!peer_has_header(index, peer, index[block].parent)) return {};
    }
    headers.push_back(index[block].header);
  }
  return headers;
}

}  // namespace

std::optional<Payload> announcement(const chain::BlockIndex& index, BlockRelay relay, Peer& peer,
                                    const std::vector<chain::BlockRef>& connected) {
  const chain::BlockRef tip = connected.back();
  if (peer_has_header(index, peer, tip)) return std::nullopt;
  if (relay == BlockRelay::headers && peer.wants_headers) {
    std::vector<chain::BlockHeader> headers = connecting_headers(index, peer, connected);
    if (!headers.empty()) {
      peer.best_header_sent = tip;
      return Headers{std::move(headers)};
    }
  }
  return Inv{{{InventoryType::block, index[tip].hash}}};
}

std::vector<chain::BlockRef> pushed_blocks(const chain::BlockIndex& index, Peer& peer,
                                           const std::vector<chain::BlockRef>& connected) {
  std::vector<chain::BlockRef> blocks;
  for (const chain::BlockRef block : connected)
    if (!peer_has_header(index, peer, block)) blocks.push_back(block);
  if (!blocks.empty() && !peer_has_header(index, peer, index[blocks.front()].parent)) return {};
  if (!blocks.empty()) peer.best_header_sent = blocks.back();
  return blocks;
}

}  // namespace hearsay::bitcoin
