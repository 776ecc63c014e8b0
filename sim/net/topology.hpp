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

// The union of `cycles` random Hamiltonian cycles: a 2 * cycles-regular multigraph, connected by construction.
[[nodiscard]] Topology hamiltonian_cycles(const Seeds& seeds, std::uint32_t nodes, std::uint32_t cycles);

// Connected components of the undirected graph, ignoring who dials.
[[nodiscard]] std::size_t connected_components(const Topology& topology);

}  // namespace hearsay
