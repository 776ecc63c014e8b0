// `hearsay run`: resolve, run every seed, store, summarise, draw.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <thread>

#include "scenarios/app/branch_run.hpp"
#include "scenarios/app/capture/capture_plan.hpp"
#include "scenarios/app/cli/commands.hpp"
#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/experiment_plan.hpp"
#include "scenarios/app/memory_estimate.hpp"
#include "scenarios/app/resolve.hpp"
#include "scenarios/app/results/errors.hpp"
#include "scenarios/app/results/store.hpp"
#include "scenarios/app/runner.hpp"
#include "scenarios/app/simulate.hpp"
#include "scenarios/app/summary.hpp"
#include "scenarios/app/text_format.hpp"

namespace hearsay::app {

namespace {

// Keeps the runs of some branches, under their numbers: the others can follow in the same file. False if there is no
// such branch; the user knows by then.
bool keep_branches(const std::vector<std::string>& branches, std::vector<RunKey>& plan) {
  const auto there = [&plan](const std::string& branch) {
    return std::any_of(plan.begin(), plan.end(), [&](const RunKey& key) { return key.branch == branch; });
  };
  for (const std::string& branch : branches) {
    if (there(branch)) continue;
    std::vector<std::string_view> names;
    for (const RunKey& key : plan)
      if (std::find(names.begin(), names.end(), key.branch) == names.end()) names.push_back(key.branch);
    fmt::print(stderr, "hearsay: unknown branch `{}`{}; there are: {}\n", branch, config::suggestion(branch, names),
               fmt::join(names, ", "));
    return false;
  }
  if (branches.empty()) return true;
  std::erase_if(plan, [&](const RunKey& key) {
    return std::find(branches.begin(), branches.end(), key.branch) == branches.end();
  });
  return true;
}

class ScenarioRun final : public RunOne {
 public:
  ScenarioRun(const Scenario& scenario, const SimulateOptions& options, const RunArguments& arguments)
      : scenario_(scenario), options_(options), straight_(arguments.straight) {}

  bool shares_warm_up() const override { return !straight_; }

  void warm_up(const RunKey& any, ProgressSink& progress) override {
    run_ = std::make_unique<BranchRun>(scenario_, any, options_);
    Listener listener(progress, scenario_.end());
    run_->warm_up(&listener);
  }

  RunResult run(const RunKey& key, ProgressSink& progress) override {
    Listener listener(progress, scenario_.end());
    return run_->finish(key, &listener);
  }

 private:
  class Listener final : public SimulationListener {
   public:
    Listener(ProgressSink& sink, SimTime end) : sink_(sink), end_(end) {}
    void on_progress(SimTime now, std::int64_t events) override { sink_.at({now.ns, end_.ns, events}); }

   private:
    ProgressSink& sink_;
    SimTime end_;
  };

  const Scenario& scenario_;
  SimulateOptions options_;
  bool straight_;
  std::unique_ptr<BranchRun> run_;  // in the process that simulates
};

// A finished run is not computed again, so it cannot get a trace any more.
void expect_traces(const std::string& results_path) {
  if (!std::filesystem::exists(results_path)) return;
  ResultsFile file = ResultsFile::open(results_path);
  if (file.finished_runs().empty()) return;
  Statement untraced = file.database().prepare("SELECT 1 FROM run WHERE run NOT IN (SELECT run FROM trace) LIMIT 1");
  if (untraced.step())
    throw ResultsError(fmt::format(
        "{} holds finished runs without a trace: --fresh replaces them, --out names another file", results_path));
}

}  // namespace

int run_command(const RunArguments& arguments) {
  const Scenario scenario =
      resolve_scenario(arguments.scenario.file, arguments.scenario.sets, arguments.scenario.seeds);
  Experiment experiment = describe_experiment(scenario);
  if (!keep_branches(arguments.branches, experiment.plan)) return 2;

  RunnerOptions options;
  options.results_path = arguments.out.empty() ? fmt::format("results/{}.sqlite", scenario.name) : arguments.out;
  options.jobs =
      arguments.jobs > 0 ? arguments.jobs : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.jobs = std::min(options.jobs, static_cast<int>(std::min<std::size_t>(experiment.plan.size(), 1024)));
  if (const std::string why = memory_refusal(estimate_memory(scenario), options.jobs, available_memory());
      !why.empty()) {
    fmt::print(stderr, "{}: {}\n", arguments.scenario.file, why);
    return 2;
  }
  options.existing = arguments.fresh ? Existing::replace : Existing::resume;
  options.command = "hearsay run " + shell_word(arguments.scenario.file);
  for (const std::string& set : arguments.scenario.sets) options.command += " --set " + shell_word(set);
  if (arguments.ranks > 1) options.command += fmt::format(" --ranks {}", arguments.ranks);
  if (arguments.trace) options.command += " --trace";
  if (arguments.straight) options.command += " --straight";
  if (!arguments.capture.empty()) options.command += " --capture " + shell_word(arguments.capture);
  for (const std::string& nodes : arguments.capture_nodes) options.command += " --capture-nodes " + shell_word(nodes);
  const CapturePlan capture = plan_capture(arguments.capture, arguments.capture_nodes, scenario, experiment.plan);
  expect_capturable(capture, options.results_path, options.existing);
  const auto folder = std::filesystem::path(options.results_path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder);

  if (arguments.trace && !arguments.fresh) expect_traces(options.results_path);

  SimulateOptions simulate_options;
  simulate_options.ranks = arguments.ranks;
  simulate_options.trace = arguments.trace;
  simulate_options.capture = capture;
  ScenarioRun run_one(scenario, simulate_options, arguments);
  const int code = run_experiment(experiment, options, run_one);
  if (code >= 128) return code;  // interrupted

  print_summary(options.results_path, arguments.json ? SummaryFormat::json : SummaryFormat::table, std::cout);
  std::cout.flush();
  if (arguments.json) return code;
  fmt::print("\nresults: {}\n", options.results_path);
  if (!capture.path.empty() && code == 0) fmt::print("capture: {} ({})\n", capture.path, describe_nodes(capture));
  std::fflush(stdout);
  const bool drawable = scenario.measure.propagation || scenario.measure.traffic;
  if (!arguments.figures || !drawable || code != 0) return code;
  return draw_figures(options.results_path);
}

}  // namespace hearsay::app
