#include "scenarios/app/resolve_outcomes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/resolve_targets.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Value;

void check_conditions(const OutcomeSpec& outcome, const MapReader& map, const config::Mark& mark,
                      const Scenario& scenario) {
  for (const Condition& condition : outcome.predicate.conditions)
    for (const std::string& target : condition.targets)
      check_target(target, map.path_of("when"), mark, scenario, map.problems());
}

OutcomeSpec read_outcome(const std::string& name, MapReader& map, const FaultTimes& times, const Scenario& scenario) {
  OutcomeSpec outcome;
  outcome.name = name;
  outcome.of = map.take_text("of", "");
  if (!outcome.of.empty())
    check_target(outcome.of, map.path_of("of"), map.take("of")->mark(), scenario, map.problems());
  if (const auto when = map.require_text("when")) {
    outcome.when = *when;
    const config::Mark& mark = map.take("when")->mark();
    outcome.predicate = parse_predicate(*when, map.path_of("when"), mark, map.problems());
    check_conditions(outcome, map, mark, scenario);
    const bool single = outcome.predicate.of_single_nodes();
    if (single && outcome.of.empty())
      map.problems().add(
          mark, fmt::format("`{}` speaks of single nodes: `of` must name a target or a group", map.path_of("when")));
    if (!single && !outcome.of.empty() && !outcome.predicate.conditions.empty())
      map.problems().add(map.take("of")->mark(),
                         fmt::format("`{}` does nothing: `when` speaks of no single nodes", map.path_of("of")));
  }
  outcome.lasts = map.take_duration("for", Duration{}, {Duration{}, scenario.horizon});
  outcome.after = map.take_text("after", "");
  if (!outcome.after.empty()) {
    const config::Mark& mark = map.take("after")->mark();
    outcome.watched_from =
        read_instant(outcome.after, map.path_of("after"), mark, times, "", map.problems()).value_or(Duration{});
    if (outcome.watched_from >= scenario.horizon)
      map.problems().add(mark, fmt::format("`{}`: {} is the end of the run, so nobody would look", map.path_of("after"),
                                           config::format_duration(outcome.watched_from)));
  }
  map.finish();
  return outcome;
}

}  // namespace

FaultTimes fault_times(const Scenario& scenario) {
  FaultTimes times;
  for (const auto& fault : scenario.faults) {
    const auto periods = faults::periods_of(fault->timing(), SimTime{}, SimTime{} + scenario.horizon);
    if (!periods.empty()) times[fault->name()] = {periods.front().begin - SimTime{}, periods.back().end - SimTime{}};
  }
  return times;
}

std::optional<Duration> read_instant(const std::string& text, std::string_view path, const config::Mark& mark,
                                     const FaultTimes& times, std::string_view also, config::Problems& problems) {
  if (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    const auto time = config::parse_duration(text);
    if (!time.value) problems.add(mark, fmt::format("`{}`: {}", path, time.problem));
    return time.value;
  }
  const std::size_t dot = text.find('.');
  const std::string fault = text.substr(0, dot);
  const std::string edge = dot == std::string::npos ? "" : text.substr(dot + 1);
  const auto found = times.find(fault);
  if (found == times.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, when] : times) names.push_back(name);
    problems.add(mark, fmt::format("`{}`: unknown fault `{}`{} expected a time, `FAULT.begin` or `FAULT.end`{}", path,
                                   fault, config::suggestion(fault, names) + ";", also));
    return std::nullopt;
  }
  if (edge == "begin") return found->second.first;
  if (edge == "end") return found->second.second;
  problems.add(mark, fmt::format("`{}`: expected `{}.begin` or `{}.end`, found `{}`", path, fault, fault, text));
  return std::nullopt;
}

void read_outcomes(MapReader& root, const FaultTimes& times, Scenario& scenario) {
  if (auto outcomes = root.take_map("outcomes")) {
    for (const Value::Entry* entry : outcomes->take_rest()) {
      MapReader map(entry->value, outcomes->path_of(entry->key), root.problems());
      scenario.outcomes.push_back(read_outcome(entry->key, map, times, scenario));
    }
  }
  if (auto sample = root.take_map("sample")) {
    scenario.sample_every = sample->take_duration("every", scenario.sample_every, {milliseconds(1), scenario.horizon});
    sample->finish();
    if (scenario.outcomes.empty())
      root.problems().add(sample->mark(), "`sample` does nothing: there are no `outcomes`");
  }
  if (const auto stop = root.take_text("stop_when")) {
    scenario.stop_when = *stop;
    std::vector<std::string_view> names;
    for (const OutcomeSpec& outcome : scenario.outcomes) names.push_back(outcome.name);
    if (std::find(names.begin(), names.end(), *stop) == names.end())
      root.problems().add(root.take("stop_when")->mark(),
                          fmt::format("`stop_when`: unknown outcome `{}`{}", *stop, config::suggestion(*stop, names)));
  }
}

}  // namespace hearsay::app
