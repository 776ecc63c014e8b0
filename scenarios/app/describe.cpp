// A resolved scenario in the words of the scenario language.
#include <fmt/format.h>

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/parameters.hpp"
#include "scenarios/app/describe_faults.hpp"
#include "scenarios/app/describe_world.hpp"
#include "scenarios/app/resolve.hpp"

namespace hearsay::app {

namespace {

using config::Mark;
using config::put;
using config::put_all;
using config::put_text;
using config::Value;

Value describe_group(const GroupSpec& group, const WorldSpec& world) {
  Value map = Value::map(Mark{});
  put_text(map, "count", std::to_string(group.count));
  put_text(map, "role", group.role == Role::miner ? "miner" : "full");
  put_text(map, "profile", group.profile);
  put_text(map, "reachable", config::format_on_off(group.reachable));
  describe_place(map, group.place, world);
  if (group.role == Role::miner) {
    put_text(map, "hash", group.hash);
    put_all(map, config::describe_parameters(bitcoin::describe_mining_parameters(), group.mining));
  }
  put_all(map, config::describe_parameters(bitcoin::describe_bitcoin_parameters(), group.parameters));
  Value mempool = config::describe_parameters(chain::describe_mempool_parameters(), group.parameters.mempool);
  put_all(mempool, config::describe_parameters(chain::describe_orphanage_parameters(), group.parameters.orphanage));
  put(map, "mempool", std::move(mempool));
  put(map, "validation",
      config::describe_parameters(bitcoin::describe_validation_parameters(), group.parameters.validation));
  return map;
}

Value describe_topology(const TopologySpec& topology) {
  Value map = Value::map(Mark{});
  if (topology.model == TopologyModel::random_outbound) {
    put_text(map, "model", "random_outbound");
    put_all(map, config::describe_parameters(internet::describe_random_outbound(), topology.random_outbound));
    return map;
  }
  if (topology.out_degree != nullptr) {
    put_text(map, "model", "out_degree");
    put_text(map, "law", std::string(topology.out_degree->name));
    return map;
  }
  if (topology.bounded_degree != nullptr) {
    put_text(map, "model", "bounded_degree");
    put_text(map, "law", std::string(topology.bounded_degree->name));
    return map;
  }
  put_text(map, "model", "edges");
  Value edges = Value::list(Mark{});
  for (const auto& [from, to] : topology.edges) {
    Value pair = Value::list(Mark{});
    pair.add(config::text_value(from));
    pair.add(config::text_value(to));
    edges.add(std::move(pair));
  }
  put(map, "edges", std::move(edges));
  return map;
}

}  // namespace

Value describe_scenario(const Scenario& scenario, SeedsIn seeds) {
  Value root = Value::map(Mark{});
  put_text(root, "question", scenario.question);
  if (scenario.warm_up > Duration{}) put_text(root, "warm_up", config::format_duration(scenario.warm_up));
  put_text(root, "horizon", config::format_duration(scenario.horizon));
  if (!scenario.stop_when.empty()) put_text(root, "stop_when", scenario.stop_when);
  put_text(root, "wire", scenario.wire_bytes ? "bytes" : "typed");
  put(root, "world", describe_world(scenario.world));
  put(root, "chain", config::describe_parameters(chain::describe_chain_start(), scenario.chain));
  Value groups = Value::map(Mark{});
  bool mined = false;
  for (const GroupSpec& group : scenario.groups) {
    put(groups, group.name, describe_group(group, scenario.world));
    mined = mined || group.role == Role::miner;
  }
  put(root, "groups", std::move(groups));
  put(root, "topology", describe_topology(scenario.topology));
  Value workload = Value::map(Mark{});
  if (mined) put(workload, "blocks", config::describe_parameters(bitcoin::describe_block_workload(), scenario.blocks));
  if (scenario.transactions.any()) {
    Value transactions =
        config::describe_parameters(bitcoin::describe_transaction_workload(), scenario.transactions.law);
    put_text(transactions, "size", scenario.transactions.size);
    if (!scenario.transactions.sources.empty()) {
      Value sources = Value::list(Mark{});
      for (const std::string& group : scenario.transactions.sources) sources.add(config::text_value(group));
      put(transactions, "sources", std::move(sources));
    }
    put(workload, "transactions", std::move(transactions));
  }
  if (mined || scenario.transactions.any()) put(root, "workload", std::move(workload));
  describe_what_happens(root, scenario);
  if (seeds == SeedsIn::included) {
    Value map = Value::map(Mark{});
    for (const auto& [domain, range] : scenario.seeds)
      put_text(map, std::string(seed_domain_name(domain)), fmt::format("{}..{}", range.first, range.second));
    put(root, "seeds", std::move(map));
  }
  return root;
}

}  // namespace hearsay::app
