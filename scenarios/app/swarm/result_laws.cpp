#include "scenarios/app/swarm/result_laws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

namespace hearsay::app {

namespace {

std::string counts(const Scenario& scenario, const RunResult& result) {
  if (result.nodes != scenario.nodes() || result.node_digests.size() != static_cast<std::size_t>(result.nodes))
    return fmt::format("{} nodes, and {} rows of nodes", result.nodes, result.node_digests.size());
  if (result.messages_delivered + result.messages_dropped > result.messages_sent)
    return fmt::format("{} messages sent, but {} delivered and {} dropped", result.messages_sent,
                       result.messages_delivered, result.messages_dropped);
  if (result.horizon_ns > scenario.horizon.ns ||
      (scenario.stop_when.empty() && result.horizon_ns != scenario.horizon.ns))
    return fmt::format("the run took {} ns of {} ns", result.horizon_ns, scenario.horizon.ns);
  std::int64_t messages = 0;
  for (const TrafficRow& row : result.traffic) {
    // Of segments without a message nobody is the sender.
    if (row.message != "(connection set-up)") messages += row.messages;
    if (row.messages < 0 || row.payload_bytes < 0 || row.header_bytes < 0 || row.tcp_ip_bytes < 0)
      return fmt::format("negative traffic of {}", row.message);
    if (row.messages > 0 && row.tcp_ip_bytes == 0) return fmt::format("{} was sent without packets", row.message);
  }
  const bool all_counted = scenario.measure.traffic && scenario.warm_up == Duration{};
  if (messages > result.messages_sent || (all_counted && messages < result.messages_sent))
    return fmt::format("{} messages by type, but {} sent", messages, result.messages_sent);
  return "";
}

std::string chain(const Scenario& scenario, const RunResult& result) {
  const bool mines = std::any_of(scenario.groups.begin(), scenario.groups.end(),
                                 [](const GroupSpec& group) { return group.role == Role::miner; });
  if (!mines && !result.blocks.empty()) return "blocks without miners";
  std::map<std::string, const BlockRow*> blocks;
  std::set<std::int64_t> main_heights;
  for (const BlockRow& block : result.blocks) {
    if (!blocks.emplace(block.block, &block).second) return fmt::format("block {} is there twice", block.block);
    if (block.on_main_chain && !main_heights.insert(block.height).second)
      return fmt::format("two blocks of the main chain at height {}", block.height);
    if (block.size_bytes <= 0) return fmt::format("block {} has no bytes", block.block);
  }
  if (!main_heights.empty() &&
      *main_heights.rbegin() - *main_heights.begin() + 1 != static_cast<std::int64_t>(main_heights.size()))
    return "the main chain has gaps";
  for (const BlockRow& block : result.blocks) {
    const auto parent = blocks.find(block.parent);
    if (parent == blocks.end()) continue;  // of the chain before the run, or of its warm-up
    if (block.height != parent->second->height + 1) return fmt::format("height of block {}", block.block);
    if (block.born_ns < parent->second->born_ns) return fmt::format("block {} is older than its parent", block.block);
    if (block.on_main_chain && !parent->second->on_main_chain)
      return fmt::format("block {} is on the main chain, its parent is not", block.block);
  }
  return "";
}

std::string propagation(const RunResult& result) {
  for (const PropagationRow& row : result.propagation) {
    const auto say = [&](const char* what) { return fmt::format("{} of {}: {}", row.stage, row.object, what); };
    if (row.reached < 0 || row.reached > row.nodes || row.nodes > result.nodes) return say("more nodes than there are");
    std::int64_t last = 0;
    bool ended = false;
    for (const auto& delay : row.delay_ns) {
      if (delay && ended) return say("a share of nodes was reached, a smaller one was not");
      ended = !delay;
      if (!delay) continue;
      if (*delay < last) return say("delays fall");
      last = *delay;
    }
    if (last > result.horizon_ns) return say("a delay beyond the end of the run");
    if (row.delay_ns[100].has_value() != (row.reached == row.nodes && row.nodes > 0))
      return say("all nodes, or not all");
  }
  for (const TransactionPropagationRow& row : result.transactions) {
    const auto say = [&](const char* what) { return fmt::format("{} of transactions: {}", row.stage, what); };
    if (row.short_transactions > row.transactions) return say("more fall short than there are");
    if (row.mean_reached > static_cast<double>(row.nodes)) return say("more nodes than there are");
    if (row.low_ns && row.median_ns && *row.low_ns > *row.median_ns) return say("10 % above the median");
    if (row.median_ns && row.high_ns && *row.median_ns > *row.high_ns) return say("median above 90 %");
  }
  return "";
}

std::string numbers(const Scenario& scenario, const RunResult& result) {
  for (const MetricRow& row : result.metrics) {
    const auto is_it = [&](const IntervalMeasure& interval) { return interval.name == row.metric; };
    const auto& intervals = scenario.measure.intervals;
    // One of its ends never came.
    if (std::isnan(row.value) && std::any_of(intervals.begin(), intervals.end(), is_it)) continue;
    if (!std::isfinite(row.value)) return fmt::format("metric {} is {}", row.metric, row.value);
    if (row.value < 0.0) return fmt::format("metric {} is {}", row.metric, row.value);
    if (row.unit == "%" && row.value > 100.0 + 1e-9) return fmt::format("metric {} is {} %", row.metric, row.value);
  }
  for (const OutcomeRow& row : result.outcomes) {
    const auto say = [&](const char* what) { return fmt::format("outcome {}: {}", row.outcome, what); };
    if (row.watched_from_ns < 0 || row.watched_until_ns > result.horizon_ns) return say("watched outside the run");
    if (row.first_ns && (*row.first_ns < row.watched_from_ns || *row.first_ns > row.watched_until_ns))
      return say("happened while nobody looked");
    if (row.true_for_ns < 0 || row.true_for_ns > std::max<std::int64_t>(0, row.watched_until_ns - row.watched_from_ns))
      return say("true for longer than it was watched");
  }
  return "";
}

}  // namespace

std::string broken_law(const Scenario& scenario, const RunResult& result) {
  for (const std::string& broken :
       {counts(scenario, result), chain(scenario, result), propagation(result), numbers(scenario, result)})
    if (!broken.empty()) return broken;
  return "";
}

std::string difference(const RunResult& left, const RunResult& right) {
  const auto same_metrics = [](const MetricRow& a, const MetricRow& b) {
    return a.metric == b.metric && a.unit == b.unit &&
           (a.value == b.value || (std::isnan(a.value) && std::isnan(b.value)));
  };
  const auto rows = [](const char* what, const auto& a, const auto& b, auto same) -> std::string {
    if (a.size() != b.size()) return fmt::format("{} rows of {}, and {}", a.size(), what, b.size());
    const auto at = std::mismatch(a.begin(), a.end(), b.begin(), same);
    return at.first == a.end() ? "" : fmt::format("row {} of {}", at.first - a.begin(), what);
  };
  if (left.digest != right.digest) {
    for (std::size_t i = 0; i < left.node_digests.size() && i < right.node_digests.size(); ++i)
      if (left.node_digests[i].digest != right.node_digests[i].digest)
        return fmt::format("the digest, {:016x} and {:016x}, at {} and perhaps others", left.digest, right.digest,
                           left.node_digests[i].node);
    return fmt::format("the digest, {:016x} and {:016x}", left.digest, right.digest);
  }
  if (left.messages_sent != right.messages_sent || left.messages_delivered != right.messages_delivered ||
      left.messages_dropped != right.messages_dropped || left.horizon_ns != right.horizon_ns ||
      left.digest_slices != right.digest_slices)
    return "counts of messages, the horizon or slices of the digest";
  if (left.events != right.events) return fmt::format("{} events, and {}", left.events, right.events);
  for (const std::string& found : {rows("blocks", left.blocks, right.blocks, std::equal_to{}),
                                   rows("propagation", left.propagation, right.propagation, std::equal_to{}),
                                   rows("transactions", left.transactions, right.transactions, std::equal_to{}),
                                   rows("traffic", left.traffic, right.traffic, std::equal_to{}),
                                   rows("metrics", left.metrics, right.metrics, same_metrics),
                                   rows("outcomes", left.outcomes, right.outcomes, std::equal_to{}),
                                   rows("nodes", left.node_digests, right.node_digests, std::equal_to{})})
    if (!found.empty()) return found;
  return "";
}

}  // namespace hearsay::app
