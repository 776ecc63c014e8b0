#include "scenarios/app/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "scenarios/app/config/extends.hpp"
#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/config/parameters.hpp"
#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/resolve_groups.hpp"
#include "scenarios/app/resolve_seeds.hpp"
#include "scenarios/app/resolve_workload.hpp"
#include "sim/engine/rank.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Problems;
using config::Value;

constexpr Duration kLongestDelay = milliseconds(2400);
static_assert(kLongestDelay * 2 < kDialTimeout, "a dial must be answered before it is given up");

std::vector<std::string_view> region_table_names() {
  std::vector<std::string_view> names;
  for (const auto& table : internet::region_tables()) names.push_back(table.name);
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

void read_uniform_latency(MapReader& world, MapReader& latency, WorldSpec& spec) {
  spec.latency = LatencyModel::uniform;
  config::read_parameters(latency, internet::describe_uniform_latency(), spec.uniform);
  const auto complain = [&](const char* key, std::string what) {
    world.problems().add(latency.has(key) ? latency.take(key)->mark() : latency.mark(),
                         fmt::format("`world.latency.{}`: {}", key, what));
  };
  if (spec.uniform.least > spec.uniform.most)
    complain("least", fmt::format("{} is more than `most`, {}", config::format_duration(spec.uniform.least),
                                  config::format_duration(spec.uniform.most)));
  if (spec.uniform.most > kLongestDelay)
    complain("most",
             fmt::format("with {} no connection would open in time, since a dial is given up after {}; at most {}",
                         config::format_duration(spec.uniform.most), config::format_duration(kDialTimeout),
                         config::format_duration(kLongestDelay)));
  if (spec.uniform.least < spec.links.minimum_latency)
    complain("least",
             fmt::format("{} is less than `world.minimum_latency`, {}", config::format_duration(spec.uniform.least),
                         config::format_duration(spec.links.minimum_latency)));
}

void read_world(MapReader& world, WorldSpec& spec) {
  if (const auto name = world.take_choice("regions", region_table_names()))
    spec.regions = internet::find_region_table(*name);
  config::read_parameters(world, internet::describe_links(), spec.links);
  if (auto latency = world.take_map("latency")) {
    const auto model = latency->require_choice("model", {"constant", "uniform", "region_matrix"});
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
    if (model == "uniform") read_uniform_latency(world, *latency, spec);
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
  if (spec.regions != nullptr && spec.latency != LatencyModel::region_matrix &&
      spec.bandwidth == BandwidthModel::unlimited)
    world.problems().add(world.mark(),
                         "`world.regions` does nothing: neither "
                         "latency nor bandwidth uses regions");
  world.finish();
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
    for (std::string& name : node_names(group)) names.push_back(std::move(name));
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
    std::int64_t reachable = 0;
    for (const GroupSpec& group : scenario.groups) reachable += group.reachable ? group.nodes() : 0;
    if (!scenario.groups.empty() && spec.random_outbound.outbound >= reachable)
      topology->problems().add(
          topology->has("outbound") ? topology->take("outbound")->mark() : topology->mark(),
          fmt::format("`topology.outbound`: {} outbound connections need more than {} {}nodes; there are {}",
                      spec.random_outbound.outbound, spec.random_outbound.outbound,
                      reachable == scenario.nodes() ? "" : "reachable ", reachable));
  }
  topology->finish();
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
    config::read_parameters(*chain, chain::describe_chain_start(), scenario.chain);
    chain->finish();
  }
  bitcoin::BitcoinParameters profile;
  if (auto overrides = root.take_map("profile")) {
    read_behaviour(*overrides, profile);
    overrides->finish();
  }
  const Mining mining = read_groups(root, profile, scenario);
  for (const GroupSpec& group : scenario.groups)
    if (!group.parameters.witness && scenario.chain.form() != chain::SpendForm::p2sh)
      root.problems().add(root.mark(),
                          fmt::format("`groups.{}.witness`: a node without witnesses cannot judge what spends "
                                      "P2WSH outputs; it needs `chain.outputs: p2sh`",
                                      group.name));
  read_topology(root, scenario);
  for (const GroupSpec& group : scenario.groups)
    if (!group.reachable && scenario.topology.model == TopologyModel::edges)
      root.problems().add(
          root.mark(),
          fmt::format("`groups.{}.reachable` does nothing: `topology.edges` says who dials whom", group.name));
  read_workload(root, mining, scenario);
  read_measure(root, mining, scenario);
  read_seeds(root, seeds, scenario);
  root.finish();
  problems.throw_if_any();
  return scenario;
}

}  // namespace hearsay::app
