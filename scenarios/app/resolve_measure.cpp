#include "scenarios/app/resolve_measure.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/app/config/nearest.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Value;

constexpr std::array<std::string_view, 7> kMetrics = {"propagation", "node_propagation", "stale_rate", "traffic",
                                                      "busy_share",  "wasted_work",      "reorg_depth"};

// Names under which metrics stand in the results.
constexpr std::array<std::string_view, 11> kTaken = {"blocks",
                                                     "deepest_reorganisation",
                                                     "heights_with_fork",
                                                     "wasted_blocks",
                                                     "transactions",
                                                     "transactions_confirmed",
                                                     "transactions_refused",
                                                     "senders_without_coins",
                                                     "median_time_to_confirmation",
                                                     "reorg_depth_max",
                                                     "reorg_depth_mean"};

bool is_outcome(const Scenario& scenario, std::string_view name) {
  return std::any_of(scenario.outcomes.begin(), scenario.outcomes.end(),
                     [&](const OutcomeSpec& outcome) { return outcome.name == name; });
}

// The time from one instant to another.
void read_interval(const std::string& name, MapReader& map, const FaultTimes& times, Scenario& scenario) {
  IntervalMeasure interval;
  interval.name = name;
  if (std::find(kTaken.begin(), kTaken.end(), name) != kTaken.end())
    map.problems().add(map.mark(), fmt::format("`{}`: a metric has that name; choose another", map.path()));
  if (const auto from = map.require_text("from")) {
    interval.from = *from;
    interval.from_outcome = is_outcome(scenario, *from);
    if (!interval.from_outcome)
      interval.begins =
          read_instant(*from, map.path_of("from"), map.take("from")->mark(), times, ", or an outcome", map.problems())
              .value_or(Duration{});
    if (interval.begins >= scenario.horizon)
      map.problems().add(map.take("from")->mark(), fmt::format("`{}`: {} is the end of the run", map.path_of("from"),
                                                               config::format_duration(interval.begins)));
  }
  if (const auto to = map.require_text("to")) {
    interval.to = *to;
    std::vector<std::string_view> names;
    for (const OutcomeSpec& outcome : scenario.outcomes) names.push_back(outcome.name);
    if (!is_outcome(scenario, *to))
      map.problems().add(map.take("to")->mark(), fmt::format("`{}`: unknown outcome `{}`{}", map.path_of("to"), *to,
                                                             config::suggestion(*to, names)));
  }
  (void)map.take_choice("metric", {"reorg_depth"});
  (void)map.take_choice("by", {"target"});
  for (const std::string_view key : {"metric", "by"})
    if (map.has(key))
      map.problems().add(map.take(key)->mark(),
                         fmt::format("`{}` does nothing: with `from` and `to` it is an interval", map.path_of(key)));
  map.finish();
  scenario.measure.intervals.push_back(std::move(interval));
}

void read_reorg_depth(MapReader& map, Scenario& scenario) {
  (void)map.take_choice("metric", {"reorg_depth"});
  scenario.measure.reorg_depth = true;
  const bool by_target = map.take_choice("by", {"target"}).has_value();
  scenario.measure.by_target |= by_target;
  if (by_target && scenario.targets.empty())
    map.problems().add(map.take("by")->mark(),
                       fmt::format("`{}` does nothing: there are no `targets`", map.path_of("by")));
  map.finish();
}

void read_named(const Value::Entry& entry, MapReader& map, const FaultTimes& times, Scenario& scenario) {
  if (map.has("from") || map.has("to")) return read_interval(entry.key, map, times, scenario);
  if (map.has("metric") || entry.key == "reorg_depth") return read_reorg_depth(map, scenario);
  const std::vector<std::string_view> known(kMetrics.begin(), kMetrics.end());
  map.problems().add(entry.mark,
                     fmt::format("unknown metric `{}` in `measure`{} (known here: {}; or an interval, with `from` and "
                                 "`to`)",
                                 entry.key, config::suggestion(entry.key, known), config::joined(known)));
}

}  // namespace

void read_measure(MapReader& root, Mining mining, const FaultTimes& times, Scenario& scenario) {
  auto measure = root.take_map("measure");
  if (!measure) return;
  const auto need_blocks = [&](const MapReader& metric) {
    if (mining == Mining::none)
      root.problems().add(metric.mark(), fmt::format("`{}` does nothing: no group has the role miner", metric.path()));
  };
  const auto need_objects = [&](const MapReader& metric) {
    if (mining == Mining::none && !scenario.transactions.any())
      root.problems().add(metric.mark(), fmt::format("`{}` does nothing: no group has the role miner, and there are no "
                                                     "`workload.transactions`",
                                                     metric.path()));
  };
  if (auto propagation = measure->take_map("propagation")) {
    scenario.measure.propagation = true;
    scenario.measure.settle = propagation->take_duration(
        "settle", std::min(scenario.measure.settle, scenario.horizon / 10), {Duration{}, scenario.horizon});
    propagation->finish();
    need_objects(*propagation);
  }
  if (auto by_node = measure->take_map("node_propagation")) {
    scenario.measure.node_propagation = true;
    if (!scenario.measure.propagation)
      scenario.measure.settle = std::min(scenario.measure.settle, scenario.horizon / 10);
    by_node->finish();
    need_blocks(*by_node);
  }
  if (auto stale = measure->take_map("stale_rate")) {
    scenario.measure.stale_rate = true;
    stale->finish();
    need_blocks(*stale);
  }
  if (auto traffic = measure->take_map("traffic")) {
    scenario.measure.traffic = true;
    (void)traffic->require_choice("by", {"type"});
    traffic->finish();
  }
  if (auto busy = measure->take_map("busy_share")) {
    scenario.measure.busy_share = true;
    busy->finish();
    const auto validates = [](const GroupSpec& group) { return group.parameters.validation.model != "off"; };
    if (!scenario.groups.empty() && std::none_of(scenario.groups.begin(), scenario.groups.end(), validates))
      root.problems().add(busy->mark(), "`measure.busy_share` does nothing: `validation.model` is off in all groups");
  }
  if (auto wasted = measure->take_map("wasted_work")) {
    scenario.measure.wasted_work = true;
    wasted->finish();
    need_blocks(*wasted);
  }
  for (const Value::Entry* entry : measure->take_rest()) {
    MapReader map(entry->value, measure->path_of(entry->key), root.problems());
    const bool interval = map.has("from") || map.has("to");
    read_named(*entry, map, times, scenario);
    if (!interval && (map.has("metric") || entry->key == "reorg_depth")) need_blocks(map);
  }
  measure->finish();
}

}  // namespace hearsay::app
