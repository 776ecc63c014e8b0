// Orphans and who announced them: limits by peer against a naive twin, and the rules one by one.
#include "models/chain/orphanage.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>

#include "mempool_world.hpp"

using namespace hearsay::chain;
using hearsay::ConnectionSlot;
using hearsay::SimTime;

namespace {

// An orphan with that many inputs, all of one unknown parent, and some weight.
TransactionPointer make_orphan(std::uint64_t parent, std::size_t inputs, std::size_t script_bytes, std::uint8_t tag) {
  std::vector<TxIn> spends;
  for (std::uint32_t i = 0; i < inputs; ++i) spends.push_back({{some_hash(parent), i}, {}, 0xffffffff, {}});
  return std::make_shared<const Transaction>(2, spends,
                                             std::vector<TxOut>{{1, std::vector<std::uint8_t>(script_bytes, tag)}}, 0);
}

// TxOrphanage of Bitcoin Core 30 in the plainest form: a list of announcements in order.
class NaiveOrphanage {
 public:
  NaiveOrphanage(std::int64_t score, std::int64_t weight_per_peer) : score_(score), weight_(weight_per_peer) {}

  struct Announcement {
    TransactionPointer transaction;
    ConnectionSlot peer = 0;
    bool waits = false;
  };

  void add(const TransactionPointer& transaction, ConnectionSlot peer) {
    for (const Announcement& other : list) {
      if (other.transaction == transaction && other.peer == peer) return;
    }
    list.push_back({transaction, peer});
    trim();
  }
  void trim() {
    while (score_of(std::nullopt) > score_ || weight_of(std::nullopt) > weight_ * std::max<std::int64_t>(peers(), 1)) {
      ConnectionSlot worst = 0;
      double worst_ratio = -1;
      const std::int64_t share = std::max<std::int64_t>(score_ / std::max<std::int64_t>(peers(), 1), 1);
      for (ConnectionSlot peer = 0; peer < 8; ++peer) {
        const double ratio = std::max(static_cast<double>(score_of(peer)) / static_cast<double>(share),
                                      static_cast<double>(weight_of(peer)) / static_cast<double>(weight_));
        if (score_of(peer) == 0 || ratio < worst_ratio) continue;
        worst = peer;
        worst_ratio = ratio;
      }
      auto oldest = list.end();
      for (auto it = list.begin(); it != list.end(); ++it) {
        if (it->peer == worst && (oldest == list.end() || (oldest->waits && !it->waits))) oldest = it;
      }
      list.erase(oldest);
    }
  }
  // Of one peer every announcement counts in full, of all together the orphans once.
  std::int64_t score_of(std::optional<ConnectionSlot> peer) const {
    std::int64_t sum = 0;
    std::vector<TransactionPointer> once;
    for (const Announcement& entry : list) {
      if (peer.has_value() && entry.peer != *peer) continue;
      const bool again = std::find(once.begin(), once.end(), entry.transaction) != once.end();
      once.push_back(entry.transaction);
      sum += 1 + (again ? 0 : static_cast<std::int64_t>(entry.transaction->inputs().size() / 10));
    }
    return sum;
  }
  std::int64_t weight_of(std::optional<ConnectionSlot> peer) const {
    std::int64_t sum = 0;
    std::vector<TransactionPointer> once;
    for (const Announcement& entry : list) {
      if (peer.has_value() && entry.peer != *peer) continue;
      const bool again = std::find(once.begin(), once.end(), entry.transaction) != once.end();
      once.push_back(entry.transaction);
      sum += again ? 0 : static_cast<std::int64_t>(entry.transaction->weight());
    }
    return sum;
  }
  std::int64_t peers() const {
    std::int64_t count = 0;
    for (ConnectionSlot peer = 0; peer < 8; ++peer) count += score_of(peer) > 0 ? 1 : 0;
    return count;
  }

  std::vector<Announcement> list;

 private:
  std::int64_t score_;
  std::int64_t weight_;
};

struct OrphanStory {
  TransactionStore store;
  OrphanageParameters parameters;
  std::unique_ptr<Orphanage> orphanage;

  Orphanage& start() {
    orphanage = std::make_unique<Orphanage>(store, test_draws(5), parameters);
    return *orphanage;
  }
  // Leaves one hold, so that places stay what they are.
  TxRef place(const TransactionPointer& transaction) { return store.hold(transaction); }
  OrphanEntry add(TxRef transaction, ConnectionSlot peer, SimTime now = {}) {
    HeldTransactions evicted(store);
    return orphanage->add(transaction, peer, now, evicted);
  }
};

}  // namespace

TEST_CASE("An orphanage limited by peer agrees with a plain list of announcements") {
  int over = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    hearsay::RandomStream draws = test_draws(seed);
    OrphanStory story;
    story.parameters.orphan_score = static_cast<std::int64_t>(10 + draws.below(40));
    story.parameters.orphan_weight_per_peer = static_cast<std::int64_t>(5'000 + draws.below(20'000));
    Orphanage& orphanage = story.start();
    NaiveOrphanage twin(story.parameters.orphan_score, story.parameters.orphan_weight_per_peer);
    std::vector<TransactionPointer> pool;
    for (std::uint8_t i = 0; i < 60; ++i) {
      pool.push_back(make_orphan(i / 4U, 1 + draws.below(25), 100 + draws.below(800), i));
      story.place(pool.back());
    }
    for (int step = 0; step < 500; ++step) {
      const TransactionPointer& transaction = pool[draws.below(pool.size())];
      const TxRef place = story.store.find(transaction->wtxid());
      const auto peer = static_cast<ConnectionSlot>(draws.below(draws.below(3) == 0 ? 8 : 2));
      const std::uint64_t what = draws.below(100);
      if (what < 75) {
        HeldTransactions evicted(story.store);
        const std::size_t before = twin.list.size();
        static_cast<void>(orphanage.add(place, peer, {}, evicted));
        twin.add(transaction, peer);
        over += twin.list.size() <= before ? 1 : 0;
        for (const TxRef gone : evicted) CHECK_FALSE(orphanage.contains(gone));
      } else if (what < 82) {
        orphanage.erase(place);
        std::erase_if(twin.list, [&](const auto& entry) { return entry.transaction == transaction; });
      } else if (what < 85) {
        orphanage.disconnected(peer);
        std::erase_if(twin.list, [&](const auto& entry) { return entry.peer == peer; });
        twin.trim();
      } else if (what < 95) {
        orphanage.reconsider(place, peer);
        for (auto& entry : twin.list) entry.waits |= entry.transaction == transaction && entry.peer == peer;
      } else {
        const auto waiting =
            std::find_if(twin.list.begin(), twin.list.end(), [&](const auto& e) { return e.peer == peer && e.waits; });
        REQUIRE(orphanage.has_reconsidered(peer) == (waiting != twin.list.end()));
        const TxRef taken = orphanage.take_reconsidered(peer);
        REQUIRE((taken == kNoTx) == (waiting == twin.list.end()));
        if (taken != kNoTx) {
          REQUIRE(story.store.transaction(taken) == waiting->transaction);
          waiting->waits = false;
        }
      }

      for (const TransactionPointer& other : pool) {
        std::vector<ConnectionSlot> announcers;
        for (const auto& entry : twin.list) {
          if (entry.transaction == other) announcers.push_back(entry.peer);
        }
        const TxRef there = story.store.find(other->wtxid());
        REQUIRE(orphanage.announcers(there) == announcers);
        REQUIRE(orphanage.contains(there) == !announcers.empty());
      }
    }
    // Nothing is held but by the test.
    orphanage.clear();
    for (const TransactionPointer& transaction : pool) story.store.release(story.store.find(transaction->wtxid()));
    REQUIRE(story.store.live() == 0);
  }
  CHECK(over > 100);
}

TEST_CASE("An orphan of more than 400,000 weight units is not kept") {
  OrphanStory story;
  Orphanage& orphanage = story.start();
  // 4 * (10 + 41 + 8 + 5 + script): 99,936 bytes of script make 400,000.
  const TransactionPointer limit = make_orphan(1, 1, 99'936, 1);
  const TransactionPointer above = make_orphan(1, 1, 99'937, 1);
  REQUIRE(limit->weight() == 400'000);
  CHECK(story.add(story.place(limit), 3) == OrphanEntry::added);
  CHECK(story.add(story.place(above), 3) == OrphanEntry::too_heavy);
  CHECK(orphanage.size() == 1);
}

TEST_CASE("An orphan stays as long as one of its announcers does") {
  OrphanStory story;
  Orphanage& orphanage = story.start();
  const TxRef orphan = story.place(make_orphan(1, 1, 50, 1));
  CHECK(story.add(orphan, 3) == OrphanEntry::added);
  CHECK(story.add(orphan, 9) == OrphanEntry::announcer_added);
  CHECK(story.add(orphan, 3) == OrphanEntry::known);
  CHECK(orphanage.announcers(orphan) == std::vector<ConnectionSlot>{3, 9});
  orphanage.disconnected(3);
  CHECK(orphanage.contains(orphan));
  orphanage.disconnected(9);
  CHECK_FALSE(orphanage.contains(orphan));
}

TEST_CASE("A peer that floods orphans loses its own, not those of others") {
  OrphanStory story;
  story.parameters.orphan_score = 20;
  Orphanage& orphanage = story.start();
  const TxRef honest = story.place(make_orphan(1, 1, 50, 1));
  story.add(honest, 0);
  for (std::uint8_t i = 0; i < 100; ++i) story.add(story.place(make_orphan(2, 1, 50, i)), 1);
  CHECK(orphanage.contains(honest));
  CHECK(orphanage.size() == 20);
}

TEST_CASE("Children of a parent come in order of arrival, of one peer latest first") {
  OrphanStory story;
  Orphanage& orphanage = story.start();
  const TransactionPointer parent = make_orphan(1, 1, 50, 1);
  const auto child = [&](std::uint8_t tag) {
    return std::make_shared<const Transaction>(2, std::vector<TxIn>{{{parent->txid(), 0}, {}, 0xffffffff, {}}},
                                               std::vector<TxOut>{{1, {tag}}}, 0);
  };
  const TxRef parent_place = story.place(parent);
  const TxRef first = story.place(child(1));
  const TxRef second = story.place(child(2));
  const TxRef third = story.place(child(3));
  story.add(third, 1);
  story.add(first, 1);
  story.add(second, 2);
  CHECK(orphanage.children_of(parent_place) == std::vector<TxRef>{third, first, second});
  CHECK(orphanage.children_of(parent_place, 1) == std::vector<TxRef>{first, third});
  CHECK(orphanage.children_of(first).empty());
}

TEST_CASE("A block takes orphans that it contains or that spend what it spends") {
  OrphanStory story;
  Orphanage& orphanage = story.start();
  const TransactionPointer contained = make_orphan(1, 1, 50, 1);
  const TransactionPointer rival = make_orphan(1, 2, 50, 2);
  const TransactionPointer other = make_orphan(2, 1, 50, 3);
  for (const TransactionPointer& orphan : {contained, rival, other}) story.add(story.place(orphan), 1);
  const Block block({}, {make_orphan(9, 1, 3, 0), contained});
  const HeldTransactions erased = orphanage.erase_for_block(block);
  CHECK(erased.size() == 2);
  CHECK(orphanage.size() == 1);
  CHECK(orphanage.contains(story.place(other)));
}

TEST_CASE("Before 30.0 a random orphan leaves when there are more than 100, and each after 20 minutes") {
  OrphanStory story;
  story.parameters.orphans = "count";
  Orphanage& orphanage = story.start();
  std::vector<TxRef> places;
  std::vector<std::size_t> gone;
  for (std::uint8_t i = 0; i < 200; ++i) {
    places.push_back(story.place(make_orphan(i, 1, 50, i)));
    HeldTransactions evicted(story.store);
    const auto minute = hearsay::minutes(i / 100);
    static_cast<void>(orphanage.add(places.back(), 1, SimTime{} + minute, evicted));
    for (const TxRef place : evicted) {
      gone.push_back(static_cast<std::size_t>(std::find(places.begin(), places.end(), place) - places.begin()));
    }
  }
  CHECK(orphanage.size() == 100);
  REQUIRE(gone.size() == 100);
  // A rule like "the oldest" would give an ordered list; random ones take half from each hundred, roughly.
  CHECK_FALSE(std::is_sorted(gone.begin(), gone.end()));
  const auto early = std::count_if(gone.begin(), gone.end(), [](std::size_t i) { return i < 100; });
  CHECK(early > 45);
  CHECK(early < 85);
  CHECK(orphanage.expire(SimTime{} + hearsay::minutes(20) + hearsay::nanoseconds(-1)).empty());
  CHECK(orphanage.expire(SimTime{} + hearsay::minutes(20)).size() == static_cast<std::size_t>(100 - early));
  CHECK(orphanage.expire(SimTime{} + hearsay::minutes(21)).size() == static_cast<std::size_t>(early));
  CHECK(orphanage.size() == 0);
}
