// Published laws of degrees and hash power: what is dealt follows the law.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "models/internet/degree_laws.hpp"
#include "models/internet/hash_power.hpp"

namespace hearsay::internet {
namespace {

std::vector<StableId> names(std::uint32_t count) {
  std::vector<StableId> ids;
  for (std::uint32_t i = 0; i < count; ++i) ids.push_back(stable_id("nodes[" + std::to_string(i) + "]"));
  return ids;
}

}  // namespace

TEST_CASE("out-degrees: laws rise to 1; the shares are dealt exactly; the order is the seed's") {
  for (const OutDegreeLaw& law : out_degree_laws()) {
    CHECK(std::is_sorted(law.at_most.begin(), law.at_most.end()));
    CHECK(law.at_most.back() == 1.0);
  }
  const OutDegreeLaw& law = *find_out_degree_law("simblock-bitcoin-2015");
  const auto degrees = deal_out_degrees(law, names(10'000), Seeds(1));
  for (std::uint32_t degree = 1; degree <= 20; ++degree) {
    const auto up_to = std::count_if(degrees.begin(), degrees.end(), [&](auto one) { return one <= degree; });
    CHECK(std::abs(static_cast<double>(up_to) - 10'000 * law.at_most[degree - 1]) <= 1.0);
  }
  // The mean of the law: the sum of the shares above each degree.
  double mean = 0.0;
  for (const double share : law.at_most) mean += 1.0 - share;
  CHECK(std::accumulate(degrees.begin(), degrees.end(), 0.0) / 10'000 == Approx(mean + 1.0).margin(0.01));
  CHECK(deal_out_degrees(law, names(10'000), Seeds(2)) != degrees);
}

TEST_CASE("bounds of degrees: bins have their shares, and room grows with the bin") {
  const DegreeBoundsLaw& law = *find_degree_bounds_law("gervais-2016");
  constexpr std::uint32_t kDraws = 20'000;
  std::vector<int> counts(law.weights.size());
  for (const StableId node : names(kDraws)) {
    const DegreeBounds bounds = draw_degree_bounds(law, node, Seeds(1));
    std::size_t bin = 0;
    while (bounds.least >= law.ends[bin + 1]) ++bin;
    REQUIRE(bin < counts.size());
    CHECK(bounds.least >= 1);
    CHECK(bounds.most == bounds.least + bin + 1);
    ++counts[bin];
  }
  for (std::size_t bin = 0; bin < counts.size(); ++bin) {
    const double share = law.weights[bin] / 100.0;
    // Five standard errors of a share.
    CHECK(std::abs(counts[bin] / static_cast<double>(kDraws) - share) < 5 * std::sqrt(share * (1 - share) / kDraws));
  }
}

TEST_CASE("SimBlock's hash power has the mean and the deviation of its law") {
  const std::vector<double> power = simblock_hash_power(1'000);
  const double mean = std::accumulate(power.begin(), power.end(), 0.0) / 1'000;
  double squares = 0.0;
  for (const double one : power) squares += (one - mean) * (one - mean) / 1'000;
  CHECK(mean == Approx(400'000).epsilon(1e-6));
  CHECK(std::sqrt(squares) == Approx(100'000).epsilon(0.01));  // even quantiles cut the tails a little
  CHECK(*std::min_element(power.begin(), power.end()) >= 1.0);
}

}  // namespace hearsay::internet
