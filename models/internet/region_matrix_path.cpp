#include "models/internet/region_matrix_path.hpp"

#include <algorithm>

namespace hearsay::internet {

RegionMatrixPath::RegionMatrixPath(const RegionTable& table, const Seeds& seeds, Share spread)
    : draw_(seeds, Purpose("spread of latency")), factor_(LogNormal::of_mean_and_deviation(1.0, spread.fraction)) {
  for (std::size_t from = 0; from < kRegions; ++from)
    for (std::size_t to = 0; to < kRegions; ++to) delay_ns_[from][to] = table.latency_ms[from][to] * 1e6;
}

Duration RegionMatrixPath::propagation(const Host& from, const Host& to, std::uint64_t) const {
  const double mean = delay_ns_[from.region][to.region];
  if (factor_.sigma <= 0.0) return rounded(mean, kLongestPath);
  const auto [low, high] = std::minmax(from.id.value, to.id.value);
  return rounded(mean * factor_.quantile(draw_(low, high)), kLongestPath);
}

}  // namespace hearsay::internet
