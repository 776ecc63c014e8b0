// Keys of the replications: topologies by published laws, regions member by member, SimBlock's hash power.
#include <catch2/catch.hpp>

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/resolve.hpp"
#include "tests/unit/config_fixtures.hpp"

namespace hearsay::app {
namespace {

using Lines = std::vector<std::string>;

const std::string kBase =
    "question: q?\n"
    "horizon: 1 h\n"
    "world:\n"
    "  regions: simblock-2019\n"
    "  latency: {model: region_matrix}\n"
    "  bandwidth: {model: region}\n"
    "groups:\n"
    "  full: {count: 20, role: full}\n"
    "  pools: {count: 16, role: miner, hash: gervais-2016}\n"
    "topology: {model: random_outbound, outbound: 8}\n"
    "workload: {blocks: {interval: 10 min, size: 100 kB}}\n"
    "measure: {propagation: {}, stale_rate: {}, traffic: {by: type}}\n"
    "seeds: {world: 1..5}\n";

Scenario resolved(const std::string& text, const Lines& sets = {}) {
  const config::TemporaryFolder folder;
  return resolve_scenario(folder.write("s.yaml", text), sets, {});
}

Lines messages(const Lines& sets) {
  Lines list;
  try {
    (void)resolved(kBase, sets);
  } catch (const config::ConfigError& error) {
    for (const config::Problem& problem : error.problems()) list.push_back(problem.message);
  }
  return list;
}

void check_round_trip(const Scenario& scenario) {
  const Scenario again = resolved(config::to_yaml(describe_scenario(scenario, SeedsIn::included)));
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
  const Scenario listed = resolved(kBase, regions);
  CHECK(listed.groups[1].place.regions.size() == 16);
  CHECK(listed.groups[1].place.regions[15] == internet::find_region(*listed.world.regions, "australia"));
  check_round_trip(listed);
  const Scenario by_law =
      resolved(kBase, {"topology.outbound=off", "topology.model=out_degree", "topology.law=simblock-litecoin",
                       "groups.pools.hash=simblock", "measure.node_propagation={}"});
  CHECK(by_law.topology.out_degree == internet::find_out_degree_law("simblock-litecoin"));
  CHECK(by_law.groups[1].hash_shares[0] < by_law.groups[1].hash_shares[15]);
  CHECK(by_law.measure.node_propagation);
  check_round_trip(by_law);
  check_round_trip(
      resolved(kBase, {"topology.outbound=off", "topology.model=bounded_degree", "topology.law=gervais-2016"}));

  CHECK(messages({"topology.outbound=off", "topology.model=bounded_degree", "topology.law=gervais-2015"}) ==
        Lines{"unknown law `gervais-2015`; did you mean `gervais-2016`? valid: gervais-2016"});
  CHECK(
      messages({"topology.outbound=off", "topology.model=out_degree", "topology.law=simblock-dogecoin",
                "groups.full.reachable=off"}) ==
      Lines{"`groups.full.reachable` is off: under this `topology.model` anybody may be dialled; use random_outbound"});
  CHECK(messages({"groups.pools.region=[japan, europe]"}) ==
        Lines{"`groups.pools.region`: a list has one region for each of the 16 members, found 2"});
  CHECK(messages({"groups.full.count=1", "topology.outbound=5", "groups.full.region=[japn]"}) ==
        Lines{"unknown region `japn`; did you mean `japan`? valid: north_america, europe, south_america, asia_pacific, "
              "japan, australia"});
}

}  // namespace hearsay::app
