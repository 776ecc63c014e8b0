// The shared store of live transactions against a naive twin: a list of (hash, transaction, holds) that is searched.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "mempool_world.hpp"

using namespace hearsay::chain;

namespace {

TransactionPointer make(const std::vector<OutPoint>& points, std::uint8_t tag, std::vector<std::uint8_t> witness = {}) {
  std::vector<TxIn> inputs;
  for (const OutPoint& point : points) {
    inputs.push_back({point, {}, 0xffffffff, {}});
    if (!witness.empty()) inputs.back().witness = {witness};
  }
  return std::make_shared<const Transaction>(2, inputs, std::vector<TxOut>{{1'000, {tag}}}, 0);
}

struct NaiveStore {
  struct Held {
    TransactionPointer transaction;
    std::uint32_t holds = 0;
  };
  std::map<Hash256, Held> held;

  std::set<Hash256> with_txid(const Hash256& txid) const {
    std::set<Hash256> found;
    for (const auto& [hash, entry] : held) {
      if (entry.transaction != nullptr && entry.transaction->txid() == txid) found.insert(hash);
    }
    return found;
  }
  std::set<Hash256> spenders(const OutPoint& point) const {
    std::set<Hash256> found;
    for (const auto& [hash, entry] : held) {
      if (entry.transaction == nullptr) continue;
      for (const TxIn& input : entry.transaction->inputs()) {
        if (input.previous == point) found.insert(hash);
      }
    }
    return found;
  }
};

std::set<Hash256> hashes(const TransactionStore& store, const std::vector<TxRef>& places) {
  std::set<Hash256> found;
  for (const TxRef place : places) found.insert(store.hash(place));
  REQUIRE(found.size() == places.size());
  return found;
}

}  // namespace

TEST_CASE("A store of transactions agrees with a list that is searched, whatever is held and released") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    hearsay::RandomStream draws = test_draws(seed);
    std::vector<OutPoint> points;
    for (std::uint64_t i = 0; i < 12; ++i) points.push_back({some_hash(i / 2), static_cast<std::uint32_t>(i % 2)});
    std::vector<TransactionPointer> pool;
    for (std::uint8_t i = 0; i < 30; ++i) {
      std::vector<OutPoint> spent;
      for (std::uint64_t n = 1 + draws.below(3); n > 0; --n) spent.push_back(points[draws.below(points.size())]);
      if (draws.below(5) == 0) spent.push_back(spent[0]);  // invalid, but it may be here
      if (i > 3 && draws.below(3) == 0) spent.push_back({pool[i - 1]->txid(), 0});
      pool.push_back(make(spent, i));
      if (draws.below(3) == 0) pool.push_back(make(spent, i, {1}));  // of the same txid
    }

    TransactionStore store;
    NaiveStore twin;
    std::map<Hash256, TxRef> places;
    for (int step = 0; step < 600; ++step) {
      const TransactionPointer& transaction = pool[draws.below(pool.size())];
      const Hash256& hash = draws.below(2) == 0 ? transaction->wtxid() : transaction->txid();
      const std::uint64_t what = draws.below(10);
      if (what < 3) {
        places[hash] = store.hold(hash);
        ++twin.held[hash].holds;
      } else if (what < 5) {
        places[transaction->wtxid()] = store.hold(transaction);
        ++twin.held[transaction->wtxid()].holds;
        twin.held[transaction->wtxid()].transaction = transaction;
      } else if (what < 6 && twin.held.contains(hash)) {
        store.hold(places.at(hash));
        ++twin.held[hash].holds;
      } else if (twin.held.contains(hash)) {
        store.release(places.at(hash));
        if (--twin.held[hash].holds == 0) {
          twin.held.erase(hash);
          places.erase(hash);
        }
      }

      REQUIRE(store.live() == twin.held.size());
      REQUIRE(store.capacity() >= store.live());
      for (const auto& [held, entry] : twin.held) {
        const TxRef place = store.find(held);
        REQUIRE(place == places.at(held));
        REQUIRE(place < store.capacity());
        REQUIRE(store.hash(place) == held);
        REQUIRE(store.transaction(place) == entry.transaction);
      }
      for (const TransactionPointer& other : pool) {
        if (!twin.held.contains(other->wtxid())) REQUIRE(store.find(other->wtxid()) == kNoTx);
        REQUIRE(hashes(store, store.with_txid(other->txid())) == twin.with_txid(other->txid()));
        for (const TxIn& input : other->inputs()) {
          const std::set<Hash256> spenders = twin.spenders(input.previous);
          REQUIRE(hashes(store, store.spenders(input.previous)) == spenders);
          if (spenders.size() < 2) continue;
          for (const Hash256& spender : spenders) REQUIRE(store.contested(store.find(spender)));
        }
      }
    }
  }
}

TEST_CASE("A place that was given up starts afresh for whoever gets it next") {
  TransactionStore store;
  const TransactionPointer first = make({{some_hash(1), 0}}, 1);
  const TransactionPointer rival = make({{some_hash(1), 0}}, 2);
  const TxRef place = store.hold(first);
  CHECK_FALSE(store.contested(place));
  const TxRef other = store.hold(rival);
  CHECK(store.contested(place));
  store.set_fee(place, 77);
  CHECK(store.fee(place) == 77);
  store.release(place);
  store.release(other);
  CHECK(store.live() == 0);
  CHECK(store.hold(rival) <= 1);
  CHECK(store.hold(first) <= 1);
  CHECK(store.capacity() == 2);
  CHECK(store.fee(place) == std::nullopt);
  store.release(0);
  store.release(1);
  const TxRef alone = store.hold(first);
  CHECK_FALSE(store.contested(alone));
}

TEST_CASE("Every transaction is visited once in a walk, and again in the next one") {
  TransactionStore store;
  const TxRef place = store.hold(some_hash(1));
  for (int walk = 0; walk < 3; ++walk) {
    store.begin_walk();
    CHECK(store.visit(place));
    CHECK_FALSE(store.visit(place));
  }
  const TxRef later = store.hold(some_hash(2));
  store.begin_walk();
  CHECK(store.visit(later));
}
