#include "sim/net/congestion_window.hpp"

#include <algorithm>

#include "sim/core/check.hpp"

namespace hearsay {
namespace {

constexpr std::uint32_t kSmallestThreshold = 2;     // segments; RFC 5681, equation 4
constexpr std::uint32_t kWindowAfterTimeout = 2;    // the loss window of one (RFC 5681, 3.1), and its acknowledgement
constexpr std::uint32_t kLargestWindow = 0xffffff;  // what the bit fields hold: 24 GB, RFC 7323 ends at 1 GB
constexpr std::uint32_t kLostAtMost = 0xff;         // in a round, counted; the rest goes uncounted
constexpr int kRetriesAtMost = 15;                  // Linux, tcp_retries2
// RFC 9438: C = 0.4, beta = 0.7; alpha = 3 (1 - beta) / (1 + beta) = 9/17 until the window is what it was, then 1.
constexpr double kCubic = 0.4;
constexpr std::uint32_t kFriendlyUnit = 17;
constexpr std::uint32_t kFriendlyStep = 9;

// `share` of `whole` in proportion `part`, rounded down.
std::uint32_t scale(std::uint64_t part, std::uint64_t share, std::uint64_t whole) {
  return static_cast<std::uint32_t>(part * share / whole);
}

std::uint32_t excess(std::uint32_t value, std::uint32_t over) {
  return value > over ? value - over : 0;
}

Duration transmission(std::uint32_t segments, const CongestionPath& path) {
  return {static_cast<std::int64_t>(segments) * path.segment_picoseconds / 1000};
}

// Segments that are on their way when the slowest link is busy and nothing waits.
std::uint32_t pipe_segments(const CongestionPath& path) {
  if (path.segment_picoseconds == 0) return kLargestWindow;
  const std::int64_t segments = path.round_trip.ns * 1000 / path.segment_picoseconds;
  return static_cast<std::uint32_t>(std::min<std::int64_t>(segments, kLargestWindow));
}

std::uint32_t window_limit(const CongestionPath& path) {
  return std::clamp(path.window_limit, 1u, kLargestWindow);
}

// The share beta of it: 0.7 (RFC 9438, 4.6) or 0.5 (RFC 5681, 3.1).
std::uint32_t reduced(std::uint32_t segments, CongestionControl control) {
  return control == CongestionControl::cubic ? scale(segments, 7, 10) : segments / 2;
}

// RFC 6298 with a steady round trip: the variance falls to its floor, which Linux puts at TCP_RTO_MIN.
Duration retransmission_timeout(const CongestionPath& path) {
  return path.round_trip + kTimeoutMargin;
}

// The largest integer whose cube is at most `value`, value < 2^60.
std::uint64_t cube_root(std::uint64_t value) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 20; bit > 0; bit /= 2)
    if ((root + bit) * (root + bit) * (root + bit) <= value) root += bit;
  return root;
}

double power(double base, std::uint32_t exponent) {
  double result = 1.0;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = result * base;
    base = base * base;
  }
  return result;
}

}  // namespace

WindowOpening CongestionWindow::admit(SimTime now, std::uint32_t segments, const CongestionPath& path,
                                      RandomStream& stream, std::uint32_t behind) {
  SIM_CHECK(segments > 0, "a quantum has at least one segment");
  SIM_CHECK(path.loss >= 0.0 && path.loss < 1.0, "the chance of a loss is below one");
  if (path.control == CongestionControl::none) return {now, {}};
  catch_up(now, path);
  SimTime start = now;
  Repair repair;
  std::uint32_t given = 0;
  for (;;) {
    const std::uint32_t take = std::min<std::uint32_t>(segments - given, round_size_ - used_);
    start = std::max(start, open_ + transmission(used_, path) - transmission(given, path));
    given += take;
    const std::uint32_t to_come = segments - given + behind;
    if (path.loss > 0.0) repair.join(lose(take, to_come, path, stream));
    used_ = (used_ + take) & kLargestWindow;
    if (given == segments) break;
    next_round(std::max(open_ + path.round_trip, start + transmission(given, path)), path);
  }
  last_departure_ = start + transmission(segments, path);
  repair.join(overflow_repair(behind, path));
  const WindowOpening opening{start, std::max(Duration{}, repair.sent - last_departure_)};
  if (repair.timeout) collapse(repair.sent, path);
  return opening;
}

// Brings the rounds to `now`: the window of a connection that has been idle, and room for at least one segment.
void CongestionWindow::catch_up(SimTime now, const CongestionPath& path) {
  if (window_ == 0) {
    enter(now, kInitialWindow, 0, path);
  } else if (now > last_departure_ + retransmission_timeout(path)) {
    next_round(now, path);  // what the last round has taught
    recovering_ = 0;
    epoch_ = SimTime::max();
    enter(now, std::min(window_, kInitialWindow), 0, path);  // RFC 5681, 4.1
  } else if (now >= last_departure_ + path.round_trip) {
    next_round(now, path);  // all is acknowledged
  } else if (used_ == round_size_) {
    next_round(std::max(open_ + path.round_trip, last_departure_), path);
  }
}

void CongestionWindow::next_round(SimTime open, const CongestionPath& path) {
  if (used_ > first_loss_) {
    reduce(open, path);
  } else if (recovering_ != 0) {
    recovering_ = 0;
    enter(open, window_, window_, path);
  } else {
    enter(open, grown(open, used_, path), window_, path);
  }
}

// Opens a round of `window` segments, sent as the acknowledgements of `earlier` segments come in. The surplus goes to
// the queue, evenly over the round; what finds it full is lost.
void CongestionWindow::enter(SimTime open, std::uint32_t window, std::uint32_t earlier, const CongestionPath& path) {
  window_ = std::min(window, window_limit(path));
  open_ = open;
  round_size_ = window_ & kLargestWindow;
  first_loss_ = kNone;
  if (window_ >= threshold_ && epoch_ == SimTime::max()) {
    epoch_ = open;
    friendly_window_ = window_ * kFriendlyUnit;
  }
  const std::uint32_t growth = excess(window_, earlier);
  const std::uint32_t waiting = excess(std::min(earlier, window_), pipe_segments(path));
  const std::uint32_t overflow = std::min(excess(waiting + growth, path.queue_segments), window_ - 1);
  if (overflow > 0 && path.segment_picoseconds > 0) {
    round_size_ = (window_ - overflow) & kLargestWindow;
    const std::uint32_t room = excess(path.queue_segments, waiting);
    first_loss_ = growth > 0 ? std::min(scale(window_, room, growth), window_ - overflow) : window_ - overflow;
  }
  used_ = std::min<std::uint32_t>(lost_, round_size_ - 1) & kLargestWindow;
  lost_ = 0;
}

// Opens the round in which the sender hears of a loss in the one before. Until then it goes on as before; from then on
// it sends the share beta for each segment that arrives, lost ones first (RFC 6675, RFC 6937).
void CongestionWindow::reduce(SimTime open, const CongestionPath& path) {
  const std::uint32_t lost = recovering_ != 0 ? 0 : window_ - round_size_;
  const std::uint32_t first = std::min(first_loss_, window_);
  const std::uint32_t growth = recovering_ != 0 ? 0 : grown(open, window_, path) - window_;
  const std::uint32_t more = scale(first, growth, window_);
  const std::uint32_t flight = std::min(window_ + more, window_limit(path));
  lower_threshold(flight, path.control);
  const std::uint32_t after = scale(excess(window_, first + lost), threshold_, flight);
  const std::uint32_t room = excess(path.queue_segments, excess(window_, pipe_segments(path)));
  const std::uint32_t lost_again = path.segment_picoseconds == 0 ? 0 : excess(more, room);

  constexpr std::uint32_t kSixteenBits = 0xffff;
  before_recovery_ = static_cast<std::uint16_t>(std::min(first + more, kSixteenBits));
  backlog_ = static_cast<std::uint16_t>(std::min(excess(lost, std::max(after, 1u)), kSixteenBits));
  open_ = open;
  window_ = std::min(threshold_, window_limit(path));
  round_size_ =
      std::clamp<std::uint32_t>(first + more - lost_again + after, lost_ + 1, kLargestWindow) & kLargestWindow;
  first_loss_ = kNone;
  used_ = lost_;
  lost_ = 0;
  recovering_ = 1;
  epoch_ = SimTime::max();
}

// The window after a round without a loss in which `sent` segments left.
std::uint32_t CongestionWindow::grown(SimTime open, std::uint32_t sent, const CongestionPath& path) {
  if (sent < window_ / 2 + window_ % 2) return window_;  // not the window was what held the sender: RFC 7661, 4.3
  const std::uint32_t limit = window_limit(path);
  if (window_ < threshold_) return std::min({window_ + sent, threshold_, limit});  // RFC 3465 with L = all
  if (sent < window_) return window_;
  const std::uint32_t next = path.control == CongestionControl::cubic ? cubic_window(open, path) : window_ + 1;
  return std::max(window_, std::min(next, limit));
}

// RFC 9438, 4.2 to 4.5: the curve a round trip ahead, at most half as much again, and at least what Reno would have.
std::uint32_t CongestionWindow::cubic_window(SimTime open, const CongestionPath& path) {
  const std::uint32_t origin = std::max(largest_window_, threshold_);
  const bool regained = friendly_window_ / kFriendlyUnit >= scale(threshold_, 10, 7);
  friendly_window_ += regained ? kFriendlyUnit : kFriendlyStep;
  const std::uint64_t rise = std::min<std::uint64_t>(origin - threshold_, 100'000'000);
  const std::uint64_t rise_ms = cube_root(rise * 2'500'000'000u);  // K: the cube root of rise / C, C = 0.4
  const Duration since = open - epoch_ + path.round_trip - milliseconds(static_cast<std::int64_t>(rise_ms));
  const double t = static_cast<double>(since.ns) / 1e9;
  const double target = static_cast<double>(origin) + kCubic * t * t * t;
  const double bounded = std::clamp(target, static_cast<double>(window_), 1.5 * static_cast<double>(window_));
  return std::max(static_cast<std::uint32_t>(bounded), friendly_window_ / kFriendlyUnit);
}

// The window after a retransmission timeout: RFC 5681, 3.1.
void CongestionWindow::collapse(SimTime sent, const CongestionPath& path) {
  lower_threshold(window_, path.control);
  epoch_ = SimTime::max();
  recovering_ = 0;
  lost_ = 0;
  last_departure_ = std::max(last_departure_, sent);
  enter(last_departure_, kWindowAfterTimeout, kWindowAfterTimeout, path);
}

void CongestionWindow::lower_threshold(std::uint32_t flight, CongestionControl control) {
  if (control == CongestionControl::cubic)
    largest_window_ = flight < largest_window_ ? scale(flight, 17, 20) : flight;  // fast convergence: (1 + beta) / 2
  threshold_ = std::max(reduced(flight, control), kSmallestThreshold);
}

// Draws which of the next `count` segments of the round are lost at random; `behind` segments follow them. When the
// last of them has been sent again.
CongestionWindow::Repair CongestionWindow::lose(std::uint32_t count, std::uint32_t behind, const CongestionPath& path,
                                                RandomStream& stream) {
  Repair repair;
  const std::uint32_t known =
      recovering_ != 0 ? before_recovery_ : 0u;  // what is lost before it is of the same episode
  for (std::uint32_t i = survivors(count, path.loss, stream); i < count;
       i += 1 + survivors(count - i - 1, path.loss, stream)) {
    const std::uint32_t position = used_ + i;
    if (position >= known) first_loss_ = std::min(first_loss_, position);
    if (lost_ < kLostAtMost) ++lost_;
    int times = 1;
    while (times < kRetriesAtMost && survivors(1, path.loss, stream) == 0) ++times;
    const bool timeout = count - i - 1 + behind < kDuplicateThreshold;
    const Duration wait = (timeout ? retransmission_timeout(path) : path.round_trip) + path.round_trip * (times - 1);
    repair.timeout = repair.timeout || timeout;
    repair.sent = std::max(repair.sent, open_ + transmission(position, path) + wait);
  }
  return repair;
}

// How many of the next `count` segments arrive before the next one that is lost: one draw a loss.
std::uint32_t CongestionWindow::survivors(std::uint32_t count, double loss, RandomStream& stream) {
  const double keep = 1.0 - loss;
  if (until_loss_ == 0.0) until_loss_ = static_cast<double>((stream() >> 11) + 1) * 0x1.0p-53;
  const double all = power(keep, count);
  if (all >= until_loss_) {
    until_loss_ = until_loss_ / all;
    return count;
  }
  std::uint32_t arrive = 0;
  for (; arrive + 1 < count && keep >= until_loss_; ++arrive) until_loss_ = until_loss_ / keep;
  until_loss_ = 0.0;
  return arrive;
}

// When the last of what the queue dropped has been sent again, if the stream ends `behind` segments further on.
CongestionWindow::Repair CongestionWindow::overflow_repair(std::uint32_t behind, const CongestionPath& path) const {
  if (recovering_ != 0)
    return {backlog_ == 0 ? SimTime{} : open_ + path.round_trip + transmission(backlog_, path), false};
  if (round_size_ == window_ || used_ <= first_loss_) return {};
  const SimTime first = open_ + transmission(first_loss_, path);
  const std::uint32_t passed = used_ - first_loss_;  // behind the first lost one: they tell of it
  if (passed + behind < kDuplicateThreshold) return {first + retransmission_timeout(path), true};
  // Each of those that tell of it lets the share beta of a segment leave. What is then left waits for another round.
  const std::uint32_t lost = scale(passed, window_ - round_size_, round_size_ - first_loss_);
  const std::uint32_t left = excess(lost, std::max(reduced(passed, path.control), 1u));
  if (left == 0) return {first + path.round_trip, false};
  const SimTime next = open_ + std::max(path.round_trip, transmission(used_, path));
  return {next + path.round_trip + transmission(left, path), false};
}

}  // namespace hearsay
