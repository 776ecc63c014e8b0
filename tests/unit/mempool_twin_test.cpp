// Two mempools that share a store, each against its naive twin, under thousands of random operations: chains of
// unconfirmed transactions, conflicts and replacements, orphans, low fees, flawed ones, blocks, reorganisations, time
// and want of room.
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "mempool_world.hpp"
#include "naive_mempool.hpp"

using namespace hearsay::chain;
using hearsay::RandomStream;

namespace {

struct Node {
  MempoolParameters parameters;
  std::unique_ptr<Mempool> mempool;
  std::unique_ptr<NaiveMempool> twin;
  BlockRef tip = 0;
};

class TwinDriver {
 public:
  explicit TwinDriver(std::uint64_t seed) : draws_(test_draws(seed)) {
    for (int i = 0; i < 2; ++i) {
      Node& node = nodes_[i];
      MempoolParameters& parameters = node.parameters;
      static const std::string kReplacement[] = {"full", "opt_in", "off"};
      parameters.replacement = kReplacement[draws_.below(5) % 3];
      parameters.package_limit = draws_.below(2) == 0 ? "cluster" : "ancestors";
      parameters.size_limit = {static_cast<std::int64_t>(1'500 + draws_.below(15'000))};
      parameters.expiry = hearsay::hours(static_cast<std::int64_t>(2 + draws_.below(20)));
      parameters.cluster_count = static_cast<std::int64_t>(3 + draws_.below(10));
      parameters.cluster_size = {static_cast<std::int64_t>(1'000 + draws_.below(5'000))};
      parameters.ancestor_count = static_cast<std::int64_t>(2 + draws_.below(6));
      parameters.descendant_count = static_cast<std::int64_t>(2 + draws_.below(6));
      parameters.ancestor_size = {static_cast<std::int64_t>(1'000 + draws_.below(5'000))};
      parameters.descendant_size = {static_cast<std::int64_t>(1'000 + draws_.below(5'000))};
      node.mempool = std::make_unique<Mempool>(world_.store, world_.ledger, parameters);
      node.twin = std::make_unique<NaiveMempool>(world_.index, chain_, parameters);
      node.tip = world_.tip;
    }
  }

  void step() {
    world_.now = world_.now + hearsay::milliseconds(static_cast<std::int64_t>(draws_.below(60'000)));
    const std::uint64_t what = draws_.below(100);
    if (what < 70 || made_.empty()) {
      made_.push_back(make_transaction());
      offer(nodes_[draws_.below(2)], draws_.below(6) == 0 ? any() : made_.back());
    } else if (what < 90) {
      offer(nodes_[draws_.below(2)], any());
    } else if (what < 97) {
      change_tip(nodes_[draws_.below(2)]);
    } else if (what < 99) {
      world_.now = world_.now + hearsay::minutes(static_cast<std::int64_t>(draws_.below(200)));
    } else {
      for (Node& node : nodes_) compare_selections(node);
    }
    for (Node& node : nodes_) compare(node);
  }

  std::map<std::string, int> seen;

 private:
  const TransactionPointer& any() {
    // Recent ones matter more.
    const std::size_t window = std::min<std::size_t>(made_.size(), draws_.below(4) == 0 ? made_.size() : 30);
    return made_[made_.size() - 1 - draws_.below(window)];
  }

  // An entry of one of the mempools, if there is one.
  TransactionPointer any_entry() {
    const std::vector<NaiveMempool::Entry>& entries = nodes_[draws_.below(2)].twin->entries();
    return entries.empty() ? any() : entries[draws_.below(entries.size())].transaction;
  }

  Funding pick_funding() {
    const std::uint64_t source = made_.empty() ? 100 : draws_.below(100);
    if (source < 55) {
      const TransactionPointer parent = source < 45 ? any_entry() : any();
      return output_of(parent, static_cast<std::uint32_t>(draws_.below(parent->outputs().size())));
    }
    if (draws_.below(60) == 0) {  // the coinbase of a recent block, mature or not
      const IndexedBlock& tip = world_.index[nodes_[0].tip];
      const BlockRef block = world_.index.ancestor(nodes_[0].tip, tip.height - 90 - static_cast<int>(draws_.below(14)));
      return output_of(world_.index[block].body->transactions()[0]);
    }
    return world_.spendable[draws_.below(world_.spendable.size())];
  }

  TransactionPointer make_transaction() {
    std::vector<Funding> fundings;
    // Some spend what an entry spends.
    const auto rival =
        made_.empty() || draws_.below(10) != 0 ? fundings_.end() : fundings_.find(any_entry()->inputs()[0].previous);
    const bool rivals = rival != fundings_.end();
    if (rivals) fundings.push_back(rival->second);
    const std::uint64_t inputs = 1 + draws_.below(3) * draws_.below(2);
    while (fundings.size() < inputs + (rivals ? draws_.below(2) : 0)) {
      const Funding funding = pick_funding();
      const bool twice = std::any_of(fundings.begin(), fundings.end(),
                                     [&](const Funding& other) { return other.point == funding.point; });
      if (twice) continue;
      fundings.push_back(funding);
      fundings_[funding.point] = funding;
    }
    std::int64_t value = 0;
    for (const Funding& funding : fundings) value += funding.value;
    auto fee = static_cast<std::int64_t>(draws_.below(400) << draws_.below(7));
    if (rivals) fee = static_cast<std::int64_t>(draws_.below(60'000));
    if (draws_.below(100) == 0) fee = -1;
    const std::uint64_t outputs = 1 + draws_.below(3);
    if (value - fee < 1'000) fee = 0;
    static constexpr std::uint32_t kSequences[] = {0xffffffff, 0xffffffff, 0xfffffffd, 0xfffffffe, 1, 3, 1U << 22 | 2};
    const std::uint32_t lock_time =
        draws_.below(20) == 0 ? static_cast<std::uint32_t>(100 + draws_.below(20)) : std::uint32_t{0};
    const TransactionPointer sound = spend(fundings, fee, outputs, draws_.below(3) == 0 ? 300 + draws_.below(700) : 0,
                                           kSequences[draws_.below(7)], lock_time);
    if (draws_.below(20) != 0) return sound;
    return flawed(draws_.below(2) == 0 && !made_.empty() ? *any_entry() : *sound);
  }

  TransactionPointer flawed(const Transaction& sound) {
    std::vector<TxIn> inputs = sound.inputs();
    std::vector<TxOut> outputs = sound.outputs();
    std::int32_t version = sound.version();
    switch (draws_.below(6)) {
      case 0:
        inputs[0].witness.back().push_back(0x51);
        break;  // another script
      case 1:
        for (TxIn& input : inputs) input.witness.clear();
        break;
      case 2:
        outputs[0].value = -5;
        break;
      case 3:
        version = 4;
        break;
      case 4:
        inputs[0].witness.insert(inputs[0].witness.begin(), {7});
        break;  // valid, of the same txid
      default:
        inputs[0].previous.index += 5;
        break;
    }
    return std::make_shared<const Transaction>(version, inputs, outputs, sound.lock_time());
  }

  static std::vector<Hash256> hashes(const TransactionStore& store, const HeldTransactions& places) {
    std::vector<Hash256> result;
    for (const TxRef place : places) result.push_back(store.hash(place));
    return result;
  }

  void offer(Node& node, const TransactionPointer& transaction) {
    const TxRef place = world_.store.hold(transaction);
    settle_on_minimum(node);
    const MempoolAcceptance mine = node.mempool->accept(place, node.tip, world_.now);
    const NaiveMempool::Change theirs = node.twin->accept(transaction, node.tip, world_.now);
    world_.store.release(place);
    ++seen[std::string(to_text(mine.verdict))];
    REQUIRE(to_text(mine.verdict) == to_text(theirs.verdict));
    REQUIRE(hashes(world_.store, mine.replaced) == theirs.replaced);
    REQUIRE(hashes(world_.store, mine.evicted) == theirs.evicted);
    seen["replaced"] += static_cast<int>(theirs.replaced.size());
    seen["evicted"] += static_cast<int>(theirs.evicted.size());
  }

  // The rates of both are within half a satoshi of each other, and one of rounding.
  void settle_on_minimum(Node& node) {
    const FeeRate rate = node.mempool->minimum_fee_rate(world_.now);
    const double expected =
        std::max(node.twin->rolling(world_.now), static_cast<double>(node.parameters.minimum_relay_fee));
    REQUIRE(std::abs(static_cast<double>(rate.per_kilobyte) - expected) <= 1.0);
    node.twin->believe(node.twin->rolling(world_.now) > 0 ? rate : FeeRate{});
  }

  // Transactions that are valid on top of a block, from all that were ever made.
  std::vector<TransactionPointer> pick_for_block(BlockRef parent) {
    std::map<OutPoint, bool> created;
    std::set<OutPoint> spent;
    std::vector<TransactionPointer> picked;
    const std::int32_t height = world_.index[parent].height + 1;
    const std::uint32_t median_time = world_.index[parent].median_time_past;
    const NaiveChain::Coins& coins = chain_.coins(parent);
    const std::size_t recent = made_.size() > 60 ? made_.size() - 60 : 0;
    for (std::size_t i = recent; i < made_.size(); ++i) {
      const TransactionPointer& transaction = made_[i];
      if (draws_.below(3) == 0 || check_transaction(regtest_params(), *transaction) != TransactionVerdict::valid)
        continue;
      std::vector<Coin> found;
      std::vector<CoinAge> ages;
      for (const TxIn& input : transaction->inputs()) {
        const auto coin = coins.find(input.previous);
        if (spent.contains(input.previous)) break;
        if (coin != coins.end()) {
          found.push_back({&coin->second.output, coin->second.height, coin->second.block, coin->second.from_coinbase});
          ages.push_back({coin->second.height, world_.index[world_.index[coin->second.block].parent].median_time_past});
          continue;
        }
        for (const TransactionPointer& other : picked) {
          if (other->txid() != input.previous.txid || input.previous.index >= other->outputs().size()) continue;
          found.push_back({&other->outputs()[input.previous.index], height, kNoBlock, false});
          ages.push_back({height, median_time});
        }
      }
      if (found.size() != transaction->inputs().size() || !is_final(*transaction, height, median_time) ||
          !relative_locks_over(*transaction, ages, height, median_time) ||
          check_spend(*transaction, found, height).verdict != TransactionVerdict::valid ||
          check_scripts(*transaction, found) != ScriptVerdict::valid ||
          chain_.txids(parent).contains(transaction->txid()))
        continue;
      for (const TxIn& input : transaction->inputs()) spent.insert(input.previous);
      picked.push_back(transaction);
    }
    return picked;
  }

  // Another tip: a block more, or a branch that leaves some blocks behind; sometimes the other node's tip.
  void change_tip(Node& node) {
    const BlockRef before = node.tip;
    if (draws_.below(4) == 0) {
      node.tip = nodes_[draws_.below(2)].tip;
    } else {
      const auto depth = static_cast<std::int32_t>(draws_.below(3) == 0 ? draws_.below(4) : 0);
      const std::int32_t height = world_.index[before].height;
      node.tip = world_.index.ancestor(before, std::max(height - depth, 103));
      for (std::int32_t i = 0; i <= depth; ++i) node.tip = world_.mine(node.tip, pick_for_block(node.tip));
    }
    const BlockRef fork = world_.index.fork_point(before, node.tip);
    std::vector<BlockRef> disconnected;
    std::vector<BlockRef> connected;
    for (BlockRef block = before; block != fork; block = world_.index[block].parent) disconnected.push_back(block);
    for (BlockRef block = node.tip; block != fork; block = world_.index[block].parent) {
      connected.insert(connected.begin(), block);
    }
    settle_on_minimum(node);
    const MempoolTipChange mine = node.mempool->tip_changed(disconnected, connected, node.tip, world_.now);
    const NaiveMempool::Change theirs = node.twin->tip_changed(disconnected, connected, node.tip, world_.now);
    REQUIRE(hashes(world_.store, mine.confirmed) == theirs.confirmed);
    REQUIRE(hashes(world_.store, mine.conflicted) == theirs.conflicted);
    REQUIRE(hashes(world_.store, mine.returned) == theirs.returned);
    REQUIRE(hashes(world_.store, mine.dropped) == theirs.dropped);
    seen["confirmed"] += static_cast<int>(theirs.confirmed.size());
    seen["conflicted"] += static_cast<int>(theirs.conflicted.size());
    seen["returned"] += static_cast<int>(theirs.returned.size());
    seen["dropped"] += static_cast<int>(theirs.dropped.size());
  }

  void compare(Node& node) {
    settle_on_minimum(node);
    const Mempool& mempool = *node.mempool;
    REQUIRE(mempool.size() == node.twin->entries().size());
    std::int64_t bytes = 0;
    TxRef entry = mempool.first();
    for (const NaiveMempool::Entry& expected : node.twin->entries()) {
      REQUIRE(world_.store.hash(entry) == expected.transaction->wtxid());
      REQUIRE(mempool.contains(entry));
      REQUIRE(mempool.sequence(entry) == expected.sequence);
      REQUIRE(mempool.entry_unix_seconds(entry) == expected.entered);
      REQUIRE(world_.store.fee(entry) == expected.fee);
      bytes += static_cast<std::int64_t>(expected.transaction->virtual_bytes());
      entry = mempool.next(entry);
    }
    REQUIRE(entry == kNoTx);
    REQUIRE(mempool.virtual_bytes() == bytes);
  }

  void compare_selections(Node& node) {
    const Mempool& mempool = *node.mempool;
    const std::size_t limit = 500 + draws_.below(40'000);
    const BlockTemplate block = mempool.block_template(limit);
    const std::vector<Hash256> expected = node.twin->block_template(limit);
    REQUIRE(block.transactions.size() == expected.size());
    std::int64_t fees = 0;
    std::size_t weight = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      REQUIRE(block.transactions[i]->txid() == expected[i]);
      fees += *world_.store.fee(mempool.find_txid(expected[i]));
      weight += block.transactions[i]->weight();
    }
    REQUIRE(block.fees == fees);
    REQUIRE(block.weight == weight);
    REQUIRE(weight <= limit);

    std::vector<TxRef> order;
    for (TxRef entry = mempool.first(); entry != kNoTx; entry = mempool.next(entry)) {
      order.push_back(entry);
      const TransactionPointer& transaction = world_.store.transaction(entry);
      const auto txids = [&](const std::vector<TxRef>& places) {
        std::set<Hash256> result;
        for (const TxRef place : places) result.insert(world_.store.transaction(place)->txid());
        REQUIRE(result.size() == places.size());
        return result;
      };
      REQUIRE(txids(mempool.ancestors(entry)) == node.twin->ancestors(*transaction));
      REQUIRE(txids(mempool.descendants(entry)) == node.twin->descendants(*transaction));
      seen["related"] += mempool.ancestors(entry).empty() ? 0 : 1;
    }
    draws_.shuffle(order);
    mempool.announcement_order(order);
    const std::vector<Hash256> announced = node.twin->announcement_order();
    for (std::size_t i = 0; i < order.size(); ++i) {
      REQUIRE(world_.store.transaction(order[i])->txid() == announced[i]);
    }
    seen["selected"] += static_cast<int>(expected.size());
  }

  RandomStream draws_;
  MempoolWorld world_{300, 103};
  NaiveChain chain_{world_.index};
  Node nodes_[2];
  std::vector<TransactionPointer> made_;
  std::map<OutPoint, Funding> fundings_;  // that were ever picked
};

}  // namespace

TEST_CASE("A mempool agrees with a naive one that works everything out again after every operation") {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    TwinDriver driver(seed);
    for (int i = 0; i < 500; ++i) {
      INFO("seed " << seed << ", operation " << i);
      driver.step();
    }
    for (const auto& [what, times] : driver.seen) seen[what] += times;
  }
  // Each kind of event has been met, or the test shows nothing of it.
  for (const char* what : {"accepted",
                           "malformed",
                           "premature_coinbase_spend",
                           "outputs_above_inputs",
                           "script_false",
                           "witness_stripped",
                           "spends_what_it_replaces",
                           "not_standard_version",
                           "not_final",
                           "sequence_locked",
                           "conflict",
                           "adds_unconfirmed_input",
                           "package_limit",
                           "below_minimum_relay_fee",
                           "below_mempool_minimum_fee",
                           "insufficient_replacement_fee",
                           "mempool_full",
                           "missing_inputs",
                           "already_in_mempool",
                           "same_txid_in_mempool",
                           "already_confirmed",
                           "replaced",
                           "evicted",
                           "confirmed",
                           "conflicted",
                           "returned",
                           "dropped",
                           "related",
                           "selected"}) {
    INFO(what << ": " << seen[what]);
    CHECK(seen[what] >= 10);
  }
}
