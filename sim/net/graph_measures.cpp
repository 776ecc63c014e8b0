#include "sim/net/graph_measures.hpp"

#include <algorithm>
#include <boost/graph/betweenness_centrality.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <cmath>
#include <numeric>

namespace hearsay {

namespace {

Edges distinct(const Edges& edges) {
  Edges list;
  list.reserve(edges.size());
  for (const auto& [a, b] : edges)
    if (a != b) list.push_back(std::minmax(a, b));
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

}  // namespace

std::vector<double> degrees(std::size_t nodes, const Edges& edges) {
  std::vector<double> count(nodes);
  for (const auto& [a, b] : distinct(edges)) {
    ++count[a];
    ++count[b];
  }
  return count;
}

std::vector<double> betweenness(std::size_t nodes, const Edges& edges) {
  Edges both = distinct(edges);
  const std::size_t once = both.size();
  for (std::size_t i = 0; i < once; ++i) both.emplace_back(both[i].second, both[i].first);
  std::sort(both.begin(), both.end());
  const boost::compressed_sparse_row_graph<boost::directedS> graph(boost::edges_are_sorted, both.begin(), both.end(),
                                                                   nodes);
  std::vector<double> centrality(nodes);
  boost::brandes_betweenness_centrality(
      graph, boost::make_iterator_property_map(centrality.begin(), boost::get(boost::vertex_index, graph)));
  for (double& value : centrality) value = std::round(value * 0.5e6) * 1e-6;  // both directions were counted
  return centrality;
}

std::size_t largest_component(const std::vector<bool>& present, const Edges& edges) {
  std::vector<NodeId> parent(present.size());
  std::iota(parent.begin(), parent.end(), NodeId{0});
  const auto root = [&](NodeId node) {
    while (parent[node] != node) node = parent[node] = parent[parent[node]];
    return node;
  };
  for (const auto& [a, b] : edges)
    if (present[a] && present[b]) parent[root(a)] = root(b);
  std::vector<std::size_t> size(present.size());
  std::size_t largest = 0;
  for (NodeId node = 0; node < present.size(); ++node)
    if (present[node]) largest = std::max(largest, ++size[root(node)]);
  return largest;
}

}  // namespace hearsay
