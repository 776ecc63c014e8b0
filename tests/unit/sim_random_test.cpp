// Random streams: pure functions of (seed, domain, purpose, id), the same on every compiler, with the distributions
// that they promise. Bounds are four standard errors of the sample, so a right generator fails one in 15,000 of such
// tests by chance; seeds are fixed, so a test that passed once passes for ever.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "sim/core/random.hpp"

namespace hearsay::test {
namespace {

constexpr double kStandardErrors = 4.0;

RandomStream stream_of(std::uint64_t seed, std::uint64_t id = 1, const char* purpose = "a purpose",
                       SeedDomain domain = SeedDomain::world) {
  return RandomStream(Seeds(seed), domain, Purpose(purpose), StableId{id});
}

std::vector<std::uint64_t> take(RandomStream stream, std::size_t count) {
  std::vector<std::uint64_t> draws(count);
  for (auto& draw : draws) draw = stream();
  return draws;
}

}  // namespace

TEST_CASE("random bits are those of Philox4x32-10 as published") {
  // Random123, tests/kat_vectors: counter words 0 to 3, key words 0 and 1 -> result words 0 to 3, of which 1 and 0 are
  // used. The third line is the digits of pi.
  CHECK(random_bits(0, 0, 0) == 0xe169c58d'6627e8d5);
  const std::uint64_t ones = ~std::uint64_t{0};
  CHECK(random_bits(ones, ones, ones) == 0x41c83b0e'408f276d);
  CHECK(random_bits(0x299f31d0'a4093822, 0x03707344'13198a2e, 0x85a308d3'243f6a88) == 0x94fdcceb'd16cfe09);
}

TEST_CASE("draws have the values that every build has") {
  RandomStream stream = stream_of(42);
  CHECK(stream() == 0x4ed8aba0'1f4a0995);
  CHECK(stream.below(1000) == 563);
  CHECK(stream.uniform(seconds(1), seconds(2)).ns == 1'129'371'484);
  CHECK(stream.exponential(seconds(600)).ns == 1'698'806'211'321);
  CHECK(stream.chance(Share{0.5}));
  std::vector<int> items = {1, 2, 3, 4, 5, 6, 7, 8};
  stream.shuffle(items);
  CHECK(items == std::vector<int>{8, 3, 4, 1, 7, 2, 6, 5});
  std::int64_t sum = 0;
  for (int i = 0; i < 10'000; ++i) sum += stream.exponential(seconds(600)).ns;
  CHECK(sum == 5'998'825'452'158'788);
  CHECK(stable_id("groups.full[17]").value == 0x2d4bba61'1450a745);
}

TEST_CASE("every argument of a stream matters, and nothing else does") {
  const auto draws = take(stream_of(1), 100);
  CHECK(take(stream_of(1), 100) == draws);
  const auto differ = [&draws](RandomStream stream) {
    const auto other = take(stream, 100);
    // 100 draws of 64 bits: two independent streams share one place with probability 100 / 2^64.
    for (std::size_t i = 0; i < other.size(); ++i)
      if (other[i] == draws[i]) return false;
    return true;
  };
  CHECK(differ(stream_of(2)));
  CHECK(differ(stream_of(1, 2)));
  CHECK(differ(stream_of(1, 1, "another purpose")));
  CHECK(differ(stream_of(1, 1, "a purpose", SeedDomain::mining)));
}

TEST_CASE("a draw in one stream leaves another alone, in whatever order they are drawn") {
  const auto alone = take(stream_of(1, 7), 50);
  RandomStream mine = stream_of(1, 7);
  RandomStream other = stream_of(1, 8);
  for (std::size_t i = 0; i < alone.size(); ++i) {
    for (std::size_t extra = 0; extra < i % 3; ++extra) (void)other();
    CHECK(mine() == alone[i]);
  }
}

TEST_CASE("a copy of a stream goes on from the same position, by itself") {
  RandomStream stream = stream_of(3);
  (void)stream();
  RandomStream copy = stream;
  const std::uint64_t next = copy();
  (void)copy();
  CHECK(stream() == next);
}

TEST_CASE("the seeds of domains derive from the world seed and can be set one by one") {
  const Seeds seeds(5);
  CHECK(seeds[SeedDomain::world] == 5);
  const std::array domains = {SeedDomain::world, SeedDomain::mining, SeedDomain::workload, SeedDomain::attack};
  for (const SeedDomain a : domains) {
    CHECK(seeds[a] == Seeds(5)[a]);
    CHECK(seeds[a] != Seeds(6)[a]);
    for (const SeedDomain b : domains) CHECK((seeds[a] == seeds[b]) == (a == b));
  }
  Seeds mixed(5);
  mixed.set(SeedDomain::attack, 99);
  for (const SeedDomain domain : domains) CHECK(mixed[domain] == (domain == SeedDomain::attack ? 99 : seeds[domain]));
  const auto draws = [](const Seeds& of, SeedDomain domain) {
    return take(RandomStream(of, domain, Purpose("x"), StableId{1}), 20);
  };
  CHECK(draws(mixed, SeedDomain::mining) == draws(seeds, SeedDomain::mining));
  CHECK(draws(mixed, SeedDomain::attack) != draws(seeds, SeedDomain::attack));
}

TEST_CASE("exponential draws have the mean and the variance of the law") {
  // n draws of mean m: the sample mean has standard error m / sqrt(n). The variance is m^2, and the fourth central
  // moment 9 m^4, so the sample variance has standard error m^2 sqrt(8 / n).
  const int count = 100'000;
  const double mean = 600e9;
  RandomStream stream = stream_of(11);
  double sum = 0.0;
  double squares = 0.0;
  for (int i = 0; i < count; ++i) {
    const double draw = static_cast<double>(stream.exponential(seconds(600)).ns);
    REQUIRE(draw >= 0.0);
    sum += draw / mean;
    squares += (draw / mean - 1.0) * (draw / mean - 1.0);
  }
  CHECK(std::abs(sum / count - 1.0) < kStandardErrors / std::sqrt(count));
  CHECK(std::abs(squares / count - 1.0) < kStandardErrors * std::sqrt(8.0 / count));
}

TEST_CASE("exponential draws have the median of the law") {
  // Half of them lie below m ln 2; the share has standard error 1 / (2 sqrt(n)).
  const int count = 100'000;
  RandomStream stream = stream_of(12);
  int below = 0;
  for (int i = 0; i < count; ++i) below += stream.exponential(seconds(600)).ns < 415'888'308'336 ? 1 : 0;
  CHECK(std::abs(below / double{count} - 0.5) < kStandardErrors * 0.5 / std::sqrt(count));
}

TEST_CASE("draws below a count are uniform") {
  // Chi-square with f degrees of freedom exceeds f + 2 sqrt(f x) + 2 x with probability below e^-x (Laurent and Massart
  // 2000, lemma 1); x = 8 is the usual four standard deviations, sqrt(2 f) each, and 16.
  const std::uint64_t count = GENERATE(3u, 10u, 256u, 1000u);
  const int draws = 200'000;
  RandomStream stream = stream_of(13, count);
  std::vector<double> seen(count);
  for (int i = 0; i < draws; ++i) {
    const std::uint64_t draw = stream.below(count);
    REQUIRE(draw < count);
    ++seen[draw];
  }
  const double expected = draws / static_cast<double>(count);
  double chi_square = 0.0;
  for (const double n : seen) chi_square += (n - expected) * (n - expected) / expected;
  const double freedom = static_cast<double>(count - 1);
  CHECK(chi_square < freedom + kStandardErrors * std::sqrt(2.0 * freedom) + kStandardErrors * kStandardErrors);
}

TEST_CASE("draws below a count near the range of the generator have no bias by remainder") {
  // With count = 3 * 2^62, taking a remainder would give the lowest third of the results twice the weight of the
  // others: 1/2 instead of 1/3.
  const std::uint64_t third = std::uint64_t{1} << 62;
  const int draws = 10'000;
  RandomStream stream = stream_of(14);
  int low = 0;
  for (int i = 0; i < draws; ++i) low += stream.below(3 * third) < third ? 1 : 0;
  CHECK(std::abs(low / double{draws} - 1.0 / 3) < kStandardErrors * std::sqrt(2.0 / 9 / draws));
}

TEST_CASE("a draw below one is zero, and below zero dies") {
  RandomStream stream = stream_of(15);
  CHECK(stream.below(1) == 0);
  CHECK_THROWS_AS(stream.below(0), CheckFailure);
}

TEST_CASE("uniform spans include both ends and nothing beyond") {
  RandomStream stream = stream_of(16);
  std::array<int, 3> seen{};
  for (int i = 0; i < 300; ++i) {
    const Duration draw = stream.uniform(nanoseconds(-1), nanoseconds(1));
    REQUIRE((draw >= nanoseconds(-1) && draw <= nanoseconds(1)));
    ++seen[static_cast<std::size_t>(draw.ns + 1)];
  }
  // A value that is possible is missed in 300 draws with probability (2/3)^300 < 1e-52.
  for (const int n : seen) CHECK(n > 0);
}

TEST_CASE("a chance comes true as often as it says") {
  const double share = GENERATE(0.01, 0.5, 0.9);
  const int draws = 50'000;
  RandomStream stream = stream_of(17);
  int happened = 0;
  for (int i = 0; i < draws; ++i) happened += stream.chance(Share{share}) ? 1 : 0;
  CHECK(std::abs(happened / double{draws} - share) < kStandardErrors * std::sqrt(share * (1 - share) / draws));
  CHECK_FALSE(stream.chance(Share{0.0}));
  CHECK(stream.chance(Share{1.0}));
}

TEST_CASE("a shuffle is a permutation, and each item is as likely at each place") {
  std::array<std::array<int, 5>, 5> at{};
  const int shuffles = 20'000;
  RandomStream stream = stream_of(18);
  for (int i = 0; i < shuffles; ++i) {
    std::vector<std::size_t> items(5);
    std::iota(items.begin(), items.end(), std::size_t{0});
    stream.shuffle(items);
    for (std::size_t place = 0; place < 5; ++place) ++at[items[place]][place];
    std::sort(items.begin(), items.end());
    for (std::size_t item = 0; item < 5; ++item) REQUIRE(items[item] == item);
  }
  // Each cell is binomial(n, 1/5): standard error of the share sqrt(4 / 25 / n).
  for (const auto& row : at)
    for (const int n : row) CHECK(std::abs(n / double{shuffles} - 0.2) < kStandardErrors * std::sqrt(0.16 / shuffles));
}

}  // namespace hearsay::test
