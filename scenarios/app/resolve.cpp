#include "scenarios/app/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "scenarios/app/config/extends.hpp"
#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/config/parameters.hpp"
#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/resolve_branches.hpp"
#include "scenarios/app/resolve_faults.hpp"
#include "scenarios/app/resolve_groups.hpp"
#include "scenarios/app/resolve_measure.hpp"
#include "scenarios/app/resolve_outcomes.hpp"
#include "scenarios/app/resolve_places.hpp"
#include "scenarios/app/resolve_seeds.hpp"
#include "scenarios/app/resolve_targets.hpp"
#include "scenarios/app/resolve_workload.hpp"
#include "scenarios/app/resolve_world.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Problems;
using config::Value;

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

template <class Law>
std::vector<std::string_view> names_of(const std::vector<Law>& laws) {
  std::vector<std::string_view> names;
  for (const Law& law : laws) names.push_back(law.name);
  return names;
}

// These laws were counted over whole networks.
void check_every_node_reachable(const MapReader& root, const Scenario& scenario) {
  for (const GroupSpec& group : scenario.groups)
    if (!group.reachable)
      root.problems().add(root.place_of({fmt::format("groups.{}.reachable", group.name)}),
                          fmt::format("`groups.{}.reachable` is off: under this `topology.model` anybody may be "
                                      "dialled; use random_outbound",
                                      group.name));
}

bool loses(const internet::HostMix& mix, const internet::HostClassLaws& laws) {
  for (std::size_t i = 0; i < mix.size(); ++i)
    if (mix[i] > 0.0 && laws[i].loss > Share{}) return true;
  return false;
}

void check_groups(MapReader& root, const Scenario& scenario) {
  for (const GroupSpec& group : scenario.groups)
    if (!group.parameters.witness && scenario.chain.form() != chain::SpendForm::p2sh)
      root.problems().add(root.place_of({fmt::format("groups.{}.witness", group.name), "profile.witness"}),
                          fmt::format("`groups.{}.witness`: a node without witnesses cannot judge what spends "
                                      "P2WSH outputs; it needs `chain.outputs: p2sh`",
                                      group.name));
  for (const GroupSpec& group : scenario.groups) {
    const internet::HostMix* mix = scenario.world.mix_of(group);
    if (mix != nullptr && scenario.world.transport.model == "serial" && loses(*mix, scenario.world.host_classes))
      root.problems().add(root.place_of({"world.transport.model"}),
                          fmt::format("`groups.{}`: its classes of hosts lose segments, and the serial "
                                      "transport of published simulators loses nothing; set "
                                      "`world.host_classes.<class>.loss: 0 %`",
                                      group.name));
  }
}

void read_topology(MapReader& root, Mining mining, Scenario& scenario) {
  auto topology = root.require_map("topology");
  if (!topology) return;
  TopologySpec& spec = scenario.topology;
  const auto model = topology->require_choice("model", {"random_outbound", "edges", "out_degree", "bounded_degree"});
  if (model == "edges") {
    spec.model = TopologyModel::edges;
    read_edges(*topology, scenario, spec);
  }
  if (!model) {  // the keys of either model are not wrong as well
    (void)topology->take("outbound");
    (void)topology->take("edges");
    (void)topology->take("law");
  }
  if (model == "out_degree") {
    spec.model = TopologyModel::out_degree;
    if (const auto law = topology->require_choice("law", names_of(internet::out_degree_laws())))
      spec.out_degree = internet::find_out_degree_law(*law);
    check_every_node_reachable(root, scenario);
  }
  if (model == "bounded_degree") {
    spec.model = TopologyModel::bounded_degree;
    if (const auto law = topology->require_choice("law", names_of(internet::degree_bounds_laws())))
      spec.bounded_degree = internet::find_degree_bounds_law(*law);
    check_every_node_reachable(root, scenario);
  }
  if (model == "random_outbound") {
    config::read_parameters(*topology, internet::describe_random_outbound(), spec.random_outbound);
    std::int64_t reachable = 0;
    for (const GroupSpec& group : scenario.groups) reachable += group.reachable ? group.nodes() : 0;
    // With a mistake in the groups, nobody knows how many nodes there are.
    if (mining != Mining::unknown && reachable == 0)
      root.problems().add(root.place_of({fmt::format("groups.{}.reachable", scenario.groups.front().name)}),
                          "`reachable` is off in all `groups`: there is nobody whom `topology.model: random_outbound` "
                          "could dial");
    else if (mining != Mining::unknown && spec.random_outbound.outbound >= reachable)
      topology->problems().add(
          topology->has("outbound") ? topology->take("outbound")->mark() : topology->mark(),
          fmt::format("`topology.outbound`: {} outbound connections need more than {} {}nodes; there are {}",
                      spec.random_outbound.outbound, spec.random_outbound.outbound,
                      reachable == scenario.nodes() ? "" : "reachable ", reachable));
  }
  for (const GroupSpec& group : scenario.groups)
    if (!group.reachable && spec.model == TopologyModel::edges)
      root.problems().add(
          root.place_of({fmt::format("groups.{}.reachable", group.name)}),
          fmt::format("`groups.{}.reachable` does nothing: `topology.edges` says who dials whom", group.name));
  topology->finish();
}

// What the tree says, under the name and relative to the folder of the file at `path`. `times`: of the unbranched
// scenario, for a variant; null for that itself.
Scenario resolve_tree(const Value& tree, const std::string& path, const std::vector<std::string>& seeds,
                      const FaultTimes* times, Problems& problems) {
  Scenario scenario;
  scenario.name = std::filesystem::path(path).stem().string();
  MapReader root(tree, "", problems);
  scenario.question = root.require_text("question").value_or("");
  if (scenario.question.empty() && root.has("question") && problems.empty())
    problems.add(root.take("question")->mark(), "`question` is empty: say what the experiment asks");
  scenario.warm_up = root.take_duration("warm_up", Duration{}, {Duration{}, hours(24 * 366)});
  scenario.horizon = root.require_duration("horizon", {milliseconds(1), hours(24 * 366)}).value_or(hours(1));
  if (const auto wire = root.take_choice("wire", {"typed", "bytes"})) scenario.wire_bytes = *wire == "bytes";
  auto world = root.take_map("world");
  if (world) read_world(*world, std::filesystem::path(path).parent_path().string(), scenario.world);
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
  check_places(root, world ? &*world : nullptr, scenario);
  check_groups(root, scenario);
  read_topology(root, mining, scenario);
  read_targets(root, scenario);
  read_workload(root, mining, scenario);
  read_faults(root, scenario);
  const FaultTimes own_times = fault_times(scenario);
  read_outcomes(root, times == nullptr ? own_times : *times, scenario);
  read_measure(root, mining, times == nullptr ? own_times : *times, scenario);
  read_seeds(root, seeds, scenario);
  const ResolveVariant resolve_variant = [&](const Value& changed, Problems& found) {
    return resolve_tree(changed, path, seeds, &own_times, found);
  };
  read_branches(root, tree, resolve_variant, scenario);
  root.finish();
  return scenario;
}

}  // namespace

Scenario resolve_scenario(const std::string& path, const std::vector<std::string>& sets,
                          const std::vector<std::string>& seeds) {
  Problems problems;
  config::LoadedScenario loaded = config::load_scenario(path, problems);
  for (const std::string& set : sets) config::apply_set(loaded.root, set, problems);
  Scenario scenario = resolve_tree(loaded.root, path, seeds, nullptr, problems);
  problems.throw_if_any();
  return scenario;
}

}  // namespace hearsay::app
