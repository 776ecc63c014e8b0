// Published against simulated: the cases of scenarios/validation/cases.yaml, and what comes out of them.
//
// A case is a scenario with some statistics of it, each beside a published value and a band. Cases are of three classes
// that are never summed: verification (closed forms), replication (other simulators), validation (the measured world).
// The bands are data, committed before the first run; nothing here fits anything.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/app/validate_statistics.hpp"
#include "sim/core/time.hpp"

namespace hearsay::app {

inline constexpr std::array<std::string_view, 3> kValidationClasses = {"verification", "replication", "validation"};

// How far from the published value is still within: a share of it, or a distance in its unit.
struct Band {
  double width = 0.0;
  bool relative = true;

  [[nodiscard]] double distance(double published) const;
};

struct Expectation {
  std::string name;
  Statistic statistic;
  double published = 0.0;  // in the unit of the statistic
  Band band;
};

struct ValidationCase {
  std::string name;
  std::string validation_class;  // one of kValidationClasses
  std::string scenario;          // a file beside the list of cases
  std::vector<std::string> sets;
  std::string seeds;     // of the world
  std::string source;    // of the published values
  std::string status;    // of that source: V, S, C, M (models/internet/README.md says what they mean)
  std::string remark;    // what to know of the outcome; a known miss and its cause
  bool by_name = false;  // too long to run unless asked for
  std::vector<Expectation> expected;
};

// All mistakes in the list at once, as ConfigError.
[[nodiscard]] std::vector<ValidationCase> load_validation_cases(const std::string& path);

// A case or a class by its name, or `all`; empty: those that are not left to be named. Nothing if there is no such
// name.
[[nodiscard]] std::vector<ValidationCase> select_cases(const std::vector<ValidationCase>& cases,
                                                       const std::string& name);
// Every name that select_cases() knows.
[[nodiscard]] std::vector<std::string> names_to_select(const std::vector<ValidationCase>& cases);

struct Finding {
  Expectation expectation;
  double value = 0.0;  // mean over runs
  std::string unit;
  [[nodiscard]] bool within() const;
};

struct CaseOutcome {
  ValidationCase described;
  std::vector<Finding> findings;
  double wall_s = 0.0;
  std::int64_t events = 0;
};

// Simulated and whole time of the run under way, events so far.
using CaseProgress = std::function<void(SimTime now, Duration horizon, std::int64_t events)>;

// Resolves and runs the scenario over its seeds, one after another, in this process.
[[nodiscard]] CaseOutcome run_case(const ValidationCase& described, const std::string& folder,
                                   const CaseProgress& progress);

}  // namespace hearsay::app
