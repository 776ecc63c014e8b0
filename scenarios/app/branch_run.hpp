// One run in two parts: to the instant at which branches part, and from there to the end as one of them.
//
// Between the parts the process may fork: every child goes on from the identical state. A run that is one process all
// the way (a straight run) does the same things at the same instants, so its digest is the same.
#pragma once

#include <memory>
#include <optional>

#include "scenarios/app/capture/capture.hpp"
#include "scenarios/app/collect.hpp"
#include "scenarios/app/network_state.hpp"
#include "scenarios/app/outcome_judge.hpp"
#include "scenarios/app/simulate.hpp"

namespace hearsay::app {

class BranchRun {
 public:
  // `scenario`: the unbranched one; it must outlive the run.
  BranchRun(const Scenario& scenario, const RunKey& key, const SimulateOptions& options);

  // Everything before the branch instant. Throws as simulate does.
  void warm_up(SimulationListener* listener);
  // As the branch of `key`; once.
  [[nodiscard]] RunResult finish(const RunKey& key, SimulationListener* listener);

 private:
  // Everything before `limit`, unless the outcome that ends the run happens sooner.
  void advance(SimTime limit, const RunKey& key, SimulationListener* listener);
  void look();
  [[nodiscard]] bool is_over() const;

  const Scenario& scenario_;
  SimulateOptions options_;
  RunKey key_;  // of the first of its branches
  double build_s_ = 0.0;
  double run_s_ = 0.0;
  std::unique_ptr<Network> network_;
  std::optional<Capture> capture_;
  OutcomeJudge judge_;
  std::unique_ptr<NetworkState> state_;  // if there is something to judge
  WarmUpCosts costs_before_;             // once the warm-up is over
  SimTime next_sample_;
  SimTime now_;
};

}  // namespace hearsay::app
