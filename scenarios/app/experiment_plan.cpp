#include "scenarios/app/experiment_plan.hpp"

#include <utility>

#include "models/chain/hash256.hpp"
#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/resolve.hpp"
#include "scenarios/app/version.hpp"

namespace hearsay::app {

namespace {

// Below this, results about addresses and connections (eclipse, Sybil) do not carry over to the real network.
constexpr std::int64_t kTransferableNodes = 20'000;

std::vector<std::string> warnings_for(const Scenario& scenario) {
  std::vector<std::string> warnings;
  if (scenario.nodes() < kTransferableNodes)
    warnings.emplace_back("scaled world: eclipse and Sybil results do not transfer");
  return warnings;
}

}  // namespace

std::vector<RunKey> plan_runs(const Scenario& scenario) {
  std::vector<RunKey> plan = {RunKey{}};
  for (const auto& [domain, range] : scenario.seeds) {
    std::vector<RunKey> longer;
    for (const RunKey& key : plan) {
      for (std::uint64_t seed = range.first; seed <= range.second; ++seed) {
        RunKey next = key;
        if (domain == SeedDomain::world) next.world_seed = seed;
        if (domain == SeedDomain::mining) next.mining_seed = seed;
        if (domain == SeedDomain::workload) next.workload_seed = seed;
        if (domain == SeedDomain::attack) next.attack_seed = seed;
        longer.push_back(next);
      }
    }
    plan = std::move(longer);
  }
  std::vector<RunKey> branched;
  for (const RunKey& key : plan) {
    branched.push_back(key);
    for (const BranchSpec& variant : scenario.branches) {
      branched.push_back(key);
      branched.back().branch = variant.name;
    }
  }
  plan = std::move(branched);
  std::int64_t number = 0;
  for (RunKey& key : plan) {
    key.run = ++number;
    const Seeds derived(key.world_seed);
    if (!scenario.seeds.contains(SeedDomain::mining)) key.mining_seed = derived[SeedDomain::mining];
    if (!scenario.seeds.contains(SeedDomain::workload)) key.workload_seed = derived[SeedDomain::workload];
    if (!scenario.seeds.contains(SeedDomain::attack)) key.attack_seed = derived[SeedDomain::attack];
  }
  return plan;
}

Experiment describe_experiment(const Scenario& scenario) {
  Experiment experiment;
  experiment.scenario = scenario.name;
  experiment.question = scenario.question;
  experiment.resolved_scenario = config::to_yaml(describe_scenario(scenario, SeedsIn::left_out));
  const std::string& text = experiment.resolved_scenario;
  const chain::Hash256 hash = chain::sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  experiment.scenario_hash = chain::bytes_to_hex(hash.bytes);
  const ProgramVersion& program = program_version();
  experiment.version = program.version;
  experiment.commit = program.commit;
  experiment.tree_dirty = program.tree_dirty;
  experiment.tree_hash = program.tree_hash;
  experiment.warnings = warnings_for(scenario);
  experiment.plan = plan_runs(scenario);
  return experiment;
}

}  // namespace hearsay::app
