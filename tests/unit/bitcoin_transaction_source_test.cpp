// What a sender of transactions makes, and when.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "models/protocols/bitcoin/transaction_source.hpp"
#include "sim/core/check.hpp"
#include "tests/unit/bitcoin_node_under_fire.hpp"

namespace hearsay::test {
namespace {

using bitcoin::TransactionSource;
using bitcoin::TransactionSourceSettings;

// Coins that nobody checks: a source looks at their values alone.
TransactionSourceSettings settings(std::size_t coins) {
  TransactionSourceSettings made;
  made.mean_interval = seconds(10);
  made.mean_millibytes = 522'400;
  made.least_fee_rate = 1'000;
  made.most_fee_rate = 50'000;
  for (std::size_t i = 0; i < coins; ++i) {
    chain::Funding coin;
    coin.point.txid.bytes = {1, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)};
    coin.point.index = 0;
    coin.value = 50'000'000;
    made.coins.push_back(coin);
  }
  return made;
}

// For its clock and its streams alone.
NodeUnderFire& world() {
  static NodeUnderFire made({}, 0);
  return made;
}

struct Payments {
  explicit Payments(std::size_t coins) : source(settings(coins)) { source.start(world()); }

  // The next transaction, which is accepted, and its fee.
  std::pair<chain::TransactionPointer, std::int64_t> next() {
    chain::TransactionPointer made = source.make();
    REQUIRE(made != nullptr);
    std::int64_t fee = 0;
    for (const chain::TxIn& input : made->inputs()) {
      const auto coin = values.find(input.previous);
      fee += coin == values.end() ? 50'000'000 : coin->second;
      REQUIRE(spent.insert(input.previous).second);
    }
    for (std::uint32_t i = 0; i < made->outputs().size(); ++i) {
      fee -= made->outputs()[i].value;
      CHECK(made->outputs()[i].value > 0);
      values[{made->txid(), i}] = made->outputs()[i].value;
    }
    source.accepted(*made);
    return {made, fee};
  }

  TransactionSource source;
  std::map<chain::OutPoint, std::int64_t> values;
  std::set<chain::OutPoint> spent;
};

}  // namespace

TEST_CASE("transactions follow one another after exponentially distributed times") {
  TransactionSource source(settings(1));
  source.start(world());
  constexpr std::size_t kSample = 2'000;
  std::vector<double> sample;
  for (std::size_t i = 0; i < kSample; ++i)
    sample.push_back(static_cast<double>((source.next(world()) - world().now()).ns) * 1e-9);
  std::sort(sample.begin(), sample.end());
  // Exceeded once in a thousand samples of this size.
  double distance = 0;
  for (std::size_t i = 0; i < kSample; ++i)
    distance = std::max(distance, std::abs(1 - std::exp(-sample[i] / 10) - (static_cast<double>(i) + 0.5) / kSample));
  CHECK(distance < 1.95 / std::sqrt(static_cast<double>(kSample)));
}

TEST_CASE("no transaction is made after the end of the workload") {
  TransactionSourceSettings ended = settings(1);
  ended.until = SimTime{} + seconds(10);
  TransactionSource source(ended);
  source.start(world());
  std::size_t none = 0;
  for (int i = 0; i < 1'000; ++i) {
    const SimTime next = source.next(world());
    CHECK((next < ended.until || next == SimTime::max()));
    none += next == SimTime::max() ? 1 : 0;
  }
  // One interval of three is longer than its mean: 368 of 1,000, give or take five standard deviations.
  CHECK(std::abs(static_cast<int>(none) - 368) < 77);
}

TEST_CASE("sizes are the whole numbers around the mean, in its proportion") {
  Payments payments(3'000);
  std::size_t larger = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto [transaction, fee] = payments.next();
    REQUIRE((transaction->total_bytes() == 522 || transaction->total_bytes() == 523));
    larger += transaction->total_bytes() == 523 ? 1 : 0;
  }
  // 800 expected; five standard deviations are 110.
  CHECK(std::abs(static_cast<int>(larger) - 800) < 110);
}

TEST_CASE("fee rates lie between the limits, each doubling as likely") {
  Payments payments(3'000);
  std::array<int, 6> doublings{};
  for (int i = 0; i < 1'800; ++i) {
    const auto [transaction, fee] = payments.next();
    const auto bytes = static_cast<std::int64_t>(transaction->virtual_bytes());
    // Rounded up to whole satoshis.
    REQUIRE(fee * 1000 >= 1'000 * bytes);
    REQUIRE((fee - 1) * 1000 < 50'000 * bytes);
    const std::int64_t rate = (fee - 1) * 1000 / bytes;
    std::size_t doubling = 0;
    while (doubling < 5 && rate >= std::int64_t{2'000} << doubling) ++doubling;
    ++doublings[doubling];
  }
  // 300 each; five standard deviations are 79.
  for (const int count : doublings) CHECK(std::abs(count - 300) < 79);
}

TEST_CASE("a sender spends each coin once and never runs out of them") {
  Payments payments(5);
  std::size_t inputs = 0;
  for (int i = 0; i < 500; ++i) {
    const std::size_t before = payments.source.coins();
    const auto [transaction, fee] = payments.next();
    CHECK(transaction->inputs().size() == (before > 5 ? 2 : 1));
    CHECK(transaction->outputs().size() == 2);
    inputs += transaction->inputs().size();
  }
  CHECK(payments.source.coins() >= 5);
  CHECK(payments.source.coins() <= 6);
  CHECK(inputs + payments.source.coins() == 5 + 2 * 500);
}

TEST_CASE("what was refused leaves the sender its coins, at the end of the queue") {
  TransactionSource source(settings(3));
  source.start(world());
  const chain::TransactionPointer first = source.make();
  CHECK(source.coins() == 2);
  source.refused();
  CHECK(source.coins() == 3);
  const chain::TransactionPointer second = source.make();
  CHECK(second->inputs()[0].previous != first->inputs()[0].previous);
  CHECK_THROWS_AS(source.make(), CheckFailure);
}

TEST_CASE("without coins there is nothing to send") {
  TransactionSource source(settings(0));
  source.start(world());
  CHECK(source.make() == nullptr);
}

TEST_CASE("a new life goes on with the draws and the coins of the one before") {
  TransactionSource one(settings(10));
  TransactionSource other(settings(10));
  one.start(world());
  other.start(world());
  for (int i = 0; i < 5; ++i) {
    const chain::TransactionPointer a = one.make();
    const chain::TransactionPointer b = other.make();
    CHECK(a->wtxid() == b->wtxid());
    one.accepted(*a);
    other.accepted(*b);
    other.start(world());
    CHECK(one.next(world()) == other.next(world()));
  }
}

}  // namespace hearsay::test
