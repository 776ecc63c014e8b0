// A run is a pure function of its scenario and seeds: what must not matter does not, what must matter does, and every
// build agrees on the result.
#include <catch2/catch.hpp>

#include "tests/determinism/gossip_world.hpp"
#include "tests/unit/flood_world.hpp"

namespace hearsay::test {
namespace {

NamedWorld any_world() {
  return GENERATE(from_range(gossip_worlds()));
}

}  // namespace

TEST_CASE("the worlds of these tests are worth testing") {
  // Each world handles thousands of messages and drops none by accident; those with outages or lost datagrams drop
  // some.
  const NamedWorld world = any_world();
  const Outcome outcome = run(world.factory, {});
  CAPTURE(world.name);
  CHECK(outcome.counters.delivered > 10'000);
  CHECK((outcome.counters.dropped > 0) ==
        (std::string(world.name) == "trickle" || std::string(world.name) == "flood.links"));
}

TEST_CASE("the same seed twice gives the same run") {
  CHECK(check_same_seed(any_world().factory) == "");
}

TEST_CASE("another world seed gives another run, by draws or by ties") {
  CHECK(check_other_seed(trickle_world) == "");
  CHECK(check_other_seed(tie_world) == "");
}

TEST_CASE("probes listen and do not steer") {
  CHECK(check_probes(any_world().factory) == "");
}

TEST_CASE("one, two, three and seven ranks give the same run") {
  CHECK(check_ranks(any_world().factory) == "");
}

TEST_CASE("values and bytes on the wire give the same run") {
  CHECK(check_wire(any_world().factory) == "");
}

TEST_CASE("bytes on several ranks give the same run as values on one") {
  const NamedWorld world = any_world();
  Variant variant;
  variant.ranks = 3;
  variant.wire = Wire::bytes;
  variant.probing = Probing::all_ranks;
  variant.listing = 5;
  CHECK(difference("everything at once changed the run", run(world.factory, {}), run(world.factory, variant)) == "");
}

TEST_CASE("the order in which the nodes are listed does not matter") {
  CHECK(check_listing(any_world().factory) == "");
}

TEST_CASE("an idle extra node does not matter to the others") {
  CHECK(check_idle_nodes(any_world().factory) == "");
}

TEST_CASE("two simulations interleaved are two simulations alone") {
  CHECK(check_interleaved(any_world().factory) == "");
}

TEST_CASE("streams lose, double and turn nothing") {
  CHECK(check_streams(any_world().factory) == "");
}

TEST_CASE("a difference is found where it is") {
  Outcome one;
  one.node_digests[StableId{7}] = 1;
  Outcome other = one;
  CHECK(difference("x", one, other) == "");
  other.digest = 1;
  CHECK(difference("x", one, other) == "x (in the digest of the run alone)");
  other.node_digests[StableId{7}] = 2;
  CHECK(difference("x", one, other) == "x (at the node with id 0000000000000007)");
  other.slices[9] = 1;
  CHECK(difference("x", one, other) == "x (first in slice 9 of 256)");
}

TEST_CASE("every build gives the golden digests of the gossip worlds") {
  for (const NamedWorld& world : gossip_worlds())
    for (const std::uint64_t seed : {1u, 2u}) {
      Variant variant;
      variant.world_seed = seed;
      CHECK(check_golden(world.name + std::string(".") + std::to_string(seed), run(world.factory, variant).digest) ==
            "");
    }
}

TEST_CASE("every build gives the golden digest of a random network of 500 nodes") {
  std::vector<StableId> names;
  for (std::uint32_t i = 0; i < 500; ++i) names.push_back(stable_id(FloodWorld::name(i)));
  FloodWorldOptions options;
  options.simulation.horizon = seconds(20);
  options.uplink = {10'000'000};
  options.item_bytes = 2000;
  std::vector<flood::FloodSource> sources(500);
  for (std::uint32_t i = 0; i < 50; ++i)
    sources[10 * i] = {SimTime{} + seconds(2), milliseconds(700), 10, 1 + 10 * std::uint64_t{i}};
  FloodWorld world(random_outbound(Seeds(5), names, 8), std::make_unique<PerConnectionPath>(), sources, options);
  world.simulation().run_until(SimTime{} + options.simulation.horizon);
  CHECK(check_golden("flood.random_outbound.500", world.simulation().digest()) == "");
}

}  // namespace hearsay::test
