#include "models/chain/transaction_checks.hpp"

#include <algorithm>
#include <vector>

#include "sim/core/check.hpp"

namespace hearsay::chain {
namespace {

// A lock time below it is a height, from it on a time (LOCKTIME_THRESHOLD, Bitcoin Core script/script.h).
constexpr std::uint32_t kLockTimeThreshold = 500'000'000;
constexpr std::uint32_t kFinalSequence = 0xFFFFFFFF;
// BIP 68.
constexpr std::uint32_t kNoRelativeLock = 1U << 31;
constexpr std::uint32_t kLockIsTime = 1U << 22;
constexpr std::uint32_t kLockMask = 0xFFFF;
constexpr unsigned kLockGranularity = 9;  // bits: units of 512 s

bool locks(const Transaction& transaction, const TxIn& input) {
  // Versions are compared as unsigned numbers.
  return static_cast<std::uint32_t>(transaction.version()) >= 2 && (input.sequence & kNoRelativeLock) == 0;
}

bool has_duplicates(const std::vector<TxIn>& inputs) {
  if (inputs.size() < 2) return false;
  std::vector<OutPoint> points;
  points.reserve(inputs.size());
  for (const TxIn& input : inputs) points.push_back(input.previous);
  std::sort(points.begin(), points.end());
  return std::adjacent_find(points.begin(), points.end()) != points.end();
}

}  // namespace

TransactionVerdict check_transaction(const ChainParams& params, const Transaction& transaction) {
  using enum TransactionVerdict;
  if (transaction.inputs().empty()) return no_inputs;
  if (transaction.outputs().empty()) return no_outputs;
  if (transaction.stripped_bytes() * static_cast<std::size_t>(kWitnessScale) > params.block_weight_limit)
    return transaction_too_large;
  std::int64_t sum = 0;
  for (const TxOut& output : transaction.outputs()) {
    if (output.value < 0) return negative_output;
    if (output.value > kMaximumMoney) return output_too_large;
    sum += output.value;
    if (!is_money(sum)) return outputs_too_large;
  }
  if (has_duplicates(transaction.inputs())) return duplicate_inputs;
  if (transaction.is_coinbase()) {
    const std::size_t bytes = transaction.inputs()[0].script.size();
    return bytes < kMinimumCoinbaseScriptBytes || bytes > kMaximumCoinbaseScriptBytes ? bad_coinbase_length : valid;
  }
  for (const TxIn& input : transaction.inputs())
    if (input.previous.is_null()) return null_input;
  return valid;
}

bool is_final(const Transaction& transaction, std::int32_t height, std::uint32_t median_time_past) {
  const std::uint32_t lock_time = transaction.lock_time();
  if (lock_time == 0) return true;
  const std::uint32_t reached = lock_time < kLockTimeThreshold ? static_cast<std::uint32_t>(height) : median_time_past;
  if (lock_time < reached) return true;
  return std::all_of(transaction.inputs().begin(), transaction.inputs().end(),
                     [](const TxIn& input) { return input.sequence == kFinalSequence; });
}

bool has_relative_locks(const Transaction& transaction) {
  return !transaction.is_coinbase() && std::any_of(transaction.inputs().begin(), transaction.inputs().end(),
                                                   [&](const TxIn& input) { return locks(transaction, input); });
}

bool relative_locks_over(const Transaction& transaction, std::span<const CoinAge> ages, std::int32_t height,
                         std::uint32_t median_time_past) {
  SIM_CHECK(ages.size() == transaction.inputs().size(), "every input has a coin");
  for (std::size_t i = 0; i < ages.size(); ++i) {
    const TxIn& input = transaction.inputs()[i];
    if (!locks(transaction, input)) continue;
    const std::uint32_t units = input.sequence & kLockMask;
    if ((input.sequence & kLockIsTime) != 0) {
      if (std::uint64_t{ages[i].median_time_before} + (units << kLockGranularity) > median_time_past) return false;
    } else if (std::int64_t{ages[i].height} + units > height) {
      return false;
    }
  }
  return true;
}

SpendCheck check_spend(const Transaction& transaction, std::span<const Coin> coins, std::int32_t height) {
  SIM_CHECK(coins.size() == transaction.inputs().size(), "every input has a coin");
  std::int64_t value = 0;
  for (const Coin& coin : coins) {
    if (coin.from_coinbase && height - coin.height < kCoinbaseMaturity)
      return {TransactionVerdict::immature_coinbase, 0};
    if (!is_money(coin.output->value)) return {TransactionVerdict::input_value_range, 0};
    value += coin.output->value;
    if (!is_money(value)) return {TransactionVerdict::input_value_range, 0};
  }
  const std::int64_t fee = value - output_value(transaction);
  return fee < 0 ? SpendCheck{TransactionVerdict::outputs_exceed_inputs, 0}
                 : SpendCheck{TransactionVerdict::valid, fee};
}

ScriptVerdict check_scripts(const Transaction& transaction, std::span<const Coin> coins) {
  SIM_CHECK(coins.size() == transaction.inputs().size(), "every input has a coin");
  for (std::size_t i = 0; i < coins.size(); ++i) {
    const ScriptVerdict verdict = verify_input(transaction.inputs()[i], *coins[i].output);
    if (verdict != ScriptVerdict::valid) return verdict;
  }
  return ScriptVerdict::valid;
}

std::int64_t output_value(const Transaction& transaction) {
  std::int64_t sum = 0;
  for (const TxOut& output : transaction.outputs()) sum += output.value;
  return sum;
}

}  // namespace hearsay::chain
