// Helpers of the tests of results files: small synthetic runs, exports as text.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "scenarios/app/export.hpp"
#include "scenarios/app/results/experiment.hpp"
#include "scenarios/app/results/run_result.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace hearsay::app {

using test::TemporaryFolder;

inline std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The file names of an export, each with its text.
inline std::map<std::string, std::string> exported(const std::string& results_path) {
  const TemporaryFolder folder;
  std::map<std::string, std::string> texts;
  for (const std::string& path : export_results(results_path, folder.path("csv"))) {
    texts[std::filesystem::path(path).filename().string()] = content_of(path);
  }
  return texts;
}

inline Experiment synthetic_experiment(std::int64_t runs) {
  Experiment experiment;
  experiment.scenario = "quickstart";
  experiment.question = "How fast do blocks reach 1,000 nodes?";
  experiment.scenario_hash = "1a2b3c4d5e6f7081";
  experiment.resolved_scenario = "horizon: 256 s\n";
  experiment.version = "0.1.0";
  experiment.commit = "fedcba9876543210fedcba9876543210fedcba98";
  for (std::int64_t run = 1; run <= runs; ++run) {
    RunKey key;
    key.run = run;
    key.world_seed = static_cast<std::uint64_t>(run);
    // Derived seeds: some have their highest bit set.
    key.mining_seed = 0xc000000000000000u + key.world_seed;
    key.workload_seed = 0x4000000000000000u + key.world_seed;
    key.attack_seed = 0xffffffffffffffffu - key.world_seed;
    experiment.plan.push_back(key);
  }
  return experiment;
}

inline RunKey synthetic_key(std::int64_t run) {
  return synthetic_experiment(run).plan.back();
}

// Two blocks, of which the second reaches nine nodes of ten. Numbers grow with the run.
inline RunResult synthetic_result(const RunKey& key) {
  RunResult result;
  result.key = key;
  result.digest = 0xabc0000000000000u + key.world_seed;
  for (std::size_t slice = 0; slice < result.digest_slices.size(); ++slice) {
    result.digest_slices[slice] = key.world_seed * 1000 + slice;
  }
  result.horizon_ns = 256'000'000'000;
  result.nodes = 10;
  result.events = 12'345;
  result.messages_sent = 1'000;
  result.messages_delivered = 990;
  result.messages_dropped = 7;
  result.blocks = {{"00aa", 1, "0000", "pool[0]", 1'500'000'000, 285, true},
                   {"00bb", 2, "00aa", "pool[1]", 100'000'000'001, 1'000'000, false}};
  const auto seed = static_cast<std::int64_t>(key.world_seed);
  for (const std::string stage : {"received", "announced"}) {
    PropagationRow all{"00aa", stage, 10, 10, {}};
    PropagationRow nine{"00bb", stage, 10, 9, {}};
    for (std::int64_t percent = 0; percent <= 100; ++percent) {
      const auto index = static_cast<std::size_t>(percent);
      all.delay_ns[index] = (percent * 10 + seed) * 1'000'000;
      if (percent <= 90) nine.delay_ns[index] = (percent * 20 + seed) * 1'000'000;
    }
    result.propagation.push_back(all);
    result.propagation.push_back(nine);
  }
  result.traffic = {{"inv", 1'000, 37'000, 24'000, 40'000}, {"block", 10, 10'002'850, 240, 276'400 + 10 * seed}};
  result.metrics = {{"stale_rate", 0.5, "%"}, {"reorg_depth", static_cast<double>(seed), "blocks"}};
  result.node_digests = {{"pool[1]", "pool", "europe", 2 + key.world_seed}, {"pool[0]", "pool", "asia", 1}};
  result.wall_clock = {0.5, 2.0, 2.5, 1'000'000};
  return result;
}

// Runs in branches "main" and "control" and so on: for each seed all of them, numbered in that order.
inline Experiment branching_experiment(std::int64_t seeds, const std::vector<std::string>& branches) {
  Experiment experiment = synthetic_experiment(seeds);
  std::vector<RunKey> plan;
  for (const RunKey& of_seed : experiment.plan) {
    for (const std::string& branch : branches) {
      RunKey& key = plan.emplace_back(of_seed);
      key.run = std::ssize(plan);
      key.branch = branch;
    }
  }
  experiment.plan = plan;
  return experiment;
}

// Differs by branch, in what it did and in what was measured.
inline RunResult branch_result(const RunKey& key) {
  RunResult result = synthetic_result(key);
  if (key.branch == "main") return result;
  result.digest += 0x1000u * static_cast<unsigned char>(key.branch.front());
  result.metrics[1].value += 100.0;
  result.traffic[0].messages *= 3;
  return result;
}

}  // namespace hearsay::app
