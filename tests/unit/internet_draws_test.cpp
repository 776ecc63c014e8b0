// Draws against the closed forms of their laws. Bounds come from the sample size: five standard errors, which a right
// program exceeds with a chance of 6e-7 for each check; seeds are fixed, so nothing flickers.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "models/internet/bandwidth_histograms.hpp"
#include "models/internet/draws.hpp"
#include "models/internet/host_classes.hpp"

namespace hearsay::internet {
namespace {

constexpr std::uint64_t kDraws = 40'000;

template <class Law>
std::vector<double> sample(Law law) {
  const KeyedDraw draw(Seeds(5), Purpose("test"));
  std::vector<double> values;
  for (std::uint64_t id = 0; id < kDraws; ++id) values.push_back(law(draw(id, 0)));
  return values;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double share_below(const std::vector<double>& values, double limit) {
  double below = 0.0;
  for (const double value : values) below += value < limit ? 1.0 : 0.0;
  return below / static_cast<double>(values.size());
}

void check_mean(const std::vector<double>& values, double mean, double deviation) {
  CHECK(std::abs(mean_of(values) - mean) < 5.0 * deviation / std::sqrt(static_cast<double>(kDraws)));
}

// `limit` is where the law puts this share below.
void check_quantile(const std::vector<double>& values, double share, double limit) {
  const double error = std::sqrt(share * (1.0 - share) / static_cast<double>(kDraws));
  CHECK(std::abs(share_below(values, limit) - share) < 5.0 * error);
}

}  // namespace

TEST_CASE("quantiles of the normal law are those of published tables") {
  CHECK(normal_quantile(0.5) == 0.0);
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-14));
  CHECK(normal_quantile(0.9) == Approx(1.2815515655446004).epsilon(1e-14));
  CHECK(normal_quantile(1e-10) == Approx(-6.361340902404056).epsilon(1e-13));
  CHECK(normal_quantile(1e-15) == Approx(-7.941345326170997).epsilon(1e-13));
  for (const double chance : {0.01, 0.2, 0.4}) CHECK(normal_quantile(chance) == Approx(-normal_quantile(1.0 - chance)));
}

TEST_CASE("keyed draws lie strictly between 0 and 1, and each belongs to its key") {
  const KeyedDraw draw(Seeds(5), Purpose("test"));
  CHECK(draw(3, 4) == draw(3, 4));
  CHECK(draw(3, 4) != draw(4, 3));
  CHECK(draw(3, 4) != KeyedDraw(Seeds(5), Purpose("other"))(3, 4));
  CHECK(draw(3, 4) != KeyedDraw(Seeds(6), Purpose("test"))(3, 4));
  const std::vector<double> values = sample([](double chance) { return chance; });
  check_mean(values, 0.5, std::sqrt(1.0 / 12.0));
  CHECK(share_below(values, 1.0) == 1.0);
  CHECK(share_below(values, 5e-17) == 0.0);
}

TEST_CASE("the Pareto law of latencies has the mean of the table") {
  // Scale s = 95, shape a = 20: variance s^2 a / ((a-1)^2 (a-2)).
  const std::vector<double> values = sample([](double chance) { return latency_pareto_quantile(100.0, chance); });
  check_mean(values, 100.0, std::sqrt(95.0 * 95.0 * 20.0 / (19.0 * 19.0 * 18.0)));
  check_quantile(values, 0.5, 95.0 * std::pow(2.0, 1.0 / 20.0));
  check_quantile(values, 0.99, 95.0 * std::pow(100.0, 1.0 / 20.0));
  CHECK(share_below(values, 95.0) == 0.0);
  // Shape 1.752: no variance, so quantiles alone. Japan of Gervais et al.
  const std::vector<double> heavy = sample([](double chance) { return latency_pareto_quantile(8.76, chance); });
  check_quantile(heavy, 0.5, 3.76 * std::pow(2.0, 1.0 / 1.752));
  check_quantile(heavy, 0.99, 3.76 * std::pow(100.0, 1.0 / 1.752));
}

TEST_CASE("a log-normal law has the mean and deviation, or the median and mean, it was made of") {
  const LogNormal hyperion = LogNormal::of_mean_and_deviation(10.0, 2.0);
  const std::vector<double> values = sample([&](double chance) { return hyperion.quantile(chance); });
  check_mean(values, 10.0, 2.0);
  check_quantile(values, 0.5, 10.0 / std::sqrt(1.04));
  check_quantile(values, 0.9, 10.0 / std::sqrt(1.04) * std::exp(std::sqrt(std::log(1.04)) * 1.2815515655446004));
  const LogNormal access = LogNormal::of_median_and_mean(7.0, 12.0);
  CHECK(access.quantile(0.5) == Approx(7.0));
  CHECK(7.0 * std::exp(0.5 * access.sigma * access.sigma) == Approx(12.0));
  CHECK(LogNormal::of_median_and_mean(3.0, 3.0).quantile(0.99) == 3.0);
  CHECK_THROWS_AS(LogNormal::of_median_and_mean(3.0, 2.0), CheckFailure);
}

TEST_CASE("exponential draws have mean and median of their law") {
  const std::vector<double> values = sample([](double chance) { return exponential_quantile(chance); });
  check_mean(values, 1.0, 1.0);
  check_quantile(values, 0.5, std::log(2.0));
}

TEST_CASE("the histograms have the means that their source's code gives") {
  // Mbit/s; facts computed from the published simulator, one to three digits.
  const std::array<double, kRegions> up = {4.63, 8.15, 1.79, 5.38, 3.47, 5.20};
  const std::array<double, kRegions> down = {24.7, 23.8, 6.6, 10.1, 17.5, 14.0};
  for (std::size_t region = 0; region < kRegions; ++region) {
    CHECK(std::abs(gervais_uplinks()[region].mean_bits_per_second() / 1e6 - up[region]) < 0.006);
    CHECK(std::abs(gervais_downlinks()[region].mean_bits_per_second() / 1e6 - down[region]) < 0.06);
  }
  CHECK(gervais_downlinks()[0].quantile(0.5).bits_per_second == Approx(12.3e6).epsilon(0.02));  // published median
  CHECK(gervais_uplinks()[5].quantile(0.5).bits_per_second == Approx(1.02e6).epsilon(0.02));
}

TEST_CASE("draws from the histograms follow them") {
  for (const auto* histograms : {&gervais_uplinks(), &gervais_downlinks()})
    for (const BandwidthHistogram& histogram : *histograms) {
      const std::vector<double> values =
          sample([&](double chance) { return static_cast<double>(histogram.quantile(chance).bits_per_second); });
      check_mean(values, histogram.mean_bits_per_second(), histogram.deviation_bits_per_second());
      check_quantile(values, 0.25, static_cast<double>(histogram.quantile(0.25).bits_per_second));
      CHECK(share_below(values, 1e5) == 0.0);
    }
}

TEST_CASE("hosts of a class have its medians, and nothing beyond the cuts") {
  for (const HostClassLaw& law : published_host_classes()) {
    const auto delays = sample([&](double chance) { return static_cast<double>(law.access_delay(chance).ns); });
    const auto uplinks = sample([&](double chance) { return static_cast<double>(law.uplink(chance).bits_per_second); });
    if (law.access_delay_mean > law.access_delay_median)
      check_quantile(delays, 0.5, static_cast<double>(law.access_delay_median.ns));
    if (law.uplink_mean > law.uplink_median)
      check_quantile(uplinks, 0.5, static_cast<double>(law.uplink_median.bits_per_second));
    CHECK(share_below(delays, static_cast<double>(kLongestAccessDelay.ns) + 1.0) == 1.0);
    CHECK(share_below(uplinks, static_cast<double>(kLeastRate.bits_per_second)) == 0.0);
    CHECK(share_below(uplinks, static_cast<double>(kMostRate.bits_per_second) + 1.0) == 1.0);
  }
}

TEST_CASE("classes are drawn by their shares, and never one without any") {
  const std::vector<double> values = sample([](double chance) {
    return static_cast<double>(drawn_class({0.7, 0.3, 0.0}, chance));
  });
  check_mean(values, 0.3, std::sqrt(0.21));
  CHECK(share_below(values, 1.5) == 1.0);
  CHECK(drawn_class({0.7, 0.3, 0.0}, 1.0 - 1e-17) == HostClass::home);
  CHECK(drawn_class({0.0, 0.0, 1.0}, 1e-17) == HostClass::mobile);
}

}  // namespace hearsay::internet
