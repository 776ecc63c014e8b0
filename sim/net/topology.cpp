#include "sim/net/topology.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/connected_components.hpp>
#include <numeric>

namespace hearsay {

std::size_t Topology::edges() const {
  return std::accumulate(dials.begin(), dials.end(), std::size_t{0},
                         [](std::size_t sum, const auto& list) { return sum + list.size(); });
}

Topology random_outbound(const Seeds& seeds, const std::vector<StableId>& nodes, std::uint32_t outbound,
                         const std::vector<Reachable>& reachable) {
  const auto count = static_cast<std::uint32_t>(nodes.size());
  Topology topology{std::vector<std::vector<std::uint32_t>>(count)};
  std::vector<std::vector<std::uint32_t>> neighbours(count);
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&nodes](auto a, auto b) { return nodes[a] < nodes[b]; });
  // Who may be dialled. Drawn as a place in the order of stable ids, so that the order in which a scenario lists nodes
  // is no input.
  std::vector<std::uint32_t> targets = order;
  if (!reachable.empty()) std::erase_if(targets, [&](auto node) { return reachable[node] == Reachable::no; });
  const Purpose purpose("random outbound");
  for (const std::uint32_t node : order) {
    RandomStream stream(seeds, SeedDomain::world, purpose, nodes[node]);
    auto& known = neighbours[node];
    const auto known_targets = [&] {
      if (reachable.empty()) return known.size() + 1;
      const auto is_target = [&](auto peer) { return reachable[peer] == Reachable::yes; };
      return static_cast<std::size_t>(std::count_if(known.begin(), known.end(), is_target)) +
             (is_target(node) ? 1U : 0U);
    };
    while (topology.dials[node].size() < outbound && known_targets() < targets.size()) {
      const std::uint32_t peer = targets[stream.below(targets.size())];
      if (peer == node || std::find(known.begin(), known.end(), peer) != known.end()) continue;
      topology.dials[node].push_back(peer);
      known.push_back(peer);
      neighbours[peer].push_back(node);
    }
  }
  return topology;
}

Topology hamiltonian_cycles(const Seeds& seeds, std::uint32_t nodes, std::uint32_t cycles) {
  Topology topology{std::vector<std::vector<std::uint32_t>>(nodes)};
  std::vector<std::uint32_t> order(nodes);
  std::iota(order.begin(), order.end(), 0u);
  RandomStream stream(seeds, SeedDomain::world, Purpose("hamiltonian cycles"), StableId{});
  for (std::uint32_t cycle = 0; cycle < cycles; ++cycle) {
    stream.shuffle(order);
    for (std::uint32_t i = 0; i < nodes; ++i) topology.dials[order[i]].push_back(order[(i + 1) % nodes]);
  }
  return topology;
}

std::size_t connected_components(const Topology& topology) {
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;
  Graph graph(topology.size());
  for (std::size_t node = 0; node < topology.size(); ++node)
    for (const std::uint32_t peer : topology.dials[node]) boost::add_edge(node, peer, graph);
  std::vector<std::size_t> component(topology.size());
  return topology.size() == 0 ? 0 : static_cast<std::size_t>(boost::connected_components(graph, component.data()));
}

}  // namespace hearsay
