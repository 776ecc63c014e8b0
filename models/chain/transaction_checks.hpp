// What a transaction must satisfy, rule by rule: from its fields alone, and from the coins that it spends. Pure
// functions, shared by blocks (Ledger) and by whoever accepts single transactions; finding the coins is the caller's,
// and so is policy (fees, standardness, replacement).
//
// Rules: Bitcoin Core consensus/tx_check.cpp and consensus/tx_verify.cpp; BIP 68, BIP 113.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "models/chain/block.hpp"
#include "models/chain/coins.hpp"
#include "models/chain/params.hpp"
#include "models/chain/script.hpp"

namespace hearsay::chain {

// MAX_MONEY, Bitcoin Core consensus/amount.h.
inline constexpr std::int64_t kMaximumMoney = 2'100'000'000'000'000;
// COINBASE_MATURITY, Bitcoin Core consensus/consensus.h.
inline constexpr std::int32_t kCoinbaseMaturity = 100;
// Consensus, Bitcoin Core consensus/tx_check.cpp.
inline constexpr std::size_t kMinimumCoinbaseScriptBytes = 2;
inline constexpr std::size_t kMaximumCoinbaseScriptBytes = 100;

constexpr bool is_money(std::int64_t value) {
  return value >= 0 && value <= kMaximumMoney;
}

enum class TransactionVerdict : std::uint8_t {
  valid,
  // From the transaction alone.
  no_inputs,
  no_outputs,
  transaction_too_large,  // four times the stripped bytes exceed the weight that a block may have
  negative_output,
  output_too_large,   // one output above 21 million coins
  outputs_too_large,  // all of them together
  duplicate_inputs,
  bad_coinbase_length,  // the script of a coinbase has 2 to 100 bytes
  null_input,           // an input that spends nothing, outside a coinbase
  // From the coins.
  missing_input,      // no such coin in this chain
  double_spend,       // it exists and is spent already
  immature_coinbase,  // fewer than 100 blocks after it was created
  input_value_range,  // inputs that add up to more than all coins there are
  outputs_exceed_inputs,
  not_final,      // lock time (BIP 113)
  relative_lock,  // sequence numbers (BIP 68)
  bad_script,
};
[[nodiscard]] std::string_view name_of(TransactionVerdict verdict);

// From the fields alone (CheckTransaction).
[[nodiscard]] TransactionVerdict check_transaction(const ChainParams& params, const Transaction& transaction);

// Whether the lock time lets it into a block of that height whose parent has that median time past (IsFinalTx with the
// cut-off of BIP 113).
[[nodiscard]] bool is_final(const Transaction& transaction, std::int32_t height, std::uint32_t median_time_past);

// What BIP 68 measures the age of a coin from: the height of its block and the median time past of that block's parent.
struct CoinAge {
  std::int32_t height = 0;
  std::uint32_t median_time_before = 0;
};
// Whether some input has a relative lock at all: without one the ages need not be looked up.
[[nodiscard]] bool has_relative_locks(const Transaction& transaction);
// Whether all relative locks are over in a block of that height whose parent has that median time past; `ages` of the
// coins in the order of the inputs (SequenceLocks).
[[nodiscard]] bool relative_locks_over(const Transaction& transaction, std::span<const CoinAge> ages,
                                       std::int32_t height, std::uint32_t median_time_past);

// Values and maturity of what a transaction that is no coinbase spends in a block of that height, the coins in the
// order of the inputs (CheckTxInputs). The fee counts only if the verdict is valid.
struct SpendCheck {
  TransactionVerdict verdict = TransactionVerdict::valid;
  std::int64_t fee = 0;
};
[[nodiscard]] SpendCheck check_spend(const Transaction& transaction, std::span<const Coin> coins, std::int32_t height);

// The first verdict of an input that is not valid; valid if all are.
[[nodiscard]] ScriptVerdict check_scripts(const Transaction& transaction, std::span<const Coin> coins);

[[nodiscard]] std::int64_t output_value(const Transaction& transaction);

}  // namespace hearsay::chain
