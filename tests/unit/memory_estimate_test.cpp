// The estimate of memory against what runs took, and the refusal of what cannot fit.
#include "scenarios/app/memory_estimate.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "scenarios/app/cli/commands.hpp"
#include "scenarios/app/resolve.hpp"
#include "tests/unit/config_fixtures.hpp"

namespace hearsay::app {
namespace {

using Sets = std::vector<std::string>;

const std::string kBase =
    "question: q?\n"
    "horizon: 1 min\n"
    "world: {regions: simblock-2019, latency: {model: region_matrix}, bandwidth: {model: region}}\n"
    "groups: {full: {count: 84, role: full}, pools: {count: 16, role: miner}}\n"
    "topology: {model: random_outbound, outbound: 8}\n"
    "workload: {blocks: {interval: 10 min, size: 535 kB}}\n"
    "measure: {propagation: {}, stale_rate: {}, traffic: {by: type}}\n";

MemoryEstimate estimated(const Sets& sets) {
  const config::TemporaryFolder folder;
  return estimate_memory(resolve_scenario(folder.write("s.yaml", kBase), sets, {}));
}

struct Measured {
  Sets sets;
  double megabytes;
};

}  // namespace

TEST_CASE("The estimate lies within a factor of 1.5 of every measured run") {
  const std::string thousand = "groups.full.count=984";
  const std::string ten_thousand = "groups.full.count=9984";
  const std::string slow = "workload.transactions={rate: 0.2 /s}";
  const std::string fast = "workload.transactions={rate: 7 /s}";
  const std::vector<Measured> table = {
      {{"horizon=20 min"}, 12.5},
      {{"chain.spendable_outputs=0"}, 8.3},
      {{"chain.premined_blocks=5000"}, 15.5},
      {{"chain.premined_blocks=5000", "chain.spendable_outputs=1000000"}, 158.4},
      {{"workload.blocks.interval=10 s", "horizon=1 h"}, 214.3},
      {{"workload.blocks={interval: 10 s, size: 1 kB}", "horizon=1 h"}, 17.1},
      {{slow, "horizon=20 min"}, 14.7},
      {{slow, "horizon=3 h"}, 29.8},
      {{fast, "horizon=20 min", "chain.spendable_outputs=20000"}, 51.7},
      {{thousand, "topology.outbound=2"}, 16.4},
      {{thousand}, 32.2},
      {{thousand, "topology.outbound=32"}, 91.6},
      {{thousand, "horizon=2 h"}, 39.5},
      {{thousand, "horizon=20 min", slow}, 38.9},
      {{thousand, "horizon=2 min", fast}, 76.0},
      {{ten_thousand}, 247.4},
      {{ten_thousand, "topology.outbound=32"}, 832.1},
      {{ten_thousand, "horizon=3 min", "workload.blocks.interval=1 min"}, 251.3},
      {{ten_thousand, slow}, 247.8},
      {{ten_thousand, "horizon=30 s", fast}, 327.4},
  };
  for (const Measured& run : table) {
    const double ratio = estimated(run.sets).run_bytes() / 1e6 / run.megabytes;
    CAPTURE(run.sets, run.megabytes, ratio);
    CHECK(ratio < 1.5);
    CHECK(ratio > 1 / 1.5);
  }
}

TEST_CASE("And of runs of scenarios that it was not fitted to") {
  const std::string scenarios = std::string(HEARSAY_SOURCE_DIR) + "/scenarios/";
  const auto ratio = [&](const std::string& name, const Sets& sets, double megabytes) {
    return estimate_memory(resolve_scenario(scenarios + name, sets, {})).run_bytes() / 1e6 / megabytes;
  };
  CHECK(ratio("validation/gervais-2016.yaml", {"horizon=20 min"}, 99.2) == Approx(1.0).margin(0.4));
  CHECK(ratio("scale/txrelaysim-parity.yaml", {}, 179.2) == Approx(1.0).margin(0.4));
}

TEST_CASE("A scenario that does not fit is refused with its largest part, and with what would help") {
  const MemoryEstimate million = estimated({"groups.full.count=999984"});
  CHECK(memory_refusal(million, 2, 21e9) ==
        "needs about 24 GB a run (1,000,000 nodes with 8 connections each), 2 runs at a time; this machine has 21 GB "
        "free: "
        "fewer groups.*.count");
  CHECK(memory_refusal(million, 2, 30e9) ==
        "needs about 24 GB a run (1,000,000 nodes with 8 connections each), 2 runs at a time; this machine has 30 GB "
        "free: "
        "fewer groups.*.count, or --jobs 1");
  CHECK(memory_refusal(million, 1, 30e9).empty());
  CHECK(memory_refusal(million, 2, std::nullopt).empty());
  CHECK(memory_refusal(estimated({"horizon=366 d"}), 4, 1e9) ==
        "needs about 29 GB a run (52,704 blocks of 535 kB), 4 runs at a time; this machine has 1.0 GB free: a shorter "
        "horizon, a longer workload.blocks.interval or a smaller workload.blocks.size");
  const std::string coins =
      memory_refusal(estimated({"chain.spendable_outputs=10000000", "chain.premined_blocks=6000"}), 1, 1e9);
  CHECK(coins ==
        "needs about 1.5 GB a run (6,000 premined blocks with 10,000,000 outputs); this machine has 1.0 GB free: "
        "fewer chain.spendable_outputs or chain.premined_blocks");
}

TEST_CASE("What no machine has room for is refused before anything is made") {
  const config::TemporaryFolder folder;
  RunArguments arguments;
  arguments.scenario.file = folder.write("s.yaml", kBase);
  arguments.scenario.sets = {"groups.full.count=9999000", "topology.outbound=1000"};
  arguments.out = folder.path("results/r.sqlite");
  CHECK(run_command(arguments) == 2);
  CHECK_FALSE(std::filesystem::exists(folder.path("results")));
}

TEST_CASE("Every topology has an estimate of its connections") {
  const auto first = [](const Sets& sets) { return estimated(sets).parts.front().what; };
  CHECK(first({"topology={model: edges, outbound: off, edges: [[\"full[0]\", \"full[1]\"], [\"full[1]\", "
               "\"full[2]\"]]}"}) == "100 nodes with 0 connections each");
  CHECK(first({"topology={model: out_degree, outbound: off, law: simblock-bitcoin-2015}", "groups.full.count=2000"}) ==
        "2,016 nodes with 8.6 connections each");
  CHECK(first({"topology={model: bounded_degree, outbound: off, law: gervais-2016}", "groups.full.count=5984"}) ==
        "6,000 nodes with 5.8 connections each");
}

TEST_CASE("Free memory is what the machine has, or what a control group leaves") {
  const config::TemporaryFolder folder;
  MemoryFiles files;
  files.meminfo = folder.write("meminfo", "MemTotal:  24000000 kB\nMemFree: 1 kB\nMemAvailable:   20000000 kB\n");
  files.limit = folder.write("max", "max\n");
  files.used = folder.write("current", "1000000000\n");
  CHECK(available_memory(files) == 20480000000.0);
  files.limit = folder.write("max", "4000000000\n");
  CHECK(available_memory(files) == 3000000000.0);
  files.meminfo = folder.path("nothing");
  files.limit = folder.path("nothing");
  CHECK(available_memory(files) == std::nullopt);
  CHECK(available_memory().value_or(1.0) > 0.0);
}

TEST_CASE("Amounts of memory are told roughly") {
  CHECK(rough_memory(12.4e6) == "12 MB");
  CHECK(rough_memory(999.4e6) == "999 MB");
  CHECK(rough_memory(1.34e9) == "1.3 GB");
  CHECK(rough_memory(96.2e9) == "96 GB");
}

}  // namespace hearsay::app
