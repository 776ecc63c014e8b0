// Builds the world of a resolved scenario for one set of seeds, runs it, and hands over the result.
//
// A pure function of (scenario, seeds, version) except for the wall-clock figures; ranks, probes and the form of
// messages do not change the rest.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "models/protocols/bitcoin/bitcoin_node.hpp"
#include "scenarios/app/capture/capture_plan.hpp"
#include "scenarios/app/measure.hpp"
#include "scenarios/app/measure_transactions.hpp"
#include "scenarios/app/network_state.hpp"
#include "scenarios/app/results/run_result.hpp"
#include "scenarios/app/scenario.hpp"
#include "scenarios/app/targets.hpp"
#include "sim/engine/simulation.hpp"

namespace hearsay::app {

struct SimulateOptions {
  unsigned ranks = 1;
  bool trace = false;
  bool probes = true;
  CapturePlan capture{};
};

// What the scenario asks for cannot be with these seeds: what was drawn decides. The text says why.
class ImpossibleDraw : public std::runtime_error {
 public:
  ImpossibleDraw(std::string path, const std::string& text) : std::runtime_error(text), path_(std::move(path)) {}
  [[nodiscard]] const std::string& path() const { return path_; }  // of the entry that asks: "faults.cut"

 private:
  std::string path_;
};

// Told about a run while it is under way.
class SimulationListener {
 public:
  virtual ~SimulationListener() = default;
  virtual void on_progress(SimTime now, std::int64_t events) = 0;
};

// A built network: the simulation, what its ranks share, what happens to it, and who listens.
class Network {
 public:
  Network(const Scenario& scenario, const Seeds& seeds, const SimulateOptions& options);

  // Those of the scenario (of a branch) that begin in [from, until), counted from the end of the warm-up.
  void install_faults(const Scenario& scenario, Duration from, Duration until);

  [[nodiscard]] Simulation& simulation() { return *simulation_; }
  [[nodiscard]] const Simulation& simulation() const { return *simulation_; }
  [[nodiscard]] const Targets& targets() const { return *targets_; }
  [[nodiscard]] std::vector<TipChanges>& tip_changes() { return tip_changes_; }
  [[nodiscard]] const std::vector<BlockProbe>& block_probes() const { return block_probes_; }
  [[nodiscard]] const TransactionProbe& transaction_probe() const { return transaction_probe_; }
  [[nodiscard]] const std::vector<TraceProbe>& trace_probes() const { return trace_probes_; }
  [[nodiscard]] const std::vector<std::unique_ptr<bitcoin::BitcoinProtocol>>& protocols() const { return protocols_; }
  // Region of a node, by its number; empty without regions.
  [[nodiscard]] std::string_view region(NodeId node) const;

 private:
  void expect_apart(const FaultSpec& fault) const;

  const Scenario& scenario_;
  std::vector<std::unique_ptr<bitcoin::BitcoinProtocol>> protocols_;  // by rank; they outlive the nodes
  std::vector<std::unique_ptr<faults::Fault>> faults_;                // their rules outlive the simulation
  std::unique_ptr<Simulation> simulation_;
  std::unique_ptr<const Targets> targets_;
  std::vector<TipChanges> tip_changes_;   // by rank; empty if there is nothing to judge
  std::vector<BlockProbe> block_probes_;  // by rank
  TransactionProbe transaction_probe_;
  std::vector<TraceProbe> trace_probes_;  // by rank
};

[[nodiscard]] Seeds seeds_of(const RunKey& key, const Scenario& scenario);

// Throws ImpossibleDraw before the run, and CheckFailure, with simulated time and seeds in its text, if the run breaks
// one of our own laws.
[[nodiscard]] RunResult simulate(const Scenario& scenario, const RunKey& key, const SimulateOptions& options,
                                 SimulationListener* listener);

}  // namespace hearsay::app
