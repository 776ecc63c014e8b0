#include "scenarios/app/outcome_judge.hpp"

#include <algorithm>

#include "sim/core/check.hpp"

namespace hearsay::app {

OutcomeJudge::OutcomeJudge(const Scenario& scenario) : origin_(scenario.origin()) {
  for (const OutcomeSpec& spec : scenario.outcomes) {
    Watched watched;
    watched.spec = &spec;
    watched.from = origin_ + spec.watched_from;
    outcomes_.push_back(watched);
  }
}

void OutcomeJudge::look(SimTime now, const NetworkState& state, Changed changed) {
  for (Watched& outcome : outcomes_) {
    if (now < outcome.from) continue;
    if (outcome.is_true) outcome.true_for = outcome.true_for + (now - outcome.last_look);
    outcome.last_look = now;
    if (!outcome.looked || changed == Changed::yes) {
      const bool was_true = outcome.is_true;
      outcome.looked = true;
      outcome.is_true = state.holds(outcome.spec->predicate, outcome.spec->of);
      if (outcome.is_true && !was_true) outcome.since = now;
    }
    if (outcome.is_true && !outcome.first && now - outcome.since >= outcome.spec->lasts) outcome.first = outcome.since;
  }
}

const OutcomeJudge::Watched& OutcomeJudge::find(std::string_view name) const {
  const auto found = std::find_if(outcomes_.begin(), outcomes_.end(),
                                  [&](const Watched& outcome) { return outcome.spec->name == name; });
  SIM_CHECK(found != outcomes_.end(), "outcomes were checked when the scenario was read");
  return *found;
}

bool OutcomeJudge::happened(std::string_view name) const {
  return find(name).first.has_value();
}

std::optional<SimTime> OutcomeJudge::time_of(std::string_view name) const {
  return find(name).first;
}

std::vector<OutcomeRow> OutcomeJudge::rows(SimTime end) const {
  std::vector<OutcomeRow> rows;
  for (const Watched& outcome : outcomes_) {
    OutcomeRow row;
    row.outcome = outcome.spec->name;
    row.watched_from_ns = (outcome.from - origin_).ns;
    row.watched_until_ns = (end - origin_).ns;
    if (outcome.first) row.first_ns = (*outcome.first - origin_).ns;
    const Duration open = outcome.is_true ? end - outcome.last_look : Duration{};
    row.true_for_ns = (outcome.true_for + open).ns;
    row.true_at_end = outcome.is_true;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace hearsay::app
