// `hearsay swarm`: random scenarios from seeds, every checker on. Each seed is a run of its own process, so that one
// that crashes costs no other.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>
#include <thread>

#include "scenarios/app/cli/commands.hpp"
#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/quantity.hpp"
#include "scenarios/app/language.hpp"
#include "scenarios/app/results/errors.hpp"
#include "scenarios/app/results/store.hpp"
#include "scenarios/app/runner.hpp"
#include "scenarios/app/swarm/draw.hpp"
#include "scenarios/app/swarm/swarm_seed.hpp"
#include "scenarios/app/text_format.hpp"
#include "scenarios/app/version.hpp"

namespace hearsay::app {

namespace {

// A seed that takes longer hangs: one takes a second.
constexpr rlim_t kMostCpuSeconds = 600;
constexpr std::int64_t kMostSeeds = 1'000'000;
// With so many seeds every key should have been drawn; the others are named.
constexpr std::int64_t kEnoughForAllKeys = 500;

// A folder that is gone at the end, whatever happens.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "hearsay-swarm-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      throw EnvironmentError(fmt::format("cannot make a folder {}: {}", name, std::generic_category().message(errno)));
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] std::string path(std::string_view name) const { return (path_ / name).string(); }
  [[nodiscard]] std::string folder(std::uint64_t seed) const {
    const std::string made = path(std::to_string(seed));
    std::filesystem::create_directories(made);
    return made;
  }

 private:
  std::filesystem::path path_;
};

class SwarmRun final : public RunOne {
 public:
  explicit SwarmRun(const Scratch& scratch) : scratch_(scratch) {}

  bool shares_warm_up() const override { return false; }

  RunResult run(const RunKey& key, ProgressSink& progress) override {
    const rlimit limit{kMostCpuSeconds, kMostCpuSeconds + 5};  // the second one is final, and says less
    setrlimit(RLIMIT_CPU, &limit);
    const std::string folder = scratch_.folder(key.world_seed);
    progress.at({0, 2, 0});
    const SwarmScenario drawn = make_swarm_scenario(key.world_seed, folder);
    progress.at({1, 2, 0});
    const SwarmReport report = check_swarm_scenario(drawn, folder);
    std::filesystem::remove_all(folder);
    RunResult result;
    result.key = key;
    result.digest = report.digest;
    result.events = report.events;
    result.metrics.push_back({"swarm_runs", static_cast<double>(report.runs), ""});
    result.metrics.push_back({"swarm_refusals", static_cast<double>(drawn.mended.refusals.size()), ""});
    for (const std::string& name : report.keys) result.metrics.push_back({"key: " + name, 1.0, ""});
    return result;
  }

 private:
  const Scratch& scratch_;
};

Experiment swarm_experiment(const config::IntegerRange& seeds) {
  Experiment experiment;
  experiment.scenario = "swarm";
  experiment.question = "Do random scenarios keep all laws?";
  experiment.version = program_version().version;
  experiment.commit = program_version().commit;
  for (std::int64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    RunKey key;
    key.run = seed - seeds.first + 1;
    key.world_seed = static_cast<std::uint64_t>(seed);
    // Derived ones are not told.
    key.mining_seed = key.workload_seed = key.attack_seed = kLargestNamedSeed + 1;
    experiment.plan.push_back(key);
  }
  return experiment;
}

std::set<std::string> keys_of_the_language() {
  std::set<std::string> keys;
  for (const LanguageSection& section : language())
    for (const LanguageKey& key : section.keys)
      if (is_drawn(key.name)) keys.insert(fmt::format("{}: {}", section.title(), key.name));
  return keys;
}

void report(ResultsFile& file, std::int64_t seeds) {
  const auto sum = [&](const char* question) {
    Statement statement = file.database().prepare(question);
    return statement.step() ? statement.integer(0) : 0;
  };
  const std::int64_t events = sum("SELECT sum(events) FROM run");
  const std::int64_t runs = sum("SELECT sum(value) FROM metric WHERE metric = 'swarm_runs'");
  const std::int64_t refusals = sum("SELECT sum(value) FROM metric WHERE metric = 'swarm_refusals'");
  const auto finished = static_cast<std::int64_t>(file.finished_runs().size());
  fmt::print("{} of {} random scenarios kept all laws, in {} runs of {} events\n", with_separators(finished),
             with_separators(seeds), with_separators(runs), with_separators(events));
  std::set<std::string> drawn;
  Statement keys = file.database().prepare("SELECT DISTINCT substr(metric, 6) FROM metric WHERE metric LIKE 'key: %'");
  while (keys.step()) drawn.insert(keys.text(0));
  const std::set<std::string> all = keys_of_the_language();
  std::set<std::string> missing;
  std::set_difference(all.begin(), all.end(), drawn.begin(), drawn.end(), std::inserter(missing, missing.end()));
  fmt::print("{} messages about what was drawn led to them; they have {} of the {} keys of the language\n",
             with_separators(refusals), all.size() - missing.size(), all.size());
  if (seeds < kEnoughForAllKeys) return;
  for (const std::string& key : missing) fmt::print("  never drawn: {}\n", key);
}

// Also of a seed that fails before its scenario is short enough: then as it was last tried.
int print_scenario(std::uint64_t seed, const std::string& folder) {
  try {
    const SwarmScenario drawn = make_swarm_scenario(seed, folder);
    fmt::print("{}", config::to_yaml(drawn.mended.tree));
    return 0;
  } catch (const std::exception& error) {
    std::ifstream file(swarm_path(folder), std::ios::binary);
    fmt::print("{}", std::string(std::istreambuf_iterator<char>(file), {}));
    fmt::print(stderr, "hearsay: this fails: {}\n", error.what());
    return 1;
  }
}

}  // namespace

int swarm_command(const SwarmArguments& arguments) {
  const auto seeds = config::parse_range(arguments.seeds);
  if (!seeds.value || seeds.value->first < 0 || seeds.value->last - seeds.value->first >= kMostSeeds) {
    fmt::print(stderr, "hearsay: --seeds: {}\n", seeds.value ? "at most 1,000,000 seeds, none below 0" : seeds.problem);
    return 2;
  }
  const Scratch scratch;
  if (arguments.print) {
    if (seeds.value->first != seeds.value->last) {
      fmt::print(stderr, "hearsay: --print shows one scenario: say one seed, such as `--seeds 17`\n");
      return 2;
    }
    const auto seed = static_cast<std::uint64_t>(seeds.value->first);
    return print_scenario(seed, scratch.folder(seed));
  }
  const Experiment experiment = swarm_experiment(*seeds.value);
  RunnerOptions options;
  options.results_path = scratch.path("swarm.sqlite");
  options.jobs =
      arguments.jobs > 0 ? arguments.jobs : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.command = "hearsay swarm";
  options.results = ResultsAre::thrown_away;
  SwarmRun run_one(scratch);
  const int code = run_experiment(experiment, options, run_one);
  if (code >= 128) return code;
  ResultsFile file = ResultsFile::open(options.results_path);
  report(file, static_cast<std::int64_t>(experiment.plan.size()));
  return code;
}

}  // namespace hearsay::app
