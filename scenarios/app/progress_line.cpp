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

}  // namespace

std::string progress_text(const ExperimentProgress& progress, double events_per_s, std::optional<double> left_s) {
  std::string text = fmt::format("{} of {} runs done", progress.done, progress.runs);
  if (progress.running > 0) text += fmt::format(", {} running", progress.running);
  if (progress.failed > 0) text += fmt::format(", {} failed", progress.failed);
  if (left_s) text += fmt::format(" | {} left", rough_duration(*left_s));
  if (progress.horizon_s > 0.0) {
    text +=
        fmt::format(" | {} of {} simulated", rough_duration(progress.simulated_s), rough_duration(progress.horizon_s));
  }
  if (events_per_s >= 1.0) text += fmt::format(" | {} events/s", with_separators(std::llround(events_per_s)));
  return text;
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
  const std::string text = cut(progress_text(progress, rate, left), terminal_width());
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
