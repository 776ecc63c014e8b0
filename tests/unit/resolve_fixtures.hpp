// Helpers of the tests of scenarios: a text resolved, described and resolved again, and what is told of its mistakes.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/resolve.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace hearsay::app {

using Lines = std::vector<std::string>;

// A small world with regions, miners by a published table, and every measure of blocks.
inline const std::string kRegionBase =
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

inline std::string described(const Scenario& scenario, SeedsIn seeds = SeedsIn::included) {
  return config::to_yaml(describe_scenario(scenario, seeds));
}

// A scenario `s.yaml` in a folder of its own, beside whatever files it names.
class ScenarioText {
 public:
  explicit ScenarioText(std::string text) : text_(std::move(text)) {}

  void write(const std::string& name, const std::string& content) const { folder_.write(name, content); }
  Scenario resolved(const Lines& sets = {}, const Lines& seeds = {}) const {
    return resolve_scenario(folder_.write("s.yaml", text_), sets, seeds);
  }
  // What its description resolves to, which is described alike.
  Scenario again(const Scenario& scenario) const {
    const std::string text = described(scenario);
    const Scenario twice = resolve_scenario(folder_.write("again.yaml", text), {}, {});
    CHECK(described(twice) == text);
    return twice;
  }
  // One line a problem, without the folder.
  Lines mistakes(const Lines& sets, const Lines& seeds = {}) const {
    return told(sets, seeds, [](const config::Problem& problem) { return problem.line(); });
  }
  // Without their places.
  Lines messages(const Lines& sets) const {
    return told(sets, {}, [](const config::Problem& problem) { return problem.message; });
  }

 private:
  template <class Words>
  Lines told(const Lines& sets, const Lines& seeds, Words words) const {
    Lines lines;
    try {
      (void)resolved(sets, seeds);
    } catch (const config::ConfigError& error) {
      for (const config::Problem& problem : error.problems()) lines.push_back(folder_.cut_from(words(problem)));
    }
    return lines;
  }

  test::TemporaryFolder folder_;
  std::string text_;
};

inline Scenario resolve_text(const std::string& text, const Lines& sets = {}, const Lines& seeds = {}) {
  return ScenarioText(text).resolved(sets, seeds);
}
inline Scenario resolve_again(const Scenario& scenario) {
  return ScenarioText("").again(scenario);
}

}  // namespace hearsay::app
