// The verdict on a body that needs no state, rule by rule.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "models/chain/block_assembly.hpp"
#include "models/chain/body_checks.hpp"
#include "models/chain/opcodes.hpp"
#include "tests/unit/chain_fixtures.hpp"

using namespace hearsay::chain;

namespace {

std::shared_ptr<const Transaction> coinbase_with(std::vector<std::uint8_t> script, std::vector<TxOut> outputs,
                                                 std::vector<std::vector<std::uint8_t>> witness = {}) {
  TxIn input;
  input.script = std::move(script);
  input.witness = std::move(witness);
  return std::make_shared<const Transaction>(2, std::vector<TxIn>{input}, std::move(outputs), 0);
}

std::shared_ptr<const Transaction> payment(std::uint8_t number, std::size_t script_bytes = 1) {
  TxIn input;
  input.previous = {Hash256{{number}}, 0};
  return std::make_shared<const Transaction>(2, std::vector<TxIn>{input},
                                             std::vector<TxOut>{{1, std::vector<std::uint8_t>(script_bytes, 0x51)}}, 0);
}

Block block_of(const std::vector<TransactionPointer>& transactions) {
  BlockHeader header;
  std::vector<Hash256> leaves;
  for (const TransactionPointer& transaction : transactions) leaves.push_back(transaction->txid());
  header.merkle_root = merkle_root(leaves).root;
  return {header, transactions};
}

constexpr std::int32_t kHeight = 1000;  // regtest: 150 blocks a halving, so the subsidy is 50 BTC / 2^6
constexpr std::int64_t kSubsidy = 5'000'000'000 / 64;

BodyVerdict verdict(const Block& block, std::int32_t height = kHeight) {
  return check_body(regtest_params(), block, place_of(block, height));
}
BodyVerdict verdict(const std::vector<TransactionPointer>& transactions, std::int32_t height = kHeight) {
  return verdict(block_of(transactions), height);
}

std::vector<std::uint8_t> script_of(std::int32_t height, std::size_t bytes = 10) {
  std::vector<std::uint8_t> script = height_script(height);
  script.resize(bytes);
  return script;
}
TransactionPointer good_coinbase() {
  return coinbase_with(script_of(kHeight), {{kSubsidy, {0x51}}});
}

std::vector<std::uint8_t> commitment_script(const Hash256& commitment) {
  std::vector<std::uint8_t> script = {0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed};
  for (const std::uint8_t byte : commitment.bytes) script.push_back(byte);
  return script;
}

}  // namespace

TEST_CASE("a plain block is valid, with and without payments") {
  CHECK(verdict({good_coinbase()}) == BodyVerdict::valid);
  CHECK(verdict({good_coinbase(), payment(1), payment(2)}) == BodyVerdict::valid);
}

TEST_CASE("transactions that the header does not commit to are refused") {
  const Block block = block_of({good_coinbase(), payment(1)});
  const Block other(block.header(), {good_coinbase(), payment(2)});
  const Block swapped(block.header(), {block.transactions()[1], block.transactions()[0]});
  CHECK(verdict(other) == BodyVerdict::merkle_root_mismatch);
  CHECK(verdict(swapped) == BodyVerdict::merkle_root_mismatch);
}

TEST_CASE("a body with its end repeated is a mutation, although the root is right") {
  const Block block = block_of({good_coinbase(), payment(1), payment(2)});
  std::vector<TransactionPointer> repeated = block.transactions();
  repeated.push_back(repeated.back());
  CHECK(verdict(block) == BodyVerdict::valid);
  CHECK(verdict(Block(block.header(), repeated)) == BodyVerdict::mutated);
}

TEST_CASE("the first transaction, and no other, is a coinbase") {
  CHECK(verdict(std::vector<TransactionPointer>{}) == BodyVerdict::no_coinbase);
  CHECK(verdict({payment(1), payment(2)}) == BodyVerdict::no_coinbase);
  CHECK(verdict({payment(1), good_coinbase()}) == BodyVerdict::no_coinbase);
  const TransactionPointer second = coinbase_with(script_of(kHeight, 11), {{0, {0x51}}});
  CHECK(verdict({good_coinbase(), second}) == BodyVerdict::no_coinbase);
}

TEST_CASE("the script of a coinbase has 2 to 100 bytes") {
  const auto with_script = [](std::int32_t height, std::size_t bytes) {
    return verdict({coinbase_with(script_of(height, bytes), {{0, {0x51}}})}, height);
  };
  CHECK(with_script(16, 1) == BodyVerdict::bad_coinbase_length);
  CHECK(with_script(16, 2) == BodyVerdict::valid);
  CHECK(with_script(kHeight, 100) == BodyVerdict::valid);
  CHECK(with_script(kHeight, 101) == BodyVerdict::bad_coinbase_length);
}

TEST_CASE("a coinbase opens with the height of its block") {
  CHECK(verdict({good_coinbase()}, kHeight + 1) == BodyVerdict::wrong_height);
  CHECK(verdict({coinbase_with({0x51, 0x51}, {{0, {0x51}}})}) == BodyVerdict::wrong_height);
}

TEST_CASE("a block has at most 1,000,000 stripped bytes") {
  const std::size_t rest = block_of({good_coinbase(), payment(1, 70'000)}).stripped_bytes() - 70'000;
  const Block full = block_of({good_coinbase(), payment(1, 1'000'000 - rest)});
  REQUIRE(full.stripped_bytes() == 1'000'000);
  CHECK(verdict(full) == BodyVerdict::valid);
  CHECK(verdict({good_coinbase(), payment(1, 1'000'001 - rest)}) == BodyVerdict::too_large);
}

TEST_CASE("a block has at most 4,000,000 weight units, of which every byte of a witness is one") {
  const std::vector<std::uint8_t> reserved(32, 5);
  const auto block_with = [&](std::size_t witness_bytes) {
    TxIn spending;
    spending.previous = {Hash256{{1}}, 0};
    spending.witness = {std::vector<std::uint8_t>(witness_bytes, 1)};
    const auto segwit =
        std::make_shared<const Transaction>(2, std::vector<TxIn>{spending}, std::vector<TxOut>{{1, {0x51}}}, 0);
    const Hash256 root = merkle_root({Hash256{}, segwit->wtxid()}).root;
    const TransactionPointer coinbase =
        coinbase_with(script_of(kHeight), {{0, commitment_script(witness_commitment(root, reserved))}}, {reserved});
    return block_of({coinbase, segwit});
  };
  const std::size_t rest = block_with(1'000'000).weight() - 1'000'000;
  REQUIRE(block_with(4'000'000 - rest).weight() == 4'000'000);
  CHECK(verdict(block_with(4'000'000 - rest)) == BodyVerdict::valid);
  CHECK(verdict(block_with(4'000'001 - rest)) == BodyVerdict::too_large);
}

TEST_CASE("witnesses are valid only if the coinbase commits to them") {
  const std::vector<std::uint8_t> reserved(32, 5);
  TxIn spending;
  spending.previous = {Hash256{{1}}, 0};
  spending.witness = {{1, 2, 3}};
  const auto segwit =
      std::make_shared<const Transaction>(2, std::vector<TxIn>{spending}, std::vector<TxOut>{{1, {0x51}}}, 0);
  const Hash256 root = merkle_root({Hash256{}, segwit->wtxid()}).root;
  const Hash256 commitment = witness_commitment(root, reserved);
  const auto coinbase = [&](const Hash256& committed, std::vector<std::vector<std::uint8_t>> witness) {
    return coinbase_with(script_of(kHeight), {{0, commitment_script(committed)}}, std::move(witness));
  };
  CHECK(verdict({coinbase(commitment, {reserved}), segwit}) == BodyVerdict::valid);
  CHECK(verdict({coinbase(Hash256{{1}}, {reserved}), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({coinbase(commitment, {}), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({coinbase(commitment, {reserved, reserved}), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({coinbase(commitment, {std::vector<std::uint8_t>(31, 5)}), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({coinbase(commitment, {std::vector<std::uint8_t>(32, 6)}), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({good_coinbase(), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({coinbase_with(script_of(kHeight), {{0, {0x51}}}, {reserved})}) == BodyVerdict::witness_mismatch);
}

TEST_CASE("a coinbase commits to witnesses in the form that block assembly gives it") {
  TxIn spending;
  spending.previous = {Hash256{{1}}, 0};
  spending.witness = {{1, 2, 3}};
  BlockPlan plan;
  plan.parent = regtest_params().genesis->hash();
  plan.height = kHeight;
  plan.bits = regtest_params().pow_limit_bits;
  plan.transactions = {
      std::make_shared<const Transaction>(2, std::vector<TxIn>{spending}, std::vector<TxOut>{{1, {0x51}}}, 0)};
  CHECK(verdict(*assemble_block(regtest_params(), plan)) == BodyVerdict::valid);
}

TEST_CASE("a transaction that is wrong in itself makes its block invalid, with the verdict on the transaction") {
  const auto with = [](std::vector<TxIn> inputs, std::vector<TxOut> outputs) {
    return verdict({good_coinbase(), std::make_shared<const Transaction>(2, std::move(inputs), std::move(outputs), 0)});
  };
  TxIn input;
  input.previous = {Hash256{{1}}, 0};
  TxIn other = input;
  other.previous.index = 1;
  const std::vector<TxOut> output = {{1, {0x51}}};
  CHECK(with({input}, output) == BodyVerdict::valid);
  CHECK(with({input}, {}) == BodyVerdict::no_outputs);
  CHECK(with({}, {}) == BodyVerdict::no_inputs);
  CHECK(with({input}, {{-1, {}}}) == BodyVerdict::negative_output);
  CHECK(with({input}, {{kMaximumMoney + 1, {}}}) == BodyVerdict::output_too_large);
  CHECK(with({input}, {{kMaximumMoney, {}}, {1, {}}}) == BodyVerdict::outputs_too_large);
  CHECK(with({input, other, input}, output) == BodyVerdict::duplicate_inputs);
  CHECK(with({input, TxIn{}}, output) == BodyVerdict::null_input);
  const TransactionPointer rich = coinbase_with(script_of(kHeight), {{kMaximumMoney, {}}, {kMaximumMoney, {}}});
  CHECK(verdict({rich}) == BodyVerdict::outputs_too_large);
}

TEST_CASE("a block has at most 80,000 of signature operation cost in its scripts, whether or not they are executed") {
  const auto with = [](std::size_t check_sigs) {
    const std::vector<std::uint8_t> script(check_sigs, opcode::kCheckSig);
    return verdict({coinbase_with(script_of(kHeight), {{0, script}})});
  };
  CHECK(with(20'000) == BodyVerdict::valid);
  CHECK(with(20'001) == BodyVerdict::too_many_sigops);
}
