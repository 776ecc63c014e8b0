#include "scenarios/app/runner.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>

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

// While it lives, a request to stop is noted rather than obeyed. What the caller ignores (nohup) stays ignored.
class StopSignals {
 public:
  StopSignals() {
    stop_signal = 0;
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
    for (std::size_t index = 0; index < kSignals.size(); ++index) sigaction(kSignals[index], &former_[index], nullptr);
  }

 private:
  static constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, 3> former_{};
};

double seconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e9;
}

class Runner {
 public:
  Runner(const Experiment& experiment, const RunnerOptions& options, RunOne& run_one)
      : options_(options),
        run_one_(run_one),
        folder_(options.results_path),
        line_(options.progress),
        planned_(static_cast<std::int64_t>(experiment.plan.size())) {
    ResultsFile file = ResultsFile::for_experiment(options.results_path, experiment, options.existing);
    std::set<std::int64_t> finished;
    for (const RunKey& key : file.finished_runs()) finished.insert(key.run);
    for (const RunKey& key : experiment.plan) {
      if (!finished.contains(key.run)) missing_.push_back(key);
    }
    found_ = done_ = planned_ - static_cast<std::int64_t>(missing_.size());
  }

  int run() {
    if (missing_.empty()) {
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

  bool may_start() const { return !store_failed_ && next_ < missing_.size(); }

  void start_workers() {
    while (may_start() && workers_.size() < static_cast<std::size_t>(std::max(1, options_.jobs))) {
      try {
        workers_.push_back(std::make_unique<Worker>(run_one_, missing_[next_], folder_));
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
      const Worker::State state = worker->listen();
      if (state == Worker::State::running) continue;
      if (state == Worker::State::finished) {
        store(*worker);
      } else {
        report(worker->key(), worker->failure());
        if (state == Worker::State::failed_to_store) stop_starting({});
      }
      folder_.remove_file_of(worker->key().run);
      executed_ += worker->progress().events;
      worker.reset();
    }
    std::erase(workers_, nullptr);
  }

  void store(const Worker& worker) {
    try {
      ResultsFile::open(path(), Access::write).take_over(folder_.file_of(worker.key().run));
      ++done_;
    } catch (const std::runtime_error& error) {
      report(worker.key(), fmt::format("it finished, but could not be stored: {}", error.what()));
      stop_starting({});
    }
  }

  void report(const RunKey& key, const std::string& failure) {
    ++failed_;
    std::string text = fmt::format("run {} ({}) failed: {}", key.run, describe_run(key), failure);
    if (!options_.command.empty()) text += "\n  to repeat it: " + repeat_command(options_, key);
    say(text);
  }

  void stop_starting(const std::string& why) {
    if (!store_failed_) say(why + (why.empty() ? "" : "; ") + "no more runs are started");
    store_failed_ = true;
  }

  int stopped() {
    const int number = stop_signal;
    collect();  // what has just finished counts
    workers_.clear();
    say(fmt::format("stopped; {} of {} finished and kept in {}. The same command goes on from there.", done_,
                    runs(planned_), path()));
    return 128 + number;
  }

  ExperimentProgress progress() const {
    ExperimentProgress told;
    told.runs = planned_;
    told.done = done_;
    told.running = static_cast<std::int64_t>(workers_.size());
    told.failed = failed_;
    told.events = executed_;
    double finished = static_cast<double>(done_ - found_ + failed_);
    double simulated = 0.0;
    double horizon = 0.0;
    for (const auto& worker : workers_) {
      const Progress& of_worker = worker->progress();
      told.events += of_worker.events;
      simulated += seconds(of_worker.simulated_ns);
      horizon += seconds(of_worker.horizon_ns);
      if (of_worker.horizon_ns > 0) finished += seconds(of_worker.simulated_ns) / seconds(of_worker.horizon_ns);
    }
    if (!workers_.empty()) {
      told.simulated_s = simulated / static_cast<double>(workers_.size());
      told.horizon_s = horizon / static_cast<double>(workers_.size());
    }
    told.share_done = finished / static_cast<double>(missing_.size());
    return told;
  }

  StopSignals signals_;  // before anything is there that a signal could leave behind
  const RunnerOptions& options_;
  RunOne& run_one_;
  HandoverFolder folder_;  // before the results file is touched: it is the lock
  ProgressLine line_;
  std::int64_t planned_;
  std::vector<RunKey> missing_;
  std::vector<std::unique_ptr<Worker>> workers_;  // ended before the folder goes
  std::size_t next_ = 0;                          // of missing_
  std::int64_t found_ = 0;                        // done before this start
  std::int64_t done_ = 0;
  std::int64_t failed_ = 0;
  std::int64_t executed_ = 0;  // events of workers that ended
  bool store_failed_ = false;
};

}  // namespace

int run_experiment(const Experiment& experiment, const RunnerOptions& options, RunOne& run_one) {
  return Runner(experiment, options, run_one).run();
}

std::string repeat_command(const RunnerOptions& options, const RunKey& key) {
  std::string text = fmt::format("{} --seeds {}", options.command, key.world_seed);
  const auto add = [&text](const char* domain, std::uint64_t seed) {
    if (seed <= kLargestNamedSeed) text += fmt::format(" --seeds {}={}", domain, seed);
  };
  add("mining", key.mining_seed);
  add("workload", key.workload_seed);
  add("attack", key.attack_seed);
  std::filesystem::path out(options.results_path);
  out.replace_filename(fmt::format("{}-run-{}.sqlite", out.stem().string(), key.run));
  return text + " --jobs 1 --out " + shell_word(out.string());
}

}  // namespace hearsay::app
