#include "scenarios/app/resolve_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "models/protocols/bitcoin/codec.hpp"
#include "scenarios/app/config/parameters.hpp"
#include "scenarios/app/resolve_places.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Value;

constexpr std::int64_t kMostNodes = 10'000'000;

std::vector<std::string_view> hash_names() {
  std::vector<std::string_view> names = {"equal"};
  names.push_back(internet::kSimBlockHash);
  for (const auto& table : internet::hash_power_tables()) names.push_back(table.name);
  return names;
}

void read_hash(MapReader& group, GroupSpec& spec) {
  const auto name = group.take_choice("hash", hash_names());
  if (spec.role != Role::miner) {
    if (name)
      group.problems().add(group.take("hash")->mark(),
                           fmt::format("`{}` does nothing: the group's role is not miner", group.path_of("hash")));
    return;
  }
  spec.hash = name.value_or("equal");
  spec.hash_shares.assign(static_cast<std::size_t>(spec.count), 1.0);
  if (spec.hash == "equal") return;
  if (spec.hash == internet::kSimBlockHash) {
    spec.hash_shares = internet::simblock_hash_power(spec.count);
    return;
  }
  const internet::HashPowerTable& table = *internet::find_hash_power_table(spec.hash);
  if (static_cast<std::int64_t>(table.shares.size()) == spec.count) {
    spec.hash_shares = table.shares;
  } else {
    group.problems().add(group.take("hash")->mark(),
                         fmt::format("`{}`: {} lists {} shares, the group has {} node{}", group.path_of("hash"),
                                     spec.hash, table.shares.size(), spec.count, spec.count == 1 ? "" : "s"));
  }
}

GroupSpec read_group(const std::string& name, MapReader& group, const bitcoin::BitcoinParameters& profile,
                     const WorldSpec& world) {
  GroupSpec spec;
  spec.name = name;
  spec.parameters = profile;
  const auto count = group.require_count("count", {1, kMostNodes});
  spec.count = count.value_or(1);
  const auto role = group.require_choice("role", {"full", "miner"});
  spec.role = role == "miner" ? Role::miner : Role::full;
  if (const auto named = group.take_choice("profile", {"core-31"})) spec.profile = *named;
  if (count && role)
    read_hash(group, spec);
  else
    (void)group.take("hash");
  spec.reachable = group.take_on_off("reachable", true);
  if (spec.role == Role::miner) {
    config::read_parameters(group, bitcoin::describe_mining_parameters(), spec.mining);
  } else {
    for (const auto& parameter : bitcoin::describe_mining_parameters())
      if (const Value* value = group.take(parameter.name); value != nullptr && role)
        group.problems().add(value->mark(), fmt::format("`{}` does nothing: the group's role is not miner",
                                                        group.path_of(parameter.name)));
  }
  read_place(group, world, spec.count, spec.place);
  read_behaviour(group, spec.parameters);
  group.finish();
  return spec;
}

// `equal` counts nodes and a table divides a whole: side by side they say
// nothing about one another.
void check_hash(const MapReader& groups, const std::vector<GroupSpec>& specs) {
  const GroupSpec* first = nullptr;
  for (const GroupSpec& group : specs) {
    if (group.role != Role::miner) continue;
    if (first == nullptr) first = &group;
    if ((group.hash == "equal") != (first->hash == "equal") ||
        (group.hash == internet::kSimBlockHash) != (first->hash == internet::kSimBlockHash))
      groups.problems().add(groups.place_of({first->name + ".hash", first->name}),
                            fmt::format("`groups.{}.hash` and `groups.{}.hash`: {} and {} have "
                                        "no common unit; use the same in "
                                        "both",
                                        first->name, group.name, first->hash, group.hash));
  }
}

// Hash shares are relative to all miners of the scenario.
void normalise_hash(std::vector<GroupSpec>& groups) {
  double total = 0.0;
  for (const GroupSpec& group : groups)
    total += std::accumulate(group.hash_shares.begin(), group.hash_shares.end(), 0.0);
  for (GroupSpec& group : groups)
    for (double& share : group.hash_shares) share /= total;
}

}  // namespace

void read_behaviour(MapReader& map, bitcoin::BitcoinParameters& parameters) {
  config::read_parameters(map, bitcoin::describe_bitcoin_parameters(), parameters);
  if (auto mempool = map.take_map("mempool")) {
    config::read_parameters(*mempool, chain::describe_mempool_parameters(), parameters.mempool);
    config::read_parameters(*mempool, chain::describe_orphanage_parameters(), parameters.orphanage);
    mempool->finish();
  }
  if (auto validation = map.take_map("validation")) {
    config::read_parameters(*validation, bitcoin::describe_validation_parameters(), parameters.validation);
    validation->finish();
  }
  if (parameters.user_agent.size() > bitcoin::kMaximumUserAgentBytes && map.has("user_agent"))
    map.problems().add(map.take("user_agent")->mark(),
                       fmt::format("`{}` must have at most {} bytes, found {}", map.path_of("user_agent"),
                                   bitcoin::kMaximumUserAgentBytes, parameters.user_agent.size()));
}

Mining read_groups(MapReader& root, const bitcoin::BitcoinParameters& profile, Scenario& scenario) {
  const std::size_t problems_before = root.problems().count();
  auto groups = root.require_map("groups");
  if (!groups) return Mining::unknown;
  Mining mining = Mining::none;
  for (const Value::Entry* entry : groups->take_rest()) {
    MapReader group(entry->value, groups->path_of(entry->key), root.problems());
    const std::size_t problems = root.problems().count();
    scenario.groups.push_back(read_group(entry->key, group, profile, scenario.world));
    if (root.problems().count() != problems) mining = Mining::unknown;
    if (mining == Mining::none && scenario.groups.back().role == Role::miner) mining = Mining::some;
  }
  if (scenario.groups.empty()) mining = Mining::unknown;
  if (scenario.groups.empty() && root.problems().count() == problems_before)
    root.problems().add(groups->mark(), "`groups`: a scenario needs at least one group");
  std::sort(scenario.groups.begin(), scenario.groups.end(),
            [](const GroupSpec& a, const GroupSpec& b) { return a.name < b.name; });
  if (mining != Mining::unknown) check_hash(*groups, scenario.groups);
  normalise_hash(scenario.groups);
  if (scenario.nodes() > kMostNodes)
    root.problems().add(groups->mark(),
                        fmt::format("`groups`: {} nodes are more than {}", scenario.nodes(), kMostNodes));
  return mining;
}

}  // namespace hearsay::app
