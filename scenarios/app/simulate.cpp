#include "scenarios/app/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "scenarios/app/capture/capture.hpp"
#include "scenarios/app/measure_busy.hpp"
#include "scenarios/app/measure_nodes.hpp"
#include "sim/core/check.hpp"

namespace hearsay::app {

namespace {

constexpr int kProgressSteps = 400;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

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

void collect_blocks(Network& network, RunResult& result, std::map<std::string, std::uint64_t>& objects) {
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
}

void collect_propagation(const Scenario& scenario, Network& network,
                         const std::map<std::string, std::uint64_t>& objects, RunResult& result) {
  for (const BlockRow& block : result.blocks) {
    if (block.born_ns > (scenario.horizon - scenario.measure.settle).ns) continue;
    if (!block.on_main_chain) continue;  // a stale block is not meant to reach everybody
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      std::vector<std::int64_t> arrivals;
      for (const BlockProbe& probe : network.block_probes()) {
        const auto found = probe.arrivals().find(objects.at(block.block));
        if (found == probe.arrivals().end()) continue;
        arrivals.insert(arrivals.end(), found->second[stage].begin(), found->second[stage].end());
      }
      result.propagation.push_back(
          summarise(block.block, kStageNames[stage], block.born_ns, result.nodes, std::move(arrivals)));
    }
  }
}

void collect_metrics(const Scenario& scenario, const Network& network, RunResult& result) {
  if (!scenario.measure.stale_rate) return;
  std::map<std::int64_t, std::int64_t> blocks_at_height;
  std::int64_t stale = 0;
  for (const BlockRow& block : result.blocks) {
    ++blocks_at_height[block.height];
    stale += block.on_main_chain ? 0 : 1;
  }
  const auto forked = std::count_if(blocks_at_height.begin(), blocks_at_height.end(),
                                    [](const auto& entry) { return entry.second > 1; });
  const auto percent_of = [](auto part, std::size_t whole) {
    return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  };
  std::int64_t deepest = 0;
  for (const BlockProbe& probe : network.block_probes()) deepest = std::max(deepest, probe.deepest_reorganisation());
  result.metrics.push_back({"blocks", static_cast<double>(result.blocks.size()), "blocks"});
  result.metrics.push_back({"deepest_reorganisation", static_cast<double>(deepest), "blocks"});
  if (result.blocks.empty()) return;  // no rate without blocks
  result.metrics.push_back({"heights_with_fork", percent_of(forked, blocks_at_height.size()), "%"});
  result.metrics.push_back({"stale_rate", percent_of(stale, result.blocks.size()), "%"});
}

void collect_traffic(Network& network, RunResult& result) {
  Simulation& simulation = network.simulation();
  for (std::size_t type = 0; type < simulation.message_types(); ++type) {
    const Traffic traffic = simulation.traffic(static_cast<MessageType>(type));
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

void run_to_horizon(const Scenario& scenario, const RunKey& key, Simulation& simulation, Capture* capture,
                    SimulationListener* listener) {
  try {
    for (int step = 1; step <= kProgressSteps; ++step) {
      simulation.run_until(SimTime{} + Duration{scenario.horizon.ns / kProgressSteps * step});
      if (capture != nullptr) capture->advance();
      if (listener != nullptr)
        listener->on_progress(simulation.now(), static_cast<std::int64_t>(simulation.counters().events));
    }
    simulation.run_until(SimTime{} + scenario.horizon);
    if (capture != nullptr) capture->finish();
    simulation.check_streams();
  } catch (const CheckFailure& failure) {
    throw CheckFailure(fmt::format("{} (world seed {}, run {})", failure.what(), key.world_seed, key.run));
  }
}

}  // namespace

Seeds seeds_of(const RunKey& key, const Scenario& scenario) {
  Seeds seeds(key.world_seed);
  const auto named = [&](SeedDomain domain, std::uint64_t seed) {
    if (scenario.seeds.contains(domain)) seeds.set(domain, seed);
  };
  named(SeedDomain::mining, key.mining_seed);
  named(SeedDomain::workload, key.workload_seed);
  named(SeedDomain::attack, key.attack_seed);
  return seeds;
}

RunResult simulate(const Scenario& scenario, const RunKey& key, const SimulateOptions& options,
                   SimulationListener* listener) {
  const auto start = std::chrono::steady_clock::now();
  Network network(scenario, seeds_of(key, scenario), options);
  RunResult result;
  result.wall_clock.build_s = seconds_since(start);
  Simulation& simulation = network.simulation();
  const auto run_start = std::chrono::steady_clock::now();
  std::optional<Capture> capture;
  if (!options.capture.path.empty())
    capture.emplace(options.capture, simulation, fmt::format("{}, world seed {}", scenario.name, key.world_seed));
  run_to_horizon(scenario, key, simulation, capture ? &*capture : nullptr, listener);
  result.wall_clock.run_s = seconds_since(run_start);

  result.key = key;
  result.digest = simulation.digest();
  result.digest_slices = simulation.slices();
  result.horizon_ns = scenario.horizon.ns;
  result.nodes = scenario.nodes();
  const Counters counters = simulation.counters();
  result.events = static_cast<std::int64_t>(counters.events);
  result.messages_sent = static_cast<std::int64_t>(counters.sent);
  result.messages_delivered = static_cast<std::int64_t>(counters.delivered);
  result.messages_dropped = static_cast<std::int64_t>(counters.dropped);
  std::map<std::string, std::uint64_t> objects;
  collect_blocks(network, result, objects);
  if (scenario.measure.propagation) {
    collect_propagation(scenario, network, objects, result);
    result.transactions = summarise_transactions(network.transaction_probe(), result.nodes,
                                                 (scenario.horizon - scenario.measure.settle).ns);
    if (scenario.transactions.any())
      for (MetricRow& row : transaction_metrics(network.transaction_probe())) result.metrics.push_back(std::move(row));
  }
  collect_metrics(scenario, network, result);
  if (scenario.measure.node_propagation)
    for (MetricRow& row : node_propagation_metrics(network.block_probes(), simulation.world().size(),
                                                   (scenario.horizon - scenario.measure.settle).ns))
      result.metrics.push_back(std::move(row));
  if (scenario.measure.busy_share)
    for (MetricRow& row : busy_metrics(network.simulation(), scenario.horizon))
      result.metrics.push_back(std::move(row));
  if (scenario.measure.traffic) collect_traffic(network, result);
  collect_nodes(scenario, network, result);
  collect_trace(network, result);
  return result;
}

}  // namespace hearsay::app
