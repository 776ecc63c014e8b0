// When transactions are announced; who knows which; the steps of fee filters. Bounds of statistics follow from the
// sizes of samples, fixed before the first run.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "models/protocols/bitcoin/fee_filter.hpp"
#include "tests/unit/bitcoin_announcement_rig.hpp"

namespace hearsay::bitcoin {
namespace {

// Intervals from the arrival of a transaction at an idle peer to its announcement, in seconds.
std::vector<double> intervals(const TrickleSettings& settings, Direction direction, std::size_t count) {
  Rig rig(settings);
  rig.announcements.add_peer(0, direction, 1);
  const TransactionPointer transaction = rig.make(10'000);
  std::vector<double> list;
  for (std::size_t i = 0; i < count; ++i) {
    const SimTime since = rig.now = rig.now + milliseconds(777);
    rig.enter(transaction);
    const std::vector<Told> told = rig.next();
    REQUIRE(told.size() == 1);
    list.push_back(static_cast<double>((told[0].time - since).ns) * 1e-9);
    rig.empty();
  }
  std::sort(list.begin(), list.end());
  return list;
}

template <class Distribution>
double kolmogorov_distance(const std::vector<double>& sorted, Distribution distribution) {
  double distance = 0;
  const auto n = static_cast<double>(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double expected = distribution(sorted[i]);
    distance = std::max({distance, std::abs(expected - static_cast<double>(i) / n),
                         std::abs(expected - static_cast<double>(i + 1) / n)});
  }
  return distance;
}

constexpr std::size_t kSample = 2'000;
// The Kolmogorov distance of a sample of n exceeds 1.95 / sqrt(n) once in a thousand times.
const double kLargestDistance = 1.95 / std::sqrt(static_cast<double>(kSample));

}  // namespace

TEST_CASE("announcements wait for exponentially distributed times: 2 s on average outbound, 5 s inbound") {
  for (const auto& [direction, mean] : {std::pair(Direction::outbound, 2.0), std::pair(Direction::inbound, 5.0)}) {
    for (const InboundTrickle inbound : {InboundTrickle::shared, InboundTrickle::own}) {
      TrickleSettings settings = core_settings();
      settings.inbound = inbound;
      const std::vector<double> sample = intervals(settings, direction, kSample);
      CHECK(kolmogorov_distance(sample, [mean = mean](double t) { return 1 - std::exp(-t / mean); }) <
            kLargestDistance);
    }
  }
}

TEST_CASE("under the uniform law announcements wait for up to twice the mean, evenly") {
  TrickleSettings settings = core_settings();
  settings.law = TrickleLaw::uniform;
  const std::vector<double> sample = intervals(settings, Direction::outbound, kSample);
  CHECK(sample.back() <= 4.0);
  CHECK(kolmogorov_distance(sample, [](double t) { return std::clamp(t / 4, 0.0, 1.0); }) < kLargestDistance);
}

TEST_CASE("inbound peers are told at the same instants, outbound peers each at their own") {
  Rig rig;
  for (const ConnectionSlot peer : {0u, 1u, 2u}) rig.announcements.add_peer(peer, Direction::inbound, peer + 1);
  for (const ConnectionSlot peer : {3u, 4u, 5u}) rig.announcements.add_peer(peer, Direction::outbound, peer + 1);
  std::map<ConnectionSlot, std::vector<SimTime>> times;
  for (int i = 0; i < 30; ++i) {
    rig.enter_new();
    for (const Told& told : rig.next()) times[told.peer].push_back(told.time);
  }
  for (const Told& told : rig.all()) times[told.peer].push_back(told.time);
  REQUIRE(times.size() == 6);
  CHECK(times[0].size() >= 3);
  CHECK(times[1] == times[0]);
  CHECK(times[2] == times[0]);
  std::set<SimTime> distinct;
  for (const ConnectionSlot peer : {0u, 3u, 4u, 5u}) distinct.insert(times[peer].begin(), times[peer].end());
  CHECK(distinct.size() == times[0].size() + times[3].size() + times[4].size() + times[5].size());
}

TEST_CASE("with timers of their own inbound peers are told at different instants") {
  TrickleSettings settings = core_settings();
  settings.inbound = InboundTrickle::own;
  Rig rig(settings);
  for (const ConnectionSlot peer : {0u, 1u, 2u}) rig.announcements.add_peer(peer, Direction::inbound, peer + 1);
  rig.enter_new();
  std::set<SimTime> times;
  for (const Told& told : rig.all()) times.insert(told.time);
  CHECK(times.size() == 3);
}

TEST_CASE("the timers run on while there is something left to announce, with intervals of the same law") {
  // One transaction an instant: 40 in a queue take 40 intervals, whose mean is within 4 standard deviations of 2 s.
  TrickleSettings settings = core_settings();
  settings.target = 1;
  double sum = 0;
  for (const Direction direction : {Direction::outbound, Direction::inbound}) {
    Rig rig(settings);
    rig.announcements.add_peer(0, direction, 1);
    for (int i = 0; i < 40; ++i) rig.enter_new();
    const std::vector<Told> told = rig.all();
    REQUIRE(told.size() == 40);
    for (const Told& entry : told) CHECK(entry.transactions.size() == 1);
    sum = static_cast<double>(told.back().time.ns) * 1e-9;
    const double mean = direction == Direction::outbound ? 2.0 : 5.0;
    CHECK(std::abs(sum / 40 - mean) < 4 * mean / std::sqrt(40.0));
  }
}

TEST_CASE("who knows which transaction agrees with a set of pairs, under random notes and losses") {
  KnownTransactions known;
  std::set<std::pair<ConnectionSlot, TxRef>> pairs;
  RandomStream draws = chain::test_draws(3);
  for (int i = 0; i < 20'000; ++i) {
    // Up to 64 peers fit in one word; then rows widen.
    const auto peer = static_cast<ConnectionSlot>(draws.below(i < 10'000 ? 64 : 200));
    const auto transaction = static_cast<TxRef>(draws.below(50));
    const std::uint64_t what = draws.below(20);
    if (what < 15) {
      known.note(peer, transaction);
      pairs.emplace(peer, transaction);
    } else if (what < 19) {
      known.forget(transaction);
      std::erase_if(pairs, [&](const auto& pair) { return pair.second == transaction; });
    } else {
      known.forget_peer(peer);
      std::erase_if(pairs, [&](const auto& pair) { return pair.first == peer; });
    }
    const auto other = static_cast<ConnectionSlot>(draws.below(200));
    REQUIRE(known.knows(other, transaction) == pairs.contains({other, transaction}));
    REQUIRE(known.knows(peer, transaction) == pairs.contains({peer, transaction}));
  }
}

TEST_CASE("the grid of fee filters starts at 0, 50 and 55 and ends at 9,936,506 satoshis") {
  const std::vector<std::int64_t>& steps = fee_filter_steps();
  CHECK(steps[0] == 0);
  CHECK(steps[1] == 50);
  CHECK(steps[2] == 55);
  CHECK(steps.back() == 9'936'506);
  CHECK(steps.size() == 130);  // 50 * 1.1^128 is the last below 10^7
  CHECK(std::is_sorted(steps.begin(), steps.end()));
}

TEST_CASE("a fee filter is the first step not below the rate, or, two times of three, the step before") {
  const auto& steps = fee_filter_steps();
  RandomStream draws = chain::test_draws(11);
  for (const std::int64_t rate : {std::int64_t{1}, std::int64_t{50}, std::int64_t{51}, std::int64_t{1000}}) {
    const auto above = std::lower_bound(steps.begin(), steps.end(), rate);
    int up = 0;
    for (int i = 0; i < 3'000; ++i) {
      const std::int64_t value = round_fee_filter({rate}, draws).per_kilobyte;
      REQUIRE((value == *above || value == *(above - 1)));
      up += value == *above ? 1 : 0;
    }
    // 1,000 on average; five standard deviations are 129.
    CHECK(std::abs(up - 1'000) < 129);
  }
  CHECK(round_fee_filter({0}, draws).per_kilobyte == 0);
  CHECK(round_fee_filter({20'000'000}, draws).per_kilobyte == steps.back());
}

}  // namespace hearsay::bitcoin
