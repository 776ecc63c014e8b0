#include "scenarios/app/measure_nodes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace hearsay::app {

std::vector<MetricRow> node_propagation_metrics(const std::vector<BlockProbe>& probes, std::size_t nodes,
                                                std::int64_t first_birth_ns, std::int64_t last_birth_ns,
                                                std::int64_t end_ns) {
  std::map<std::uint64_t, std::int64_t> born;
  for (const BlockProbe& probe : probes)
    for (const auto& [object, birth] : probe.births())
      if (birth.time.ns >= first_birth_ns && birth.time.ns <= last_birth_ns) born[object] = birth.time.ns;

  std::vector<std::int64_t> sums(nodes);
  std::vector<std::int64_t> counts(nodes);
  for (const BlockProbe& probe : probes) {
    for (const auto& [object, arrivals] : probe.arrivals()) {
      const auto birth = born.find(object);
      if (birth == born.end()) continue;
      for (const BlockProbe::Arrival& arrival : arrivals[kReceivedStage]) {
        if (arrival.time_ns > end_ns) continue;
        sums[arrival.node] += arrival.time_ns - birth->second;
        ++counts[arrival.node];
      }
    }
  }
  std::vector<double> means_ms;
  for (std::size_t node = 0; node < nodes; ++node)
    if (counts[node] > 0) means_ms.push_back(static_cast<double>(sums[node]) / static_cast<double>(counts[node]) / 1e6);
  if (means_ms.empty()) return {};
  std::sort(means_ms.begin(), means_ms.end());

  std::vector<MetricRow> rows;
  for (const std::size_t percent : {10u, 25u, 50u, 75u, 90u})
    rows.push_back({fmt::format("node_mean_received_p{}", percent), means_ms[means_ms.size() * percent / 100], "ms"});
  const double sum = std::accumulate(means_ms.begin(), means_ms.end(), 0.0);
  rows.push_back({"node_mean_received_mean", sum / static_cast<double>(means_ms.size()), "ms"});
  return rows;
}

}  // namespace hearsay::app
