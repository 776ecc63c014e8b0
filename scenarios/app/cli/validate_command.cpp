// `hearsay validate`: runs cases one after another and shows what came out beside what was published.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "scenarios/app/cli/commands.hpp"
#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/progress_line.hpp"
#include "scenarios/app/validate.hpp"
#include "scenarios/app/validate_report.hpp"

namespace hearsay::app {

namespace {

std::string cases_folder() {
  const char* root = std::getenv("HEARSAY_ROOT");
  return std::string(root != nullptr ? root : HEARSAY_SOURCE_DIR) + "/scenarios/validation";
}

}  // namespace

int validate_command(const ValidateArguments& arguments) {
  const std::string folder = cases_folder();
  const std::vector<ValidationCase> cases = load_validation_cases(folder + "/cases.yaml");
  const std::vector<std::string> names = names_to_select(cases);
  if (!arguments.name.empty() && std::find(names.begin(), names.end(), arguments.name) == names.end()) {
    fmt::print(stderr, "hearsay: unknown case or class `{}`{}\n  there are: {}\n", arguments.name,
               config::suggestion(arguments.name, {names.begin(), names.end()}), fmt::join(names, ", "));
    return 2;
  }
  const std::vector<ValidationCase> selected = select_cases(cases, arguments.name);
  if (selected.empty()) fmt::print(stderr, "hearsay: no case of the class `{}` runs yet\n", arguments.name);

  std::vector<CaseOutcome> outcomes;
  std::int64_t events_before = 0;
  {
    ProgressLine line(ShowProgress::on_a_terminal);
    ExperimentProgress progress;
    progress.runs = static_cast<std::int64_t>(selected.size());
    progress.running = 1;
    for (const ValidationCase& described : selected) {
      outcomes.push_back(run_case(described, folder, [&](SimTime now, Duration horizon, std::int64_t events) {
        const ProcessAt at{described.name, static_cast<double>(now.ns) / 1e9, static_cast<double>(horizon.ns) / 1e9};
        progress.processes = {at};
        progress.events = events_before + events;
        progress.share_done =
            (static_cast<double>(progress.done) + at.simulated_s / at.horizon_s) / static_cast<double>(progress.runs);
        line.show(progress);
      }));
      events_before += outcomes.back().events;
      ++progress.done;
    }
  }
  fmt::print("{}", arguments.json ? validation_json(outcomes) : validation_table(outcomes));
  if (!arguments.json && arguments.name.empty() && selected.size() < cases.size()) {
    fmt::print("Longer cases, by name or with `all`:");
    for (const ValidationCase& one : cases)
      if (one.by_name) fmt::print(" {}", one.name);
    fmt::print("\n");
  }
  const bool within = std::all_of(outcomes.begin(), outcomes.end(), [](const CaseOutcome& outcome) {
    return std::all_of(outcome.findings.begin(), outcome.findings.end(),
                       [](const Finding& finding) { return finding.within(); });
  });
  return within ? 0 : 1;
}

}  // namespace hearsay::app
