#include "scenarios/app/collect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "scenarios/app/measure_busy.hpp"
#include "scenarios/app/measure_nodes.hpp"
#include "scenarios/app/presence.hpp"
#include "sim/core/check.hpp"

namespace hearsay::app {

namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

std::string observation_name(ObservationKind kind) {
  for (const auto& entry : bitcoin::observed::kNames)
    if (entry.kind == kind) return std::string(entry.name);
  return fmt::format("observation {:#06x}", kind);
}

// The blocks that the ranks' indexes know with their bodies, by the first 64 bits of their hashes.
std::map<std::uint64_t, const chain::IndexedBlock*> indexed_blocks(const Network& network) {
  std::map<std::uint64_t, const chain::IndexedBlock*> blocks;
  for (const auto& protocol : network.protocols()) {
    const chain::BlockIndex& index = protocol->index();
    for (chain::BlockRef block = protocol->premined_tip() + 1; block < index.size(); ++block)
      if (index[block].body != nullptr) blocks[chain::short_id64(index[block].hash)] = &index[block];
  }
  return blocks;
}

void collect_blocks(const Scenario& scenario, Network& network, RunResult& result,
                    std::map<std::string, std::uint64_t>& objects) {
  const auto blocks = indexed_blocks(network);
  for (const BlockProbe& probe : network.block_probes()) {
    for (const auto& [object, birth] : probe.births()) {
      SIM_CHECK(blocks.contains(object), "a block that was born is indexed on its miner's rank");
      const chain::IndexedBlock* block = blocks.at(object);
      BlockRow row;
      row.block = chain::to_hex(block->hash);
      row.height = block->height;
      row.parent = chain::to_hex(block->header.parent);
      row.miner = network.simulation().world().name(birth.miner);
      row.born_ns = birth.time.ns;
      row.size_bytes = static_cast<std::int64_t>(block->body->total_bytes());
      objects[row.block] = object;
      result.blocks.push_back(std::move(row));
    }
  }
  std::sort(result.blocks.begin(), result.blocks.end(), [](const BlockRow& a, const BlockRow& b) {
    return std::tie(a.born_ns, a.block) < std::tie(b.born_ns, b.block);
  });
  mark_main_chain(result.blocks);
  std::erase_if(result.blocks, [&](const BlockRow& block) { return block.born_ns < scenario.origin().ns; });
}

// The arrivals that count, and how many could have. A busy node tells of an arrival with the time at which it is done:
// what is done after the end has not arrived.
struct Reach {
  std::vector<std::int64_t> arrivals_ns;
  std::int64_t nodes = 0;
};

Reach reach_of(const std::vector<BlockProbe::Arrival>& arrivals, SimTime born, SimTime end, const Presence& presence,
               std::size_t nodes) {
  Reach reach;
  if (presence.everybody_always()) {
    for (const BlockProbe::Arrival& arrival : arrivals)
      if (arrival.time_ns <= end.ns) reach.arrivals_ns.push_back(arrival.time_ns);
    reach.nodes = static_cast<std::int64_t>(nodes);
    return reach;
  }
  std::vector<bool> arrived(nodes);
  for (const BlockProbe::Arrival& arrival : arrivals) {
    if (arrival.time_ns > end.ns) continue;
    arrived[arrival.node] = true;
    if (presence.online(arrival.node, born, SimTime{arrival.time_ns})) reach.arrivals_ns.push_back(arrival.time_ns);
  }
  reach.nodes = static_cast<std::int64_t>(reach.arrivals_ns.size());
  for (NodeId node = 0; node < nodes; ++node)
    if (!arrived[node] && presence.online(node, born, end)) ++reach.nodes;
  return reach;
}

void collect_propagation(const Scenario& scenario, SimTime end, Network& network,
                         const std::map<std::string, std::uint64_t>& objects, RunResult& result) {
  const std::size_t nodes = network.simulation().world().size();
  const Presence presence(nodes, network.simulation().presence_log());
  for (const BlockRow& block : result.blocks) {
    if (block.born_ns > (end - scenario.measure.settle).ns) continue;
    if (!block.on_main_chain) continue;  // a stale block is not meant to reach everybody
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      std::vector<BlockProbe::Arrival> arrivals;
      for (const BlockProbe& probe : network.block_probes()) {
        const auto found = probe.arrivals().find(objects.at(block.block));
        if (found == probe.arrivals().end()) continue;
        arrivals.insert(arrivals.end(), found->second[stage].begin(), found->second[stage].end());
      }
      Reach reach = reach_of(arrivals, SimTime{block.born_ns}, end, presence, nodes);
      result.propagation.push_back(
          summarise(block.block, kStageNames[stage], block.born_ns, reach.nodes, std::move(reach.arrivals_ns)));
    }
  }
}

double percent_of(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::int64_t stale_blocks(const RunResult& result) {
  return std::count_if(result.blocks.begin(), result.blocks.end(),
                       [](const BlockRow& block) { return !block.on_main_chain; });
}

void collect_stale_rate(const Scenario& scenario, SimTime end, const Network& network, RunResult& result) {
  std::map<std::int64_t, std::int64_t> blocks_at_height;
  for (const BlockRow& block : result.blocks) ++blocks_at_height[block.height];
  const auto forked = std::count_if(blocks_at_height.begin(), blocks_at_height.end(),
                                    [](const auto& entry) { return entry.second > 1; });
  const auto blocks = static_cast<std::int64_t>(result.blocks.size());
  std::int64_t deepest = 0;
  for (const BlockProbe& probe : network.block_probes())
    for (const BlockProbe::Reorganisation& one : probe.reorganisations())
      if (one.time >= scenario.origin() && one.time <= end) deepest = std::max(deepest, one.depth);
  result.metrics.push_back({"blocks", static_cast<double>(blocks), "blocks"});
  result.metrics.push_back({"deepest_reorganisation", static_cast<double>(deepest), "blocks"});
  if (blocks == 0) return;  // no rate without blocks
  result.metrics.push_back(
      {"heights_with_fork", percent_of(forked, static_cast<std::int64_t>(blocks_at_height.size())), "%"});
  result.metrics.push_back({"stale_rate", percent_of(stale_blocks(result), blocks), "%"});
}

// Work that ended on no best chain.
void collect_wasted_work(RunResult& result) {
  const std::int64_t stale = stale_blocks(result);
  result.metrics.push_back({"wasted_blocks", static_cast<double>(stale), "blocks"});
  if (!result.blocks.empty())
    result.metrics.push_back({"wasted_work", percent_of(stale, static_cast<std::int64_t>(result.blocks.size())), "%"});
}

// The deepest reorganisation of each node after the warm-up: the largest, and the mean over nodes.
void collect_reorg_depth(const Scenario& scenario, SimTime end, const Network& network, RunResult& result) {
  std::vector<std::int64_t> deepest(network.simulation().world().size());
  for (const BlockProbe& probe : network.block_probes())
    for (const BlockProbe::Reorganisation& one : probe.reorganisations())
      if (one.time >= scenario.origin() && one.time <= end) deepest[one.node] = std::max(deepest[one.node], one.depth);
  const auto tell = [&](const std::string& suffix, const std::vector<NodeId>& nodes) {
    if (nodes.empty()) return;
    std::int64_t most = 0;
    std::int64_t sum = 0;
    for (const NodeId node : nodes) {
      most = std::max(most, deepest[node]);
      sum += deepest[node];
    }
    result.metrics.push_back({"reorg_depth_max" + suffix, static_cast<double>(most), "blocks"});
    result.metrics.push_back(
        {"reorg_depth_mean" + suffix, static_cast<double>(sum) / static_cast<double>(nodes.size()), "blocks"});
  };
  tell("", network.targets().members(kEverybody));
  if (!scenario.measure.by_target) return;
  for (const TargetSpec& target : scenario.targets)
    tell("[" + target.name + "]", network.targets().members(target.name));
}

// How large the targets came out.
void collect_targets(const Scenario& scenario, const Network& network, RunResult& result) {
  for (const TargetSpec& target : scenario.targets) {
    const auto nodes = static_cast<double>(network.targets().members(target.name).size());
    result.metrics.push_back({"target_nodes[" + target.name + "]", nodes, "nodes"});
    result.metrics.push_back(
        {"target_hash[" + target.name + "]", 100.0 * network.targets().hash_share(target.name), "%"});
  }
}

// Not a number where one of the ends never came, or the later one came first.
void collect_intervals(const Scenario& scenario, const OutcomeJudge& judge, RunResult& result) {
  for (const IntervalMeasure& interval : scenario.measure.intervals) {
    const std::optional<SimTime> to = judge.time_of(interval.to);
    std::optional<SimTime> from = scenario.origin() + interval.begins;
    if (interval.from_outcome) from = judge.time_of(interval.from);
    const bool came = from && to && *to >= *from;
    const double length = came ? static_cast<double>((*to - *from).ns) / 1e9 : kNoNumber;
    result.metrics.push_back({interval.name, length, "s"});
  }
}

void collect_busy(const Scenario& scenario, SimTime end, const Simulation& simulation,
                  const std::vector<bitcoin::BusyTime>& before, RunResult& result) {
  std::vector<bitcoin::BusyTime> busy = busy_so_far(simulation, end);
  for (std::size_t node = 0; node < busy.size(); ++node)
    for (std::size_t work = 0; work < bitcoin::kKindsOfWork; ++work)
      busy[node][work] = std::max(busy[node][work] - before[node][work], Duration{});
  for (MetricRow& row : busy_metrics(busy, end - scenario.origin())) result.metrics.push_back(std::move(row));
}

void collect_traffic(Network& network, const std::vector<Traffic>& before, RunResult& result) {
  Simulation& simulation = network.simulation();
  for (std::size_t type = 0; type < simulation.message_types(); ++type) {
    Traffic traffic = simulation.traffic(static_cast<MessageType>(type));
    traffic.messages -= before[type].messages;
    traffic.payload_bytes -= before[type].payload_bytes;
    traffic.header_bytes -= before[type].header_bytes;
    traffic.tcp_ip_bytes -= before[type].tcp_ip_bytes;
    if (traffic.messages == 0) continue;
    const std::string name = type == 0
                                 ? "(connection set-up)"
                                 : std::string(network.protocols()[0]->message_name(static_cast<MessageType>(type)));
    result.traffic.push_back(
        {name, static_cast<std::int64_t>(traffic.messages), static_cast<std::int64_t>(traffic.payload_bytes),
         static_cast<std::int64_t>(traffic.header_bytes), static_cast<std::int64_t>(traffic.tcp_ip_bytes)});
  }
}

void collect_nodes(const Scenario& scenario, Network& network, RunResult& result) {
  const Simulation& simulation = network.simulation();
  std::size_t position = 0;
  for (const GroupSpec& group : scenario.groups) {
    for (std::int64_t member = 0; member < group.nodes(); ++member, ++position) {
      const NodeId node = simulation.world().node_at(position);
      result.node_digests.push_back(
          {simulation.world().name(node), group.name, std::string(network.region(node)), simulation.node_digest(node)});
    }
  }
}

void collect_trace(Network& network, RunResult& result) {
  const World& world = network.simulation().world();
  for (const TraceProbe& probe : network.trace_probes())
    for (const TraceProbe::Entry& entry : probe.entries())
      result.trace.push_back({entry.time.ns, world.name(entry.node), observation_name(entry.observation.kind),
                              entry.observation.object, entry.observation.value});
  // The order at one node is kept: all its entries come from one probe.
  std::stable_sort(result.trace.begin(), result.trace.end(), [](const TraceRow& a, const TraceRow& b) {
    return std::tie(a.time_ns, a.node) < std::tie(b.time_ns, b.node);
  });
}

}  // namespace

WarmUpCosts costs_so_far(const Scenario& scenario, Network& network, SimTime now) {
  WarmUpCosts costs;
  for (std::size_t type = 0; type < network.simulation().message_types(); ++type)
    costs.traffic.push_back(network.simulation().traffic(static_cast<MessageType>(type)));
  if (scenario.measure.busy_share) costs.busy = busy_so_far(network.simulation(), now);
  return costs;
}

void collect(const Scenario& scenario, SimTime end, Network& network, const OutcomeJudge& judge,
             const WarmUpCosts& before, RunResult& result) {
  const MeasureSpec& measure = scenario.measure;
  const std::int64_t first_birth = scenario.origin().ns;
  const std::int64_t last_birth = (end - measure.settle).ns;
  Simulation& simulation = network.simulation();
  const auto add = [&](std::vector<MetricRow> rows) {
    std::move(rows.begin(), rows.end(), std::back_inserter(result.metrics));
  };
  std::map<std::string, std::uint64_t> objects;
  collect_blocks(scenario, network, result, objects);
  if (measure.propagation) {
    collect_propagation(scenario, end, network, objects, result);
    result.transactions = summarise_transactions(network.transaction_probe(), result.nodes, first_birth, last_birth);
    if (scenario.transactions.any()) add(transaction_metrics(network.transaction_probe(), first_birth));
  }
  if (measure.stale_rate) collect_stale_rate(scenario, end, network, result);
  if (measure.wasted_work) collect_wasted_work(result);
  if (measure.reorg_depth) collect_reorg_depth(scenario, end, network, result);
  if (measure.node_propagation)
    add(node_propagation_metrics(network.block_probes(), simulation.world().size(), first_birth, last_birth, end.ns));
  if (measure.busy_share) collect_busy(scenario, end, simulation, before.busy, result);
  collect_targets(scenario, network, result);
  collect_intervals(scenario, judge, result);
  result.outcomes = judge.rows(end);
  if (measure.traffic) collect_traffic(network, before.traffic, result);
  collect_nodes(scenario, network, result);
  collect_trace(network, result);
  // What the reader counts from.
  for (BlockRow& block : result.blocks) block.born_ns -= first_birth;
  for (TraceRow& row : result.trace) row.time_ns -= first_birth;
}

}  // namespace hearsay::app
