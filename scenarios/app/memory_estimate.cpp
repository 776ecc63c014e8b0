#include "scenarios/app/memory_estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>

#include "scenarios/app/config/quantity.hpp"
#include "scenarios/app/text_format.hpp"

namespace hearsay::app {

namespace {

// Measured on 2026-11-22 (x86-64, g++ 12, release): column peak_memory_bytes of table wall_clock, seed 1. Region
// latencies and bandwidths of SimBlock 2019, 16 miners among the nodes, 200 premined blocks with 11,000 outputs, blocks
// of 535 kB every 10 min, all measures on. tests/unit/memory_estimate_test.cpp holds the estimate against each line.
//
//    nodes  outbound  horizon  what else                                  MB
//      100         8   20 min                                           12.5
//      100         8    1 min  no spendable outputs                      8.3
//      100         8    1 min  5,000 premined blocks                    15.5
//      100         8    1 min  the same, 1,000,000 outputs             158.4
//      100         8      1 h  a block every 10 s                      214.3
//      100         8      1 h  the same, of 1 kB                        17.1
//      100         8   20 min  0.2 transactions a second                14.7
//      100         8      3 h  the same                                 29.8
//      100         8   20 min  7 a second, 20,000 outputs               51.7
//    1,000         2    1 min                                           16.4
//    1,000         8    1 min                                           32.2
//    1,000        32    1 min                                           91.6
//    1,000         8      2 h                                           39.5
//    1,000         8   20 min  0.2 transactions a second                38.9
//    1,000         8    2 min  7 a second                               76.0
//   10,000         8    1 min                                          247.4
//   10,000        32    1 min                                          832.1
//   10,000         8    3 min  a block a minute                        251.3
//   10,000         8    1 min  0.2 transactions a second               247.8
//   10,000         8     30 s  7 a second                              327.4
// And, not fitted to:
//    6,000  bounded     20 min  scenarios/validation/gervais-2016.yaml    99.2
//    5,000         8     75 s   scenarios/scale/txrelaysim-parity.yaml   179.2
constexpr double kProcess = 8e6;
constexpr double kNode = 4'300;
constexpr double kConnection = 2'440;  // both ends
constexpr double kPremined = 900;      // a block
constexpr double kOutput = 145;
constexpr double kBlock = 4'000;  // beside its bytes
constexpr double kBlockAtNode = 60;
constexpr double kTransaction = 3'400;
constexpr double kFreshAtNode = 30;    // a transaction that is being relayed
constexpr double kWaitingAtNode = 15;  // one that is unconfirmed
constexpr double kRelaySeconds = 120;
constexpr double kForkChanges = 0.5;  // of the pages, ours: forks go on for a while

// at_most[i] is the share of nodes with at most i + 1.
double mean_degree(const internet::OutDegreeLaw& law) {
  double mean = 1.0;
  for (const double share : law.at_most) mean += std::max(0.0, 1.0 - share);
  return mean;
}

double mean_degree(const internet::DegreeBoundsLaw& law) {
  const double whole = std::accumulate(law.weights.begin(), law.weights.end(), 0.0);
  double mean = 0.0;
  for (std::size_t bin = 0; bin < law.weights.size(); ++bin)
    mean += law.weights[bin] / whole * (law.ends[bin] + law.ends[bin + 1]) / 2;
  return mean;
}

double connections_of(const Scenario& scenario) {
  const auto nodes = static_cast<double>(scenario.nodes());
  const TopologySpec& topology = scenario.topology;
  double miners = 0.0;
  double gateways = 0.0;
  for (const GroupSpec& group : scenario.groups) {
    if (group.role == Role::miner) miners += static_cast<double>(group.count);
    gateways += static_cast<double>(group.nodes() - group.count);
  }
  if (topology.model == TopologyModel::edges) return static_cast<double>(topology.edges.size()) + gateways;
  if (topology.out_degree != nullptr) return nodes * mean_degree(*topology.out_degree) + gateways;
  if (topology.bounded_degree != nullptr)  // miners dial their many peers themselves
    return (nodes * mean_degree(*topology.bounded_degree) +
            miners * static_cast<double>(topology.bounded_degree->of_miners.most)) /
               2 +
           gateways;
  return nodes * static_cast<double>(topology.random_outbound.outbound) + gateways;
}

double seconds(Duration duration) {
  return static_cast<double>(duration.ns) / 1e9;
}

bool mined(const Scenario& scenario) {
  return std::any_of(scenario.groups.begin(), scenario.groups.end(),
                     [](const GroupSpec& group) { return group.role == Role::miner; });
}

double expected_blocks(const Scenario& scenario) {
  return mined(scenario) ? seconds(scenario.warm_up + scenario.horizon) / seconds(scenario.blocks.interval) : 0.0;
}

double expected_transactions(const Scenario& scenario) {
  if (!scenario.transactions.any()) return 0.0;
  const Duration until = scenario.transactions.law.until;
  const Duration time =
      until > Duration{} ? scenario.warm_up + std::min(until, scenario.horizon) : scenario.warm_up + scenario.horizon;
  return scenario.transactions.law.rate.per_second * seconds(time);
}

// The most that wait in mempools at once: those of two intervals, and what blocks have no room for.
double unconfirmed(const Scenario& scenario, double transactions) {
  const double bytes = static_cast<double>(scenario.transactions.mean_millibytes) / 1e3;
  const double room =
      expected_blocks(scenario) * static_cast<double>(scenario.blocks.size.bytes) / std::max(bytes, 1.0);
  double waiting = transactions;
  if (mined(scenario)) {
    const double fresh = scenario.transactions.law.rate.per_second * 2 * seconds(scenario.blocks.interval);
    waiting = std::min(transactions, std::max(fresh, transactions - room));
  }
  double limit = 0.0;
  for (const GroupSpec& group : scenario.groups)
    limit = std::max(limit, static_cast<double>(group.parameters.mempool.size_limit.bytes) / std::max(bytes, 1.0));
  return std::min(waiting, limit);
}

std::string whole(double number) {
  return with_separators(std::int64_t{std::llround(number)});
}

std::optional<double> number_in(const std::string& path) {
  std::ifstream file(path);
  double number = 0.0;
  return file >> number ? std::optional(number) : std::nullopt;
}

}  // namespace

double MemoryEstimate::run_bytes() const {
  double sum = 0.0;
  for (const MemoryPart& part : parts) sum += part.bytes;
  return sum;
}

double MemoryEstimate::total_bytes(int jobs, int forks) const {
  return run_bytes() * jobs * (1.0 + kForkChanges * forks);
}

MemoryEstimate estimate_memory(const Scenario& scenario) {
  const auto nodes = static_cast<double>(scenario.nodes());
  const double connections = connections_of(scenario);
  const auto premined = static_cast<double>(scenario.chain.premined_blocks);
  const auto outputs = static_cast<double>(scenario.chain.spendable_outputs);
  const double blocks = expected_blocks(scenario);
  const double transactions = expected_transactions(scenario);
  MemoryEstimate estimate;
  std::string each = fmt::format("{:.1f}", connections / std::max(nodes, 1.0));
  if (each.ends_with(".0")) each.resize(each.size() - 2);
  estimate.parts.push_back({kProcess + nodes * kNode + connections * kConnection,
                            fmt::format("{} nodes with {} connections each", whole(nodes), each),
                            "fewer groups.*.count"});
  estimate.parts.push_back({premined * kPremined + outputs * kOutput,
                            fmt::format("{} premined blocks with {} outputs", whole(premined), whole(outputs)),
                            "fewer chain.spendable_outputs or chain.premined_blocks"});
  estimate.parts.push_back({blocks * (static_cast<double>(scenario.blocks.size.bytes) + kBlock + nodes * kBlockAtNode),
                            fmt::format("{} blocks of {}", whole(blocks), config::format_bytes(scenario.blocks.size)),
                            "a shorter horizon, a longer workload.blocks.interval or a smaller workload.blocks.size"});
  const double waiting = unconfirmed(scenario, transactions);
  const double fresh = std::min(transactions, scenario.transactions.law.rate.per_second * kRelaySeconds);
  estimate.parts.push_back({transactions * kTransaction + nodes * (waiting * kWaitingAtNode + fresh * kFreshAtNode),
                            fmt::format("{} transactions, up to {} unconfirmed at {} nodes", whole(transactions),
                                        whole(waiting), whole(nodes)),
                            "a lower workload.transactions.rate or a shorter horizon"});
  std::stable_sort(estimate.parts.begin(), estimate.parts.end(),
                   [](const MemoryPart& a, const MemoryPart& b) { return a.bytes > b.bytes; });
  return estimate;
}

std::string rough_memory(double bytes) {
  const bool giga = bytes >= 1e9;
  const double amount = bytes / (giga ? 1e9 : 1e6);
  const char* unit = giga ? "GB" : "MB";
  return giga && amount < 9.95 ? fmt::format("{:.1f} {}", amount, unit)
                               : fmt::format("{} {}", whole(std::max(amount, 1.0)), unit);
}

std::optional<double> available_memory(const MemoryFiles& files) {
  std::optional<double> available;
  std::ifstream meminfo(files.meminfo);
  for (std::string line; std::getline(meminfo, line);)
    if (line.starts_with("MemAvailable:")) available = std::strtod(line.c_str() + 13, nullptr) * 1024;
  const auto limit = number_in(files.limit);  // `max` where there is none
  if (limit) {
    const double left = std::max(0.0, *limit - number_in(files.used).value_or(0.0));
    available = available ? std::min(*available, left) : left;
  }
  return available;
}

std::string memory_refusal(const MemoryEstimate& estimate, int jobs, std::optional<double> available) {
  if (!available || estimate.total_bytes(jobs) <= *available) return "";
  const MemoryPart& largest = estimate.parts.front();
  const double run = estimate.run_bytes();
  std::string text = fmt::format("needs about {} a run ({})", rough_memory(run), largest.what);
  if (jobs > 1) text += fmt::format(", {} runs at a time", jobs);
  text += fmt::format("; this machine has {} free: {}", rough_memory(*available), largest.remedy);
  const auto fitting = static_cast<int>(*available / run);
  if (fitting >= 1) text += fmt::format(", or --jobs {}", fitting);
  return text;
}

}  // namespace hearsay::app
