// The swarm draws all sorts of scenarios, repeats what it draws, mends what is refused, and sees what is wrong.
#include <catch2/catch.hpp>
#include <set>

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/load.hpp"
#include "scenarios/app/experiment_plan.hpp"
#include "scenarios/app/simulate.hpp"
#include "scenarios/app/swarm/draw.hpp"
#include "scenarios/app/swarm/draw_value.hpp"
#include "scenarios/app/swarm/result_laws.hpp"
#include "scenarios/app/swarm/swarm_seed.hpp"
#include "tests/unit/resolve_fixtures.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace hearsay::app {
namespace {

using test::TemporaryFolder;

config::Value tree_of(const std::string& text) {
  config::Problems problems;
  config::Value tree = config::load_yaml_text(text, "t.yaml", problems);
  problems.throw_if_any();
  return tree;
}

std::string mended(const std::string& text, std::size_t refusals) {
  const TemporaryFolder folder;
  const MendedScenario result = mend_scenario(tree_of(text), folder.path("s.yaml"));
  CHECK(result.refusals.size() == refusals);
  return config::to_yaml(result.tree);
}

const std::string kTwo =
    "question: q?\n"
    "horizon: 20 min\n"
    "groups: {pools: {count: 6, role: miner, hash: equal}}\n"
    "topology: {model: random_outbound, outbound: 2}\n"
    "workload: {blocks: {interval: 30 s, size: 20 kB}}\n"
    "outcomes: {apart: {when: tips >= 2}}\n"
    "measure: {propagation: {}, stale_rate: {}, traffic: {by: type}}\n";

struct Run {
  Scenario scenario;
  RunResult result;
};

const Run& run() {
  static const Run made = [] {
    const ScenarioText text(kTwo);
    Run first{text.resolved(), {}};
    first.result = simulate(first.scenario, plan_runs(first.scenario).front(), {}, nullptr);
    return first;
  }();
  return made;
}

// What is said about the result after `change`.
template <class Change>
std::string broken_after(Change change) {
  RunResult result = run().result;
  change(result);
  return broken_law(run().scenario, result);
}

template <class Change>
std::string difference_after(Change change) {
  RunResult result = run().result;
  change(result);
  return difference(run().result, result);
}

}  // namespace

TEST_CASE("a seed draws the same scenario again, another seed another one") {
  std::set<std::string> drawn;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const std::string yaml = config::to_yaml(draw_scenario(seed));
    CHECK(config::to_yaml(draw_scenario(seed)) == yaml);
    drawn.insert(yaml);
  }
  CHECK(drawn.size() == 40);
}

TEST_CASE("drawn numbers keep to their range, reach its ends, and go by powers of ten") {
  LanguageKey key{"k", KeyKind::count};
  key.least = 1;
  key.most = 1'000'000;
  RandomStream random(Seeds(1), SeedDomain::world, Purpose("test"), StableId{0});
  std::array<int, 7> by_digits{};
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t value = std::stoll(draw_number(key, std::nullopt, random));
    REQUIRE(value >= 1);
    REQUIRE(value <= 1'000'000);
    ++by_digits[std::to_string(value).size() - 1];
  }
  // A twentieth each at the ends; nine tenths over six decades: 1,500 +/- 36 (one standard deviation) in each.
  for (const int decade : {1, 2, 3, 4}) CHECK(by_digits[static_cast<std::size_t>(decade)] == Approx(1500).margin(180));
  CHECK(by_digits[6] == Approx(500).margin(110));
}

TEST_CASE("what a message points at is taken out, and nothing else") {
  // A key that is not known; one that does nothing; a fault that lacks its target.
  const std::string text =
      mended(kTwo +
                 "sample: {every: 2 s}\nwarm: 3\n"
                 "faults: {cut: {type: slow_node, at: 1 min}, again: {type: restart, of: pools, at: 1 min}}\n",
             2);
  CHECK(text.find("warm:") == std::string::npos);
  CHECK(text.find("cut:") == std::string::npos);
  CHECK(text.find("again:") != std::string::npos);
  CHECK(text.find("every: 2 s") != std::string::npos);
  CHECK(text.find("outbound: 2") != std::string::npos);
}

TEST_CASE("what must be there is replaced by the least that can stand there") {
  const std::string text = mended(
      "question: q?\nhorizon: 1 h\ngroups: {a: {count: 5, role: full}}\ntopology: {model: edges, edges: []}\n", 1);
  CHECK(text.find("random_outbound") != std::string::npos);
}

TEST_CASE("what cannot be mended is a failure that gives the message") {
  const TemporaryFolder folder;
  const config::Value tree = tree_of(
      "question: q?\nhorizon: 400 d\ngroups: {a: {count: 2, role: full}}\ntopology: {model: random_outbound, outbound: "
      "1}\n");
  CHECK_THROWS_WITH(mend_scenario(tree, folder.path("s.yaml")),
                    Catch::Contains("s.yaml:2:10") && Catch::Contains("366 d"));
}

TEST_CASE("scenarios of a few seeds keep all laws") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    const TemporaryFolder folder;
    const SwarmScenario drawn = make_swarm_scenario(seed, folder.path(""));
    const SwarmReport report = check_swarm_scenario(drawn, folder.path(""));
    CHECK(report.runs >= 5);
    CHECK(report.keys.size() > 10);
  }
}

TEST_CASE("a result that breaks a law is seen") {
  REQUIRE(run().result.blocks.size() > 10);
  REQUIRE(run().result.propagation.size() > 10);
  CHECK(broken_law(run().scenario, run().result).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.nodes = 7; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.node_digests.pop_back(); }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.messages_dropped = r.messages_sent; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { --r.horizon_ns; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { ++r.traffic.back().messages; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.traffic.back().payload_bytes = -1; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { ++r.blocks[3].height; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.blocks[3].block = r.blocks[2].block; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.blocks[3].born_ns = 0; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.blocks[3].size_bytes = 0; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) {
                for (BlockRow& block : r.blocks) block.on_main_chain = block.height % 2 == 0;
              }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.propagation[0].reached = 7; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.propagation[0].delay_ns[50].reset(); }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.propagation[0].delay_ns[100] = 0; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.propagation[0].delay_ns[100] = hours(1).ns; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.metrics[0].value = -1; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.metrics.push_back({"m", 101.0, "%"}); }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.outcomes[0].first_ns = r.horizon_ns + 1; }).empty());
  CHECK_FALSE(broken_after([](RunResult& r) { r.outcomes[0].true_for_ns = r.horizon_ns + 1; }).empty());
}

TEST_CASE("two results that differ are told where") {
  CHECK(difference_after([](RunResult&) {}).empty());
  CHECK(difference_after([](RunResult& r) { r.wall_clock.run_s += 1; }).empty());
  CHECK(difference_after([](RunResult& r) { ++r.digest, ++r.node_digests[4].digest; }).find("pools[4]") !=
        std::string::npos);
  CHECK(difference_after([](RunResult& r) { ++r.events; }).find("events") != std::string::npos);
  CHECK(difference_after([](RunResult& r) { ++r.blocks[5].born_ns; }) == "row 5 of blocks");
  CHECK(difference_after([](RunResult& r) { r.blocks.pop_back(); }).find("rows of blocks") != std::string::npos);
  CHECK(difference_after([](RunResult& r) { r.propagation[2].delay_ns[40] = 1; }) == "row 2 of propagation");
  CHECK(difference_after([](RunResult& r) { ++r.traffic[1].tcp_ip_bytes; }) == "row 1 of traffic");
  CHECK(difference_after([](RunResult& r) { r.metrics[0].value += 1; }) == "row 0 of metrics");
  CHECK(difference_after([](RunResult& r) { r.outcomes[0].true_at_end = !r.outcomes[0].true_at_end; }) ==
        "row 0 of outcomes");
}

}  // namespace hearsay::app
