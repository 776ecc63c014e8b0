// Keys of the replications: topologies by published laws, regions member by member, SimBlock's hash power.
#include <catch2/catch.hpp>

#include "tests/unit/resolve_fixtures.hpp"

namespace hearsay::app {
namespace {

void check_round_trip(const Scenario& scenario) {
  const Scenario again = resolve_again(scenario);
  CHECK(again.topology.model == scenario.topology.model);
  CHECK(again.topology.out_degree == scenario.topology.out_degree);
  CHECK(again.topology.bounded_degree == scenario.topology.bounded_degree);
  CHECK(again.measure.node_propagation == scenario.measure.node_propagation);
  REQUIRE(again.groups.size() == scenario.groups.size());
  for (std::size_t i = 0; i < again.groups.size(); ++i) {
    CHECK(again.groups[i].place.regions == scenario.groups[i].place.regions);
    CHECK(again.groups[i].hash_shares == scenario.groups[i].hash_shares);
  }
}

}  // namespace

TEST_CASE("topologies by published laws, regions member by member, SimBlock's hash power") {
  const Lines regions = {
      "groups.pools.region=[japan, japan, europe, europe, japan, japan, europe, europe, japan, japan, europe, europe, "
      "japan, japan, europe, australia]"};
  const Scenario listed = resolve_text(kRegionBase, regions);
  CHECK(listed.groups[1].place.regions.size() == 16);
  CHECK(listed.groups[1].place.regions[15] == internet::find_region(*listed.world.regions, "australia"));
  check_round_trip(listed);
  const Scenario by_law =
      resolve_text(kRegionBase, {"topology.outbound=off", "topology.model=out_degree", "topology.law=simblock-litecoin",
                                 "groups.pools.hash=simblock", "measure.node_propagation={}"});
  CHECK(by_law.topology.out_degree == internet::find_out_degree_law("simblock-litecoin"));
  CHECK(by_law.groups[1].hash_shares[0] < by_law.groups[1].hash_shares[15]);
  CHECK(by_law.measure.node_propagation);
  check_round_trip(by_law);
  check_round_trip(resolve_text(
      kRegionBase, {"topology.outbound=off", "topology.model=bounded_degree", "topology.law=gervais-2016"}));

  CHECK(ScenarioText(kRegionBase)
            .messages({"topology.outbound=off", "topology.model=bounded_degree", "topology.law=gervais-2015"}) ==
        Lines{"unknown law `gervais-2015`; did you mean `gervais-2016`? valid: gervais-2016"});
  CHECK(
      ScenarioText(kRegionBase)
          .messages({"topology.outbound=off", "topology.model=out_degree", "topology.law=simblock-dogecoin",
                     "groups.full.reachable=off"}) ==
      Lines{"`groups.full.reachable` is off: under this `topology.model` anybody may be dialled; use random_outbound"});
  CHECK(ScenarioText(kRegionBase).messages({"groups.pools.region=[japan, europe]"}) ==
        Lines{"`groups.pools.region`: a list has one region for each of the 16 members, found 2"});
  CHECK(
      ScenarioText(kRegionBase).messages({"groups.full.count=1", "topology.outbound=5", "groups.full.region=[japn]"}) ==
      Lines{"unknown region `japn`; did you mean `japan`? valid: north_america, europe, south_america, asia_pacific, "
            "japan, australia"});
}

}  // namespace hearsay::app
