// The bare flood of 7 million deliveries, through the engine and beside it.
//
// 8-regular graph (union of 4 random Hamiltonian cycles), one latency per edge, uniform 10 to 200 ms in whole
// microseconds; floods one after another. The engine runs it with what Bitcoin uses: Context::send, connection halves,
// the total order of events, the digest.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <map>

#include "models/protocols/flood/flood_node.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/net/topology.hpp"
#include "tests/bench/bare_flood.hpp"

namespace hearsay::bench {
namespace {

constexpr std::uint64_t kDeliveries = 7'000'000;

std::uint32_t edge_latency_us(std::uint64_t connection) {
  return static_cast<std::uint32_t>(10'000 + fingerprint(connection) % 190'001);
}

class UniformPath final : public PathModel {
 public:
  [[nodiscard]] Duration propagation(const Host&, const Host&, std::uint64_t connection) const override {
    return microseconds(edge_latency_us(connection));
  }
};

std::uint32_t floods_for(std::uint32_t nodes) {
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, kDeliveries / (7 * std::uint64_t{nodes})));
}

// Bytes that are allocated now; memory that was freed before, but is still resident, does not blur it.
std::size_t allocated_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

double peak_resident_bytes() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

void bare(benchmark::State& state) {
  const auto nodes = static_cast<std::uint32_t>(state.range(0));
  const Topology topology = hamiltonian_cycles(Seeds(1), nodes, 4);
  std::vector<std::vector<BareGraph::Edge>> lists(nodes);
  std::uint64_t edge = 0;
  for (std::uint32_t node = 0; node < nodes; ++node) {
    for (const std::uint32_t peer : topology.dials[node]) {
      const std::uint32_t latency = edge_latency_us(++edge);
      lists[node].push_back({peer, latency});
      lists[peer].push_back({node, latency});
    }
  }
  BareGraph graph;
  for (const auto& list : lists) {
    graph.first.push_back(static_cast<std::uint32_t>(graph.edges.size()));
    graph.edges.insert(graph.edges.end(), list.begin(), list.end());
  }
  graph.first.push_back(static_cast<std::uint32_t>(graph.edges.size()));
  std::uint64_t events = 0;
  std::uint64_t checksum = 0;
  for (auto _ : state) events += bare_flood(graph, floods_for(nodes), checksum);
  benchmark::DoNotOptimize(checksum);
  state.counters["events_per_s"] = benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}

void engine(benchmark::State& state) {
  const auto nodes = static_cast<std::uint32_t>(state.range(0));
  const std::uint32_t floods = floods_for(nodes);
  const Duration apart = seconds(3);  // a flood is over by then
  std::uint64_t events = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const Seeds seeds(1);
    const Topology topology = hamiltonian_cycles(seeds, nodes, 4);
    std::vector<NodeSpec> specs;
    for (std::uint32_t i = 0; i < nodes; ++i)
      specs.push_back({"node[" + std::to_string(i) + "]", ipv4_endpoint(0x0a000000 + i, 1), 0, {}});
    const std::size_t bytes_before = allocated_bytes();
    SimulationOptions options;
    options.horizon = apart * (floods + 2);
    Simulation simulation(seeds, options, World(seeds, specs, std::make_unique<UniformPath>()));
    flood::FloodProtocol protocol;
    std::vector<flood::FloodSource> sources(nodes);
    for (std::uint32_t flood = 1; flood <= floods; ++flood) {
      flood::FloodSource& source = sources[std::uint64_t{flood} * 7919 % nodes];
      SIM_CHECK(source.items == 0, "each source floods once");
      source = {SimTime{} + apart * flood, apart, 1, flood - 1};
    }
    flood::FloodParameters parameters;
    parameters.observe = false;
    for (std::uint32_t i = 0; i < nodes; ++i) {
      std::vector<Endpoint> dials;
      for (const std::uint32_t peer : topology.dials[i]) dials.push_back(specs[peer].endpoint);
      simulation.install(
          simulation.world().node_at(i),
          std::make_unique<flood::FloodNode>(protocol, parameters, std::move(dials), sources[i], floods));
    }
    simulation.run_until(SimTime{} + seconds(2));  // all connections are open
    const std::uint64_t before = simulation.counters().events;
    state.ResumeTiming();
    simulation.run_until(SimTime{} + options.horizon);
    events += simulation.counters().events - before;
    benchmark::DoNotOptimize(simulation.digest());
    state.PauseTiming();
    bytes = allocated_bytes() - bytes_before;
    state.ResumeTiming();
  }
  // Of the simulation with its queue and connections; of that, a connection half; and of the whole process.
  state.counters["bytes_per_node"] = static_cast<double>(bytes) / nodes;
  state.counters["bytes_per_half"] = sizeof(ConnectionHalf);
  state.counters["peak_rss"] =
      benchmark::Counter(peak_resident_bytes(), benchmark::Counter::kDefaults, benchmark::Counter::kIs1024);
  state.counters["events_per_s"] = benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}

BENCHMARK(bare)->Name("flood/bare_radix_heap")->Arg(1'000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(engine)->Name("flood/engine")->Arg(1'000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hearsay::bench

BENCHMARK_MAIN();
