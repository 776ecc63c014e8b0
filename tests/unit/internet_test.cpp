// The published tables are transcribed right as far as their own structure can tell, and the draws follow them.
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "models/internet/hash_power.hpp"
#include "models/internet/region_matrix_path.hpp"

namespace hearsay::internet {

TEST_CASE("latency tables are symmetric and a region is nearest to itself on average") {
  for (const RegionTable& table : region_tables()) {
    for (std::size_t from = 0; from < kRegions; ++from) {
      double others = 0.0;
      for (std::size_t to = 0; to < kRegions; ++to) {
        CHECK(table.latency_ms[from][to] == table.latency_ms[to][from]);
        if (to != from) others += table.latency_ms[from][to] / (kRegions - 1);
      }
      CHECK(table.latency_ms[from][from] < others);
    }
  }
}

TEST_CASE("shares of nodes sum to 1 within the four digits of their source") {
  // Six shares rounded to 1e-4 each are off by at most 6 * 0.5e-4.
  for (const RegionTable& table : region_tables())
    CHECK(std::abs(std::accumulate(table.node_share.begin(), table.node_share.end(), 0.0) - 1.0) <= 3e-4);
}

TEST_CASE("the published hash shares sum to 1.001, as in their source") {
  const auto& shares = find_hash_power_table("gervais-2016")->shares;
  CHECK(shares.size() == 16);
  CHECK(std::abs(std::accumulate(shares.begin(), shares.end(), 0.0) - 1.001) < 1e-9);
}

TEST_CASE("drawn regions follow the shares of nodes") {
  const RegionTable& table = *find_region_table("simblock-2019");
  const Seeds seeds(11);
  constexpr int kDraws = 20'000;
  std::array<int, kRegions> counts{};
  for (int i = 0; i < kDraws; ++i) {
    RandomStream stream(seeds, SeedDomain::world, Purpose("region"), StableId{static_cast<std::uint64_t>(i)});
    ++counts[draw_region(table, stream)];
  }
  for (std::size_t region = 0; region < kRegions; ++region) {
    const double share = table.node_share[region];
    // Five standard deviations of a binomial share: six such draws exceed it with probability below 4e-6.
    const double bound = 5.0 * std::sqrt(share * (1.0 - share) / kDraws) + 3e-4;
    CHECK(std::abs(static_cast<double>(counts[region]) / kDraws - share) < bound);
  }
}

TEST_CASE("the region matrix gives the mean of the table in both directions") {
  const RegionMatrixPath path(*find_region_table("simblock-2019"));
  Host america;
  Host japan;
  japan.region = 4;
  CHECK(path.propagation(america, japan, 1) == milliseconds(151));
  CHECK(path.propagation(japan, america, 2) == milliseconds(151));
  CHECK(path.propagation(japan, japan, 3) == milliseconds(12));
}

}  // namespace hearsay::internet
