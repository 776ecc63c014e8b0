// Degree, betweenness and components on graphs whose values are known.
#include "sim/net/graph_measures.hpp"

#include <catch2/catch.hpp>

namespace hearsay {
namespace {

TEST_CASE("degrees count neighbours, once each and in either direction") {
  CHECK(degrees(4, {{0, 1}, {1, 0}, {1, 2}, {0, 1}, {3, 3}}) == std::vector<double>{1, 2, 1, 0});
}

TEST_CASE("betweenness of a path, a star and a cycle") {
  // Path 0-1-2-3-4: node i lies between i nodes on one side and 4 - i on the other.
  CHECK(betweenness(5, {{0, 1}, {1, 2}, {2, 3}, {3, 4}}) == std::vector<double>{0, 3, 4, 3, 0});
  // Star: all 6 pairs of the 4 leaves pass the centre.
  CHECK(betweenness(5, {{0, 1}, {2, 0}, {0, 3}, {4, 0}}) == std::vector<double>{6, 0, 0, 0, 0});
  // Cycle of 5: each node lies on the one shortest path of its two neighbours alone.
  CHECK(betweenness(5, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 0}}) == std::vector<double>{1, 1, 1, 1, 1});
  // Cycle of 4: two shortest paths between opposite nodes, each carries half.
  CHECK(betweenness(4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}}) == std::vector<double>{0.5, 0.5, 0.5, 0.5});
}

TEST_CASE("an edge that is there twice, or turned around, changes no betweenness") {
  CHECK(betweenness(3, {{0, 1}, {1, 0}, {1, 2}, {1, 2}}) == std::vector<double>{0, 1, 0});
}

TEST_CASE("the largest component counts present nodes and edges between them") {
  const Edges edges = {{0, 1}, {1, 2}, {3, 4}, {4, 5}, {5, 6}};
  CHECK(largest_component({true, true, true, true, true, true, true}, edges) == 4);
  CHECK(largest_component({true, true, true, true, false, true, true}, edges) == 3);
  CHECK(largest_component({true, false, true, true, false, true, false}, edges) == 1);
  CHECK(largest_component({false, false, false, false, false, false, false}, edges) == 0);
}

}  // namespace
}  // namespace hearsay
