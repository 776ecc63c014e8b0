// Makes valid blocks: a coinbase that claims subsidy and fees, the transactions given, a witness commitment where they
// have witnesses, and a nonce that meets the target. A block may be padded to a size, in one more output of its
// coinbase.
//
// Not responsible for choosing transactions, nor for whether they may be spent there: a plan with a transaction that
// the chain refuses gives a block that the chain refuses.
//
// Invariants: the bytes of a block are a function of its plan. Its first output pays to output_script of its form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/chain/block.hpp"
#include "models/chain/params.hpp"
#include "models/chain/script.hpp"

namespace hearsay::chain {

struct BlockPlan {
  Hash256 parent;
  std::int32_t height = 0;  // of the new block; 1 or more
  std::uint32_t unix_time = 0;
  std::uint32_t bits = 0;  // compact target: BlockIndex::next_bits of the parent
  std::uint64_t tag = 0;   // in the coinbase script: tells miners and templates at one height apart
  std::vector<TransactionPointer> transactions = {};  // after the coinbase, parents before children
  std::int64_t fees = 0;                              // of those transactions, all claimed
  // A block that would have fewer stripped bytes is padded to exactly so many, as far as its weight allows.
  std::size_t least_stripped_bytes = 0;
  SpendForm form = SpendForm::p2wsh;  // of the reward
};

// Stripped bytes of the block without padding.
[[nodiscard]] std::size_t minimum_block_bytes(const BlockPlan& plan);

// The block, solved. Meant for targets that simulations use (regtest's takes two tries on average); whoever plans a
// target that no nonce meets has made a mistake.
[[nodiscard]] BlockPointer assemble_block(const ChainParams& params, const BlockPlan& plan);

// The push of the height that must open the script of a coinbase (BIP 34, in the form of Bitcoin Core
// validation.cpp: 0 to 16 as one opcode).
[[nodiscard]] std::vector<std::uint8_t> height_script(std::int32_t height);

enum class Solution : std::uint8_t { found, exhausted };
// Counts the nonce up from where it is until the hash is at or below the target that the header names. Exhausted if no
// nonce is left or the target is not valid; the header then means nothing.
[[nodiscard]] Solution solve(BlockHeader& header);

}  // namespace hearsay::chain
