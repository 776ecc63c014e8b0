#include "models/internet/session_laws.hpp"

#include <cmath>

#include "models/internet/draws.hpp"
#include "sim/core/check.hpp"

namespace hearsay::internet {

namespace {

double seconds_of(Duration duration) {
  return static_cast<double>(duration.ns) / 1e9;
}

class Exponential final : public SessionLengthLaw {
 public:
  explicit Exponential(double mean) : mean_(mean) {}
  double mean_seconds() const override { return mean_; }
  double length_seconds(double chance) const override { return mean_ * exponential_quantile(chance); }
  double remaining_seconds(double chance, double) const override { return length_seconds(chance); }  // no memory

 private:
  double mean_;
};

// Sessions met under way are log-normal too, with a median exp(sigma^2) times as long; what is left is a uniform part.
class LogNormalSessions final : public SessionLengthLaw {
 public:
  LogNormalSessions(double median, double sigma)
      : law_{median, sigma},
        met_{median * std::exp(sigma * sigma), sigma},
        mean_(median * std::exp(sigma * sigma / 2)) {}
  double mean_seconds() const override { return mean_; }
  double length_seconds(double chance) const override { return law_.quantile(chance); }
  double remaining_seconds(double chance, double other_chance) const override {
    return met_.quantile(chance) * other_chance;
  }

 private:
  LogNormal law_;
  LogNormal met_;
  double mean_;
};

class Surviving final : public SessionLengthLaw {
 public:
  explicit Surviving(const std::vector<SurvivalPoint>& points) : points_(points) {
    SIM_CHECK(points.size() >= 2, "a law of survival has at least two points");
    const SurvivalPoint& last = points_.back();
    const SurvivalPoint& before = points_[points_.size() - 2];
    hazard_ = std::log(before.share / last.share) / (last.seconds - before.seconds);
    mean_ = integral(points_.back().seconds) + last.share / hazard_;
  }
  double mean_seconds() const override { return mean_; }
  double length_seconds(double chance) const override {
    const double share = 1.0 - chance;
    const SurvivalPoint& first = points_.front();
    if (share >= first.share) return first.seconds * (1.0 - share) / (1.0 - first.share);
    for (std::size_t i = 1; i < points_.size(); ++i) {
      if (share < points_[i].share) continue;
      const double part = (points_[i - 1].share - share) / (points_[i - 1].share - points_[i].share);
      return points_[i - 1].seconds * std::exp(part * std::log(points_[i].seconds / points_[i - 1].seconds));
    }
    return points_.back().seconds + std::log(points_.back().share / share) / hazard_;
  }
  // What is left is at least r with the chance of the integral of survival from r on, over the mean.
  double remaining_seconds(double chance, double) const override {
    const double wanted = chance * mean_;
    const double at_last = integral(points_.back().seconds);
    if (wanted >= at_last) {
      const double left = (mean_ - wanted) * hazard_ / points_.back().share;
      return points_.back().seconds - std::log(left) / hazard_;
    }
    double low = 0.0;
    double high = points_.back().seconds;
    for (int step = 0; step < 80; ++step) {
      const double middle = (low + high) / 2;
      (integral(middle) < wanted ? low : high) = middle;
    }
    return high;
  }

 private:
  // Of survival, from zero to `until`, which is not beyond the last point.
  [[nodiscard]] double integral(double until) const {
    const SurvivalPoint& first = points_.front();
    if (until <= first.seconds) return until * (1.0 - (1.0 - first.share) * until / first.seconds / 2);
    double sum = first.seconds * (1.0 + first.share) / 2;
    for (std::size_t i = 1; i < points_.size(); ++i) {
      const SurvivalPoint& from = points_[i - 1];
      const double slope = (from.share - points_[i].share) / std::log(points_[i].seconds / from.seconds);
      const double to = until < points_[i].seconds ? until : points_[i].seconds;
      sum += from.share * (to - from.seconds) - slope * (to * std::log(to / from.seconds) - (to - from.seconds));
      if (until <= points_[i].seconds) break;
    }
    return sum;
  }

  std::vector<SurvivalPoint> points_;
  double hazard_ = 0.0;
  double mean_ = 0.0;
};

}  // namespace

std::unique_ptr<SessionLengthLaw> exponential_sessions(Duration mean) {
  return std::make_unique<Exponential>(seconds_of(mean));
}

std::unique_ptr<SessionLengthLaw> log_normal_sessions(Duration median, double sigma) {
  return std::make_unique<LogNormalSessions>(seconds_of(median), sigma);
}

const std::vector<SurvivalPoint>& kit_2019_survival() {
  static const std::vector<SurvivalPoint> points = {
      {60, 0.997}, {3600, 0.931}, {86'400, 0.795}, {7 * 86'400, 0.577}, {30 * 86'400, 0.302}};
  return points;
}

std::unique_ptr<SessionLengthLaw> surviving_sessions(const std::vector<SurvivalPoint>& points) {
  return std::make_unique<Surviving>(points);
}

}  // namespace hearsay::internet
