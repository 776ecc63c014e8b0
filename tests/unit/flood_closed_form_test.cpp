// Flooding over constant links reaches every node along the weighted shortest path, to the nanosecond: nothing in the
// engine adds or loses time. The oracle is Boost.Graph's Dijkstra on the same graph.
#include <catch2/catch.hpp>

#include "tests/unit/shortest_paths.hpp"

namespace hearsay::test {
namespace {

Duration hop_delay(std::uint32_t node, std::size_t dial) {
  return PerConnectionPath::latency(connection_id(node, dial));
}

void check_floods(const Topology& topology, const FloodWorldOptions& base) {
  const std::uint32_t items = 5;
  std::vector<flood::FloodSource> sources(topology.size());
  for (std::uint32_t item = 0; item < items; ++item)
    sources[item * 7] = {SimTime{} + seconds(2 + 3 * item), seconds(1), 1, item};
  FloodWorldOptions options = base;
  options.simulation.horizon = seconds(2 + 3 * items);
  FloodWorld world(topology, std::make_unique<PerConnectionPath>(), sources, options);
  world.simulation().run_until(SimTime{} + options.simulation.horizon);

  std::vector<std::vector<std::int64_t>> expected;
  for (std::uint32_t item = 0; item < items; ++item) expected.push_back(shortest_paths(topology, item * 7, hop_delay));
  const auto arrivals = world.arrivals();
  CHECK(arrivals.size() == items * topology.size());
  for (const Arrival& arrival : arrivals) {
    const Duration delay = arrival.time - sources[arrival.item * 7].first;
    if (delay.ns != expected[arrival.item][arrival.position])
      FAIL("node " << arrival.position << ": " << delay.ns << " ns, shortest path "
                   << expected[arrival.item][arrival.position] << " ns");
  }
  const Counters counters = world.simulation().counters();
  CHECK(counters.sent == counters.delivered + counters.dropped + world.simulation().messages_in_flight());
}

}  // namespace

TEST_CASE("a flood arrives everywhere along the weighted shortest path, exactly") {
  const unsigned ranks = GENERATE(1u, 2u, 3u, 7u);
  const bool bytes = GENERATE(false, true);
  FloodWorldOptions options;
  options.simulation.ranks = ranks;
  options.simulation.wire_bytes = bytes;
  check_floods(hamiltonian_cycles(Seeds(3), 200, 3), options);
}

TEST_CASE("the shortest-path law holds on a random-outbound network too") {
  std::vector<StableId> names;
  for (std::uint32_t i = 0; i < 500; ++i) names.push_back(stable_id(FloodWorld::name(i)));
  check_floods(random_outbound(Seeds(5), names, 4), {});
}

TEST_CASE("a limited uplink sends one message after another") {
  // A star: the centre (node 0) dials leaves 1 to 4 in this order and floods one item of 1,210 bytes, with TCP/IP 1,250
  // bytes: 10,000 bits, at 10 Mbit/s exactly 1 ms. Leaf i gets it after i ms of sending and 50 ms of propagation.
  Topology star{{{1, 2, 3, 4}, {}, {}, {}, {}}};
  FloodWorldOptions options;
  options.uplink = {10'000'000};
  options.item_bytes = 1210;
  options.simulation.horizon = seconds(5);
  FloodWorld world(star, std::make_unique<ConstantPath>(milliseconds(50)), {{SimTime{} + seconds(1), {}, 1, 0}},
                   options);
  world.simulation().run_until(SimTime{} + seconds(5));
  const auto arrivals = world.arrivals();
  REQUIRE(arrivals.size() == 5);
  for (const Arrival& arrival : arrivals) {
    const std::int64_t milliseconds_after = arrival.position == 0 ? 0 : 50 + arrival.position;
    CHECK((arrival.time - (SimTime{} + seconds(1))).ns == milliseconds_after * 1'000'000);
  }
}

}  // namespace hearsay::test
