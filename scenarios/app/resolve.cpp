#include "scenarios/app/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>
#include <set>

#include "models/protocols/bitcoin/codec.hpp"
#include "scenarios/app/config/extends.hpp"
#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/config/parameters.hpp"
#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/resolve_seeds.hpp"
#include "sim/engine/rank.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Problems;
using config::Value;

constexpr std::int64_t kMostNodes = 10'000'000;
constexpr Duration kLongestDelay = milliseconds(2400);
static_assert(kLongestDelay * 2 < kDialTimeout, "a dial must be answered before it is given up");

std::vector<std::string_view> region_table_names() {
  std::vector<std::string_view> names;
  for (const auto& table : internet::region_tables()) names.push_back(table.name);
  return names;
}

std::vector<std::string_view> hash_names() {
  std::vector<std::string_view> names = {"equal"};
  for (const auto& table : internet::hash_power_tables()) names.push_back(table.name);
  return names;
}

void read_region_matrix(MapReader& world, MapReader& latency, const WorldSpec& spec) {
  if (spec.regions == nullptr) {
    if (!world.has("regions"))
      world.problems().add(latency.mark(), "`world.latency`: region_matrix needs `world.regions`");
    return;
  }
  double shortest = spec.regions->latency_ms[0][0];
  for (const auto& row : spec.regions->latency_ms)
    shortest = std::min(shortest, *std::min_element(row.begin(), row.end()));
  if (static_cast<double>(spec.links.minimum_latency.ns) > shortest * 1e6)
    world.problems().add(
        world.take("minimum_latency")->mark(),
        fmt::format("`world.minimum_latency`: {} is more than the shortest "
                    "latency of {}, {} ms",
                    config::format_duration(spec.links.minimum_latency), spec.regions->name, shortest));
}

void read_world(MapReader& world, WorldSpec& spec) {
  if (const auto name = world.take_choice("regions", region_table_names()))
    spec.regions = internet::find_region_table(*name);
  config::read_parameters(world, internet::describe_links(), spec.links);
  if (auto latency = world.take_map("latency")) {
    const auto model = latency->require_choice("model", {"constant", "region_matrix"});
    if (model == "region_matrix") spec.latency = LatencyModel::region_matrix;
    if (model == "constant") {
      (void)latency->require("delay");
      config::read_parameters(*latency, internet::describe_constant_latency(), spec.constant);
      if (spec.constant.delay > kLongestDelay)
        world.problems().add(
            latency->take("delay")->mark(),
            fmt::format("`world.latency.delay`: with {} no connection would "
                        "ever open, since a dial is given "
                        "up after {}; at most {}",
                        config::format_duration(spec.constant.delay), config::format_duration(kDialTimeout),
                        config::format_duration(kLongestDelay)));
    }
    if (model == "region_matrix") read_region_matrix(world, *latency, spec);
    latency->finish();
  } else if (spec.constant.delay < spec.links.minimum_latency) {
    world.problems().add(
        world.take("minimum_latency")->mark(),
        fmt::format("`world.minimum_latency`: {} is more than the latency, {} "
                    "unless `world.latency` "
                    "says otherwise",
                    config::format_duration(spec.links.minimum_latency), config::format_duration(spec.constant.delay)));
  }
  if (auto bandwidth = world.take_map("bandwidth")) {
    const auto model = bandwidth->require_choice("model", {"unlimited", "region"});
    if (model == "region") spec.bandwidth = BandwidthModel::region;
    if (model == "region" && spec.regions == nullptr && !world.has("regions"))
      world.problems().add(bandwidth->mark(), "`world.bandwidth`: region needs `world.regions`");
    bandwidth->finish();
  }
  if (spec.regions != nullptr && spec.latency == LatencyModel::constant && spec.bandwidth == BandwidthModel::unlimited)
    world.problems().add(world.mark(),
                         "`world.regions` does nothing: neither "
                         "latency nor bandwidth uses regions");
  world.finish();
}

void read_behaviour(MapReader& map, bitcoin::BitcoinParameters& parameters) {
  config::read_parameters(map, bitcoin::describe_bitcoin_parameters(), parameters);
  if (parameters.user_agent.size() > bitcoin::kMaximumUserAgentBytes && map.has("user_agent"))
    map.problems().add(map.take("user_agent")->mark(),
                       fmt::format("`{}` must have at most {} bytes, found {}", map.path_of("user_agent"),
                                   bitcoin::kMaximumUserAgentBytes, parameters.user_agent.size()));
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
  const internet::HashPowerTable& table = *internet::find_hash_power_table(spec.hash);
  if (static_cast<std::int64_t>(table.shares.size()) == spec.count) {
    spec.hash_shares = table.shares;
  } else {
    group.problems().add(group.take("hash")->mark(),
                         fmt::format("`{}`: {} lists {} shares, the group has {} node{}", group.path_of("hash"),
                                     spec.hash, table.shares.size(), spec.count, spec.count == 1 ? "" : "s"));
  }
}

GroupSpec read_group(const std::string& name, MapReader& group, const bitcoin::BitcoinParameters& profile) {
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
    if ((group.hash == "equal") != (first->hash == "equal"))
      groups.problems().add(groups.mark(), fmt::format("`groups.{}.hash` and `groups.{}.hash`: {} and {} have "
                                                       "no common unit; use `equal` "
                                                       "in both or in neither",
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

// Whether there will be blocks; unknown while a group's role is a mistake, so
// that one mistake gives one message.
enum class Mining : std::uint8_t { none, some, unknown };

Mining read_groups(MapReader& root, const bitcoin::BitcoinParameters& profile, Scenario& scenario) {
  auto groups = root.require_map("groups");
  if (!groups) return Mining::unknown;
  Mining mining = Mining::none;
  for (const Value::Entry* entry : groups->take_rest()) {
    MapReader group(entry->value, groups->path_of(entry->key), root.problems());
    const std::size_t problems = root.problems().count();
    scenario.groups.push_back(read_group(entry->key, group, profile));
    if (root.problems().count() != problems) mining = Mining::unknown;
    if (mining == Mining::none && scenario.groups.back().role == Role::miner) mining = Mining::some;
  }
  if (scenario.groups.empty()) mining = Mining::unknown;
  if (scenario.groups.empty()) root.problems().add(groups->mark(), "`groups`: a scenario needs at least one group");
  std::sort(scenario.groups.begin(), scenario.groups.end(),
            [](const GroupSpec& a, const GroupSpec& b) { return a.name < b.name; });
  if (mining != Mining::unknown) check_hash(*groups, scenario.groups);
  normalise_hash(scenario.groups);
  if (scenario.nodes() > kMostNodes)
    root.problems().add(groups->mark(),
                        fmt::format("`groups`: {} nodes are more than {}", scenario.nodes(), kMostNodes));
  return mining;
}

void read_edges(MapReader& topology, const Scenario& scenario, TopologySpec& spec) {
  const std::vector<Value>* edges = topology.take_list("edges");
  if (edges == nullptr) {
    if (!topology.has("edges"))
      topology.problems().add(topology.mark(),
                              "`topology.edges` is missing: a list of pairs "
                              "such as [\"a[0]\", \"b[1]\"]");
    return;
  }
  if (edges->empty() && scenario.nodes() > 1)
    topology.problems().add(topology.take("edges")->mark(),
                            "`topology.edges` is empty: no node would ever meet another");
  std::vector<std::string> names;
  for (const GroupSpec& group : scenario.groups)
    for (std::int64_t i = 0; i < group.count; ++i) names.push_back(node_name(group, i));
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::set<std::string_view> known(views.begin(), views.end());
  std::set<std::pair<std::string, std::string>> seen;
  for (const Value& edge : *edges) {
    const bool pair =
        edge.is_list() && edge.items().size() == 2 && edge.items()[0].is_scalar() && edge.items()[1].is_scalar();
    if (!pair) {
      topology.problems().add(edge.mark(), "`topology.edges`: expected a pair such as [\"a[0]\", \"b[1]\"]");
      continue;
    }
    const std::string from = edge.items()[0].text();
    const std::string to = edge.items()[1].text();
    bool usable = true;
    for (const Value& end : edge.items()) {
      if (known.contains(end.text())) continue;
      usable = false;
      topology.problems().add(end.mark(), fmt::format("`topology.edges`: unknown node `{}`{}", end.text(),
                                                      config::suggestion(end.text(), views)));
    }
    if (!usable) continue;
    if (from == to)
      topology.problems().add(edge.mark(), fmt::format("`topology.edges`: `{}` cannot dial itself", from));
    if (!seen.insert(std::minmax(from, to)).second)
      topology.problems().add(edge.mark(),
                              fmt::format("`topology.edges`: `{}` and `{}` are connected twice", from, to));
    spec.edges.emplace_back(from, to);
  }
}

void read_topology(MapReader& root, Scenario& scenario) {
  auto topology = root.require_map("topology");
  if (!topology) return;
  TopologySpec& spec = scenario.topology;
  const auto model = topology->require_choice("model", {"random_outbound", "edges"});
  if (model == "edges") {
    spec.model = TopologyModel::edges;
    read_edges(*topology, scenario, spec);
  }
  if (!model) {  // the keys of either model are not wrong as well
    (void)topology->take("outbound");
    (void)topology->take("edges");
  }
  if (model == "random_outbound") {
    config::read_parameters(*topology, internet::describe_random_outbound(), spec.random_outbound);
    if (!scenario.groups.empty() && spec.random_outbound.outbound >= scenario.nodes())
      topology->problems().add(
          topology->has("outbound") ? topology->take("outbound")->mark() : topology->mark(),
          fmt::format("`topology.outbound`: {} outbound connections need more than "
                      "{} nodes; there are {}",
                      spec.random_outbound.outbound, spec.random_outbound.outbound, scenario.nodes()));
  }
  topology->finish();
}

// An interval drawn from a longer mean could exceed the 292 years that
// simulated time can count.
constexpr Duration kLongestMeanInterval = hours(24 * 365 * 6);

void check_rarest_miner(MapReader& root, const Scenario& scenario) {
  for (const GroupSpec& group : scenario.groups) {
    for (const double share : group.hash_shares) {
      const double mean = static_cast<double>(scenario.blocks.interval.ns) / share;
      if (mean <= static_cast<double>(kLongestMeanInterval.ns)) continue;
      root.problems().add(root.mark(),
                          fmt::format("`groups.{}`: a miner would find a block every {:.0f} "
                                      "years; at most {} years: use "
                                      "fewer miners or a shorter `workload.blocks.interval`",
                                      group.name, mean / 3.15e16, kLongestMeanInterval.ns / hours(24 * 365).ns));
      return;
    }
  }
}

void read_blocks(MapReader& root, Mining mining, Scenario& scenario) {
  auto workload = root.take_map("workload");
  if (workload) {
    if (auto blocks = workload->take_map("blocks")) {
      config::read_parameters(*blocks, bitcoin::describe_block_workload(), scenario.blocks);
      blocks->finish();
      if (mining == Mining::none && blocks->has("interval"))
        root.problems().add(blocks->take("interval")->mark(),
                            "`workload.blocks.interval` does nothing: no group "
                            "has the role miner");
    }
    workload->finish();
  }
}

void read_measure(MapReader& root, Mining mining, Scenario& scenario) {
  auto measure = root.take_map("measure");
  if (!measure) return;
  const auto need_blocks = [&](const MapReader& metric) {
    if (mining == Mining::none)
      root.problems().add(metric.mark(), fmt::format("`{}` does nothing: no group has the role miner", metric.path()));
  };
  if (auto propagation = measure->take_map("propagation")) {
    scenario.measure.propagation = true;
    scenario.measure.settle = propagation->take_duration(
        "settle", std::min(scenario.measure.settle, scenario.horizon / 10), {Duration{}, scenario.horizon});
    propagation->finish();
    need_blocks(*propagation);
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
  measure->finish();
}

}  // namespace

Scenario resolve_scenario(const std::string& path, const std::vector<std::string>& sets,
                          const std::vector<std::string>& seeds) {
  Problems problems;
  config::LoadedScenario loaded = config::load_scenario(path, problems);
  for (const std::string& set : sets) config::apply_set(loaded.root, set, problems);

  Scenario scenario;
  scenario.name = std::filesystem::path(path).stem().string();
  MapReader root(loaded.root, "", problems);
  scenario.question = root.require_text("question").value_or("");
  scenario.horizon = root.require_duration("horizon", {milliseconds(1), hours(24 * 366)}).value_or(hours(1));
  if (const auto wire = root.take_choice("wire", {"typed", "bytes"})) scenario.wire_bytes = *wire == "bytes";
  if (auto world = root.take_map("world")) read_world(*world, scenario.world);
  if (auto chain = root.take_map("chain")) {
    (void)chain->take_choice("params", {"regtest"});
    config::read_parameters(*chain, chain::describe_chain_start(), scenario.chain);
    chain->finish();
  }
  bitcoin::BitcoinParameters profile;
  if (auto overrides = root.take_map("profile")) {
    read_behaviour(*overrides, profile);
    overrides->finish();
  }
  const Mining mining = read_groups(root, profile, scenario);
  read_topology(root, scenario);
  read_blocks(root, mining, scenario);
  check_rarest_miner(root, scenario);
  read_measure(root, mining, scenario);
  read_seeds(root, seeds, scenario);
  root.finish();
  problems.throw_if_any();
  return scenario;
}

}  // namespace hearsay::app
