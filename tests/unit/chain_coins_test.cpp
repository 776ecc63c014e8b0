// Coins against a naive twin: a set of unspent outputs for every block, replayed from genesis, on random trees of
// blocks that spend, spend twice, spend what is missing, and hold the same transactions in several branches.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "models/chain/block_assembly.hpp"
#include "models/chain/premine.hpp"
#include "sim/core/random.hpp"

using namespace hearsay::chain;

namespace {

struct TwinCoin {
  std::int64_t value = 0;
  std::int32_t height = 0;
  bool from_coinbase = false;
};

// The state after one block.
struct TwinState {
  std::map<OutPoint, TwinCoin> unspent;
  std::set<OutPoint> created;
  std::set<Hash256> confirmed;

  // Applies a block's transactions; the state means nothing after a verdict that is not valid.
  BodyVerdict apply(const Block& block, std::int32_t height) {
    for (const TransactionPointer& transaction : block.transactions()) {
      bool mature = true;
      for (const TxIn& input : transaction->inputs()) {
        if (transaction->is_coinbase()) break;
        const auto coin = unspent.find(input.previous);
        if (coin == unspent.end())
          return created.contains(input.previous) ? BodyVerdict::double_spend : BodyVerdict::missing_input;
        mature = mature && (!coin->second.from_coinbase || height - coin->second.height >= 100);
        unspent.erase(coin);
      }
      if (!mature) return BodyVerdict::immature_coinbase;
      for (std::uint32_t index = 0; index < transaction->outputs().size(); ++index) {
        const OutPoint point{transaction->txid(), index};
        unspent[point] = {transaction->outputs()[index].value, height, transaction->is_coinbase()};
        created.insert(point);
      }
      confirmed.insert(transaction->txid());
    }
    return BodyVerdict::valid;
  }
};

struct Counts {
  std::map<BodyVerdict, std::size_t> verdicts;
  std::size_t shared_transactions = 0;  // confirmed in branches that are not on one another
  std::size_t rival_spends = 0;         // coins that different blocks spend
  std::size_t unspent = 0;
  std::size_t spent = 0;
};

class RandomTree {
 public:
  RandomTree(std::uint64_t seed, std::uint64_t branching)
      : stream_(hearsay::Seeds(seed), hearsay::SeedDomain::world, hearsay::Purpose("test"), hearsay::StableId{}),
        branching_(branching),
        index_(regtest_params()),
        ledger_(index_),
        premine_(premine(index_, ledger_, {103, 1'767'225'600, 30})) {
    TwinState state;
    for (std::int32_t height = 1; height <= 103; ++height)
      (void)state.apply(*index_[index_.ancestor(premine_.tip, height)].body, height);
    states_[premine_.tip] = state;
    good_.push_back(premine_.tip);
  }

  void grow(Counts& counts) {
    const BlockRef parent = stream_.below(100) < branching_ ? any_of(good_) : good_.back();
    const TwinState& state = states_.at(parent);
    BlockPlan plan;
    plan.parent = index_[parent].hash;
    plan.height = index_[parent].height + 1;
    plan.unix_time = index_[parent].median_time_past + 1;
    plan.bits = index_.next_bits(parent);
    plan.tag = stream_();
    TwinState next = state;  // to draw from: what the transactions of this block leave
    for (std::uint64_t i = stream_.below(4); i > 0; --i) {
      const TransactionPointer transaction = draw_transaction(next);
      if (transaction == nullptr) continue;
      plan.transactions.push_back(transaction);
      seen_.push_back(transaction);
      for (const TxIn& input : transaction->inputs()) next.unspent.erase(input.previous);
      for (std::uint32_t output = 0; output < transaction->outputs().size(); ++output)
        next.unspent[{transaction->txid(), output}] = {transaction->outputs()[output].value, plan.height, false};
    }
    const BlockPointer body = assemble_block(index_.params(), plan);
    BlockRef block = kNoBlock;
    if (index_.add(body->header(), block) != HeaderVerdict::valid) FAIL("a good header was refused");
    index_.set_body(block, body);
    TwinState after = state;
    const BodyVerdict expected = after.apply(*body, plan.height);
    if (const BodyVerdict found = ledger_.connect(block); found != expected)
      FAIL(name_of(found) << " instead of " << name_of(expected));
    ++counts.verdicts[expected];
    if (expected != BodyVerdict::valid) return;
    states_[block] = std::move(after);
    good_.push_back(block);
  }

  void compare(Counts& counts) {
    std::set<OutPoint> points;
    std::set<Hash256> txids;
    for (const auto& [block, state] : states_) {
      points.insert(state.created.begin(), state.created.end());
      txids.insert(state.confirmed.begin(), state.confirmed.end());
    }
    for (const TransactionPointer& transaction : seen_) {  // also those of blocks that did not connect
      points.insert({transaction->txid(), 0});
      points.insert({transaction->txid(), 99});
      txids.insert(transaction->txid());
    }
    for (const auto& [tip, state] : states_) {
      for (const OutPoint& point : points) {
        const auto expected = state.unspent.find(point);
        const std::optional<Coin> found = ledger_.coins().find(point, tip);
        if (found.has_value() != (expected != state.unspent.end())) FAIL("another opinion of what is unspent");
        if (ledger_.coins().created(point, tip) != state.created.contains(point)) FAIL("another opinion of creation");
        if (!found) {
          counts.spent += state.created.contains(point) ? 1 : 0;
          continue;
        }
        ++counts.unspent;
        if (found->output->value != expected->second.value || found->height != expected->second.height ||
            found->from_coinbase != expected->second.from_coinbase || !index_.is_ancestor(found->block, tip) ||
            index_[found->block].height != found->height)
          FAIL("another coin");
      }
      for (const Hash256& txid : txids) {
        if (ledger_.coins().confirmed(txid, tip) != state.confirmed.contains(txid)) FAIL("another confirmation");
        const auto transaction = ledger_.coins().transaction(txid);
        if (transaction != nullptr &&
            ledger_.coins().confirmed_by_wtxid(transaction->wtxid(), tip) != state.confirmed.contains(txid))
          FAIL("another confirmation by wtxid");
      }
    }
    count_branches(counts);
  }

 private:
  template <class Item>
  const Item& any_of(const std::vector<Item>& list) {
    return list[stream_.below(list.size())];
  }

  // Mostly a new spend of one or two coins that are there; sometimes one of a transaction seen elsewhere, of a coin
  // that may be spent or missing here, or too young.
  TransactionPointer draw_transaction(const TwinState& state) {
    if (!seen_.empty() && stream_.below(3) == 0) {
      const TransactionPointer& again = any_of(seen_);
      const bool fits = std::all_of(again->inputs().begin(), again->inputs().end(),
                                    [&](const TxIn& input) { return state.unspent.contains(input.previous); });
      if (fits || stream_.below(20) == 0) return again;
    }
    SpendPlan plan;
    std::int64_t value = 0;
    for (std::uint64_t i = 1 + stream_.below(2); i > 0; --i) {
      auto coin = state.unspent.begin();
      std::advance(coin, stream_.below(state.unspent.size()));
      if (coin->second.value < 10'000) continue;
      if (coin->second.from_coinbase && stream_.below(10) != 0) continue;
      const auto same = [&](const Funding& funding) { return funding.point == coin->first; };
      if (std::any_of(plan.fundings.begin(), plan.fundings.end(), same)) continue;
      plan.fundings.push_back({coin->first, coin->second.value, SpendForm::p2wsh});
      value += coin->second.value;
    }
    if (plan.fundings.empty()) return nullptr;
    if (stream_.below(40) == 0) plan.fundings[0].point.txid = Hash256{{static_cast<std::uint8_t>(stream_.below(256))}};
    const std::int64_t part = (value - 1'000) / 2;
    plan.output_values = {part, value - 1'000 - part - static_cast<std::int64_t>(stream_.below(1'000))};
    return make_spend(plan);
  }

  void count_branches(Counts& counts) {
    std::map<Hash256, std::vector<BlockRef>> creators;
    std::map<OutPoint, std::vector<BlockRef>> spenders;
    for (const BlockRef block : good_)
      for (const TransactionPointer& transaction : index_[block].body->transactions()) {
        creators[transaction->txid()].push_back(block);
        for (const TxIn& input : transaction->inputs()) spenders[input.previous].push_back(block);
      }
    for (const auto& [txid, blocks] : creators) counts.shared_transactions += blocks.size() > 1 ? 1 : 0;
    for (const auto& [point, blocks] : spenders) counts.rival_spends += !point.is_null() && blocks.size() > 1 ? 1 : 0;
  }

  hearsay::RandomStream stream_;
  std::uint64_t branching_;
  BlockIndex index_;
  Ledger ledger_;
  Premine premine_;
  std::map<BlockRef, TwinState> states_;
  std::vector<BlockRef> good_;
  std::vector<TransactionPointer> seen_;
};

}  // namespace

TEST_CASE("coins, confirmations and verdicts agree with a set of unspent outputs replayed for every branch") {
  Counts counts;
  for (std::uint64_t seed = 1; seed <= 6; ++seed)
    for (const std::uint64_t branching : {0u, 10u, 40u, 100u}) {
      CAPTURE(seed, branching);
      RandomTree tree(100 * seed + branching, branching);
      for (int i = 0; i < 80; ++i) tree.grow(counts);
      tree.compare(counts);
    }
  CHECK(counts.verdicts[BodyVerdict::valid] > 1'000);
  CHECK(counts.verdicts[BodyVerdict::missing_input] > 10);
  CHECK(counts.verdicts[BodyVerdict::double_spend] > 10);
  CHECK(counts.verdicts[BodyVerdict::immature_coinbase] > 10);
  CHECK(counts.shared_transactions > 100);
  CHECK(counts.rival_spends > 100);
  CHECK(counts.unspent > 10'000);
  CHECK(counts.spent > 10'000);
}

TEST_CASE("what no block created is no coin, nor is an output that a transaction does not have") {
  BlockIndex index(regtest_params());
  Ledger ledger(index);
  const Premine made = premine(index, ledger, {101, 1'767'225'600, 10});
  const CoinIndex& coins = ledger.coins();
  OutPoint point = made.spendable[9].point;
  CHECK(coins.find(point, made.tip).has_value());
  point.index = 10;
  CHECK_FALSE(coins.find(point, made.tip).has_value());
  CHECK_FALSE(coins.find({Hash256{{1}}, 0}, made.tip).has_value());
  CHECK_FALSE(coins.find({}, made.tip).has_value());
  CHECK(coins.confirmed(point.txid, made.tip));
  CHECK_FALSE(coins.confirmed(point.txid, index[made.tip].parent));
  CHECK(coins.transaction(point.txid)->txid() == point.txid);
  CHECK(coins.transaction(Hash256{{1}}) == nullptr);
}

TEST_CASE("a block confirms the form of a transaction that it holds, not a form that another branch holds") {
  BlockIndex index(regtest_params());
  Ledger ledger(index);
  const Premine made = premine(index, ledger, {101, 1'767'225'600, 10});
  // Two blocks on one parent, each with a form of its own of one transaction: they differ in padding, a part of the
  // witness.
  const auto block_with = [&](std::size_t padded_bytes) {
    SpendPlan spend;
    spend.fundings = {made.spendable[0]};
    spend.output_values = {made.spendable[0].value - 1'000};
    spend.total_bytes = padded_bytes;
    BlockPlan plan;
    plan.parent = index[made.tip].hash;
    plan.height = index[made.tip].height + 1;
    plan.unix_time = index[made.tip].header.unix_time + 600;
    plan.bits = index.next_bits(made.tip);
    plan.transactions = {make_spend(spend)};
    plan.fees = 1'000;
    const BlockPointer body = assemble_block(regtest_params(), plan);
    BlockRef block = kNoBlock;
    REQUIRE(index.add(body->header(), block) == HeaderVerdict::valid);
    index.set_body(block, body);
    REQUIRE(ledger.connect(block) == BodyVerdict::valid);
    return std::pair(block, plan.transactions[0]);
  };
  const auto [one, short_form] = block_with(300);
  const auto [other, long_form] = block_with(400);
  REQUIRE(short_form->txid() == long_form->txid());
  REQUIRE(short_form->wtxid() != long_form->wtxid());
  const CoinIndex& coins = ledger.coins();
  CHECK(coins.confirmed(short_form->txid(), one));
  CHECK(coins.confirmed(short_form->txid(), other));
  CHECK(coins.confirmed_by_wtxid(short_form->wtxid(), one));
  CHECK_FALSE(coins.confirmed_by_wtxid(short_form->wtxid(), other));
  CHECK(coins.confirmed_by_wtxid(long_form->wtxid(), other));
  CHECK_FALSE(coins.confirmed_by_wtxid(long_form->wtxid(), one));
}

TEST_CASE("the coinbase of the genesis block is no coin") {
  BlockIndex index(regtest_params());
  const Ledger ledger(index);
  const Hash256& txid = index.params().genesis->transactions()[0]->txid();
  CHECK_FALSE(ledger.coins().find({txid, 0}, index.genesis()).has_value());
  CHECK(ledger.verdict(index.genesis()) == BodyVerdict::valid);
}
