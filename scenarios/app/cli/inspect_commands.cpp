// `hearsay check`, `hearsay describe` and `hearsay models`: what is there, without running anything.
#include <fmt/format.h>

#include "models/internet/hash_power.hpp"
#include "models/internet/regions.hpp"
#include "scenarios/app/cli/commands.hpp"
#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/parameters.hpp"
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
  fmt::print("protocol bitcoin, profile core-31 (keys of a group, or of `profile` for all groups)\n");
  const auto& parameters = bitcoin::describe_bitcoin_parameters();
  const config::Value defaults = config::describe_parameters(parameters, bitcoin::BitcoinParameters{});
  for (const auto& parameter : parameters) {
    fmt::print("  {:<26} {:<18} {}\n", parameter.name, defaults.find(parameter.name)->text(), parameter.help);
    fmt::print("  {:<26} {:<18} source: {}\n", "", "", parameter.source);
  }
  fmt::print("\ntopology\n");
  fmt::print("  {:<26} {:<18} {}\n", "random_outbound", "outbound: 8",
             "every node dials that many others, drawn uniformly");
  fmt::print("  {:<26} {:<18} {}\n", "edges", "edges: [...]", "exactly these connections: who dials, whom");
  fmt::print("\nworld.latency\n");
  fmt::print("  {:<26} {:<18} {}\n", "constant", "delay: ...", "one way, the same between all nodes");
  fmt::print("  {:<26} {:<18} {}\n", "region_matrix", "", "mean of the region table, one way");
  fmt::print("\nworld.bandwidth\n");
  fmt::print("  {:<26} {:<18} {}\n", "unlimited", "", "sending takes no time");
  fmt::print("  {:<26} {:<18} {}\n", "region", "", "uplink of the region table; one message after another");
  fmt::print("\nworld.regions\n");
  for (const auto& table : internet::region_tables()) fmt::print("  {:<26} {}\n", table.name, table.source);
  fmt::print("\nhash\n");
  fmt::print("  {:<26} {}\n", "equal", "the same share for every node of the group");
  for (const auto& table : internet::hash_power_tables())
    fmt::print("  {:<26} {} shares; {}\n", table.name, table.shares.size(), table.source);
  return 0;
}

}  // namespace hearsay::app
