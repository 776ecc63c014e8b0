// Judges the outcomes of a run at its sample instants.
//
// An outcome has happened when its predicate was true at every sample for as long as `for` asks; its time is the first
// sample of that stretch. What has not happened when the run ends is censored there: nobody knows whether it would
// have.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "scenarios/app/network_state.hpp"
#include "scenarios/app/results/run_result.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

class OutcomeJudge {
 public:
  explicit OutcomeJudge(const Scenario& scenario);

  [[nodiscard]] bool has_work() const { return !outcomes_.empty(); }
  // At a sample instant. `changed`: something may be different from the last one.
  enum class Changed : std::uint8_t { no, yes };
  void look(SimTime now, const NetworkState& state, Changed changed);
  // It happened, and lasted long enough.
  [[nodiscard]] bool happened(std::string_view name) const;
  // When it began to be true; nothing while it has not happened.
  [[nodiscard]] std::optional<SimTime> time_of(std::string_view name) const;
  // `end`: of the run.
  [[nodiscard]] std::vector<OutcomeRow> rows(SimTime end) const;

 private:
  struct Watched {
    const OutcomeSpec* spec;
    SimTime from;
    bool looked = false;
    bool is_true = false;          // at the last sample
    SimTime since;                 // while true
    std::optional<SimTime> first;  // began the stretch that lasted long enough
    SimTime last_look;
    Duration true_for;  // sum over samples
  };
  [[nodiscard]] const Watched& find(std::string_view name) const;

  SimTime origin_;
  std::vector<Watched> outcomes_;
};

}  // namespace hearsay::app
