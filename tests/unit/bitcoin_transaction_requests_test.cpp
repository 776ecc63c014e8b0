// Which transactions are asked of whom and when, against a list of announcements from which everything is worked out
// anew; then single rules, one a test.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <vector>

#include "sim/core/random.hpp"
#include "tests/unit/bitcoin_naive_requests.hpp"

namespace hearsay::bitcoin {
namespace {

using chain::TransactionStore;

SimTime at(std::int64_t second) {
  return SimTime{} + seconds(second);
}

// Both at once: the tracker under test, and the twin that says what it has to do.
class Twins {
 public:
  static constexpr ConnectionSlot kPeers = 9;
  static constexpr std::uint64_t kHashes = 30;
  static constexpr std::size_t kLimit = 12;

  explicit Twins(std::uint64_t seed)
      : draws_(Seeds(seed), SeedDomain::world, Purpose("test"), StableId{}),
        requests_(store_, {kLimit, seconds(60), draws_()}),
        naive_(kLimit, seconds(60)) {}

  void step() {
    const auto peer = static_cast<ConnectionSlot>(draws_.below(kPeers));
    const Hash256 hash = numbered(draws_.below(kHashes));
    const std::uint64_t what = draws_.below(100);
    if (what < 55) {
      const Preference preference = peer % 3 == 0 ? Preference::preferred : Preference::other;
      const NameKind kind = draws_.below(2) == 0 ? NameKind::txid : NameKind::wtxid;
      const SimTime ready = now_ + seconds(2 * static_cast<std::int64_t>(draws_.below(4)));
      requests_.announced(peer, hash, kind, preference, ready);
      naive_.announced(peer, hash, kind, preference, ready);
    } else if (what < 70) {
      requests_.answered(peer, hash);
      naive_.answered(peer, hash);
    } else if (what < 76) {
      requests_.forget(hash);
      naive_.forget(hash);
    } else if (what < 78) {
      requests_.forget_peer(peer);
      naive_.forget_peer(peer);
    } else if (what < 82) {
      hold_elsewhere();
    } else {
      now_ = now_ + milliseconds(static_cast<std::int64_t>(draws_.below(8000)));
      // Some instants are passed over, so that much falls due at once.
      if (draws_.below(4) != 0) take();
    }
    compare();
  }

  void end() {
    for (ConnectionSlot peer = 0; peer < kPeers; ++peer) {
      requests_.forget_peer(peer);
      naive_.forget_peer(peer);
    }
    compare();
    for (const chain::TxRef place : elsewhere_) store_.release(place);
    elsewhere_.clear();
    REQUIRE(store_.live() == 0);
  }

  std::size_t requested_ = 0;
  std::size_t expired_ = 0;
  std::size_t refused_ = 0;

 private:
  // Others use the store too: places change their owners, and hashes stay that are not tracked any more.
  void hold_elsewhere() {
    elsewhere_.push_back(store_.hold(numbered(draws_.below(2 * kHashes))));
    if (elsewhere_.size() < 8) return;
    const std::size_t which = draws_.below(elsewhere_.size());
    store_.release(elsewhere_[which]);
    elsewhere_.erase(elsewhere_.begin() + static_cast<std::ptrdiff_t>(which));
  }

  void take() {
    const SimTime announced_next = requests_.next_due();
    std::vector<TransactionRequests::Request> requests;
    requests_.take_due(now_, requests);
    for (const auto& entry : naive_.list())
      expired_ += entry.state == NaiveRequests::State::requested && entry.time <= now_ ? 1 : 0;
    naive_.pass_time(now_);
    const auto choices = naive_.choices(now_);
    REQUIRE(requests.size() == choices.size());
    if (!requests.empty()) REQUIRE(announced_next <= now_);
    std::size_t last_place = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const auto found = choices.find(store_.hash(requests[i].transaction));
      REQUIRE(found != choices.end());
      const auto place = std::find_if(found->second.begin(), found->second.end(), [&](std::size_t candidate) {
        return naive_.list()[candidate].peer == requests[i].peer;
      });
      REQUIRE(place != found->second.end());
      REQUIRE(naive_.list()[*place].kind == requests[i].kind);
      const bool same_peer = i > 0 && requests[i - 1].peer == requests[i].peer;
      if (i > 0) REQUIRE(requests[i - 1].peer <= requests[i].peer);
      if (same_peer) REQUIRE(last_place < *place);
      last_place = *place;
      naive_.request(*place, now_);
    }
    requested_ += requests.size();
    REQUIRE(requests_.next_due() == naive_.next_change());
  }

  void compare() {
    for (ConnectionSlot peer = 0; peer < kPeers; ++peer) {
      REQUIRE(requests_.in_flight(peer) == naive_.in_flight(peer));
      REQUIRE(requests_.tracked(peer) == naive_.tracked(peer));
      refused_ += naive_.tracked(peer) == kLimit ? 1 : 0;
    }
    for (std::uint64_t number = 0; number < kHashes; ++number) {
      const Hash256 hash = numbered(number);
      std::multiset<ConnectionSlot> announcers;
      requests_.for_each_announcer(hash, [&](ConnectionSlot peer) { announcers.insert(peer); });
      REQUIRE(announcers == naive_.announcers(hash));
      REQUIRE(requests_.tracks(hash) == !announcers.empty());
    }
    REQUIRE(requests_.next_due() <= naive_.next_change());
  }

  TransactionStore store_;
  RandomStream draws_;
  TransactionRequests requests_;
  NaiveRequests naive_;
  std::vector<chain::TxRef> elsewhere_;
  SimTime now_;
};

struct Tracker {
  TransactionStore store;
  TransactionRequests requests{store, {5000, seconds(60), 7}};

  // Peers asked at that instant, in the order in which they are.
  std::vector<ConnectionSlot> due(SimTime now) {
    std::vector<TransactionRequests::Request> list;
    requests.take_due(now, list);
    std::vector<ConnectionSlot> peers;
    for (const TransactionRequests::Request& request : list) peers.push_back(request.peer);
    return peers;
  }
  void offer(ConnectionSlot peer, std::uint64_t number, SimTime ready = {}, Preference preference = Preference::other) {
    requests.announced(peer, numbered(number), NameKind::wtxid, preference, ready);
  }
};

using Peers = std::vector<ConnectionSlot>;

}  // namespace

TEST_CASE("under random announcements, answers and losses the tracker asks for what a plain list says") {
  std::size_t requested = 0;
  std::size_t expired = 0;
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Twins twins(seed);
    for (int i = 0; i < 1'000; ++i) twins.step();
    twins.end();
    requested += twins.requested_;
    expired += twins.expired_;
    refused += twins.refused_;
  }
  // The random story is one in which everything happens.
  CHECK(requested > 2'000);
  CHECK(expired > 100);
  CHECK(refused > 100);
}

TEST_CASE("an announcement is asked for at its ready time and not before") {
  Tracker tracker;
  tracker.offer(3, 1, at(2));
  CHECK(tracker.requests.next_due() == at(2));
  CHECK(tracker.due(at(2) - nanoseconds(1)).empty());
  CHECK(tracker.due(at(2)) == Peers{3});
  CHECK(tracker.requests.next_due() == at(62));
}

TEST_CASE("a preferred peer that is ready beats others, one that is not does not hold them up") {
  Tracker tracker;
  for (ConnectionSlot peer = 0; peer < 20; ++peer) tracker.offer(peer, 1, at(2));
  tracker.offer(30, 1, at(2), Preference::preferred);
  CHECK(tracker.due(at(2)) == Peers{30});
  tracker.offer(0, 2, at(2));
  tracker.offer(30, 2, at(3), Preference::preferred);
  CHECK(tracker.due(at(2)) == Peers{0});
}

TEST_CASE("a transaction is asked of one peer at a time, and of the next after 60 s, an answer or a loss") {
  Tracker tracker;
  for (ConnectionSlot peer = 0; peer < 4; ++peer) tracker.offer(peer, 1);
  std::vector<ConnectionSlot> asked = tracker.due(at(0));
  REQUIRE(asked.size() == 1);
  CHECK(tracker.due(at(60) - nanoseconds(1)).empty());
  const auto next = [&](SimTime now) {
    const Peers peers = tracker.due(now);
    REQUIRE(peers.size() == 1);
    asked.push_back(peers[0]);
  };
  next(at(60));
  tracker.requests.answered(asked[1], numbered(1));
  CHECK(tracker.requests.next_due() == SimTime{});
  next(at(61));
  tracker.requests.forget_peer(asked[2]);
  next(at(62));
  std::sort(asked.begin(), asked.end());
  CHECK(asked == Peers{0, 1, 2, 3});
  tracker.requests.answered(asked[0], numbered(1));  // long answered: without effect on the request
  CHECK(tracker.due(at(63)).empty());
  CHECK(tracker.requests.tracks(numbered(1)));
  CHECK(tracker.due(at(122)).empty());
  CHECK_FALSE(tracker.requests.tracks(numbered(1)));
  CHECK(tracker.store.live() == 0);
}

TEST_CASE("a peer that was asked is not asked again by announcing again, but may be once all is forgotten") {
  Tracker tracker;
  tracker.offer(0, 1);
  tracker.offer(1, 1, at(500));
  CHECK(tracker.due(at(0)) == Peers{0});
  CHECK(tracker.due(at(60)).empty());
  tracker.offer(0, 1, at(60));
  CHECK(tracker.due(at(61)).empty());
  CHECK(tracker.due(at(500)) == Peers{1});
  CHECK(tracker.due(at(560)).empty());
  tracker.offer(0, 1, at(561));
  CHECK(tracker.due(at(561)) == Peers{0});
}

TEST_CASE("an answer before the request takes the announcement back") {
  Tracker tracker;
  tracker.offer(0, 1, at(5));
  tracker.requests.answered(0, numbered(1));
  CHECK(tracker.due(at(5)).empty());
  CHECK_FALSE(tracker.requests.tracks(numbered(1)));
}

TEST_CASE("beyond 5,000 announcements of a peer others are ignored, until some are gone") {
  Tracker tracker;
  for (std::uint64_t number = 0; number < 5'001; ++number) tracker.offer(0, number, at(100));
  CHECK(tracker.requests.tracked(0) == 5'000);
  CHECK_FALSE(tracker.requests.tracks(numbered(5'000)));
  tracker.offer(1, 5'000, at(100));
  CHECK(tracker.requests.tracks(numbered(5'000)));
  tracker.requests.forget(numbered(17));
  tracker.offer(0, 5'000, at(100));
  CHECK(tracker.requests.tracked(0) == 5'000);
  CHECK(tracker.store.live() == 5'000);
  tracker.requests.clear();
  CHECK(tracker.store.live() == 0);
  CHECK(tracker.requests.tracked(0) == 0);
  CHECK(tracker.requests.next_due() == SimTime::max());
}

TEST_CASE("requests to a peer are in the order of its announcements, whatever the order of readiness") {
  Tracker tracker;
  for (std::uint64_t number = 0; number < 50; ++number)
    tracker.offer(0, number * 37 % 50, at(static_cast<std::int64_t>(number % 7)));
  std::vector<TransactionRequests::Request> list;
  tracker.requests.take_due(at(7), list);
  REQUIRE(list.size() == 50);
  for (std::uint64_t number = 0; number < 50; ++number)
    CHECK(tracker.store.hash(list[number].transaction) == numbered(number * 37 % 50));
}

TEST_CASE("among equals the choice is even, the salt's own, and independent of the order of announcements") {
  // Of 3,000 transactions each of three peers is chosen for 1,000 on average; five standard deviations are 129.
  constexpr std::uint64_t kTransactions = 3'000;
  const auto choices = [](std::uint64_t salt, bool backwards) {
    TransactionStore store;
    TransactionRequests requests(store, {5'000, seconds(60), salt});
    for (std::uint64_t i = 0; i < kTransactions; ++i) {
      const std::uint64_t number = backwards ? kTransactions - 1 - i : i;
      for (ConnectionSlot peer = 0; peer < 3; ++peer)
        requests.announced(backwards ? 2 - peer : peer, numbered(number), NameKind::wtxid, Preference::other, at(1));
    }
    std::vector<TransactionRequests::Request> list;
    requests.take_due(at(1), list);
    std::map<Hash256, ConnectionSlot> chosen;
    for (const TransactionRequests::Request& request : list) chosen[store.hash(request.transaction)] = request.peer;
    return chosen;
  };
  const auto forwards = choices(7, false);
  REQUIRE(forwards.size() == kTransactions);
  CHECK((forwards == choices(7, true)));
  CHECK((forwards != choices(8, false)));
  std::array<int, 3> times{};
  for (const auto& [hash, peer] : forwards) ++times[peer];
  for (const int count : times) CHECK(std::abs(count - 1'000) < 129);
}

TEST_CASE("deadlines that are not needed any more do not pile up") {
  // A tracker that lives long: each transaction is announced by two, asked of one and comes at once.
  Tracker tracker;
  for (std::int64_t i = 0; i < 20'000; ++i) {
    tracker.offer(0, static_cast<std::uint64_t>(i), at(i));
    tracker.offer(1, static_cast<std::uint64_t>(i), at(i + 1'000'000));
    CHECK(tracker.due(at(i)) == Peers{0});
    tracker.requests.forget(numbered(static_cast<std::uint64_t>(i)));
    REQUIRE(tracker.store.live() == 0);
  }
  CHECK(tracker.requests.next_due() == SimTime::max());
}

}  // namespace hearsay::bitcoin
