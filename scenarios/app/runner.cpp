#include "scenarios/app/runner.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "scenarios/app/handover_folder.hpp"
#include "scenarios/app/text_format.hpp"
#include "scenarios/app/worker.hpp"

namespace hearsay::app {
namespace {

constexpr int kWaitMs = 100;

volatile sig_atomic_t stop_signal = 0;
void note_signal(int number) {
  stop_signal = number;
}

// While it lives, a request to stop is noted rather than obeyed. What the caller ignores (nohup) stays ignored, but for
// the end of children: whoever ignores that could not wait for them.
class StopSignals {
 public:
  StopSignals() {
    stop_signal = 0;
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &usual, &former_child_);
    struct sigaction noting {};
    noting.sa_handler = note_signal;
    for (std::size_t index = 0; index < kSignals.size(); ++index) {
      sigaction(kSignals[index], nullptr, &former_[index]);
      if (former_[index].sa_handler != SIG_IGN) sigaction(kSignals[index], &noting, nullptr);
    }
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals() {
    sigaction(SIGCHLD, &former_child_, nullptr);
    for (std::size_t index = 0; index < kSignals.size(); ++index) sigaction(kSignals[index], &former_[index], nullptr);
  }

 private:
  static constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, 3> former_{};
  struct sigaction former_child_ {};
};

double seconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e9;
}

using Group = std::vector<RunKey>;

// In the order of their first runs. Runs that differ in their branch alone are together, wherever the plan has them.
std::vector<Group> groups_of(const std::vector<RunKey>& runs, const RunOne& run_one) {
  using Warm = std::tuple<std::int64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;
  std::vector<Group> groups;
  std::map<Warm, std::size_t> places;
  for (const RunKey& key : runs) {
    const Warm warm{key.point, key.world_seed, key.mining_seed, key.workload_seed, key.attack_seed};
    const auto [place, is_new] = places.emplace(warm, groups.size());
    if (is_new || !run_one.shares_warm_up()) {
      groups.push_back({key});
    } else {
      groups[place->second].push_back(key);
    }
  }
  return groups;
}

// In horizons of a run, if a shared warm-up takes that share of one.
double work_of(const Group& group, double warm_share) {
  const double shared = group.size() > 1 ? warm_share : 0.0;
  return shared + static_cast<double>(group.size()) * (1.0 - shared);
}

std::string name_of(const ProcessProgress& process) {
  return fmt::format("run{} {}", process.runs.size() == 1 ? "" : "s", fmt::join(process.runs, ", "));
}

class Runner {
 public:
  Runner(const Experiment& experiment, const RunnerOptions& options, RunOne& run_one)
      : experiment_(experiment),
        options_(options),
        run_one_(run_one),
        folder_(options.results_path),
        line_(options.progress),
        planned_(static_cast<std::int64_t>(experiment.plan.size())) {
    ResultsFile file = ResultsFile::for_experiment(options.results_path, experiment, options.existing);
    std::set<std::int64_t> finished;
    for (const RunKey& key : file.finished_runs()) finished.insert(key.run);
    std::vector<RunKey> missing;
    for (const RunKey& key : experiment.plan) {
      if (!finished.contains(key.run)) missing.push_back(key);
    }
    groups_ = groups_of(missing, run_one);
    done_ = planned_ - std::ssize(missing);
  }

  int run() {
    if (groups_.empty()) {
      const std::string all = planned_ == 1 ? "its run is" : fmt::format("all {} are", runs(planned_));
      say(fmt::format("{} in {} already; --fresh runs the experiment again", all, path()));
      return 0;
    }
    if (done_ > 0) say(fmt::format("{} of {} in {} already; going on", with_separators(done_), runs(planned_), path()));
    while (stop_signal == 0 && (!workers_.empty() || may_start())) {
      start_workers();
      wait();
      collect();
      line_.show(progress());
    }
    if (stop_signal != 0) return stopped();
    line_.clear();
    if (done_ == planned_) return 0;
    if (options_.results == ResultsAre::thrown_away) return 1;
    const std::int64_t unstarted = planned_ - done_ - failed_;
    say(fmt::format("{} of {} failed{}; {} in {}. The same command tries what is missing again.", failed_,
                    runs(planned_), unstarted > 0 ? fmt::format(", {} not started", unstarted) : "", are(done_),
                    path()));
    return 1;
  }

 private:
  const std::string& path() const { return options_.results_path; }
  static std::string runs(std::int64_t count) { return fmt::format("{} run{}", count, count == 1 ? "" : "s"); }
  static std::string are(std::int64_t count) { return fmt::format("{} {}", count, count == 1 ? "is" : "are"); }

  void say(const std::string& text) {
    line_.clear();
    fmt::print(stderr, "hearsay: {}\n", text);
    std::fflush(stderr);
  }

  bool may_start() const { return !store_failed_ && next_ < groups_.size(); }

  bool has_room() const {
    std::size_t simulating = 0;
    for (const auto& worker : workers_) simulating += worker->simulating();
    return simulating < static_cast<std::size_t>(std::max(1, options_.jobs));
  }

  // Branches of what is warm go first: so there are never more warm states in memory than jobs. A process that only
  // waits for its branches is not counted among the jobs.
  void start_workers() {
    while (has_room()) {
      const auto warm =
          std::find_if(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->can_start(); });
      if (warm != workers_.end()) {
        (*warm)->start_next();
        continue;
      }
      if (!may_start()) return;
      try {
        workers_.push_back(std::make_unique<Worker>(run_one_, groups_[next_], folder_));
      } catch (const EnvironmentError& error) {
        // With fewer processes at a time it may still work; with none it never will.
        if (workers_.empty()) stop_starting(error.what());
        return;
      }
      ++next_;
    }
  }

  void wait() const {
    std::vector<pollfd> pipes;
    for (const auto& worker : workers_) pipes.push_back({worker->descriptor(), POLLIN, 0});
    poll(pipes.data(), pipes.size(), kWaitMs);
  }

  void collect() {
    for (auto& worker : workers_) {
      for (const Worker::EndedRun& run : worker->listen()) {
        if (run.state == Worker::State::finished) {
          store(run.key);
        } else {
          report(run.key, run.failure);
          if (run.state == Worker::State::failed_to_store) stop_starting({});
        }
        folder_.remove_file_of(run.key.run);
      }
      if (worker->simulating() > 0 && worker->warm_share() > 0.0) warm_share_ = worker->warm_share();
      if (!worker->over()) continue;
      executed_ += worker->events();
      work_done_ += worker->work_done();
      worker.reset();
    }
    std::erase(workers_, nullptr);
  }

  void store(const RunKey& key) {
    try {
      ResultsFile::open(path(), Access::write).take_over(folder_.file_of(key.run));
      ++done_;
    } catch (const std::runtime_error& error) {
      report(key, fmt::format("it finished, but could not be stored: {}", error.what()));
      stop_starting({});
    }
  }

  void report(const RunKey& key, const std::string& failure) {
    ++failed_;
    const std::string command = options_.command.empty() ? "" : repeat_command(experiment_, options_, key);
    std::string text = fmt::format("run {} ({}) failed: {}", key.run, describe_run(key), failure);
    if (!command.empty()) text += "\n  to repeat it: " + command;
    say(text);
    try {
      ResultsFile::open(path(), Access::write).note_failure({key.run, failure, command});
    } catch (const std::runtime_error& error) {
      stop_starting(fmt::format("this could not be noted: {}", error.what()));
    }
  }

  void stop_starting(const std::string& why) {
    if (!store_failed_) say(why + (why.empty() ? "" : "; ") + "no more runs are started");
    store_failed_ = true;
    for (const auto& worker : workers_) {
      if (worker != nullptr) worker->dismiss();
    }
  }

  int stopped() {
    const int number = stop_signal;
    collect();  // what has just finished counts
    workers_.clear();
    const std::string kept = fmt::format(" and kept in {}. The same command goes on from there.", path());
    say(fmt::format("stopped; {} of {} finished{}", done_, runs(planned_),
                    options_.results == ResultsAre::kept ? kept : ""));
    return 128 + number;
  }

  ExperimentProgress progress() const {
    ExperimentProgress told;
    told.runs = planned_;
    told.done = done_;
    told.failed = failed_;
    told.events = executed_;
    double done = work_done_;
    for (const auto& worker : workers_) {
      told.events += worker->events();
      done += worker->work_done();
      for (const ProcessProgress& process : worker->progress()) {
        ++(process.warming_up ? told.warming_up : told.running);
        told.processes.push_back(
            {name_of(process), seconds(process.progress.simulated_ns), seconds(process.progress.horizon_ns)});
      }
    }
    double all = 0.0;
    for (const Group& group : groups_) all += work_of(group, warm_share_);
    told.share_done = done / all;
    return told;
  }

  StopSignals signals_;  // before anything is there that a signal could leave behind
  const Experiment& experiment_;
  const RunnerOptions& options_;
  RunOne& run_one_;
  HandoverFolder folder_;  // before the results file is touched: it is the lock
  ProgressLine line_;
  std::int64_t planned_;
  std::vector<Group> groups_;                     // of runs that are missing
  std::vector<std::unique_ptr<Worker>> workers_;  // ended before the folder goes
  std::size_t next_ = 0;                          // of groups_
  std::int64_t done_ = 0;
  std::int64_t failed_ = 0;
  std::int64_t executed_ = 0;  // events of workers that ended
  double work_done_ = 0.0;     // by workers that ended, in horizons of a run
  double warm_share_ = 0.0;    // of a horizon: what a shared warm-up takes, as far as is known
  bool store_failed_ = false;
};

}  // namespace

int run_experiment(const Experiment& experiment, const RunnerOptions& options, RunOne& run_one) {
  return Runner(experiment, options, run_one).run();
}

std::string repeat_command(const Experiment& experiment, const RunnerOptions& options, const RunKey& key) {
  std::string text = fmt::format("{} --seeds {}", options.command, key.world_seed);
  if (options.results == ResultsAre::thrown_away) return text;
  const auto add = [&text](const char* domain, std::uint64_t seed) {
    if (seed <= kLargestNamedSeed) text += fmt::format(" --seeds {}={}", domain, seed);
  };
  add("mining", key.mining_seed);
  add("workload", key.workload_seed);
  add("attack", key.attack_seed);
  const bool branches = std::any_of(experiment.plan.begin(), experiment.plan.end(),
                                    [&key](const RunKey& other) { return other.branch != key.branch; });
  if (branches) text += " --branch " + shell_word(key.branch);
  std::filesystem::path out(options.results_path);
  out.replace_filename(fmt::format("{}-run-{}.sqlite", out.stem().string(), key.run));
  return text + " --jobs 1 --out " + shell_word(out.string());
}

}  // namespace hearsay::app
