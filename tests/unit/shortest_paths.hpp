// The oracle of the closed forms of flooding and relay: Boost.Graph's Dijkstra on the graph of who dials whom.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <cstdint>
#include <vector>

#include "tests/unit/flood_world.hpp"

namespace hearsay::test {

// What the engine calls the n-th connection that a node dials.
inline std::uint64_t connection_id(std::uint32_t initiator, std::uint64_t counter) {
  return fingerprint(stable_id(FloodWorld::name(initiator)).value, counter);
}

// Nanoseconds from the source to every node, where the d-th connection that node n dials takes delay(n, d).
template <class DelayOf>
std::vector<std::int64_t> shortest_paths(const Topology& topology, std::uint32_t source, DelayOf delay) {
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property,
                                      boost::property<boost::edge_weight_t, std::int64_t>>;
  Graph graph(topology.size());
  for (std::uint32_t node = 0; node < topology.size(); ++node)
    for (std::size_t dial = 0; dial < topology.dials[node].size(); ++dial)
      boost::add_edge(node, topology.dials[node][dial], delay(node, dial).ns, graph);
  std::vector<std::int64_t> distance(topology.size());
  boost::dijkstra_shortest_paths(graph, source, boost::distance_map(distance.data()));
  return distance;
}

}  // namespace hearsay::test
