// The verdict on a body in its place, one rule after another: a block that just keeps the rule, and one that breaks it.
#include <catch2/catch.hpp>
#include <vector>

#include "models/chain/block_assembly.hpp"
#include "models/chain/opcodes.hpp"
#include "models/chain/premine.hpp"
#include "sim/core/check.hpp"
#include "tests/unit/chain_fixtures.hpp"

using namespace hearsay::chain;

namespace {

constexpr std::int64_t kTime = 1'767'225'600;
constexpr std::uint32_t kBlocks = 110;

// A premined chain, and blocks on top of it.
class Setting {
 public:
  Setting() : index_(regtest_params()), ledger_(index_), made_(premine(index_, ledger_, {kBlocks, kTime, 100})) {}

  [[nodiscard]] BlockRef tip() const { return made_.tip; }
  [[nodiscard]] const BlockIndex& index() const { return index_; }
  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] const Funding& coin(std::size_t i) const { return made_.spendable[i]; }
  [[nodiscard]] Funding coinbase_of(std::int32_t height) const {
    const Transaction& coinbase = *index_[index_.ancestor(made_.tip, height)].body->transactions()[0];
    return {{coinbase.txid(), 0}, coinbase.outputs()[0].value, SpendForm::p2wsh};
  }

  BlockRef enter(std::vector<TransactionPointer> transactions, std::int64_t fees, BlockRef parent) {
    BlockPlan plan;
    plan.parent = index_[parent].hash;
    plan.height = index_[parent].height + 1;
    plan.unix_time = index_[parent].header.unix_time + 600;
    plan.bits = index_.next_bits(parent);
    plan.tag = ++tag_;
    plan.transactions = std::move(transactions);
    plan.fees = fees;
    const BlockPointer body = assemble_block(index_.params(), plan);
    BlockRef block = kNoBlock;
    REQUIRE(index_.add(body->header(), block) == HeaderVerdict::valid);
    REQUIRE(check_body(index_.params(), *body, index_[block]) == BodyVerdict::valid);
    index_.set_body(block, body);
    return block;
  }
  BodyVerdict verdict(std::vector<TransactionPointer> transactions, std::int64_t fees = 0) {
    return ledger_.connect(enter(std::move(transactions), fees, tip()));
  }

 private:
  BlockIndex index_;
  Ledger ledger_;
  Premine made_;
  std::uint64_t tag_ = 0;
};

TransactionPointer locked_spend(const Funding& funding, std::uint32_t sequence, std::uint32_t lock_time = 0) {
  return spend({funding}, 0, 1, 0, sequence, lock_time);
}

}  // namespace

TEST_CASE("a block may spend what its chain has, what it creates itself, and both") {
  Setting setting;
  CHECK(setting.verdict({}) == BodyVerdict::valid);
  const TransactionPointer parent = spend({setting.coin(0)});
  const TransactionPointer child = spend({output_of(parent)});
  CHECK(setting.verdict({parent}) == BodyVerdict::valid);
  CHECK(setting.verdict({parent, child, spend({output_of(child), setting.coin(1)})}) == BodyVerdict::valid);
}

TEST_CASE("a block may not spend what is not there, or comes later in it") {
  Setting setting;
  const TransactionPointer parent = spend({setting.coin(0)});
  const TransactionPointer child = spend({output_of(parent)});
  Funding beyond = output_of(parent);
  beyond.point.index = 1;
  CHECK(setting.verdict({child}) == BodyVerdict::missing_input);
  CHECK(setting.verdict({child, parent}) == BodyVerdict::missing_input);
  CHECK(setting.verdict({parent, spend({beyond})}) == BodyVerdict::missing_input);
  beyond.point.txid = setting.coin(0).point.txid;
  beyond.point.index = 100;
  CHECK(setting.verdict({spend({beyond})}) == BodyVerdict::missing_input);
}

TEST_CASE("a coin is spent once: in a block, and in a chain, but in each of two branches") {
  Setting setting;
  const TransactionPointer first = spend({setting.coin(0)});
  const TransactionPointer rival = spend({setting.coin(0)}, 1);
  CHECK(setting.verdict({first, rival}, 1) == BodyVerdict::double_spend);
  const TransactionPointer child = spend({output_of(first)});
  CHECK(setting.verdict({first, child, spend({output_of(first)}, 1)}, 1) == BodyVerdict::double_spend);
  const BlockRef left = setting.enter({first}, 0, setting.tip());
  const BlockRef right = setting.enter({rival}, 1, setting.tip());
  CHECK(setting.ledger().connect(left) == BodyVerdict::valid);
  CHECK(setting.ledger().connect(right) == BodyVerdict::valid);
  const auto on = [&](BlockRef parent, const TransactionPointer& transaction) {
    return setting.ledger().connect(setting.enter({transaction}, 0, parent));
  };
  CHECK(on(left, rival) == BodyVerdict::double_spend);
  CHECK(on(right, first) == BodyVerdict::double_spend);
  CHECK(on(left, child) == BodyVerdict::valid);
  CHECK(on(right, child) == BodyVerdict::missing_input);
}

TEST_CASE("a coinbase is spent 100 blocks later, not before, and never in its own block") {
  Setting setting;
  // The block is at height 111.
  CHECK(setting.verdict({spend({setting.coinbase_of(11)})}) == BodyVerdict::valid);
  CHECK(setting.verdict({spend({setting.coinbase_of(12)})}) == BodyVerdict::immature_coinbase);
}

TEST_CASE("outputs are covered by inputs, and the coinbase by subsidy and fees") {
  Setting setting;
  const std::int64_t value = setting.coin(0).value;
  CHECK(setting.verdict({spend({setting.coin(0)}, 10)}, 10) == BodyVerdict::valid);
  CHECK(setting.verdict({spend({setting.coin(0)}, 10)}, 0) == BodyVerdict::valid);  // what is not claimed is lost
  CHECK(setting.verdict({spend({setting.coin(0)}, 10)}, 11) == BodyVerdict::coinbase_too_rich);
  CHECK(setting.verdict({spend({setting.coin(0)}, 0)}, 1) == BodyVerdict::coinbase_too_rich);
  CHECK(setting.verdict({}, 1) == BodyVerdict::coinbase_too_rich);
  CHECK(setting.verdict({spend({setting.coin(0)}, -1)}) == BodyVerdict::outputs_exceed_inputs);
  const TransactionPointer all = spend({setting.coin(0)}, value);
  CHECK(setting.verdict({all}, value) == BodyVerdict::valid);
  const BlockRef both = setting.enter({spend({setting.coin(0)}, 3), spend({setting.coin(1)}, 4)}, 7, setting.tip());
  CHECK(setting.ledger().connect(both) == BodyVerdict::valid);
  CHECK(setting.ledger().fees(both) == 7);
}

TEST_CASE("scripts must be true") {
  Setting setting;
  const TransactionPointer good = spend({setting.coin(0)});
  std::vector<TxIn> inputs = good->inputs();
  inputs[0].witness.back().push_back(opcode::kNop);
  const auto wrong_script = std::make_shared<const Transaction>(2, inputs, good->outputs(), 0);
  CHECK(setting.verdict({good}) == BodyVerdict::valid);
  CHECK(setting.verdict({wrong_script}) == BodyVerdict::bad_script);
  inputs[0].witness.clear();
  CHECK(setting.verdict({std::make_shared<const Transaction>(2, inputs, good->outputs(), 0)}) ==
        BodyVerdict::bad_script);
  // Signatures are not modelled: an output that asks for one cannot be spent.
  const auto with_key = std::make_shared<const Transaction>(
      2, good->inputs(), std::vector<TxOut>{{1'000, {opcode::kOne, opcode::kOne, opcode::kCheckSig}}}, 0);
  TxIn input;
  input.previous = {with_key->txid(), 0};
  const auto spends_key =
      std::make_shared<const Transaction>(2, std::vector<TxIn>{input}, std::vector<TxOut>{{1'000, {opcode::kOne}}}, 0);
  CHECK(setting.verdict({with_key}) == BodyVerdict::valid);
  CHECK(setting.verdict({with_key, spends_key}) == BodyVerdict::bad_script);
}

TEST_CASE("lock times are compared with the height, or with the median time of the parent") {
  Setting setting;
  const std::uint32_t median = setting.index()[setting.tip()].median_time_past;
  const auto locked = [&](std::uint32_t lock_time, std::uint32_t sequence = 0xFFFFFFFE) {
    return setting.verdict({locked_spend(setting.coin(0), sequence, lock_time)});
  };
  CHECK(locked(110) == BodyVerdict::valid);
  CHECK(locked(111) == BodyVerdict::not_final);
  CHECK(locked(median - 1) == BodyVerdict::valid);
  CHECK(locked(median) == BodyVerdict::not_final);
  CHECK(locked(median, 0xFFFFFFFF) == BodyVerdict::valid);
}

TEST_CASE("relative locks are compared with the coin's height, or with the median time before it") {
  Setting setting;
  // All coins were created at height 101; the new block is at 111, the medians move by 600 s a block.
  const auto locked = [&](std::uint32_t sequence) {
    return setting.verdict({locked_spend(setting.coin(0), sequence)});
  };
  CHECK(locked(10) == BodyVerdict::valid);
  CHECK(locked(11) == BodyVerdict::relative_lock);
  // Parents: 110 and 100, so 6,000 s passed; 11 units are 5,632 s, 12 are 6,144 s.
  CHECK(locked((1U << 22) | 11) == BodyVerdict::valid);
  CHECK(locked((1U << 22) | 12) == BodyVerdict::relative_lock);
  // A coin of the block itself has age zero.
  const TransactionPointer parent = spend({setting.coin(0)});
  CHECK(setting.verdict({parent, locked_spend(output_of(parent), 0)}) == BodyVerdict::valid);
  CHECK(setting.verdict({parent, locked_spend(output_of(parent), 1)}) == BodyVerdict::relative_lock);
  CHECK(setting.verdict({parent, locked_spend(output_of(parent), 1U << 22)}) == BodyVerdict::valid);
  CHECK(setting.verdict({parent, locked_spend(output_of(parent), (1U << 22) | 1)}) == BodyVerdict::relative_lock);
}

TEST_CASE("signature operations of scripts that are only named by a hash count, too") {
  Setting setting;
  // A script hash whose script has 15 x 20 signature operations behind an OP_RETURN of a branch not taken: 1,200 of
  // cost an input.
  std::vector<std::uint8_t> redeem = {opcode::kOne, opcode::kZero, opcode::kIf};
  redeem.insert(redeem.end(), 15, opcode::kCheckMultisig);
  redeem.push_back(opcode::kEndIf);
  std::vector<std::uint8_t> output = {opcode::kHash160, 20};
  const Hash160 hash = hash160(redeem);
  output.insert(output.end(), hash.begin(), hash.end());
  output.push_back(opcode::kEqual);
  const auto verdict_of = [&](std::size_t inputs, std::size_t check_sigs) {
    const TransactionPointer funding = spend({setting.coin(0)});
    const auto create =
        std::make_shared<const Transaction>(2, funding->inputs(), std::vector<TxOut>(inputs, TxOut{1'000, output}), 0);
    std::vector<TxIn> spending(inputs);
    for (std::uint32_t i = 0; i < inputs; ++i) {
      spending[i].previous = {create->txid(), i};
      spending[i].script = {static_cast<std::uint8_t>(redeem.size())};
      spending[i].script.insert(spending[i].script.end(), redeem.begin(), redeem.end());
    }
    const std::vector<TxOut> outputs = {{1'000, std::vector<std::uint8_t>(check_sigs, opcode::kCheckSig)}};
    return setting.verdict({create, std::make_shared<const Transaction>(2, spending, outputs, 0)});
  };
  CHECK(verdict_of(66, 200) == BodyVerdict::valid);  // 66 x 1,200 + 200 x 4 = 80,000
  CHECK(verdict_of(66, 201) == BodyVerdict::too_many_sigops);
  CHECK(verdict_of(67, 0) == BodyVerdict::too_many_sigops);
}

TEST_CASE("a verdict is found once, and a block that does not connect leaves no coins") {
  Setting setting;
  const TransactionPointer transaction = spend({setting.coin(0)});
  const BlockRef bad = setting.enter({transaction}, 1, setting.tip());
  CHECK_FALSE(setting.ledger().verdict(bad).has_value());
  CHECK(setting.ledger().connect(bad) == BodyVerdict::coinbase_too_rich);
  CHECK(setting.ledger().verdict(bad) == BodyVerdict::coinbase_too_rich);
  CHECK(setting.ledger().connect(bad) == BodyVerdict::coinbase_too_rich);
  CHECK(setting.ledger().coins().transaction(transaction->txid()) == nullptr);
  const BlockRef good = setting.enter({transaction}, 0, setting.tip());
  const std::size_t before = setting.ledger().coins().transactions();
  CHECK(setting.ledger().connect(good) == BodyVerdict::valid);
  CHECK(setting.ledger().connect(good) == BodyVerdict::valid);
  CHECK(setting.ledger().coins().transactions() == before + 2);
}

TEST_CASE("connecting on a block that did not connect, or without a body, is a mistake of the caller") {
  Setting setting;
  const BlockRef bad = setting.enter({}, 1, setting.tip());
  const BlockRef child = setting.enter({}, 0, bad);
  CHECK_THROWS_AS(setting.ledger().connect(child), hearsay::CheckFailure);
  CHECK(setting.ledger().connect(bad) == BodyVerdict::coinbase_too_rich);
  CHECK_THROWS_AS(setting.ledger().connect(child), hearsay::CheckFailure);
  CHECK_THROWS_AS(setting.ledger().fees(bad), hearsay::CheckFailure);
}

TEST_CASE("every verdict has a name of its own") {
  CHECK(name_of(BodyVerdict::coinbase_too_rich) == "coinbase_too_rich");
  CHECK(name_of(BodyVerdict::valid) == "valid");
  for (std::uint8_t number = 0; number <= static_cast<std::uint8_t>(TransactionVerdict::bad_script); ++number) {
    const auto verdict = static_cast<TransactionVerdict>(number);
    CHECK(name_of(body_verdict(verdict)) == name_of(verdict));
  }
}
