// Who dials whom: directed edge lists over node positions (the order of the scenario), made before a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/core/random.hpp"

namespace hearsay {

// dials[i]: the positions that node i dials, in the order in which it dials them.
struct Topology {
  std::vector<std::vector<std::uint32_t>> dials;

  [[nodiscard]] std::size_t size() const { return dials.size(); }
  [[nodiscard]] std::size_t edges() const;
};

// Every node dials `outbound` others, drawn uniformly from those it is not yet connected to in either direction (a
// node refuses a second connection to one address: CConnman::AlreadyConnectedToAddress, Bitcoin Core net.cpp). Each
// node draws from its own stream; nodes choose one after another in the order of their names' stable ids. A node that
// finds fewer candidates dials them all. Only reachable nodes are dialled; an empty list says that all are.
enum class Reachable : std::uint8_t { no, yes };
[[nodiscard]] Topology random_outbound(const Seeds& seeds, const std::vector<StableId>& nodes, std::uint32_t outbound,
                                       const std::vector<Reachable>& reachable = {});

// The same with a number of its own for each node.
[[nodiscard]] Topology random_outbound(const Seeds& seeds, const std::vector<StableId>& nodes,
                                       const std::vector<std::uint32_t>& outbound,
                                       const std::vector<Reachable>& reachable = {});

// How many connections, of either direction, a node looks for and how many it has room for.
struct DegreeBounds {
  std::uint32_t least = 0;
  std::uint32_t most = 0;
};

// The construction of Gervais et al. (2016): the nodes of the core (positions) are all connected with one another. Then
// each node, those of the core first, draws from all that have room, until it has `least` connections or has drawn 10 x
// `least` times. Besides being of the core, all goes in the order of the names' stable ids.
[[nodiscard]] Topology bounded_degrees(const Seeds& seeds, const std::vector<StableId>& nodes,
                                       const std::vector<DegreeBounds>& bounds, const std::vector<std::uint32_t>& core);

// The union of `cycles` random Hamiltonian cycles: a 2 * cycles-regular multigraph, connected by construction.
[[nodiscard]] Topology hamiltonian_cycles(const Seeds& seeds, std::uint32_t nodes, std::uint32_t cycles);

// Connected components of the undirected graph, ignoring who dials.
[[nodiscard]] std::size_t connected_components(const Topology& topology);

}  // namespace hearsay
