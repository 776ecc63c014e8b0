// Measures of an undirected graph of nodes, given by its edges: who is central, what hangs together.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/core/ids.hpp"

namespace hearsay {

// Pairs of numbers below the count of nodes. An edge that is there twice counts once; the direction does not count.
using Edges = std::vector<std::pair<NodeId, NodeId>>;

[[nodiscard]] std::vector<double> degrees(std::size_t nodes, const Edges& edges);

// Of each node: over all pairs of other nodes, the share of their shortest paths on which it lies, summed (Brandes, "A
// faster algorithm for betweenness centrality", 2001; each unordered pair counts once). Rounded to 1e-6, so that the
// order of summation decides no ties. Time: nodes times edges.
[[nodiscard]] std::vector<double> betweenness(std::size_t nodes, const Edges& edges);

// Nodes of the largest connected component of those that are `present` (by number).
[[nodiscard]] std::size_t largest_component(const std::vector<bool>& present, const Edges& edges);

}  // namespace hearsay
