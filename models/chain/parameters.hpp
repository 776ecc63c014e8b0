// What a scenario may set of the chain that a network starts with.
#pragma once

#include <string>
#include <vector>

#include "models/chain/params.hpp"
#include "models/chain/script.hpp"
#include "sim/core/parameter.hpp"

namespace hearsay::chain {

// Keys of `chain`.
struct ChainStartParameters {
  std::string params = "regtest";
  std::int64_t premined_blocks = 200;
  std::int64_t spendable_outputs = 11'000;
  std::string outputs = "p2wsh";
  std::int64_t block_weight_limit = kConsensusBlockWeight;

  [[nodiscard]] SpendForm form() const { return outputs == "p2sh" ? SpendForm::p2sh : SpendForm::p2wsh; }
};

inline const std::vector<Parameter<ChainStartParameters>>& describe_chain_start() {
  using P = ChainStartParameters;
  static const std::vector<Parameter<P>> list = {
      {"params",
       &P::params,
       "constants of the chain: regtest, whose difficulty stays, or mainnet's halvings and retargets at a difficulty "
       "that costs some 16 hashes",
       "Bitcoin Core kernel/chainparams.cpp",
       0,
       0,
       {"regtest", "mainnet-like"}},
      {"premined_blocks", &P::premined_blocks, "blocks that all nodes have at the start, the last one dated then",
       "ours: more than the 100 of coinbase maturity", 1, 100'000},
      {"spendable_outputs", &P::spendable_outputs,
       "outputs of the premined chain that can be spent from the start; 0, or at most 2,000 for each block above the "
       "100th",
       "ours: two inputs for each of 5,000 transactions", 0, 10'000'000},
      {"outputs",
       &P::outputs,
       "form of all outputs, which anyone may spend: p2wsh (BIP 141), or p2sh (BIP 16), as before witnesses",
       "ours: what today's nodes use",
       0,
       0,
       {"p2wsh", "p2sh"}},
      // A premined block with its fan-out transaction weighs less than 400,000. Where nothing has a witness, 16,000,000
      // is a block of kMaximumBlockBytes.
      {"block_weight_limit", &P::block_weight_limit,
       "weight that a block may have, four for each byte but one for those of witnesses; a block of more than 4 MB is "
       "refused whatever it weighs",
       "MAX_BLOCK_WEIGHT (BIP 141), Bitcoin Core consensus/consensus.h", 400'000, 16'000'000},
  };
  return list;
}

}  // namespace hearsay::chain
