#include "scenarios/app/measure_busy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/protocols/bitcoin/bitcoin_node.hpp"

namespace hearsay::app {

std::vector<MetricRow> busy_metrics(const std::vector<bitcoin::BusyTime>& nodes, Duration horizon) {
  if (nodes.empty() || horizon == Duration{}) return {};
  const auto percent = [&](double busy_ns) { return 100.0 * busy_ns / static_cast<double>(horizon.ns); };
  const auto count = static_cast<double>(nodes.size());
  Duration all;
  bitcoin::BusyTime by_work{};
  std::vector<Duration> sums;
  for (const bitcoin::BusyTime& node : nodes) {
    Duration sum;
    for (std::size_t work = 0; work < bitcoin::kKindsOfWork; ++work) {
      by_work[work] = by_work[work] + node[work];
      sum = sum + node[work];
    }
    all = all + sum;
    sums.push_back(sum);
  }
  std::sort(sums.begin(), sums.end());
  // The least share that `share` percent of the nodes do not exceed.
  const auto quantile = [&](std::size_t share) {
    return percent(static_cast<double>(sums[std::max<std::size_t>(1, (share * sums.size() + 99) / 100) - 1].ns));
  };
  std::vector<MetricRow> rows = {{"busy_share_max", percent(static_cast<double>(sums.back().ns)), "%"},
                                 {"busy_share_mean", percent(static_cast<double>(all.ns) / count), "%"},
                                 {"busy_share_p50", quantile(50), "%"},
                                 {"busy_share_p99", quantile(99), "%"}};
  for (std::size_t work = 0; work < bitcoin::kKindsOfWork; ++work)
    rows.push_back({fmt::format("busy_share_{}", bitcoin::kWorkNames[work]),
                    percent(static_cast<double>(by_work[work].ns) / count), "%"});
  return rows;
}

std::vector<bitcoin::BusyTime> busy_so_far(const Simulation& simulation, SimTime now) {
  std::vector<bitcoin::BusyTime> nodes;
  for (NodeId node = 0; node < simulation.world().size(); ++node)
    nodes.push_back(static_cast<const bitcoin::BitcoinNode&>(simulation.node(node)).message_thread().busy_before(now));
  return nodes;
}

}  // namespace hearsay::app
