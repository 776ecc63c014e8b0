#include "scenarios/app/progress_line.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "scenarios/app/text_format.hpp"

namespace hearsay::app {
namespace {

constexpr std::chrono::milliseconds kInterval{200};
constexpr std::chrono::seconds kWindow{5};

double seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 79;
  return size.ws_col - 1u;
}

// One text for processes whose horizons are the same, as those of an experiment are.
std::string each_simulated(const std::vector<ProcessAt>& processes, const std::string& horizon) {
  std::string text;
  for (const ProcessAt& process : processes) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", process.name, rough_duration(process.simulated_s));
  }
  return fmt::format(" | {} of {} simulated", text, horizon);
}

std::string least_and_most_simulated(const std::vector<ProcessAt>& processes, const std::string& horizon) {
  const auto [least, most] = std::minmax_element(
      processes.begin(), processes.end(),
      [](const ProcessAt& left, const ProcessAt& right) { return left.simulated_s < right.simulated_s; });
  const std::string low = rough_duration(least->simulated_s);
  const std::string high = rough_duration(most->simulated_s);
  return fmt::format(" | {} of {} simulated", low == high ? low : fmt::format("{} to {}", low, high), horizon);
}

}  // namespace

std::string progress_text(const ExperimentProgress& progress, double events_per_s, std::optional<double> left_s,
                          std::size_t width) {
  std::string text = fmt::format("{} of {} runs done", progress.done, progress.runs);
  if (progress.running > 0) text += fmt::format(", {} running", progress.running);
  if (progress.warming_up > 0) text += fmt::format(", {} warming up", progress.warming_up);
  if (progress.failed > 0) text += fmt::format(", {} failed", progress.failed);
  if (left_s) text += fmt::format(" | {} left", rough_duration(*left_s));
  const std::string rate =
      events_per_s >= 1.0 ? fmt::format(" | {} events/s", with_separators(std::llround(events_per_s))) : "";
  double horizon_s = 0.0;  // of those that have told theirs
  for (const ProcessAt& process : progress.processes) horizon_s = std::max(horizon_s, process.horizon_s);
  if (horizon_s <= 0.0) return cut(text + rate, width);
  const std::string horizon = rough_duration(horizon_s);
  const std::string each = each_simulated(progress.processes, horizon);
  const std::string span = least_and_most_simulated(progress.processes, horizon);
  if (progress.processes.size() > 1) {
    for (const std::string& rest : {each + rate, each}) {
      if (width_of(text + rest) <= width) return text + rest;
    }
  }
  return cut(text + span + rate, width);
}

ProgressLine::ProgressLine(ShowProgress show)
    : on_(show == ShowProgress::on_a_terminal && isatty(STDERR_FILENO) == 1) {}

void ProgressLine::show(const ExperimentProgress& progress) {
  const auto now = Clock::now();
  if (!on_ || now < next_) return;
  next_ = now + kInterval;
  const double rate = events_per_s(now, progress.events);
  // The first moments tell nothing about the rest.
  std::optional<double> left;
  const double elapsed = seconds(now - start_);
  if (elapsed > 1.0 && progress.share_done > 0.005) {
    left = elapsed * (1.0 - std::min(progress.share_done, 1.0)) / progress.share_done;
  }
  const std::string text = progress_text(progress, rate, left, terminal_width());
  fmt::print(stderr, "\r{}\033[K", text);
  std::fflush(stderr);
  visible_ = true;
}

void ProgressLine::clear() {
  if (!visible_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  visible_ = false;
}

double ProgressLine::events_per_s(Clock::time_point now, std::int64_t events) {
  recent_.emplace_back(now, events);
  while (recent_.size() > 2 && recent_[1].first + kWindow < now) recent_.pop_front();
  const double duration = seconds(now - recent_.front().first);
  return duration > 0.5 ? static_cast<double>(events - recent_.front().second) / duration : 0.0;
}

}  // namespace hearsay::app
