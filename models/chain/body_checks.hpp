// The verdict on the body of a block, and the part of it that needs no state: whether the header commits to these
// transactions, and what they must satisfy wherever the block stands. What they spend is the Ledger's business.
#pragma once

#include <cstdint>
#include <string_view>

#include "models/chain/block_index.hpp"
#include "models/chain/transaction_checks.hpp"

namespace hearsay::chain {

enum class BodyVerdict : std::uint8_t {
  valid,
  // check_body
  merkle_root_mismatch,
  mutated,           // CVE-2012-2459
  no_coinbase,       // the first transaction, and only it, is a coinbase
  wrong_height,      // BIP 34
  too_large,         // over the weight of the chain (BIP 141), a quarter of it stripped, or more than a message holds
  witness_mismatch,  // witnesses that the coinbase does not commit to (BIP 141)
  too_many_sigops,   // cost over 80,000; the part of it that needs coins is the Ledger's
  // check_body, of a transaction: as TransactionVerdict
  no_inputs,
  no_outputs,
  transaction_too_large,
  negative_output,
  output_too_large,
  outputs_too_large,
  duplicate_inputs,
  bad_coinbase_length,
  null_input,
  // Ledger::connect, of a transaction: as TransactionVerdict
  missing_input,
  double_spend,
  immature_coinbase,
  input_value_range,
  outputs_exceed_inputs,
  not_final,
  relative_lock,
  bad_script,
  // Ledger::connect
  coinbase_too_rich,  // more than subsidy and fees
};
[[nodiscard]] std::string_view name_of(BodyVerdict verdict);
[[nodiscard]] BodyVerdict body_verdict(TransactionVerdict verdict);

[[nodiscard]] BodyVerdict check_body(const ChainParams& params, const Block& block, const IndexedBlock& place);

}  // namespace hearsay::chain
