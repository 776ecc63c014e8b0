#include "scenarios/app/resolve_targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scenarios/app/config/nearest.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Value;

std::vector<std::string> read_groups_of(MapReader& map, const Scenario& scenario, Role role) {
  std::vector<std::string> names = map.take_texts("groups");
  if (!map.has("groups")) return names;
  const Value* list = map.take("groups");
  if (list->is_list() && list->items().empty())
    map.problems().add(list->mark(), fmt::format("`{}` is empty: it would select nothing", map.path_of("groups")));
  for (const std::string& name : names) {
    const auto group = std::find_if(scenario.groups.begin(), scenario.groups.end(),
                                    [&](const GroupSpec& spec) { return spec.name == name; });
    if (group == scenario.groups.end()) {
      std::vector<std::string_view> known;
      for (const GroupSpec& spec : scenario.groups) known.push_back(spec.name);
      map.problems().add(list->mark(), fmt::format("`{}`: unknown group `{}`{}", map.path_of("groups"), name,
                                                   config::suggestion(name, known)));
    } else if (group->role != role) {
      map.problems().add(
          list->mark(),
          role == Role::miner
              ? fmt::format("`{}`: the group `{}` does not mine", map.path_of("groups"), name)
              : fmt::format("`{}`: the group `{}` mines: name it under `pools`", map.path_of("groups"), name));
    }
  }
  return names;
}

std::vector<std::uint16_t> read_regions(MapReader& map, const Scenario& scenario) {
  std::vector<std::uint16_t> regions;
  if (!map.has("regions")) return regions;
  const std::vector<std::string> names = map.take_texts("regions");
  const config::Mark& mark = map.take("regions")->mark();
  if (scenario.world.regions == nullptr) {
    if (!scenario.world.regions_misnamed)
      map.problems().add(
          mark, fmt::format("`{}`: the world has no regions; it needs `world.regions`", map.path_of("regions")));
    return regions;
  }
  const auto& known = scenario.world.regions->regions;
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found != known.end()) {
      regions.push_back(static_cast<std::uint16_t>(found - known.begin()));
      continue;
    }
    const std::vector<std::string_view> words(known.begin(), known.end());
    map.problems().add(
        mark, fmt::format("`{}`: unknown region `{}`{} valid: {}", map.path_of("regions"), name,
                          config::suggestion(name, words).empty() ? ";" : config::suggestion(name, words) + ";",
                          config::joined(words)));
  }
  std::sort(regions.begin(), regions.end());
  return regions;
}

PoolSelection read_pools(MapReader& map, const Scenario& scenario) {
  PoolSelection pools;
  pools.groups = read_groups_of(map, scenario, Role::miner);
  pools.regions = read_regions(map, scenario);
  pools.hash = map.take_share("hash", pools.hash, {Share{0.0001}, Share{1.0}});
  const bool mines = std::any_of(scenario.groups.begin(), scenario.groups.end(),
                                 [](const GroupSpec& group) { return group.role == Role::miner; });
  if (!mines)
    map.problems().add(map.mark(), fmt::format("`{}`: no group has the role miner, so there are no pools", map.path()));
  map.finish();
  return pools;
}

NodeSelection read_nodes(MapReader& map, const Scenario& scenario) {
  NodeSelection nodes;
  nodes.groups = read_groups_of(map, scenario, Role::full);
  nodes.regions = read_regions(map, scenario);
  nodes.share = map.take_share("share", {Share{0.0001}, Share{1.0}});
  nodes.count = map.take_count("count", {1, scenario.nodes()});
  nodes.ids = map.take_texts("ids");
  if (const auto rank = map.take_choice("rank", {"degree", "betweenness"}))
    nodes.rank = *rank == "degree" ? RankBy::degree : RankBy::betweenness;
  if (nodes.share && nodes.count)
    map.problems().add(map.take("count")->mark(),
                       fmt::format("`{}`: `share` says already how many", map.path_of("count")));
  if (nodes.rank != RankBy::nothing && !nodes.share && !nodes.count)
    map.problems().add(map.take("rank")->mark(), fmt::format("`{}` does nothing: neither `share` nor `count` says how "
                                                             "many of the highest",
                                                             map.path_of("rank")));
  if (!nodes.ids.empty()) {
    for (const std::string_view key : {"groups", "regions", "share", "count", "rank"})
      if (map.has(key))
        map.problems().add(map.take(key)->mark(),
                           fmt::format("`{}` does nothing: `ids` names the nodes", map.path_of(key)));
    std::set<std::string> known;
    for (const GroupSpec& group : scenario.groups)
      for (std::string& name : node_names(group)) known.insert(std::move(name));
    const std::vector<std::string_view> words(known.begin(), known.end());
    for (const std::string& id : nodes.ids)
      if (!known.contains(id))
        map.problems().add(map.take("ids")->mark(), fmt::format("`{}`: unknown node `{}`{}", map.path_of("ids"), id,
                                                                config::suggestion(id, words)));
  }
  map.finish();
  return nodes;
}

TargetSpec read_target(const std::string& name, MapReader& map, const Scenario& scenario) {
  TargetSpec target;
  target.name = name;
  if (const auto other = map.take_text("not")) {
    target.complement_of = *other;
    for (const std::string_view key : {"pools", "nodes"})
      if (map.has(key))
        map.problems().add(map.take(key)->mark(),
                           fmt::format("`{}`: a complement (`not`) has nothing else", map.path_of(key)));
    (void)map.take("pools"), (void)map.take("nodes");
    map.finish();
    return target;
  }
  if (auto pools = map.take_map("pools")) target.pools = read_pools(*pools, scenario);
  if (auto nodes = map.take_map("nodes")) target.nodes = read_nodes(*nodes, scenario);
  if (!target.pools && !target.nodes && !map.has("not") && map.is_usable())
    map.problems().add(map.mark(), fmt::format("`{}` selects nothing; expected `pools`, `nodes` or `not`", map.path()));
  map.finish();
  return target;
}

const TargetSpec* find_target(const Scenario& scenario, std::string_view name) {
  for (const TargetSpec& target : scenario.targets)
    if (target.name == name) return &target;
  return nullptr;
}

}  // namespace

void read_targets(MapReader& root, Scenario& scenario) {
  auto targets = root.take_map("targets");
  if (!targets) return;
  for (const Value::Entry* entry : targets->take_rest()) {
    MapReader map(entry->value, targets->path_of(entry->key), root.problems());
    for (const std::string_view taken : target_names(scenario))
      if (entry->key == taken && find_target(scenario, taken) == nullptr)
        root.problems().add(entry->mark, fmt::format("`{}`: that is {} already", map.path(),
                                                     taken == kEverybody || taken == kHonest
                                                         ? "a target that every scenario has"
                                                         : "the name of a group, which is a target"));
    scenario.targets.push_back(read_target(entry->key, map, scenario));
  }
  for (const TargetSpec& target : scenario.targets) {
    if (target.complement_of.empty()) continue;
    const std::string path = "targets." + target.name + ".not";
    const Value* written = targets->take(target.name)->find("not");
    check_target(target.complement_of, path, written->mark(), scenario, root.problems());
    const TargetSpec* other = find_target(scenario, target.complement_of);
    if (other != nullptr && !other->complement_of.empty())
      root.problems().add(written->mark(),
                          fmt::format("`{}`: `{}` is a complement (`not`) itself", path, target.complement_of));
    if (target.complement_of == kEverybody || target.complement_of == kHonest)
      root.problems().add(written->mark(), fmt::format("`{}`: nobody would be left", path));
  }
}

std::vector<std::string_view> target_names(const Scenario& scenario) {
  std::vector<std::string_view> names = {kEverybody, kHonest};
  for (const GroupSpec& group : scenario.groups) names.push_back(group.name);
  for (const TargetSpec& target : scenario.targets) names.push_back(target.name);
  return names;
}

void check_target(const std::string& name, std::string_view path, const config::Mark& mark, const Scenario& scenario,
                  config::Problems& problems) {
  const std::vector<std::string_view> names = target_names(scenario);
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  const std::string meant = config::suggestion(name, names);
  problems.add(mark, fmt::format("`{}`: unknown target `{}`{}", path, name,
                                 meant.empty() ? "; valid: " + config::joined(names) : meant));
}

bool surely_overlap(const std::string& left, const std::string& right, const Scenario& scenario) {
  const auto everybody = [](const std::string& name) { return name == kEverybody || name == kHonest; };
  if (left == right || everybody(left) || everybody(right)) return true;
  return std::any_of(scenario.targets.begin(), scenario.targets.end(), [&](const TargetSpec& target) {
    const bool concerned = target.name == left || target.name == right;
    const std::string& other = target.name == left ? right : left;
    return concerned && target.nodes && target.nodes->groups == std::vector<std::string>{other};
  });
}

}  // namespace hearsay::app
