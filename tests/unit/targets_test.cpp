// Which nodes a target is: shares, ranks, complements, and draws that depend on nothing else.
#include "scenarios/app/targets.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "scenarios/app/simulate.hpp"
#include "tests/unit/resolve_fixtures.hpp"

namespace hearsay::app {
namespace {

std::set<std::string> names(const Lines& sets, const std::string& target, std::uint64_t seed = 1) {
  const ScenarioText text(kRegionBase);
  const Scenario scenario = text.resolved(sets);
  const Network network(scenario, Seeds(seed), {});
  std::set<std::string> found;
  for (const NodeId node : network.targets().members(target)) found.insert(network.simulation().world().name(node));
  return found;
}

double hash(const Lines& sets, const std::string& target, std::uint64_t seed) {
  const ScenarioText text(kRegionBase);
  const Scenario scenario = text.resolved(sets);
  return Network(scenario, Seeds(seed), {}).targets().hash_share(target);
}

}  // namespace

TEST_CASE("groups and everybody are targets without being named") {
  CHECK(names({}, "full").size() == 20);
  CHECK(names({}, "all").size() == 36);
  CHECK(names({}, "all") == names({}, "online_honest"));
  CHECK(hash({}, "pools", 1) == Approx(1.0));
}

TEST_CASE("pools come near to a share of the hash power, and are others for other seeds") {
  // Of the 16 published pools the smallest have 0.2 % each: some subset lies within 0.1 points of any share.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const double share = hash({"targets.east={pools: {hash: 30 %}}"}, "east", seed);
    CHECK(std::abs(share - 0.3) < 0.005);
  }
  const Lines third = {"targets.east={pools: {hash: 30 %}}"};
  CHECK(names(third, "east", 1) != names(third, "east", 2));
  CHECK(hash({"targets={east: {pools: {hash: 30 %}}, rest: {not: east}}"}, "rest", 3) ==
        Approx(1.0 - hash({"targets.east={pools: {hash: 30 %}}"}, "east", 3)));
}

TEST_CASE("no share is so small that nobody is taken, and a pool counts once, however it is named") {
  CHECK(names({"targets.x={pools: {hash: 0.05 %}}"}, "x").size() == 1);
  CHECK(names({"groups.pools={count: 10, role: miner, hash: equal}", "targets.x={pools: {hash: 17 %}}"}, "x").size() ==
        2);
  const Lines twice = {R"(targets={x: {pools: {}, nodes: {ids: ["pools[0]"]}}, y: {nodes: {ids: ["pools[0]"]}}})"};
  CHECK(names(twice, "x").size() == 16);
  CHECK(hash(twice, "y", 1) == Approx(0.289 / 1.001).epsilon(0.01));  // the table's largest, of a sum of 1.001
}

TEST_CASE("a pool brings its gateways") {
  const auto found = names({"groups.pools.gateways=3", "targets.east={pools: {}}"}, "east");
  CHECK(found.size() == 48);
  CHECK(found.contains("pools[4].gateways[2]"));
}

TEST_CASE("shares are of all nodes that do not mine, counts are counts, a complement is the rest") {
  CHECK(names({"targets.x={nodes: {share: 25 %}}"}, "x").size() == 5);
  CHECK(names({"targets.x={nodes: {count: 7}}"}, "x").size() == 7);
  const Lines both = {"targets={x: {nodes: {count: 7}}, y: {not: x}}"};
  const auto x = names(both, "x");
  const auto y = names(both, "y");
  CHECK(y.size() == 29);
  for (const std::string& name : x) CHECK_FALSE(y.contains(name));
  CHECK(names({R"(targets.x={nodes: {ids: ["full[3]", "full[0]"]}})"}, "x") ==
        std::set<std::string>{"full[0]", "full[3]"});
}

TEST_CASE("regions are those of the nodes") {
  const ScenarioText text(kRegionBase);
  const Scenario scenario = text.resolved({"groups.full.count=200", "targets.x={nodes: {regions: [europe]}}"});
  const Network network(scenario, Seeds(1), {});
  CHECK(network.targets().members("x").size() > 20);
  for (const NodeId node : network.targets().members("x")) CHECK(network.region(node) == "europe");
}

TEST_CASE("a draw depends on seed and name, not on other targets") {
  const Lines alone = {"targets={x: {nodes: {count: 7}}}"};
  CHECK(names(alone, "x") == names({"targets={a: {nodes: {count: 3}}, x: {nodes: {count: 7}}}"}, "x"));
  CHECK(names(alone, "x", 1) != names(alone, "x", 2));
}

}  // namespace hearsay::app
