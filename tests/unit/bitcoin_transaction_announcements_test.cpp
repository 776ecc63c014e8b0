// What is announced to whom: how much at once, in what order, and what is not. When:
// bitcoin_transaction_trickle_test.cpp.
#include <algorithm>
#include <map>
#include <set>

#include "tests/unit/bitcoin_announcement_rig.hpp"

namespace hearsay::bitcoin {

TEST_CASE("an instant announces 70 transactions and 5 more for each 1,000 that wait, and the rest comes later") {
  const std::size_t queued = GENERATE(std::size_t{1}, std::size_t{70}, std::size_t{71}, std::size_t{999},
                                      std::size_t{1000}, std::size_t{2500});
  Rig rig(core_settings(), 2'500);
  rig.announcements.add_peer(0, Direction::outbound, 1);
  std::set<chain::Hash256> entered;
  for (std::size_t i = 0; i < queued; ++i) entered.insert(rig.enter_new()->wtxid());
  std::size_t waiting = queued;
  std::set<chain::Hash256> told;
  while (waiting > 0) {
    const std::vector<Told> batch = rig.next();
    REQUIRE(batch.size() == 1);
    CHECK(batch[0].transactions.size() == std::min(waiting, 70 + 5 * (waiting / 1000)));
    waiting -= batch[0].transactions.size();
    for (const TransactionPointer& transaction : batch[0].transactions) told.insert(transaction->wtxid());
  }
  CHECK((told == entered));
  CHECK(rig.announcements.next_due() == SimTime::max());
}

TEST_CASE("an instant announces no more than 1,000 transactions") {
  TrickleSettings settings = core_settings();
  settings.target = 990;
  Rig rig(settings, 3'000);
  rig.announcements.add_peer(0, Direction::outbound, 1);
  for (int i = 0; i < 3'000; ++i) rig.enter_new();
  CHECK(rig.next().at(0).transactions.size() == 1'000);
  CHECK(rig.next().at(0).transactions.size() == 1'000);  // 2,000 wait: 990 + 10
  CHECK(rig.next().at(0).transactions.size() == 995);
}

TEST_CASE("who pays more is announced first") {
  TrickleSettings settings = core_settings();
  settings.target = 3;
  Rig rig(settings);
  rig.announcements.add_peer(0, Direction::outbound, 1);
  Transactions by_fee(9);
  for (const std::size_t rank : {4u, 0u, 8u, 2u, 6u, 1u, 3u, 7u, 5u})
    by_fee[rank] = rig.enter_new(100'000 - static_cast<std::int64_t>(rank) * 1'000);
  Transactions told;
  for (const Told& entry : rig.all()) told.insert(told.end(), entry.transactions.begin(), entry.transactions.end());
  CHECK((told == by_fee));
}

TEST_CASE("parents are announced before children that pay more, in one message and over several") {
  for (const std::size_t target : {std::size_t{1}, std::size_t{2}, std::size_t{70}}) {
    TrickleSettings settings = core_settings();
    settings.target = target;
    Rig rig(settings);
    rig.announcements.add_peer(0, Direction::outbound, 1);
    const TransactionPointer parent = rig.enter_new(2'000);
    const TransactionPointer child = chain::spend({chain::output_of(parent)}, 50'000);
    const TransactionPointer grandchild = chain::spend({chain::output_of(child)}, 500'000);
    rig.enter(child);
    rig.enter(grandchild);
    Transactions told;
    for (const Told& entry : rig.all()) told.insert(told.end(), entry.transactions.begin(), entry.transactions.end());
    CHECK((told == Transactions{parent, child, grandchild}));
  }
}

TEST_CASE("a peer is not told of what it announced or sent, before it entered here or after") {
  Rig rig;
  for (const ConnectionSlot peer : {0u, 1u, 70u}) rig.announcements.add_peer(peer, Direction::outbound, peer + 1);
  const TransactionPointer first = rig.make(10'000);
  const TransactionPointer second = rig.make(20'000);
  const TxRef place = rig.accept(first);
  rig.announcements.note_known(0, place);
  rig.announcements.entered(place, rig.now);
  rig.announcements.note_known(70, rig.enter(second));
  std::map<ConnectionSlot, Transactions> told;
  for (const Told& entry : rig.all())
    for (const TransactionPointer& transaction : entry.transactions) told[entry.peer].push_back(transaction);
  CHECK((told[0] == Transactions{second}));
  CHECK((told[1] == Transactions{second, first}));
  CHECK((told[70] == Transactions{first}));
}

TEST_CASE("what is known is not queued, so that no timer runs for it") {
  Rig rig;
  rig.announcements.add_peer(0, Direction::outbound, 1);
  const TxRef place = rig.accept(rig.make(10'000));
  rig.announcements.note_known(0, place);
  rig.announcements.entered(place, rig.now);
  CHECK(rig.announcements.next_due() == SimTime::max());
}

TEST_CASE("below a peer's fee filter nothing is announced, at it everything, and what is dropped counts for nothing") {
  TrickleSettings settings = core_settings();
  settings.target = 2;
  Rig rig(settings);
  rig.announcements.add_peer(0, Direction::outbound, 1);
  const TransactionPointer sized = rig.make(10'000);
  const auto bytes = static_cast<std::int64_t>(sized->virtual_bytes());
  const FeeRate filter{30'000};
  rig.announcements.set_fee_filter(0, filter);
  const TransactionPointer below = rig.enter_new(filter.fee_for(bytes) - 1);
  const TransactionPointer exact = rig.enter_new(filter.fee_for(bytes));
  const TransactionPointer above = rig.enter_new(filter.fee_for(bytes) + 1);
  REQUIRE(below->virtual_bytes() == sized->virtual_bytes());
  const std::vector<Told> told = rig.all();
  REQUIRE(told.size() == 1);
  CHECK((told[0].transactions == Transactions{above, exact}));
  // The filter is the peer's own, and gone with it.
  rig.announcements.forget_peer(0);
  rig.announcements.add_peer(0, Direction::outbound, 2);
  const TransactionPointer later = rig.enter_new(filter.fee_for(bytes) - 1);
  CHECK((rig.all().at(0).transactions == Transactions{later}));
}

TEST_CASE("what has left the mempool is not announced") {
  Rig rig;
  rig.announcements.add_peer(0, Direction::outbound, 1);
  const Funding coin = rig.world.spendable.at(0);
  rig.next_coin = 1;
  rig.enter(chain::spend({coin}, 5'000));
  const TransactionPointer replacement = chain::spend({coin}, 50'000);
  rig.enter(replacement);
  const std::vector<Told> told = rig.all();
  REQUIRE(told.size() == 1);
  CHECK((told[0].transactions == Transactions{replacement}));
  rig.enter_new();
  rig.empty();
  CHECK(rig.all().empty());
}

TEST_CASE("a place that another transaction has taken is not announced for the one that left") {
  Rig rig;
  rig.announcements.add_peer(0, Direction::outbound, 1);
  const TxRef old_place = rig.enter(rig.make(10'000));
  rig.announcements.left(old_place);
  rig.mempool.clear();
  rig.held.clear();
  // As after a reorganisation: what comes back is not queued for anybody.
  const TransactionPointer returned = rig.make(20'000);
  REQUIRE(rig.accept(returned) == old_place);
  CHECK(rig.all().empty());
}

TEST_CASE("a transaction that leaves and enters again before the instant is announced once") {
  Rig rig;
  rig.announcements.add_peer(0, Direction::outbound, 1);
  const TransactionPointer transaction = rig.make(10'000);
  rig.enter(transaction);
  rig.empty();
  const TransactionPointer other = rig.make(5'000);
  rig.enter(other);
  rig.enter(transaction);
  const std::vector<Told> told = rig.all();
  REQUIRE(told.size() == 1);
  CHECK((told[0].transactions == Transactions{transaction, other}));
}

TEST_CASE("a peer that has gone is told nothing, and its successor in the slot starts afresh") {
  Rig rig;
  rig.announcements.add_peer(0, Direction::outbound, 1);
  rig.enter_new();
  rig.announcements.forget_peer(0);
  rig.announcements.add_peer(0, Direction::outbound, 2);
  // The timer of the old connection may fire; it is not the new one's.
  CHECK(rig.all().empty());
  const TransactionPointer later = rig.enter_new();
  CHECK((rig.all().at(0).transactions == Transactions{later}));
}

TEST_CASE("what a peer knew that wanted no announcements is not held to be known by its successor in the slot") {
  Rig rig;
  const TransactionPointer transaction = rig.make(10'000);
  const TxRef place = rig.accept(transaction);
  rig.announcements.note_known(0, place);  // it announces, although it wants none
  rig.announcements.forget_peer(0);
  rig.announcements.add_peer(0, Direction::outbound, 2);
  rig.announcements.entered(place, rig.now);
  const std::vector<Told> told = rig.all();
  REQUIRE(told.size() == 1);
  CHECK((told[0].transactions == Transactions{transaction}));
}

TEST_CASE("a mempool message is answered at the next instant with everything that pays enough, known or not") {
  const Direction direction = GENERATE(Direction::inbound, Direction::outbound);
  Rig rig(core_settings(), 200);
  std::set<chain::Hash256> there;
  for (int i = 0; i < 150; ++i) there.insert(rig.enter_new(10'000)->wtxid());
  rig.announcements.add_peer(0, direction, 1);
  rig.announcements.add_peer(1, direction, 2);
  rig.announcements.note_known(0, rig.mempool.first());
  const TransactionPointer poor = rig.make(500);
  rig.accept(poor);
  rig.announcements.set_fee_filter(0, {5'000});
  rig.announcements.request_mempool(0, rig.now);
  CHECK(rig.announcements.next_due() > rig.now);
  const std::vector<Told> told = rig.all();
  REQUIRE(told.size() == 1);
  CHECK(told[0].peer == 0);
  std::set<chain::Hash256> heard;
  for (const TransactionPointer& transaction : told[0].transactions) heard.insert(transaction->wtxid());
  CHECK(told[0].transactions.size() == 150);
  CHECK((heard == there));
  // It is an announcement as any other: nothing of it is announced again.
  rig.announcements.request_mempool(5, rig.now);  // a peer that is not there
  CHECK(rig.announcements.next_due() == SimTime::max());
}

TEST_CASE("a peer may have what entered before the last announcements to it, no sooner") {
  Rig rig;
  rig.announcements.add_peer(0, Direction::outbound, 1);
  rig.announcements.add_peer(1, Direction::outbound, 2);
  const TxRef first = rig.enter(rig.make(10'000));
  CHECK_FALSE(rig.announcements.may_serve(0, first));
  const ConnectionSlot told = rig.next().at(0).peer;
  CHECK(rig.announcements.may_serve(told, first));
  CHECK_FALSE(rig.announcements.may_serve(1 - told, first));
  const TxRef second = rig.enter(rig.make(10'000));
  CHECK_FALSE(rig.announcements.may_serve(told, second));
  rig.all();
  CHECK(rig.announcements.may_serve(told, second));
  CHECK_FALSE(rig.announcements.may_serve(9, first));
}

}  // namespace hearsay::bitcoin
