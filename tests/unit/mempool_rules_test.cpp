// A mempool's rules one by one, at their bounds.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "mempool_world.hpp"

using namespace hearsay::chain;
using V = MempoolVerdict;

namespace {

constexpr std::uint32_t kSignal = 0xfffffffd;

struct Story {
  MempoolWorld world{300, 104};
  MempoolParameters parameters;
  std::unique_ptr<Mempool> mempool;
  std::vector<TxRef> held;  // so that places can be asked for in the end
  std::size_t next_funding = 0;

  Story() { start(); }
  ~Story() {
    mempool->clear();
    for (const TxRef place : held) world.store.release(place);
    CHECK(world.store.live() == 0);  // whatever was held was given back
  }
  void start() { mempool = std::make_unique<Mempool>(world.store, world.ledger, parameters); }
  Funding funding() { return world.spendable[next_funding++]; }
  TxRef place(const TransactionPointer& transaction) {
    held.push_back(world.store.hold(transaction));
    return held.back();
  }
  V offer(const TransactionPointer& transaction) {
    return mempool->accept(place(transaction), world.tip, world.now).verdict;
  }
  TransactionPointer accepted(const TransactionPointer& transaction) {
    REQUIRE(to_text(offer(transaction)) == "accepted");
    return transaction;
  }
  bool has(const TransactionPointer& transaction) { return mempool->contains(place(transaction)); }
  // The least fee at this rate in satoshis for 1,000 virtual bytes.
  static std::int64_t fee_at(const std::vector<Funding>& fundings, std::int64_t rate) {
    return FeeRate{rate}.fee_for(static_cast<std::int64_t>(spend(fundings, 0)->virtual_bytes()));
  }
};

TransactionPointer with(const TransactionPointer& base, std::int32_t version, std::vector<TxIn> inputs,
                        std::vector<TxOut> outputs) {
  return std::make_shared<const Transaction>(version, std::move(inputs), std::move(outputs), base->lock_time());
}

}  // namespace

TEST_CASE("A transaction is taken once, and not again after it was confirmed") {
  Story story;
  const TransactionPointer transaction = story.accepted(spend({story.funding()}, 1'000));
  const TxRef place = story.place(transaction);
  CHECK(story.mempool->sequence(place) == 1);
  CHECK(story.mempool->size() == 1);
  CHECK(story.mempool->virtual_bytes() == static_cast<std::int64_t>(transaction->virtual_bytes()));
  CHECK(story.mempool->find_txid(transaction->txid()) == place);
  CHECK(story.mempool->find_spender(transaction->inputs()[0].previous) == place);
  CHECK(story.offer(transaction) == V::already_in_mempool);

  std::vector<TxIn> inputs = transaction->inputs();
  inputs[0].witness.insert(inputs[0].witness.begin(), {7});
  CHECK(story.offer(with(transaction, transaction->version(), inputs, transaction->outputs())) ==
        V::same_txid_in_mempool);

  const BlockRef block = story.world.mine(story.world.tip, {transaction});
  const MempoolTipChange change = story.mempool->tip_changed({}, {&block, 1}, block, story.world.now);
  REQUIRE(change.confirmed.size() == 1);
  CHECK(change.confirmed[0] == place);
  CHECK(story.mempool->size() == 0);
  story.world.tip = block;
  CHECK(story.offer(transaction) == V::already_confirmed);
}

TEST_CASE("Each flaw has its own verdict, and the verdict its class") {
  Story story;
  const auto check = [&](const TransactionPointer& transaction, V verdict, VerdictClass group) {
    INFO(to_text(verdict));
    CHECK(to_text(story.offer(transaction)) == std::string(to_text(verdict)));
    CHECK((class_of(verdict) == group));
    CHECK(story.mempool->size() == 0);
  };
  const TransactionPointer sound = spend({story.funding()}, 1'000);
  const auto changed = [&](std::int32_t version, auto alter) {
    std::vector<TxIn> inputs = sound->inputs();
    std::vector<TxOut> outputs = sound->outputs();
    alter(inputs, outputs);
    return with(sound, version, inputs, outputs);
  };
  check(changed(2, [](auto&, auto& outputs) { outputs[0].value = -1; }), V::malformed, VerdictClass::invalid);
  check(story.world.index[story.world.tip].body->transactions()[0], V::coinbase, VerdictClass::invalid);
  check(changed(0, [](auto&, auto&) {}), V::not_standard_version, VerdictClass::policy);
  check(changed(4, [](auto&, auto&) {}), V::not_standard_version, VerdictClass::policy);
  check(changed(2, [](auto&, auto& outputs) { outputs[0].script.resize(100'000); }), V::not_standard_weight,
        VerdictClass::policy);
  check(changed(2, [](auto&, auto& outputs) { outputs[0].script.resize(3); }), V::not_standard_too_small,
        VerdictClass::policy);
  check(spend({story.funding()}, 1'000, 1, 0, kSignal, 105), V::not_final, VerdictClass::policy);
  // 20 signature operations a byte, 4 each: a fifth of a block's 80,000, and one byte more.
  check(changed(2, [](auto&, auto& outputs) { outputs[0].script.assign(201, 0xae); }), V::too_many_sigops,
        VerdictClass::policy);
  check(changed(2, [](auto& inputs, auto&) { inputs[0].previous.index = 5'000; }), V::missing_inputs,
        VerdictClass::missing_inputs);
  check(spend({story.funding()}, 1'000, 1, 0, 60'000), V::sequence_locked, VerdictClass::policy);
  check(changed(2, [](auto&, auto& outputs) { outputs[0].value += 1'001; }), V::outputs_above_inputs,
        VerdictClass::invalid);
  check(changed(2, [](auto& inputs, auto&) { inputs[0].witness.back().push_back(0x51); }), V::script_false,
        VerdictClass::invalid);
  check(changed(2, [](auto& inputs, auto&) { inputs[0].witness.clear(); }), V::witness_stripped,
        VerdictClass::witness_stripped);

  // Height 104; the coinbase of block 6 may be spent in block 106, that of block 5 in block 105.
  const auto coinbase = [&](std::int32_t height) {
    const BlockRef block = story.world.index.ancestor(story.world.tip, height);
    return output_of(story.world.index[block].body->transactions()[0]);
  };
  check(spend({coinbase(6)}, 1'000), V::premature_coinbase_spend, VerdictClass::invalid);
  CHECK(story.offer(spend({coinbase(5)}, 1'000)) == V::accepted);
}

TEST_CASE("Less than 100 satoshis for 1,000 virtual bytes are not enough") {
  Story story;
  const std::vector<Funding> fundings = {story.funding()};
  const std::int64_t least = Story::fee_at(fundings, 100);
  CHECK(story.offer(spend(fundings, least - 1)) == V::below_minimum_relay_fee);
  CHECK((class_of(V::below_minimum_relay_fee) == VerdictClass::low_fee));
  CHECK(story.offer(spend(fundings, least)) == V::accepted);
  CHECK(story.mempool->minimum_fee_rate(story.world.now) == FeeRate{100});
}

TEST_CASE("A child waits for its parent, which one mempool may have and its neighbour not") {
  Story story;
  Mempool neighbour(story.world.store, story.world.ledger, story.parameters);
  const TransactionPointer parent = spend({story.funding()}, 1'000, 2);
  const TransactionPointer child = spend({output_of(parent, 0), output_of(parent, 1)}, 1'000);
  CHECK(story.offer(child) == V::missing_inputs);
  const TxRef place = story.place(child);
  CHECK(story.mempool->missing_parents(place, story.world.tip) == std::vector<Hash256>{parent->txid()});
  story.accepted(parent);
  CHECK(story.mempool->missing_parents(place, story.world.tip).empty());
  story.accepted(child);
  CHECK(story.mempool->ancestors(place) == std::vector<TxRef>{story.place(parent)});
  CHECK(story.mempool->descendants(story.place(parent)) == std::vector<TxRef>{place});
  CHECK(neighbour.accept(place, story.world.tip, story.world.now).verdict == V::missing_inputs);
  CHECK(neighbour.missing_parents(place, story.world.tip) == std::vector<Hash256>{parent->txid()});
}

TEST_CASE("A replacement pays for all that leaves and for its own size, at a higher rate") {
  Story story;
  const std::vector<Funding> fundings = {story.funding()};
  const TransactionPointer parent = story.accepted(spend(fundings, 1'000, 2));
  const TransactionPointer child = story.accepted(spend({output_of(parent)}, 2'000));
  const std::int64_t increment = Story::fee_at(fundings, 100);
  CHECK(story.offer(spend(fundings, 2'999)) == V::insufficient_replacement_fee);              // rule 3
  CHECK(story.offer(spend(fundings, 2'999 + increment)) == V::insufficient_replacement_fee);  // rule 4
  CHECK(story.offer(spend(fundings, 3'200, 1, 3'000)) == V::insufficient_replacement_fee);    // rate of the parent
  CHECK(story.has(parent));
  const TransactionPointer better = spend(fundings, 3'000 + increment);
  const MempoolAcceptance acceptance = story.mempool->accept(story.place(better), story.world.tip, story.world.now);
  CHECK(acceptance.accepted());
  REQUIRE(acceptance.replaced.size() == 2);
  CHECK(story.world.store.transaction(acceptance.replaced[0]) == parent);
  CHECK(story.world.store.transaction(acceptance.replaced[1]) == child);
  CHECK(story.mempool->size() == 1);
}

TEST_CASE("Who may be replaced is a parameter: any transaction, one that signals it, none") {
  for (const auto& [replacement, plain, signalling] : {std::tuple{"full", V::accepted, V::accepted},
                                                       {"opt_in", V::conflict, V::accepted},
                                                       {"off", V::conflict, V::conflict}}) {
    INFO(replacement);
    Story story;
    story.parameters.replacement = replacement;
    story.start();
    const Funding first = story.funding();
    const Funding second = story.funding();
    story.accepted(spend({first}, 1'000));
    story.accepted(spend({second}, 1'000, 1, 0, kSignal));
    CHECK(story.offer(spend({first}, 9'000)) == plain);
    CHECK(story.offer(spend({second}, 9'000)) == signalling);
  }
}

TEST_CASE("At most 100 transactions are replaced") {
  Story story;
  std::vector<Funding> fundings;
  for (int i = 0; i < 101; ++i) {
    fundings.push_back(story.funding());
    story.accepted(spend({fundings.back()}, 100));
  }
  CHECK(story.offer(spend(fundings, 1'000'000)) == V::too_many_replacements);
  fundings.pop_back();
  CHECK(story.offer(spend(fundings, 1'000'000)) == V::accepted);
  CHECK(story.mempool->size() == 2);
}

TEST_CASE("New unconfirmed inputs forbid a replacement under ancestor limits, not under cluster limits") {
  for (const auto& [limit, verdict] : {std::pair{"ancestors", V::adds_unconfirmed_input}, {"cluster", V::accepted}}) {
    Story story;
    story.parameters.package_limit = limit;
    story.start();
    const Funding funding = story.funding();
    story.accepted(spend({funding}, 1'000));
    const TransactionPointer other = story.accepted(spend({story.funding()}, 1'000));
    CHECK(story.offer(spend({funding, output_of(other)}, 9'000)) == verdict);
  }
  Story story;
  const Funding funding = story.funding();
  const TransactionPointer parent = story.accepted(spend({funding}, 1'000));
  CHECK(story.offer(spend({funding, output_of(parent)}, 9'000)) == V::spends_what_it_replaces);
}

TEST_CASE("A cluster has at most 64 transactions, a chain before that at most 25") {
  for (const auto& [limit, longest] : {std::pair{"cluster", 64}, {"ancestors", 25}}) {
    Story story;
    story.parameters.package_limit = limit;
    story.start();
    TransactionPointer last = story.accepted(spend({story.funding()}, 1'000));
    for (int i = 1; i < longest; ++i) last = story.accepted(spend({output_of(last)}, 1'000));
    CHECK(story.offer(spend({output_of(last)}, 1'000)) == V::package_limit);
    CHECK(story.mempool->size() == static_cast<std::size_t>(longest));
  }
}

TEST_CASE("A transaction expires after 336 hours, with what descends from it") {
  Story story;
  const TransactionPointer parent = story.accepted(spend({story.funding()}, 1'000));
  story.world.now = story.world.now + hearsay::hours(300);
  const TransactionPointer child = story.accepted(spend({output_of(parent)}, 1'000));
  story.world.now = story.world.now + hearsay::hours(36);
  CHECK(story.mempool->expire(story.world.now).empty());
  story.world.now = story.world.now + hearsay::seconds(1);
  // At the offer of another one it happens too.
  const TransactionPointer other = spend({story.funding()}, 1'000);
  const MempoolAcceptance acceptance = story.mempool->accept(story.place(other), story.world.tip, story.world.now);
  REQUIRE(acceptance.evicted.size() == 2);
  CHECK(story.world.store.transaction(acceptance.evicted[0]) == parent);
  CHECK(story.world.store.transaction(acceptance.evicted[1]) == child);
  CHECK(story.mempool->size() == 1);
}

TEST_CASE("Without room those that pay least leave, and the minimum rises above what they paid") {
  Story story;
  const auto size = static_cast<std::int64_t>(spend({story.world.spendable[0]}, 0)->virtual_bytes());
  story.parameters.size_limit = {10 * size};
  story.start();
  std::vector<TransactionPointer> list;
  for (int i = 0; i < 10; ++i) list.push_back(story.accepted(spend({story.funding()}, 1'000 + 100 * i)));
  // A child lifts the poorest one.
  const TransactionPointer child = spend({output_of(list[0])}, 9'000);
  const MempoolAcceptance acceptance = story.mempool->accept(story.place(child), story.world.tip, story.world.now);
  REQUIRE(acceptance.evicted.size() == 1);
  CHECK(story.world.store.transaction(acceptance.evicted[0]) == list[1]);
  const FeeRate minimum{1'100 * 1'000 / size + 100};
  CHECK(story.mempool->minimum_fee_rate(story.world.now) == minimum);
  const Funding funding = story.funding();
  CHECK(story.offer(spend({funding}, minimum.fee_for(size) - 1)) == V::below_mempool_minimum_fee);
  CHECK(story.offer(spend({funding}, minimum.fee_for(size))) == V::mempool_full);
  CHECK((class_of(V::mempool_full) == VerdictClass::low_fee));
  CHECK(story.mempool->virtual_bytes() == 10 * size);
}

TEST_CASE("After a reorganisation transactions come back, and what the new chain forbids leaves") {
  Story story;
  const TransactionPointer first = story.accepted(spend({story.funding()}, 1'000));
  const TransactionPointer second = story.accepted(spend({output_of(first)}, 1'000));
  const TransactionPointer third = story.accepted(spend({output_of(second)}, 1'000));
  const Funding contested = story.funding();
  const TransactionPointer loser = story.accepted(spend({contested}, 1'000));
  const TransactionPointer orphaned = story.accepted(spend({output_of(loser)}, 1'000));
  const BlockRef base = story.world.tip;
  const BlockRef old_low = story.world.mine(base, {first});
  const BlockRef old_high = story.world.mine(old_low, {second, loser});
  const BlockRef chain[] = {old_low, old_high};
  CHECK(story.mempool->tip_changed({}, chain, old_high, story.world.now).confirmed.size() == 3);
  story.world.tip = old_high;
  // Mature at the old tip, not at the new one: block 106 is the last of the old chain, 7 + 100 the next.
  const BlockRef seven = story.world.index.ancestor(base, 7);
  const TransactionPointer young =
      story.accepted(spend({output_of(story.world.index[seven].body->transactions()[0])}, 1'000));
  const TransactionPointer locked = story.accepted(spend({story.funding()}, 1'000, 1, 0, kSignal, 106));

  const BlockRef rival = story.world.mine(base, {spend({contested}, 5'000)});
  const BlockRef left[] = {old_high, old_low};
  const MempoolTipChange change = story.mempool->tip_changed(left, {&rival, 1}, rival, story.world.now);
  const auto names = [&](const HeldTransactions& places) {
    std::vector<TransactionPointer> list;
    for (const TxRef place : places) list.push_back(story.world.store.transaction(place));
    return list;
  };
  CHECK(names(change.returned) == std::vector<TransactionPointer>{first, second});
  CHECK(names(change.dropped) == std::vector<TransactionPointer>{orphaned, young, locked});
  CHECK(change.confirmed.empty());
  CHECK(story.mempool->size() == 3);
  CHECK(story.mempool->ancestors(story.place(third)).size() == 2);
  // What was found at the old tip does not count at the new one.
  story.world.tip = rival;
  CHECK(story.offer(young) == V::premature_coinbase_spend);
  CHECK(story.offer(locked) == V::not_final);
  CHECK(story.offer(loser) == V::missing_inputs);
}

TEST_CASE("A block's conflicts leave with their descendants") {
  Story story;
  const Funding funding = story.funding();
  const TransactionPointer loser = story.accepted(spend({funding}, 1'000));
  story.accepted(spend({output_of(loser)}, 1'000));
  const BlockRef block = story.world.mine(story.world.tip, {spend({funding}, 5'000)});
  const MempoolTipChange change = story.mempool->tip_changed({}, {&block, 1}, block, story.world.now);
  CHECK(change.conflicted.size() == 2);
  CHECK(story.mempool->size() == 0);
}

TEST_CASE("A template takes a poor parent for its rich child, parents first, and keeps to the weight") {
  Story story;
  const TransactionPointer parent = story.accepted(spend({story.funding()}, 100));
  const TransactionPointer plain = story.accepted(spend({story.funding()}, 2'000));
  const TransactionPointer child = story.accepted(spend({output_of(parent)}, 9'000));
  const BlockTemplate all = story.mempool->block_template(4'000'000);
  CHECK(all.transactions == std::vector<TransactionPointer>{parent, child, plain});
  CHECK(all.fees == 11'100);
  CHECK(all.weight == parent->weight() + child->weight() + plain->weight());
  const BlockTemplate two = story.mempool->block_template(all.weight - 1);
  CHECK(two.transactions == std::vector<TransactionPointer>{parent, child});
  const BlockTemplate one = story.mempool->block_template(plain->weight());
  CHECK(one.transactions == std::vector<TransactionPointer>{plain});

  std::vector<TxRef> order = {story.place(child), story.place(parent), story.place(plain)};
  story.mempool->announcement_order(order);
  CHECK(order == std::vector<TxRef>{story.place(plain), story.place(parent), story.place(child)});
}
