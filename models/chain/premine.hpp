// The chain that a network starts with: blocks dated up to the start, so that nobody is in initial download, and
// outputs that can be spent from the first moment on.
//
// From height 101 on, where the first coinbase is mature, one fan-out transaction a block spends the oldest coinbase
// not spent yet into outputs of equal value, until there are enough. What the outputs' owners do with them is nobody's
// business here: anyone can spend them.
#pragma once

#include <cstdint>
#include <vector>

#include "models/chain/block_index.hpp"
#include "models/chain/ledger.hpp"
#include "models/chain/parameters.hpp"
#include "models/chain/transaction_builder.hpp"

namespace hearsay::chain {

// Of one fan-out transaction: 344,000 weight units of outputs, inside the 400,000 of a standard transaction
// (MAX_STANDARD_TX_WEIGHT, Bitcoin Core policy/policy.h).
inline constexpr std::uint32_t kFanOutOutputs = 2'000;

struct PremineSettings {
  std::uint32_t blocks = 0;             // on top of genesis, one per target spacing
  std::int64_t tip_time = 0;            // of the last one, Unix seconds
  std::uint32_t spendable_outputs = 0;  // wanted; fewer, if there are fewer blocks than least_premined_blocks
  SpendForm form = SpendForm::p2wsh;    // of all outputs
};

struct Premine {
  BlockRef tip = 0;
  std::vector<Funding> spendable;  // in the order of the chain; all of one value
};

// How many blocks it takes to have that many spendable outputs: 100 and one for each kFanOutOutputs of them.
[[nodiscard]] std::uint32_t least_premined_blocks(std::uint32_t spendable_outputs);

// Enters the blocks, with their bodies, into the index and the ledger over it. The index holds genesis alone.
[[nodiscard]] Premine premine(BlockIndex& index, Ledger& ledger, const PremineSettings& settings);

// The constants that a scenario's `chain` names.
[[nodiscard]] ChainParams chain_params(const ChainStartParameters& start);

}  // namespace hearsay::chain
