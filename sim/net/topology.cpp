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
  return random_outbound(seeds, nodes, std::vector<std::uint32_t>(nodes.size(), outbound), reachable);
}

Topology random_outbound(const Seeds& seeds, const std::vector<StableId>& nodes,
                         const std::vector<std::uint32_t>& outbound, const std::vector<Reachable>& reachable) {
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
    while (topology.dials[node].size() < outbound[node] && known_targets() < targets.size()) {
      const std::uint32_t peer = targets[stream.below(targets.size())];
      if (peer == node || std::find(known.begin(), known.end(), peer) != known.end()) continue;
      topology.dials[node].push_back(peer);
      known.push_back(peer);
      neighbours[peer].push_back(node);
    }
  }
  return topology;
}

Topology bounded_degrees(const Seeds& seeds, const std::vector<StableId>& nodes,
                         const std::vector<DegreeBounds>& bounds, const std::vector<std::uint32_t>& core) {
  const auto by_id = [&nodes](auto a, auto b) { return nodes[a] < nodes[b]; };
  Topology topology{std::vector<std::vector<std::uint32_t>>(nodes.size())};
  std::vector<std::vector<std::uint32_t>> neighbours(nodes.size());
  const auto connect = [&](std::uint32_t from, std::uint32_t to) {
    topology.dials[from].push_back(to);
    neighbours[from].push_back(to);
    neighbours[to].push_back(from);
  };
  std::vector<std::uint32_t> order(core);
  std::sort(order.begin(), order.end(), by_id);
  for (const std::uint32_t from : order)
    for (const std::uint32_t to : order)
      if (by_id(from, to)) connect(from, to);

  std::vector<std::uint32_t> open(nodes.size());  // a node that another one fills leaves the list, as there
  std::iota(open.begin(), open.end(), 0u);
  std::sort(open.begin(), open.end(), by_id);
  std::vector<bool> of_core(nodes.size(), false);
  for (const std::uint32_t node : core) of_core[node] = true;
  for (const std::uint32_t node : open)
    if (!of_core[node]) order.push_back(node);
  const Purpose purpose("bounded degrees");
  for (const std::uint32_t node : order) {
    RandomStream stream(seeds, SeedDomain::world, purpose, nodes[node]);
    auto& known = neighbours[node];
    for (std::uint64_t tries = 0; known.size() < bounds[node].least && tries < 10ull * bounds[node].least; ++tries) {
      if (open.empty()) return topology;
      std::uint32_t& place = open[stream.below(open.size())];
      const std::uint32_t peer = place;
      if (peer == node || std::find(known.begin(), known.end(), peer) != known.end()) continue;
      if (neighbours[peer].size() >= bounds[peer].most) continue;
      connect(node, peer);
      if (neighbours[peer].size() < bounds[peer].most) continue;
      place = open.back();
      open.pop_back();
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
