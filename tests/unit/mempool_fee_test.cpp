// Fee rates, and the minimum that eviction raises: its fall against the exact powers of two.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/chain/rolling_minimum_fee.hpp"

using namespace hearsay::chain;
using hearsay::SimTime;

namespace {

constexpr MempoolUsage kFull = {100, 100};
constexpr SimTime at_seconds(std::int64_t s) {
  return SimTime{} + hearsay::seconds(s);
}

}  // namespace

TEST_CASE("A fee for a size is rounded up") {
  CHECK(FeeRate{100}.fee_for(0) == 0);
  CHECK(FeeRate{100}.fee_for(1) == 1);
  CHECK(FeeRate{100}.fee_for(110) == 11);
  CHECK(FeeRate{100}.fee_for(111) == 12);
  CHECK(FeeRate{1'000}.fee_for(141) == 141);
  CHECK(FeeAndSize{999, 141}.rate() == FeeRate{7085});
  // All the money there is, for all the bytes of a mempool.
  CHECK((compare_rates({2'100'000'000'000'000, 300'000'000}, {2'100'000'000'000'000, 300'000'001}) ==
         std::strong_ordering::greater));
  CHECK((compare_rates({1, 3}, {2, 6}) == std::strong_ordering::equal));
}

TEST_CASE("Eviction raises the minimum by the increment, and it stays until a block comes") {
  RollingMinimumFee rolling(FeeRate{100});
  CHECK(rolling.at(at_seconds(0), kFull) == FeeRate{0});
  rolling.evicted(FeeRate{5'000});
  rolling.evicted(FeeRate{3'000});
  CHECK(rolling.at(at_seconds(0), kFull) == FeeRate{5'100});
  CHECK(rolling.at(at_seconds(1'000'000), kFull) == FeeRate{5'100});
  rolling.block_connected(at_seconds(1'000'000), kFull);
  CHECK(rolling.at(at_seconds(1'000'010), kFull) == FeeRate{5'100});  // not within 10 s
  CHECK(rolling.at(at_seconds(1'000'011), kFull) < FeeRate{5'100});
  rolling.evicted(FeeRate{9'000});  // and no longer falls
  CHECK(rolling.at(at_seconds(2'000'000), kFull) == FeeRate{9'100});
}

TEST_CASE("The minimum halves every 12 hours, every 6 below half of the room, every 3 below a quarter") {
  for (const auto& [used, hours] : {std::pair{100, 12}, {50, 12}, {49, 6}, {25, 6}, {24, 3}, {0, 3}}) {
    INFO(used << " % used");
    const MempoolUsage usage = {used, 100};
    RollingMinimumFee rolling(FeeRate{100});
    rolling.evicted(FeeRate{1'000'000 - 100});
    rolling.block_connected(at_seconds(0), usage);
    CHECK(rolling.at(at_seconds(hours * 3'600), usage) == FeeRate{500'000});
    CHECK(rolling.at(at_seconds(2 * hours * 3'600), usage) == FeeRate{250'000});
    for (std::int64_t s = 11; s < 9 * hours * 3'600; s += 977) {
      const double exact = 1e6 * std::pow(2.0, -static_cast<double>(s) / (hours * 3'600.0));
      INFO(s << " s");
      REQUIRE(std::abs(static_cast<double>(rolling.at(at_seconds(s), usage).per_kilobyte) - exact) <= 0.6);
    }
  }
}

TEST_CASE("Below half the increment the minimum is zero, above it at least the increment") {
  RollingMinimumFee rolling(FeeRate{100});
  rolling.evicted(FeeRate{100});  // 200
  rolling.block_connected(at_seconds(0), kFull);
  CHECK(rolling.at(at_seconds(18 * 3'600), kFull) == FeeRate{100});  // 70.7
  CHECK(rolling.at(at_seconds(24 * 3'600), kFull) == FeeRate{100});  // 50
  CHECK(rolling.at(at_seconds(24 * 3'600 + 60), kFull) == FeeRate{0});
}

TEST_CASE("Whoever looks at the minimum does not change it") {
  RollingMinimumFee looked(FeeRate{100});
  RollingMinimumFee alone(FeeRate{100});
  for (RollingMinimumFee* rolling : {&looked, &alone}) {
    rolling->evicted(FeeRate{123'456});
    rolling->block_connected(at_seconds(0), kFull);
  }
  for (std::int64_t s = 11; s < 40'000; s += 13) static_cast<void>(looked.at(at_seconds(s), {0, 100}));
  CHECK(looked.at(at_seconds(50'000), kFull) == alone.at(at_seconds(50'000), kFull));
}
