// What each path model answers: which of connection, message and hosts a delay depends on, and what layers add to it.
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>

#include "models/internet/log_normal_path.hpp"
#include "models/internet/pareto_path.hpp"
#include "models/internet/path_layers.hpp"
#include "models/internet/region_matrix_path.hpp"

namespace hearsay::internet {
namespace {

const RegionTable& table() {
  return *find_region_table("gervais-2016");
}

Host host(std::uint64_t id, std::uint16_t region) {
  Host one;
  one.id = {id};
  one.region = region;
  return one;
}

const Host kAmerican = host(7, 0);
const Host kEuropean = host(3, 1);

double ms(Duration delay) {
  return static_cast<double>(delay.ns) / 1e6;
}

}  // namespace

TEST_CASE("a Pareto law per link is drawn once for a connection, the same both ways") {
  const ParetoPath path(table(), Seeds(1), DrawnPer::link);
  CHECK_FALSE(path.redraws());
  const Duration delay = path.propagation(kAmerican, kEuropean, 99);
  CHECK(path.propagation(kEuropean, kAmerican, 99) == delay);
  CHECK(path.propagation(kAmerican, kEuropean, 98) != delay);
  CHECK(path.redrawn(kAmerican, kEuropean, delay, {1, 2}) == delay);
  CHECK(delay >= Duration{114'490'000});  // the scale of the law, 119.49 - 5 ms
}

TEST_CASE("a Pareto law per message is drawn for each, whatever was drawn before") {
  const ParetoPath path(table(), Seeds(1), DrawnPer::message);
  CHECK(path.redraws());
  const Duration usual = path.propagation(kAmerican, kEuropean, 99);
  CHECK(usual == Duration{119'490'000});
  const Duration seventh = path.redrawn(kAmerican, kEuropean, usual, {99, 7});
  CHECK(path.redrawn(kAmerican, kEuropean, usual, {99, 8}) != seventh);
  CHECK(path.redrawn(kAmerican, kEuropean, usual, {98, 7}) != seventh);
  CHECK(path.redrawn(kAmerican, kEuropean, usual, {99, 7}) == seventh);
  double sum = 0.0;
  constexpr std::uint64_t kMessages = 20'000;
  for (std::uint64_t number = 0; number < kMessages; ++number)
    sum += ms(path.redrawn(kAmerican, kEuropean, usual, {99, number}));
  // Scale 114.49, shape 23.898: standard deviation 5.23 ms. Five standard errors.
  CHECK(std::abs(sum / kMessages - 119.49) < 5.0 * 5.23 / std::sqrt(static_cast<double>(kMessages)));
}

TEST_CASE("no tail is longer than a dial survives") {
  const ParetoPath path(table(), Seeds(1), DrawnPer::message);
  const Host japanese = host(1, 4);
  Duration longest;
  for (std::uint64_t number = 0; number < 400'000; ++number)
    longest = std::max(longest, path.redrawn(japanese, japanese, {}, {1, number}));
  CHECK(longest == kLongestPath);  // chance of a draw beyond it: (3.76 / 2400)^1.752 = 1.2e-5, so 4.8 are expected
}

TEST_CASE("a log-normal link has one delay, with the mean and deviation of Hyperion") {
  const LogNormalPath path(Seeds(1), milliseconds(10), milliseconds(2));
  CHECK(path.propagation(kAmerican, kEuropean, 5) == path.propagation(kEuropean, kAmerican, 5));
  double sum = 0.0;
  double squares = 0.0;
  constexpr int kLinks = 20'000;
  for (std::uint64_t link = 0; link < kLinks; ++link) {
    const double delay = ms(path.propagation(kAmerican, kEuropean, link));
    sum += delay;
    squares += delay * delay;
  }
  const double mean = sum / kLinks;
  CHECK(std::abs(mean - 10.0) < 5.0 * 2.0 / std::sqrt(kLinks));
  // The fourth moment of this law makes the deviation's standard error 0.0124 ms at this size; five of them.
  CHECK(std::abs(std::sqrt(squares / kLinks - mean * mean) - 2.0) < 0.062);
}

TEST_CASE("the spread of a region matrix belongs to a pair of hosts") {
  const RegionMatrixPath path(table(), Seeds(1), Share{0.3});
  const Duration delay = path.propagation(kAmerican, kEuropean, 1);
  CHECK(path.propagation(kAmerican, kEuropean, 2) == delay);
  CHECK(path.propagation(kEuropean, kAmerican, 3) == delay);
  CHECK(path.propagation(host(8, 0), kEuropean, 1) != delay);
  CHECK_FALSE(path.redraws());
  double sum = 0.0;
  constexpr int kPairs = 20'000;
  for (std::uint64_t other = 100; other < 100 + kPairs; ++other)
    sum += ms(path.propagation(kAmerican, host(other, 1), 1));
  // The factor has mean 1 and standard deviation 0.3. Five standard errors.
  CHECK(std::abs(sum / kPairs / 119.49 - 1.0) < 5.0 * 0.3 / std::sqrt(kPairs));
  CHECK(RegionMatrixPath(table()).propagation(kAmerican, kEuropean, 1) == Duration{119'490'000});
}

TEST_CASE("layers add access delays, jitter and loss, and pass the rest on") {
  Host home = kEuropean;
  home.access_delay = milliseconds(7);
  std::unique_ptr<PathModel> path = std::make_unique<ParetoPath>(table(), Seeds(1), DrawnPer::message);
  const Duration bare = path->redrawn(kAmerican, home, {}, {5, 6});
  path = std::make_unique<AccessPath>(std::move(path));
  CHECK(path->propagation(kAmerican, home, 1) == Duration{126'490'000});
  CHECK(path->redrawn(kAmerican, home, Duration{126'490'000}, {5, 6}) == bare + milliseconds(7));
  path = std::make_unique<LossPath>(
      std::move(path), Share{0.5},
      std::vector<std::pair<StableId, Share>>{{home.id, Share{0.5}}, {StableId{1}, Share{0.9}}});
  CHECK(path->lossy());  // else the engine never asks
  CHECK(path->loss(kAmerican, kAmerican).fraction == Approx(0.5));
  CHECK(path->loss(kAmerican, home).fraction == Approx(0.75));
  CHECK(path->loss(home, home).fraction == Approx(0.875));
  CHECK(path->redraws());
  const auto constant =
      std::make_unique<JitterPath>(std::make_unique<ConstantPath>(milliseconds(20)), Seeds(1), milliseconds(1));
  CHECK(constant->redraws());
  CHECK(constant->propagation(home, home, 1) == milliseconds(20));
  double sum = 0.0;
  constexpr std::uint64_t kMessages = 20'000;
  for (std::uint64_t number = 0; number < kMessages; ++number) {
    const Duration delay = constant->redrawn(home, home, milliseconds(20), {1, number});
    CHECK(delay >= milliseconds(20));
    sum += ms(delay);
  }
  CHECK(std::abs(sum / kMessages - 21.0) < 5.0 * 1.0 / std::sqrt(static_cast<double>(kMessages)));
}

}  // namespace hearsay::internet
