// `hearsay check`, `hearsay describe` and `hearsay models`: what is there,
// without running anything.
#include <fmt/format.h>

#include "models/internet/hash_power.hpp"
#include "models/internet/transaction_sizes.hpp"
#include "scenarios/app/cli/commands.hpp"
#include "scenarios/app/cli/print_models.hpp"
#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/resolve.hpp"

namespace hearsay::app {

int check_command(const ScenarioArguments& arguments) {
  const Scenario scenario = resolve_scenario(arguments.file, arguments.sets, arguments.seeds);
  fmt::print("{}: {} nodes in {} groups, no mistakes found\n", arguments.file, scenario.nodes(),
             scenario.groups.size());
  return 0;
}

int describe_command(const ScenarioArguments& arguments) {
  const Scenario scenario = resolve_scenario(arguments.file, arguments.sets, arguments.seeds);
  fmt::print("{}", config::to_yaml(describe_scenario(scenario, SeedsIn::included)));
  return 0;
}

int models_command() {
  fmt::print(
      "protocol bitcoin, profile core-31 (keys of a group, or of "
      "`profile` for all groups)\n");
  print_parameters(bitcoin::describe_bitcoin_parameters());
  print_line("reachable", "on (default) or off: whether others may dial the nodes of a group");
  fmt::print("\nmempool (keys of `mempool` in a group or in `profile`)\n");
  print_parameters(chain::describe_mempool_parameters());
  print_parameters(chain::describe_orphanage_parameters());
  fmt::print("\nvalidation (keys of `validation` in a group or in `profile`)\n");
  print_parameters(bitcoin::describe_validation_parameters());
  fmt::print("\nmining (keys of a group with the role miner)\n");
  print_parameters(bitcoin::describe_mining_parameters());
  fmt::print("\nchain\n");
  print_parameters(chain::describe_chain_start());
  fmt::print("\nworkload.blocks (mined by groups with the role miner)\n");
  print_parameters(bitcoin::describe_block_workload());
  fmt::print("\nworkload.transactions\n");
  print_parameters(bitcoin::describe_transaction_workload());
  print_line("sources", "a list of groups whose nodes make them; default: all");
  print_line("size", "bytes of a transaction: a size, such as `400 B`, or a law:");
  for (const auto& law : internet::transaction_size_laws())
    print_line("size: " + std::string(law.name), fmt::format("{} B; {}", law.mean_bytes, law.source));
  fmt::print("\nhash (of a group of miners)\n");
  print_line("equal", "the same share for every node of the group");
  print_line(internet::kSimBlockHash, "normal, mean 400,000, standard deviation 100,000; SimBlock (Aoki et al. 2019)");
  for (const auto& table : internet::hash_power_tables())
    print_line(table.name, fmt::format("{} shares; {}", table.shares.size(), table.source));
  fmt::print("\ntopology, model random_outbound\n");
  print_parameters(internet::describe_random_outbound());
  fmt::print("\ntopology, model edges\n");
  print_line("edges",
             "a list of pairs [\"a[0]\", \"b[1]\"]: exactly these "
             "connections, who dials and whom");
  fmt::print("\ntopology, model out_degree: `law`, of outbound connections\n");
  for (const auto& law : internet::out_degree_laws()) print_line(law.name, law.source);
  fmt::print(
      "\ntopology, model bounded_degree: `law`, of connections of either direction; miners all know one another\n");
  for (const auto& law : internet::degree_bounds_laws()) print_line(law.name, law.source);
  print_world_models();
  return 0;
}

}  // namespace hearsay::app
