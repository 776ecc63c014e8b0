// Published laws of how many connections a node has. Each deals exact or drawn numbers to nodes; who is connected with
// whom is the topology's (sim/net/topology.hpp).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/core/random.hpp"
#include "sim/net/topology.hpp"

namespace hearsay::internet {

// Outbound connections: the share of nodes that open at most 1, 2, 3, ... of them. The last one is 1.
struct OutDegreeLaw {
  std::string_view name;
  std::string_view source;
  std::vector<double> at_most;
};
[[nodiscard]] const std::vector<OutDegreeLaw>& out_degree_laws();
[[nodiscard]] const OutDegreeLaw* find_out_degree_law(std::string_view name);

// One number for each node: as many of each as the law says, as SimBlock counts them, in an order drawn from the
// world's seed. An added node may change everybody's.
[[nodiscard]] std::vector<std::uint32_t> deal_out_degrees(const OutDegreeLaw& law, const std::vector<StableId>& nodes,
                                                          const Seeds& seeds);

// Connections of either direction: the least number is drawn between two ends of a bin, and a node has room for as many
// more as the bin is far from the first one (1 for the first).
struct DegreeBoundsLaw {
  std::string_view name;
  std::string_view source;
  std::vector<double> ends;     // of bins; one more than weights
  std::vector<double> weights;  // of bins
  DegreeBounds of_miners;
};
[[nodiscard]] const std::vector<DegreeBoundsLaw>& degree_bounds_laws();
[[nodiscard]] const DegreeBoundsLaw* find_degree_bounds_law(std::string_view name);

// Of the node with this id, unless it is a miner.
[[nodiscard]] DegreeBounds draw_degree_bounds(const DegreeBoundsLaw& law, StableId node, const Seeds& seeds);

}  // namespace hearsay::internet
