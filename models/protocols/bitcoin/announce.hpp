// What to tell one peer about blocks that just joined the active chain. Pure: decides, sends nothing.
//
// Rules of SendMessages in Bitcoin Core net_processing.cpp (compact blocks apart): up to 8 new headers to a peer that
// asked for headers (BIP 130), if they connect to something that it has; otherwise an inv of the newest block only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/chain/block_tree.hpp"
#include "models/protocols/bitcoin/messages.hpp"
#include "models/protocols/bitcoin/peer.hpp"

namespace hearsay::bitcoin {

// MAX_BLOCKS_TO_ANNOUNCE, Bitcoin Core net_processing.cpp.
inline constexpr std::size_t kMaximumAnnouncedBlocks = 8;

enum class BlockRelay : std::uint8_t { headers, inv, push };

// Whether the peer is known to have the header: it announced it or a descendant, or we told it.
[[nodiscard]] bool peer_has_header(const chain::BlockIndex& index, const Peer& peer, chain::BlockRef block);

// The announcement for blocks `connected` (oldest first, ending at the tip), if the peer needs one. Notes in `peer`
// what it was told. Under BlockRelay::push: for peers to which nothing was pushed.
[[nodiscard]] std::optional<Payload> announcement(const chain::BlockIndex& index, BlockRelay relay, Peer& peer,
                                                  const std::vector<chain::BlockRef>& connected);

// Of `connected`, the blocks that a peer under BlockRelay::push is sent: none unless they connect to something that it
// has, because a block without parent would cost us the connection; an announcement must do then.
[[nodiscard]] std::vector<chain::BlockRef> pushed_blocks(const chain::BlockIndex& index, Peer& peer,
                                                         const std::vector<chain::BlockRef>& connected);

}  // namespace hearsay::bitcoin
