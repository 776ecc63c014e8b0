#include "scenarios/app/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/app/branch_run.hpp"

namespace hearsay::app {

Seeds seeds_of(const RunKey& key, const Scenario& scenario) {
  Seeds seeds(key.world_seed);
  const auto named = [&](SeedDomain domain, std::uint64_t seed) {
    if (scenario.seeds.contains(domain)) seeds.set(domain, seed);
  };
  named(SeedDomain::mining, key.mining_seed);
  named(SeedDomain::workload, key.workload_seed);
  named(SeedDomain::attack, key.attack_seed);
  return seeds;
}

RunResult simulate(const Scenario& scenario, const RunKey& key, const SimulateOptions& options,
                   SimulationListener* listener) {
  BranchRun run(scenario, key, options);
  run.warm_up(listener);
  return run.finish(key, listener);
}

}  // namespace hearsay::app
