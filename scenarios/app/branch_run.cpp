#include "scenarios/app/branch_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "sim/core/check.hpp"

namespace hearsay::app {

namespace {

constexpr std::int64_t kProgressSteps = 400;

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

BranchRun::BranchRun(const Scenario& scenario, const RunKey& key, const SimulateOptions& options)
    : scenario_(scenario), options_(options), key_(key), judge_(scenario), next_sample_(scenario.origin()) {
  const Stopwatch watch;
  network_ = std::make_unique<Network>(scenario, seeds_of(key, scenario), options);
  network_->install_faults(scenario, Duration{}, scenario.branch_at);
  if (judge_.has_work())
    state_ = std::make_unique<NetworkState>(network_->simulation(), network_->targets(), network_->protocols(),
                                            network_->tip_changes());
  costs_before_ = costs_so_far(scenario, *network_, now_);
  build_s_ = watch.seconds();
}

void BranchRun::warm_up(SimulationListener* listener) {
  if (!options_.capture.path.empty())
    capture_.emplace(options_.capture, network_->simulation(),
                     fmt::format("{}, world seed {}", scenario_.name, key_.world_seed));
  advance(scenario_.origin() + scenario_.branch_at, key_, listener);
}

RunResult BranchRun::finish(const RunKey& key, SimulationListener* listener) {
  const Scenario& branch = scenario_.branch(key.branch);
  network_->install_faults(branch, scenario_.branch_at, scenario_.horizon);
  advance(scenario_.end(), key, listener);
  if (capture_) capture_->finish();
  Simulation& simulation = network_->simulation();
  try {
    simulation.check_streams();
  } catch (const CheckFailure& failure) {
    throw CheckFailure(fmt::format("{} (world seed {}, run {})", failure.what(), key.world_seed, key.run));
  }
  RunResult result;
  result.key = key;
  result.digest = simulation.digest();
  result.digest_slices = simulation.slices();
  result.horizon_ns = (now_ - scenario_.origin()).ns;
  result.nodes = scenario_.nodes();
  const Counters counters = simulation.counters();
  result.events = static_cast<std::int64_t>(counters.events);
  result.messages_sent = static_cast<std::int64_t>(counters.sent);
  result.messages_delivered = static_cast<std::int64_t>(counters.delivered);
  result.messages_dropped = static_cast<std::int64_t>(counters.dropped);
  collect(branch, now_, *network_, judge_, costs_before_, result);
  result.wall_clock.build_s = build_s_;
  result.wall_clock.run_s = run_s_;
  return result;
}

bool BranchRun::is_over() const {
  return !scenario_.stop_when.empty() && judge_.happened(scenario_.stop_when);
}

void BranchRun::look() {
  const bool changed = state_->refresh(now_);
  judge_.look(now_, *state_, changed ? OutcomeJudge::Changed::yes : OutcomeJudge::Changed::no);
  next_sample_ = next_sample_ + scenario_.sample_every;
}

void BranchRun::advance(SimTime limit, const RunKey& key, SimulationListener* listener) {
  const Stopwatch watch;
  Simulation& simulation = network_->simulation();
  const Duration step{std::max<std::int64_t>(1, (scenario_.end() - SimTime{}).ns / kProgressSteps)};
  SimTime next_report = now_ + step;
  while (now_ < limit && !is_over()) {
    SimTime next = std::min(limit, next_report);
    if (state_ != nullptr) next = std::min(next, next_sample_);
    if (now_ < scenario_.origin()) next = std::min(next, scenario_.origin());
    try {
      simulation.run_until(next);
    } catch (const CheckFailure& failure) {
      throw CheckFailure(fmt::format("{} (world seed {}, run {})", failure.what(), key.world_seed, key.run));
    }
    now_ = next;
    if (now_ == scenario_.origin() && now_ > SimTime{}) costs_before_ = costs_so_far(scenario_, *network_, now_);
    if (state_ != nullptr && now_ == next_sample_) look();
    if (now_ < next_report) continue;
    next_report = now_ + step;
    if (capture_) capture_->advance();
    if (listener != nullptr) listener->on_progress(now_, static_cast<std::int64_t>(simulation.counters().events));
  }
  run_s_ += watch.seconds();
}

}  // namespace hearsay::app
