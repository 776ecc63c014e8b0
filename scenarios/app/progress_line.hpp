// The line that shows how far an experiment is, on a terminal; elsewhere nothing is printed.
//
// It measures no simulation: the runner tells it the state. The line never wraps and is gone after clear().
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearsay::app {

enum class ShowProgress { on_a_terminal, never };

// A process that simulates.
struct ProcessAt {
  std::string name;  // "run 4", "runs 4, 5" while they share a warm-up
  double simulated_s = 0.0;
  double horizon_s = 0.0;
};

struct ExperimentProgress {
  std::int64_t runs = 0;
  std::int64_t done = 0;  // those of an earlier start included
  std::int64_t running = 0;
  std::int64_t warming_up = 0;  // processes that make a warm state for several runs
  std::int64_t failed = 0;
  std::vector<ProcessAt> processes;
  double share_done = 0.0;  // of the work of this start
  std::int64_t events = 0;  // executed since this start
};

// "3 of 10 runs done, 2 running, 1 failed | 3 min left | run 4: 1 h 12 min, run 5: 40 min of 2 h simulated | 1,234,567
// events/s". Where that is too wide, of the simulated times only the least and the most are told; what matters least is
// at the end, and is left out or cut off next.
std::string progress_text(const ExperimentProgress& progress, double events_per_s, std::optional<double> left_s,
                          std::size_t width);

class ProgressLine {
 public:
  explicit ProgressLine(ShowProgress show);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const ExperimentProgress& progress);  // at most five times a second
  void clear();                                   // before anything else is printed

 private:
  using Clock = std::chrono::steady_clock;
  double events_per_s(Clock::time_point now, std::int64_t events);

  bool on_;
  bool visible_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_{};
  std::deque<std::pair<Clock::time_point, std::int64_t>> recent_;  // events by time, of the last seconds
};

}  // namespace hearsay::app
