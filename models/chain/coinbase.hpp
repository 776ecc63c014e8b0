// Assembly of blocks that hold one transaction, a coinbase padded to any size: consensus-valid bodies of realistic
// weight for studies in which the size of a block matters and its transactions do not.
//
// Not a block template from a mempool: no fees, no other transactions, no witness (so none need be committed to).
//
// Invariants: the stripped size is exactly the one asked for; the same plan gives the same block, plans that differ in
// the tag give different ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/chain/block.hpp"
#include "models/chain/params.hpp"

namespace hearsay::chain {

struct CoinbaseBlockPlan {
  Hash256 parent;
  std::int32_t height = 0;  // of the new block; 1 or more
  std::uint32_t unix_time = 0;
  std::uint32_t bits = 0;          // compact target
  std::uint64_t tag = 0;           // in the coinbase script: tells miners and templates at one height apart
  std::size_t stripped_bytes = 0;  // at least minimum_coinbase_block_bytes(height)
};

// The smallest block of this kind at a height.
std::size_t minimum_coinbase_block_bytes(std::int32_t height);

// The block, solved. Meant for targets that simulations use (regtest's takes two tries on average); whoever plans a
// target that no nonce meets has made a mistake.
BlockPointer make_coinbase_block(const ChainParams& params, const CoinbaseBlockPlan& plan);

// The push of the height that must open the script of a coinbase (BIP 34, in the form of Bitcoin Core
// validation.cpp: 0 to 16 as one opcode).
std::vector<std::uint8_t> height_script(std::int32_t height);

enum class Solution : std::uint8_t { found, exhausted };
// Counts the nonce up from where it is until the hash is at or below the target that the header names. Exhausted if no
// nonce is left or the target is not valid; the header then means nothing.
Solution solve(BlockHeader& header);

}  // namespace hearsay::chain
