#include "scenarios/app/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "scenarios/app/config/load.hpp"
#include "scenarios/app/config/quantity.hpp"
#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/resolve.hpp"
#include "scenarios/app/simulate.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Value;

constexpr std::int64_t kMostRuns = 1'000;

// `10 %`: of the published value; `0.45`: in its unit.
Band read_band(MapReader& map) {
  Band band;
  const auto text = map.require_text("band");
  if (!text) return band;
  const Value* value = map.take("band");
  if (const auto share = config::parse_share(*text); share.value) {
    band.width = share.value->fraction;
  } else if (const auto number = config::parse_number(*text); number.value && *number.value > 0.0) {
    band = {*number.value, false};
  } else {
    map.problems().add(value->mark(), fmt::format("`{}`: expected a percentage of the published value, such as `10 %`, "
                                                  "or a distance from it, such as `0.5`, found {}",
                                                  map.path_of("band"), value->shown()));
  }
  return band;
}

Expectation read_expectation(const std::string& name, MapReader& map) {
  Expectation expectation;
  expectation.name = name;
  const auto kind = map.require_choice("statistic", {kStatisticKinds.begin(), kStatisticKinds.end()});
  if (kind)
    expectation.statistic.kind = static_cast<StatisticKind>(
        std::find(kStatisticKinds.begin(), kStatisticKinds.end(), *kind) - kStatisticKinds.begin());
  if (kind && expectation.statistic.kind != StatisticKind::announcements)
    expectation.statistic.of = map.require_text("of").value_or("");
  const bool by_percent = expectation.statistic.kind == StatisticKind::block_delay ||
                          expectation.statistic.kind == StatisticKind::transaction_delay;
  if (kind && by_percent) expectation.statistic.percent = map.require_count("percent", {0, 100}).value_or(0);
  expectation.published = map.require_number("published").value_or(0.0);
  expectation.band = read_band(map);
  map.finish();
  return expectation;
}

ValidationCase read_case(const std::string& name, MapReader& map) {
  ValidationCase described;
  described.name = name;
  described.validation_class =
      map.require_choice("class", {kValidationClasses.begin(), kValidationClasses.end()}).value_or("");
  described.scenario = map.require_text("scenario").value_or("");
  if (map.has("set")) described.sets = map.take_texts("set");
  if (const auto seeds = map.take_range("seeds")) {
    described.seeds = config::format_range(*seeds);
    if (seeds->last - seeds->first >= kMostRuns)
      map.problems().add(map.take("seeds")->mark(),
                         fmt::format("`{}`: at most {} runs", map.path_of("seeds"), kMostRuns));
  }
  described.source = map.require_text("source").value_or("");
  described.status = map.require_choice("status", {"V", "S", "C", "M"}).value_or("");
  described.remark = map.take_text("remark", "");
  described.by_name = map.take_on_off("by_name", false);
  if (auto expected = map.require_map("expected"))
    for (const Value::Entry* entry : expected->take_rest()) {
      MapReader one(entry->value, expected->path_of(entry->key), map.problems());
      described.expected.push_back(read_expectation(entry->key, one));
    }
  map.finish();
  return described;
}

}  // namespace

double Band::distance(double published) const {
  return relative ? width * std::abs(published) : width;
}

bool Finding::within() const {
  return std::abs(value - expectation.published) <= expectation.band.distance(expectation.published);
}

std::vector<ValidationCase> load_validation_cases(const std::string& path) {
  config::Problems problems;
  const Value root = config::load_yaml_file(path, problems);
  MapReader list(root, "", problems);
  std::vector<ValidationCase> cases;
  for (const Value::Entry* entry : list.take_rest()) {
    MapReader map(entry->value, entry->key, problems);
    cases.push_back(read_case(entry->key, map));
  }
  problems.throw_if_any();
  return cases;
}

std::vector<ValidationCase> select_cases(const std::vector<ValidationCase>& cases, const std::string& name) {
  std::vector<ValidationCase> selected;
  const bool everything = name == "all";
  for (const ValidationCase& one : cases) {
    const bool of_class = name.empty() || one.validation_class == name;
    if (everything || one.name == name || (of_class && !one.by_name)) selected.push_back(one);
  }
  std::stable_sort(selected.begin(), selected.end(), [](const ValidationCase& a, const ValidationCase& b) {
    const auto rank = [](const ValidationCase& one) {
      return std::find(kValidationClasses.begin(), kValidationClasses.end(), one.validation_class);
    };
    return rank(a) < rank(b);
  });
  return selected;
}

std::vector<std::string> names_to_select(const std::vector<ValidationCase>& cases) {
  std::vector<std::string> names = {"all"};
  names.insert(names.end(), kValidationClasses.begin(), kValidationClasses.end());
  for (const ValidationCase& one : cases) names.push_back(one.name);
  return names;
}

CaseOutcome run_case(const ValidationCase& described, const std::string& folder, const CaseProgress& progress) {
  class Listener final : public SimulationListener {
   public:
    Listener(const CaseProgress& progress, Duration horizon) : progress_(progress), horizon_(horizon) {}
    void on_progress(SimTime now, std::int64_t events) override { progress_(now, horizon_, events); }

   private:
    const CaseProgress& progress_;
    Duration horizon_;
  };
  const auto start = std::chrono::steady_clock::now();
  const std::vector<std::string> seeds = {described.seeds.empty() ? "1" : described.seeds};
  const Scenario scenario = resolve_scenario(folder + "/" + described.scenario, described.sets, seeds);
  CaseOutcome outcome;
  outcome.described = described;
  for (const Expectation& expectation : described.expected) outcome.findings.push_back({expectation, 0.0, ""});
  const auto [first, last] = scenario.seeds.at(SeedDomain::world);
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    RunKey key;
    key.run = static_cast<std::int64_t>(seed - first) + 1;
    key.world_seed = seed;
    Listener listener(progress, scenario.horizon);
    const RunResult result = simulate(scenario, key, {}, &listener);
    outcome.events += result.events;
    for (Finding& finding : outcome.findings) {
      const StatisticValue value = value_of(finding.expectation.statistic, result);
      finding.value += value.value / static_cast<double>(last - first + 1);
      finding.unit = value.unit;
    }
  }
  outcome.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

}  // namespace hearsay::app
