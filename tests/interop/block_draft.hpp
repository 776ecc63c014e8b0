// A block that can be spoilt before it is sealed: its fields are free, valid or not.
//
// Not an assembly of valid blocks: models/chain does that, and a draft starts from one of its blocks.
//
// Invariants: a sealed block always meets its target, and its header commits to its transactions, unless the caller
// says otherwise: so a case breaks the one rule that it is about.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/chain/block.hpp"
#include "tests/interop/judge_profile.hpp"

namespace hearsay::interop {

// A transaction with free fields.
struct TransactionDraft {
  std::int32_t version = 2;
  std::vector<chain::TxIn> inputs = {};
  std::vector<chain::TxOut> outputs = {};
  std::uint32_t lock_time = 0;

  TransactionDraft() = default;
  explicit TransactionDraft(const chain::Transaction& transaction);
  [[nodiscard]] chain::TransactionPointer make() const;
};

struct BlockDraft {
  chain::BlockHeader header;
  std::vector<chain::TransactionPointer> transactions;

  explicit BlockDraft(const chain::Block& block);

  // Replaces the coinbase by a changed one.
  void change_coinbase(const std::function<void(TransactionDraft&)>& change);
  // Makes the last commitment of the coinbase to the witnesses (BIP 141) right again, if it has one.
  void renew_commitment();
  // Appends a commitment, right or wrong, to the outputs of the coinbase.
  void append_commitment(const chain::Hash256& commitment);
  void renew_merkle_root();

  // Renews commitment and Merkle root, solves.
  [[nodiscard]] chain::BlockPointer seal(Work work);
  // Renews the Merkle root alone, solves.
  [[nodiscard]] chain::BlockPointer seal_with_commitment_as_it_is(Work work);
  // Solves the header as it is.
  [[nodiscard]] chain::BlockPointer seal_as_it_is(Work work);
};

}  // namespace hearsay::interop
