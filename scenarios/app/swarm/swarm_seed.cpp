#include "scenarios/app/swarm/swarm_seed.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "scenarios/app/branch_run.hpp"
#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/quantity.hpp"
#include "scenarios/app/experiment_plan.hpp"
#include "scenarios/app/export.hpp"
#include "scenarios/app/language.hpp"
#include "scenarios/app/resolve.hpp"
#include "scenarios/app/results/store.hpp"
#include "scenarios/app/summary.hpp"
#include "scenarios/app/swarm/draw.hpp"
#include "scenarios/app/swarm/result_laws.hpp"

namespace hearsay::app {

namespace {

using config::Value;

struct TooLong {
  double share;  // of the run that was simulated by then
};

class Limit final : public SimulationListener {
 public:
  explicit Limit(SimTime end) : end_(end) {}
  void on_progress(SimTime now, std::int64_t events) override {
    if (events > kSwarmEvents && now < end_) throw TooLong{static_cast<double>(now.ns) / static_cast<double>(end_.ns)};
  }

 private:
  SimTime end_;
};

// Main first.
std::vector<RunKey> branches_of_first_seeds(const Scenario& scenario) {
  std::vector<RunKey> keys = plan_runs(scenario);
  keys.resize(1 + scenario.branches.size());
  return keys;
}

void shorten(Value& tree, std::string_view key, double factor) {
  const Value* value = tree.find(key);
  if (value == nullptr) return;
  const auto time = config::parse_duration(value->text()).value;
  if (!time) return;
  const auto shorter = static_cast<std::int64_t>(static_cast<double>(time->ns) * factor);
  config::put_text(tree, key, config::format_duration(std::max(Duration{shorter}, milliseconds(1))));
}

// Runs every branch. If one is too long or cannot be, the tree is changed, and is to be mended again.
bool is_small(MendedScenario& mended) {
  const Scenario& scenario = mended.scenario;
  for (const RunKey& key : branches_of_first_seeds(scenario)) {
    try {
      Limit limit(scenario.end());
      (void)simulate(scenario, key, {}, &limit);
    } catch (const TooLong& too_long) {
      const double factor = std::max(too_long.share / 2.0, 1e-3);
      shorten(mended.tree, "horizon", factor);
      shorten(mended.tree, "warm_up", factor);
      return false;
    } catch (const ImpossibleDraw& impossible) {
      mended.refusals.emplace_back(impossible.what());
      const bool in_main = key.branch == "main";
      Value* map = in_main ? mended.tree.find("faults") : mended.tree.find("branches")->find("variants");
      map->erase(in_main ? impossible.path().substr(impossible.path().find('.') + 1) : key.branch);
      return false;
    }
  }
  return true;
}

// A fork of this process finishes the warm run as that branch, and tells its digest.
std::uint64_t forked_digest(BranchRun& warm, const RunKey& key) {
  int ends[2];
  if (pipe(ends) != 0) throw SwarmFailure("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    bool told = false;
    try {
      const std::uint64_t digest = warm.finish(key, nullptr).digest;
      told = write(ends[1], &digest, sizeof digest) == sizeof digest;
    } catch (...) {  // the straight run says what it was
    }
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  std::uint64_t digest = 0;
  const bool told = child > 0 && read(ends[0], &digest, sizeof digest) == sizeof digest;
  close(ends[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  if (!told) throw SwarmFailure(fmt::format("the fork of branch {} did not end well", key.branch));
  return digest;
}

// Keys of the language that a written scenario has.
void collect_keys(const Value& map, const std::string& path, std::set<std::string>& keys) {
  for (const Value::Entry& entry : map.entries()) {
    for (const LanguageSection& section : language()) {
      if (section.path != path) continue;
      const Value* decides = section.where ? map.find(section.where->key) : nullptr;
      if (section.where && (decides == nullptr || !decides->is_scalar() ||
                            std::find(section.where->values.begin(), section.where->values.end(), decides->text()) ==
                                section.where->values.end()))
        continue;
      for (const LanguageKey& key : section.keys) {
        const bool named = key.name == "<name>";
        if (!named && key.name != entry.key) continue;
        keys.insert(fmt::format("{}: {}", section.title(), key.name));
        if (key.kind == KeyKind::map && entry.value.is_map())
          collect_keys(entry.value, path.empty() ? key.name : path + "." + key.name, keys);
        break;
      }
    }
  }
}

class Checks {
 public:
  Checks(const SwarmScenario& drawn, std::string folder)
      : scenario_(drawn.mended.scenario), path_(drawn.path), folder_(std::move(folder)) {}

  SwarmReport all() {
    described_resolves_to_the_same();
    const Scenario other_wire = resolve_scenario(path_, {scenario_.wire_bytes ? "wire=typed" : "wire=bytes"}, {});
    const std::vector<RunKey> keys = branches_of_first_seeds(scenario_);
    std::vector<RunResult> results;
    for (const RunKey& key : keys) {
      results.push_back(run(scenario_, key, {}));
      if (const std::string broken = broken_law(scenario_.branch(key.branch), results.back()); !broken.empty())
        fail(key, "a law of results is broken", broken);
      same_whatever_must_not_matter(key, results.back(), other_wire);
    }
    if (!scenario_.branches.empty()) forks_are_straight_runs(keys, results);
    results_file_takes(keys, results);
    report_.digest = results.front().digest;
    return report_;
  }

 private:
  [[noreturn]] static void fail(const RunKey& key, const std::string& what, const std::string& difference) {
    throw SwarmFailure(fmt::format("branch {}: {}: {}", key.branch, what, difference));
  }

  RunResult run(const Scenario& scenario, const RunKey& key, const SimulateOptions& options) {
    RunResult result = simulate(scenario, key, options, nullptr);
    ++report_.runs;
    report_.events += result.events;
    return result;
  }

  void described_resolves_to_the_same() const {
    const std::string described = config::to_yaml(describe_scenario(scenario_, SeedsIn::included));
    // Beside the drawn one: it may name a file there.
    const std::string path = (std::filesystem::path(path_).parent_path() / "described.yaml").string();
    std::ofstream(path, std::ios::binary) << described;
    try {
      const Scenario again = resolve_scenario(path, {}, {});
      if (config::to_yaml(describe_scenario(again, SeedsIn::included)) != described)
        throw SwarmFailure("what describe prints is described otherwise");
    } catch (const config::ConfigError& error) {
      throw SwarmFailure(fmt::format("what describe prints is refused: {}", error.what()));
    }
  }

  void same_whatever_must_not_matter(const RunKey& key, const RunResult& expected, const Scenario& other_wire) {
    for (const unsigned ranks : {2u, 3u}) {
      SimulateOptions options;
      options.ranks = ranks;
      options.trace = ranks == 3;
      if (const std::string differs = difference(expected, run(scenario_, key, options)); !differs.empty())
        fail(key, fmt::format("{} ranks give another result{}", ranks, options.trace ? ", traced" : ""), differs);
    }
    if (const std::string differs = difference(expected, run(other_wire, key, {})); !differs.empty())
      fail(key, "messages as values and as bytes give different results", differs);
    SimulateOptions unobserved;
    unobserved.probes = false;
    if (const std::uint64_t digest = run(scenario_, key, unobserved).digest; digest != expected.digest)
      fail(key, "unobserved it is another run", fmt::format("{:016x} and {:016x}", expected.digest, digest));
  }

  void forks_are_straight_runs(const std::vector<RunKey>& keys, const std::vector<RunResult>& results) {
    BranchRun warm(scenario_, keys.front(), {});
    warm.warm_up(nullptr);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      ++report_.runs;
      if (const std::uint64_t digest = forked_digest(warm, keys[i]); digest != results[i].digest)
        fail(keys[i], "the fork is not the straight run",
             fmt::format("{:016x} and {:016x}", results[i].digest, digest));
    }
  }

  void results_file_takes(const std::vector<RunKey>& keys, const std::vector<RunResult>& results) const {
    Experiment experiment = describe_experiment(scenario_);
    experiment.plan = keys;
    const std::string path = folder_ + "/results.sqlite";
    {
      ResultsFile file = ResultsFile::for_experiment(path, experiment, Existing::replace);
      for (const RunResult& result : results) file.write_run(result);
    }
    std::ostringstream table;
    print_summary(path, SummaryFormat::table, table);
    std::ostringstream json;
    print_summary(path, SummaryFormat::json, json);
    if (!nlohmann::json::accept(json.str())) throw SwarmFailure("the summary as JSON is none");
    if (export_results(path, folder_ + "/tables").empty()) throw SwarmFailure("nothing is exported");
  }

  const Scenario& scenario_;
  std::string path_;
  std::string folder_;
  SwarmReport report_;
};

}  // namespace

std::string swarm_path(const std::string& folder) {
  return (std::filesystem::path(folder) / "swarm.yaml").string();
}

SwarmScenario make_swarm_scenario(std::uint64_t seed, const std::string& folder) {
  const auto inside = [&](std::string_view name) { return (std::filesystem::path(folder) / name).string(); };
  std::ofstream(inside(kSwarmMatrixFile), std::ios::binary) << kSwarmMatrix;
  SwarmScenario made{{draw_scenario(seed), {}, {}}, swarm_path(folder)};
  constexpr int kMostAttempts = 20;
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    std::vector<std::string> refusals = std::move(made.mended.refusals);
    made.mended = mend_scenario(std::move(made.mended.tree), made.path);
    refusals.insert(refusals.end(), made.mended.refusals.begin(), made.mended.refusals.end());
    made.mended.refusals = std::move(refusals);
    if (is_small(made.mended)) return made;
  }
  throw SwarmFailure(fmt::format("it has more than {} events however short it is", kSwarmEvents));
}

SwarmReport check_swarm_scenario(const SwarmScenario& drawn, const std::string& folder) {
  SwarmReport report = Checks(drawn, folder).all();
  std::set<std::string> keys;
  collect_keys(drawn.mended.tree, "", keys);
  report.keys.assign(keys.begin(), keys.end());
  return report;
}

}  // namespace hearsay::app
