// Headers that somebody on this rank knows, with what follows from them alone: hash, height, work, median time past.
//
// A cache of pure functions, shared by the nodes of a rank: a header is hashed and checked once, however many nodes
// receive it. Which node knows which header is the BlockTree's. Places (BlockRef) are given in the order of arrival on
// this rank: for arrays only, never in an order, a draw, an observation or a digest.
//
// A valid body is unique to its header as long as the header commits to all of it (Merkle root, witness commitment),
// so bodies that passed the check may be shared here too.
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "models/chain/block.hpp"
#include "models/chain/params.hpp"
#include "models/chain/uint256.hpp"

namespace hearsay::chain {

using BlockRef = std::uint32_t;
inline constexpr BlockRef kNoBlock = 0xffffffff;

struct IndexedBlock {
  Hash256 hash;
  BlockHeader header;
  BlockRef parent = kNoBlock;
  BlockRef jump = kNoBlock;  // an ancestor far enough back that any other is found in O(log height) steps
  std::int32_t height = 0;
  std::uint32_t median_time_past = 0;  // of the last 11 blocks, this one included (CBlockIndex::GetMedianTimePast)
  Work chain_work;                     // sum from genesis
  BlockPointer body;                   // null until a valid one was seen
};

enum class HeaderVerdict : std::uint8_t {
  valid,
  unknown_parent,
  hash_above_target,
  wrong_bits,    // not the difficulty that the parent asks for
  time_too_old,  // not after the parent's median time past
  bad_version,   // an older one than the height asks for (BIP 34, 65, 66)
};

// MAX_FUTURE_BLOCK_TIME, Bitcoin Core chain.h.
inline constexpr std::int64_t kMaximumFutureSeconds = 7'200;
// Whether a node whose clock shows that Unix time must not accept the header yet. It is not invalid for good: clocks
// advance, and differ, so this is no part of a HeaderVerdict.
[[nodiscard]] constexpr bool is_too_new(const BlockHeader& header, std::int64_t unix_seconds) {
  return header.unix_time > unix_seconds + kMaximumFutureSeconds;
}

class BlockIndex {
 public:
  explicit BlockIndex(const ChainParams& params);

  [[nodiscard]] const ChainParams& params() const { return params_; }
  [[nodiscard]] const IndexedBlock& operator[](BlockRef block) const { return blocks_[block]; }
  [[nodiscard]] BlockRef genesis() const { return 0; }
  [[nodiscard]] std::size_t size() const { return blocks_.size(); }
  [[nodiscard]] BlockRef find(const Hash256& hash) const;

  // Checks what depends on the chain alone (not on a node's clock) and enters the header if it is valid.
  HeaderVerdict add(const BlockHeader& header, BlockRef& block);
  // The compact target that a block on `parent` must have (GetNextWorkRequired, Bitcoin Core pow.cpp, without the
  // exception of test networks).
  [[nodiscard]] std::uint32_t next_bits(BlockRef parent) const;
  void set_body(BlockRef block, const BlockPointer& body) { blocks_[block].body = body; }

  // The ancestor at a height not above the block's own.
  [[nodiscard]] BlockRef ancestor(BlockRef block, std::int32_t height) const;
  [[nodiscard]] bool is_ancestor(BlockRef ancestor_block, BlockRef block) const;
  // The last block that both chains share.
  [[nodiscard]] BlockRef fork_point(BlockRef a, BlockRef b) const;
  // Hashes from `tip` back: 12 consecutive, then in doubling steps, genesis last (LocatorEntries, Bitcoin Core
  // chain.cpp).
  [[nodiscard]] std::vector<Hash256> locator(BlockRef tip) const;

 private:
  void enter(const BlockHeader& header, const Hash256& hash, BlockRef parent);
  [[nodiscard]] std::uint32_t median_time(BlockRef block) const;

  const ChainParams params_;
  std::vector<IndexedBlock> blocks_;
  tsl::robin_map<Hash256, BlockRef, Hash256Hasher> by_hash_;
  tsl::robin_map<std::uint64_t, BlockRef>
      by_fingerprint_;  // of the header's bytes: what came before is not hashed again
};

}  // namespace hearsay::chain
