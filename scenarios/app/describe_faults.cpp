#include "scenarios/app/describe_faults.hpp"

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/quantity.hpp"
#include "scenarios/app/resolve.hpp"
#include "scenarios/app/resolve_branches.hpp"

namespace hearsay::app {

namespace {

using config::Mark;
using config::put;
using config::put_text;
using config::Value;

void put_texts(Value& map, std::string key, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  Value list = Value::list(Mark{});
  for (const std::string& text : texts) list.add(config::text_value(text));
  put(map, std::move(key), std::move(list));
}

std::vector<std::string> region_names(const std::vector<std::uint16_t>& regions, const Scenario& scenario) {
  std::vector<std::string> names;
  for (const std::uint16_t region : regions) names.emplace_back(scenario.world.regions->regions[region]);
  return names;
}

Value describe_target(const TargetSpec& target, const Scenario& scenario) {
  Value map = Value::map(Mark{});
  if (!target.complement_of.empty()) put_text(map, "not", target.complement_of);
  if (target.pools) {
    Value pools = Value::map(Mark{});
    put_text(pools, "hash", config::format_share(target.pools->hash));
    put_texts(pools, "groups", target.pools->groups);
    put_texts(pools, "regions", region_names(target.pools->regions, scenario));
    put(map, "pools", std::move(pools));
  }
  if (target.nodes) {
    Value nodes = Value::map(Mark{});
    put_texts(nodes, "groups", target.nodes->groups);
    put_texts(nodes, "regions", region_names(target.nodes->regions, scenario));
    put_texts(nodes, "ids", target.nodes->ids);
    if (target.nodes->share) put_text(nodes, "share", config::format_share(*target.nodes->share));
    if (target.nodes->count) put_text(nodes, "count", std::to_string(*target.nodes->count));
    if (target.nodes->rank != RankBy::nothing)
      put_text(nodes, "rank", target.nodes->rank == RankBy::degree ? "degree" : "betweenness");
    put(map, "nodes", std::move(nodes));
  }
  return map;
}

Value describe_outcome(const OutcomeSpec& outcome) {
  Value map = Value::map(Mark{});
  if (!outcome.of.empty()) put_text(map, "of", outcome.of);
  put_text(map, "when", outcome.when);
  if (outcome.lasts > Duration{}) put_text(map, "for", config::format_duration(outcome.lasts));
  if (!outcome.after.empty()) put_text(map, "after", outcome.after);
  return map;
}

// What a variant changes, by path. `off` deletes.
Value describe_variant(const Value& main, const Value& variant) {
  Value map = Value::map(Mark{});
  const auto find = [](const Value& root, const std::string& path) {
    const Value* value = &root;
    for (std::size_t from = 0; value != nullptr && from <= path.size();) {
      const std::size_t dot = std::min(path.find('.', from), path.size());
      value = value->find(path.substr(from, dot - from));
      from = dot + 1;
    }
    return value;
  };
  for (const std::string& path : differences(main, variant)) {
    const Value* value = find(variant, path);
    put(map, path, value == nullptr ? Value::scalar("off", Mark{}) : *value);
  }
  return map;
}

Value describe_measure(const MeasureSpec& measure) {
  Value map = Value::map(Mark{});
  if (measure.propagation) {
    Value propagation = Value::map(Mark{});
    put_text(propagation, "settle", config::format_duration(measure.settle));
    put(map, "propagation", std::move(propagation));
  }
  if (measure.node_propagation) put(map, "node_propagation", Value::map(Mark{}));
  if (measure.stale_rate) put(map, "stale_rate", Value::map(Mark{}));
  if (measure.traffic) {
    Value traffic = Value::map(Mark{});
    put_text(traffic, "by", "type");
    put(map, "traffic", std::move(traffic));
  }
  if (measure.busy_share) put(map, "busy_share", Value::map(Mark{}));
  if (measure.wasted_work) put(map, "wasted_work", Value::map(Mark{}));
  if (measure.reorg_depth) {
    Value depth = Value::map(Mark{});
    if (measure.by_target) put_text(depth, "by", "target");
    put(map, "reorg_depth", std::move(depth));
  }
  for (const IntervalMeasure& interval : measure.intervals) {
    Value described = Value::map(Mark{});
    put_text(described, "from", interval.from);
    put_text(described, "to", interval.to);
    put(map, interval.name, std::move(described));
  }
  return map;
}

}  // namespace

void describe_what_happens(Value& root, const Scenario& scenario) {
  const auto section = [&](const std::string& key, const auto& entries, const auto& name, const auto& describe) {
    if (entries.empty()) return;
    Value map = Value::map(Mark{});
    for (const auto& entry : entries) put(map, name(entry), describe(entry));
    put(root, key, std::move(map));
  };
  const auto own_name = [](const auto& spec) { return spec.name; };
  section("targets", scenario.targets, own_name,
          [&](const TargetSpec& target) { return describe_target(target, scenario); });
  section(
      "faults", scenario.faults, [](const auto& fault) { return fault->name(); },
      [](const auto& fault) { return fault->describe(); });
  section("outcomes", scenario.outcomes, own_name, describe_outcome);
  if (!scenario.outcomes.empty()) {
    Value sample = Value::map(Mark{});
    put_text(sample, "every", config::format_duration(scenario.sample_every));
    put(root, "sample", std::move(sample));
  }
  put(root, "measure", describe_measure(scenario.measure));
  if (scenario.branches.empty()) return;
  Scenario unbranched = scenario;
  unbranched.branches.clear();
  const Value main = describe_scenario(unbranched, SeedsIn::left_out);
  Value branches = Value::map(Mark{});
  put_text(branches, "at", config::format_duration(scenario.branch_at));
  Value variants = Value::map(Mark{});
  for (const BranchSpec& branch : scenario.branches)
    put(variants, branch.name, describe_variant(main, describe_scenario(*branch.scenario, SeedsIn::left_out)));
  put(branches, "variants", std::move(variants));
  put(root, "branches", std::move(branches));
}

}  // namespace hearsay::app
