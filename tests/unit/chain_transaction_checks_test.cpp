// The rules for a transaction, from its fields and from its coins, each at its limits.
#include <catch2/catch.hpp>
#include <vector>

#include "models/chain/transaction_checks.hpp"

using namespace hearsay::chain;

namespace {

constexpr std::uint32_t kTime = 1'600'000'000;

TxIn input_of(std::uint8_t number, std::uint32_t sequence = 0xFFFFFFFF) {
  TxIn input;
  input.previous = {Hash256{{number}}, 0};
  input.sequence = sequence;
  return input;
}

Transaction paying(std::vector<std::int64_t> values) {
  std::vector<TxOut> outputs;
  for (const std::int64_t value : values) outputs.push_back({value, {0x51}});
  return {2, {input_of(1)}, std::move(outputs), 0};
}

Transaction locked(std::uint32_t lock_time, std::vector<std::uint32_t> sequences) {
  std::vector<TxIn> inputs;
  for (const std::uint32_t sequence : sequences)
    inputs.push_back(input_of(static_cast<std::uint8_t>(inputs.size() + 1), sequence));
  return {2, std::move(inputs), {{1, {0x51}}}, lock_time};
}

TransactionVerdict verdict(const Transaction& transaction) {
  return check_transaction(regtest_params(), transaction);
}

struct Spent {
  std::int64_t value;
  std::int32_t height = 1;
  bool from_coinbase = false;
};
SpendCheck spending(std::vector<Spent> spent, std::vector<std::int64_t> values, std::int32_t height = 200) {
  std::vector<TxIn> inputs;
  std::vector<TxOut> outputs;
  std::vector<TxOut> created;
  for (const Spent& coin : spent) created.push_back({coin.value, {0x51}});
  std::vector<Coin> coins;
  for (std::size_t i = 0; i < spent.size(); ++i) {
    inputs.push_back(input_of(static_cast<std::uint8_t>(i + 1)));
    coins.push_back({&created[i], spent[i].height, 1, spent[i].from_coinbase});
  }
  for (const std::int64_t value : values) outputs.push_back({value, {0x51}});
  return check_spend({2, std::move(inputs), std::move(outputs), 0}, coins, height);
}

}  // namespace

TEST_CASE("a transaction has inputs and outputs") {
  CHECK(verdict(paying({1})) == TransactionVerdict::valid);
  CHECK(verdict(paying({})) == TransactionVerdict::no_outputs);
  CHECK(verdict({2, {}, {}, 0}) == TransactionVerdict::no_inputs);
}

TEST_CASE("outputs lie between zero and all the coins there are, each and together") {
  CHECK(verdict(paying({0})) == TransactionVerdict::valid);
  CHECK(verdict(paying({-1})) == TransactionVerdict::negative_output);
  CHECK(verdict(paying({kMaximumMoney})) == TransactionVerdict::valid);
  CHECK(verdict(paying({kMaximumMoney + 1})) == TransactionVerdict::output_too_large);
  CHECK(verdict(paying({kMaximumMoney - 1, 1})) == TransactionVerdict::valid);
  CHECK(verdict(paying({kMaximumMoney - 1, 2})) == TransactionVerdict::outputs_too_large);
  CHECK(verdict(paying({INT64_MAX})) == TransactionVerdict::output_too_large);
  // A sum that would come round again.
  CHECK(verdict(paying(std::vector<std::int64_t>(10'000, kMaximumMoney))) == TransactionVerdict::outputs_too_large);
  CHECK(output_value(paying({3, 4})) == 7);
}

TEST_CASE("a transaction has at most 1,000,000 stripped bytes, its witness apart") {
  const auto with_script = [](std::size_t script_bytes, std::size_t witness_bytes) {
    TxIn input = input_of(1);
    input.witness = {std::vector<std::uint8_t>(witness_bytes, 1)};
    return Transaction(2, {input}, {{1, std::vector<std::uint8_t>(script_bytes, 1)}}, 0);
  };
  const std::size_t rest = with_script(900'000, 1).stripped_bytes() - 900'000;
  CHECK(verdict(with_script(1'000'000 - rest, 3'000'000)) == TransactionVerdict::valid);
  CHECK(verdict(with_script(1'000'001 - rest, 1)) == TransactionVerdict::transaction_too_large);
}

TEST_CASE("no output is spent twice by one transaction") {
  TxIn second = input_of(1);
  second.previous.index = 1;
  const auto with = [](std::vector<TxIn> inputs) { return verdict({2, std::move(inputs), {{1, {0x51}}}, 0}); };
  CHECK(with({input_of(1), second, input_of(2)}) == TransactionVerdict::valid);
  CHECK(with({input_of(1), second, input_of(1)}) == TransactionVerdict::duplicate_inputs);
  CHECK(with({second, second}) == TransactionVerdict::duplicate_inputs);
}

TEST_CASE("a coinbase has a script of 2 to 100 bytes, and nothing else has an input that spends nothing") {
  const auto coinbase = [](std::size_t bytes) {
    TxIn input;
    input.script.assign(bytes, 0);
    return verdict({2, {input}, {{1, {0x51}}}, 0});
  };
  CHECK(coinbase(1) == TransactionVerdict::bad_coinbase_length);
  CHECK(coinbase(2) == TransactionVerdict::valid);
  CHECK(coinbase(100) == TransactionVerdict::valid);
  CHECK(coinbase(101) == TransactionVerdict::bad_coinbase_length);
  CHECK(verdict({2, {input_of(1), TxIn{}}, {{1, {0x51}}}, 0}) == TransactionVerdict::null_input);
  // The null outpoint is both: a txid of zero alone, or that index alone, is an ordinary output.
  TxIn zero_txid;
  zero_txid.previous.index = 0;
  TxIn last_index = input_of(1);
  last_index.previous.index = OutPoint::kNoIndex;
  CHECK(verdict({2, {zero_txid, last_index}, {{1, {0x51}}}, 0}) == TransactionVerdict::valid);
}

TEST_CASE("a lock time holds until its height or time has passed, unless all sequences are final") {
  const std::vector<std::uint32_t> open = {0xFFFFFFFF, 0xFFFFFFFE};
  CHECK(is_final(locked(0, open), 0, 0));
  CHECK(is_final(locked(99, open), 100, 0));
  CHECK_FALSE(is_final(locked(100, open), 100, kTime));
  CHECK_FALSE(is_final(locked(499'999'999, open), 100, kTime));
  CHECK(is_final(locked(500'000'000, open), 100, kTime));
  CHECK(is_final(locked(kTime - 1, open), 100, kTime));
  CHECK_FALSE(is_final(locked(kTime, open), 100, kTime));
  CHECK(is_final(locked(kTime, {0xFFFFFFFF, 0xFFFFFFFF}), 100, kTime));
  CHECK(is_final(locked(100, {0xFFFFFFFF}), 100, kTime));
}

TEST_CASE("a relative lock in blocks counts from the coin's block") {
  const CoinAge ages[] = {{50, kTime}, {60, kTime}};
  const auto over = [&](std::uint32_t first, std::uint32_t second, std::int32_t height) {
    return relative_locks_over(locked(0, {first, second}), ages, height, kTime);
  };
  CHECK(over(0, 0, 60));  // in the coin's own block
  CHECK(over(10, 0, 60));
  CHECK_FALSE(over(11, 0, 60));
  CHECK(over(11, 0, 61));
  CHECK_FALSE(over(0, 2, 61));
  CHECK(over(0, 2, 62));
  CHECK_FALSE(over(0xFFFF, 0, 50 + 0xFFFE));
  CHECK(over(0xFFFF, 0, 50 + 0xFFFF));
  // Bits outside the mask mean nothing.
  CHECK(over(0x003F0000 | 10, 0, 60));
  CHECK_FALSE(over(0x003F0000 | 11, 0, 60));
}

TEST_CASE("a relative lock in time counts units of 512 s from the median time before the coin's block") {
  const CoinAge ages[] = {{50, kTime}};
  const auto over = [&](std::uint32_t units, std::uint32_t passed) {
    return relative_locks_over(locked(0, {(1U << 22) | units}), ages, 51, kTime + passed);
  };
  CHECK(over(0, 0));
  CHECK_FALSE(over(1, 511));
  CHECK(over(1, 512));
  CHECK_FALSE(over(0xFFFF, 512 * 0xFFFF - 1));
  CHECK(over(0xFFFF, 512 * 0xFFFF));
}

TEST_CASE("relative locks bind from version 2 on, and not where they are switched off") {
  const CoinAge ages[] = {{50, kTime}};
  const auto bound = [&](std::int32_t version, std::uint32_t sequence) {
    const Transaction transaction(version, {input_of(1, sequence)}, {{1, {0x51}}}, 0);
    CHECK(has_relative_locks(transaction) == !relative_locks_over(transaction, ages, 51, kTime));
    return has_relative_locks(transaction);
  };
  CHECK(bound(2, 5));
  CHECK(bound(3, 5));
  CHECK(bound(-1, 5));  // versions are unsigned
  CHECK_FALSE(bound(1, 5));
  CHECK_FALSE(bound(0, 5));
  CHECK_FALSE(bound(2, 0x80000005));
  CHECK_FALSE(bound(2, 0xFFFFFFFF));
  TxIn coinbase;
  coinbase.sequence = 0;
  CHECK_FALSE(has_relative_locks({2, {coinbase}, {{1, {0x51}}}, 0}));
}

TEST_CASE("what goes in but not out is the fee") {
  CHECK(spending({{5}, {7}}, {8, 1}).verdict == TransactionVerdict::valid);
  CHECK(spending({{5}, {7}}, {8, 1}).fee == 3);
  CHECK(spending({{5}}, {5}).fee == 0);
  CHECK(spending({{5}}, {6}).verdict == TransactionVerdict::outputs_exceed_inputs);
}

TEST_CASE("a coinbase is spent 100 blocks later at the earliest") {
  const auto at = [](std::int32_t height) { return spending({{5}, {5, 7, true}}, {1}, height).verdict; };
  CHECK(at(106) == TransactionVerdict::immature_coinbase);
  CHECK(at(107) == TransactionVerdict::valid);
  CHECK(spending({{5, 7, false}}, {1}, 7).verdict == TransactionVerdict::valid);
}

TEST_CASE("inputs are no more than all the coins there are, each and together") {
  CHECK(spending({{kMaximumMoney}}, {1}).verdict == TransactionVerdict::valid);
  CHECK(spending({{kMaximumMoney + 1}}, {1}).verdict == TransactionVerdict::input_value_range);
  CHECK(spending({{-1}, {5}}, {1}).verdict == TransactionVerdict::input_value_range);
  CHECK(spending({{kMaximumMoney - 1}, {1}}, {1}).verdict == TransactionVerdict::valid);
  CHECK(spending({{kMaximumMoney - 1}, {2}}, {1}).verdict == TransactionVerdict::input_value_range);
}

TEST_CASE("every input's script is looked at") {
  const TxOut yes{1, {0x51}};
  const TxOut no{1, {0x00}};
  const Transaction transaction(2, {input_of(1), input_of(2)}, {{1, {0x51}}}, 0);
  const auto scripts = [&](const TxOut& first, const TxOut& second) {
    const Coin coins[] = {{&first, 1, 1, false}, {&second, 1, 1, false}};
    return check_scripts(transaction, coins);
  };
  CHECK(scripts(yes, yes) == ScriptVerdict::valid);
  CHECK(scripts(no, yes) == ScriptVerdict::eval_false);
  CHECK(scripts(yes, no) == ScriptVerdict::eval_false);
}
