// Topologies: degrees, no double links, no dependence on the order in which a scenario lists its nodes.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string>

#include "sim/net/topology.hpp"

namespace hearsay::test {
namespace {

std::vector<StableId> names(std::uint32_t count) {
  std::vector<StableId> ids;
  for (std::uint32_t i = 0; i < count; ++i) ids.push_back(stable_id("groups.node[" + std::to_string(i) + "]"));
  return ids;
}

std::vector<std::uint32_t> in_degrees(const Topology& topology) {
  std::vector<std::uint32_t> degrees(topology.size());
  for (const auto& list : topology.dials)
    for (const std::uint32_t peer : list) ++degrees[peer];
  return degrees;
}

}  // namespace

TEST_CASE("every node dials as many others as it was told, and no pair twice") {
  const std::uint32_t outbound = GENERATE(1u, 8u, 20u);
  const Topology topology = random_outbound(Seeds(1), names(500), outbound);
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::uint32_t node = 0; node < 500; ++node) {
    CHECK(topology.dials[node].size() == outbound);
    for (const std::uint32_t peer : topology.dials[node]) {
      CHECK(peer != node);
      CHECK(pairs.insert(std::minmax(node, peer)).second);
    }
  }
  CHECK(topology.edges() == 500 * outbound);
}

TEST_CASE("each node may have a number of its own") {
  std::vector<std::uint32_t> outbound(200);
  for (std::uint32_t node = 0; node < 200; ++node) outbound[node] = node % 7;
  const Topology topology = random_outbound(Seeds(1), names(200), outbound);
  for (std::uint32_t node = 0; node < 200; ++node) CHECK(topology.dials[node].size() == outbound[node]);
}

TEST_CASE("bounded degrees: a core that knows itself, nobody above its bound, no pair twice") {
  constexpr std::uint32_t kNodes = 1'000;
  const std::vector<std::uint32_t> core = {7, 500, 3};
  std::vector<DegreeBounds> bounds(kNodes, {5, 6});
  for (const std::uint32_t node : core) bounds[node] = {50, 60};
  const Topology topology = bounded_degrees(Seeds(1), names(kNodes), bounds, core);
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  std::vector<std::uint32_t> degrees = in_degrees(topology);
  for (std::uint32_t node = 0; node < kNodes; ++node) {
    degrees[node] += static_cast<std::uint32_t>(topology.dials[node].size());
    for (const std::uint32_t peer : topology.dials[node]) {
      CHECK(peer != node);
      CHECK(pairs.insert(std::minmax(node, peer)).second);
    }
  }
  for (const auto& pair : {std::pair{3u, 7u}, std::pair{3u, 500u}, std::pair{7u, 500u}}) CHECK(pairs.contains(pair));
  std::uint32_t short_of_least = 0;
  for (std::uint32_t node = 0; node < kNodes; ++node) {
    CHECK(degrees[node] <= bounds[node].most);
    short_of_least += degrees[node] < bounds[node].least ? 1 : 0;
  }
  // The last ones to choose find nearly everybody full; with room for a fifth more, few stay short.
  CHECK(short_of_least < kNodes / 50);
}

TEST_CASE("a node that finds too few others dials them all") {
  // 6 nodes, 8 to be dialled: the complete graph, every pair once.
  const Topology topology = random_outbound(Seeds(1), names(6), 8);
  CHECK(topology.edges() == 15);
  CHECK(random_outbound(Seeds(1), names(1), 8).edges() == 0);
  CHECK(random_outbound(Seeds(1), {}, 8).edges() == 0);
}

TEST_CASE("listing the nodes in another order gives the same network") {
  const auto ids = names(300);
  std::vector<std::uint32_t> listed(ids.size());
  std::iota(listed.begin(), listed.end(), 0u);
  RandomStream(Seeds(9), SeedDomain::world, Purpose("listing"), StableId{}).shuffle(listed);
  std::vector<StableId> shuffled;
  for (const std::uint32_t position : listed) shuffled.push_back(ids[position]);

  const Topology plain = random_outbound(Seeds(1), ids, 8);
  const Topology other = random_outbound(Seeds(1), shuffled, 8);
  for (std::uint32_t place = 0; place < ids.size(); ++place) {
    std::vector<std::uint32_t> dials;
    for (const std::uint32_t peer : other.dials[place]) dials.push_back(listed[peer]);
    CHECK(dials == plain.dials[listed[place]]);
  }
}

TEST_CASE("another world seed gives another network, another mining seed does not") {
  Seeds mining(1);
  mining.set(SeedDomain::mining, 77);
  const auto ids = names(100);
  CHECK(random_outbound(Seeds(1), ids, 8).dials == random_outbound(mining, ids, 8).dials);
  CHECK(random_outbound(Seeds(1), ids, 8).dials != random_outbound(Seeds(2), ids, 8).dials);
}

TEST_CASE("in-degrees of random outbound links follow the binomial law") {
  // Each of n - 1 others dials a node with probability p = 8 / (n - 1), nearly independently (a pair that is linked
  // already is not drawn: a deviation of the order of 8 / n). So the in-degrees are binomial with mean 8. Their
  // variance 8 (1 - p) is estimated from n values with a standard error of about variance * sqrt(2 / n), and the share
  // P of any one degree with sqrt(P (1 - P) / n); four of each are allowed.
  const std::uint32_t count = 4000;
  const auto degrees = in_degrees(random_outbound(Seeds(3), names(count), 8));
  const double p = 8.0 / (count - 1);
  double squares = 0.0;
  std::map<std::uint32_t, int> histogram;
  for (const std::uint32_t degree : degrees) {
    squares += (degree - 8.0) * (degree - 8.0);
    ++histogram[degree];
  }
  const double variance = 8.0 * (1.0 - p);
  CHECK(std::accumulate(degrees.begin(), degrees.end(), 0u) == 8 * count);
  CHECK(std::abs(squares / count - variance) < 4.0 * variance * std::sqrt(2.0 / count));
  double probability = std::pow(1.0 - p, count - 1);  // of degree 0
  for (std::uint32_t degree = 0; degree < 20; ++degree) {
    const double bound = 4.0 * std::sqrt(probability * (1.0 - probability) / count) + 1.0 / count;
    CHECK(std::abs(histogram[degree] / double{count} - probability) < bound);
    probability *= p / (1.0 - p) * (count - 1.0 - degree) / (degree + 1.0);
  }
}

TEST_CASE("neither the place in the list nor the order of choosing decides how often a node is dialled") {
  // Nodes choose one after another, in the order of their stable ids. Half of all dials must go to the half that
  // chooses first: each of 8 n dials goes there with probability 1/2, standard error sqrt(8 n) / 2.
  const std::uint32_t count = 4000;
  const auto ids = names(count);
  const auto degrees = in_degrees(random_outbound(Seeds(4), ids, 8));
  auto sorted = ids;
  std::sort(sorted.begin(), sorted.end());
  double listed_first = 0.0;
  double choosing_first = 0.0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i < count / 2) listed_first += degrees[i];
    if (ids[i] < sorted[count / 2]) choosing_first += degrees[i];
  }
  const double bound = 4.0 * std::sqrt(8.0 * count) / 2.0;
  CHECK(std::abs(listed_first - 4.0 * count) < bound);
  CHECK(std::abs(choosing_first - 4.0 * count) < bound);
}

TEST_CASE("the union of Hamiltonian cycles is regular and connected") {
  const std::uint32_t cycles = GENERATE(1u, 3u);
  const Topology topology = hamiltonian_cycles(Seeds(2), 200, cycles);
  for (const auto& list : topology.dials) CHECK(list.size() == cycles);
  for (const std::uint32_t degree : in_degrees(topology)) CHECK(degree == cycles);
  CHECK(connected_components(topology) == 1);
  // Following the first link of each node visits all before it returns: it is one cycle, not several.
  std::uint32_t length = 0;
  std::uint32_t node = 0;
  do {
    node = topology.dials[node][0];
    ++length;
  } while (node != 0 && length <= 200);
  CHECK(length == 200);
}

TEST_CASE("connected components are counted without regard to who dials") {
  CHECK(connected_components(Topology{}) == 0);
  CHECK(connected_components(Topology{{{}, {}, {}}}) == 3);
  CHECK(connected_components(Topology{{{1}, {}, {1}}}) == 1);  // 0 -> 1 <- 2
  CHECK(connected_components(Topology{{{1}, {0}, {3}, {}, {}}}) == 3);
}

}  // namespace hearsay::test
