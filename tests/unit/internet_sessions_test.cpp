// Laws of session lengths against their closed forms, and what is left of a session that is met under way against
// renewal theory: P(remaining > r) = integral of survival from r on, over the mean.
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>

#include "models/internet/session_laws.hpp"

namespace hearsay::internet {
namespace {

// The mean over evenly spread chances is the mean of the law up to the ends of the sum.
double mean_of_lengths(const SessionLengthLaw& law, int steps) {
  double sum = 0.0;
  for (int i = 0; i < steps; ++i) sum += law.length_seconds((i + 0.5) / steps);
  return sum / steps;
}

// Mean of what remains: E[S^2] / (2 E[S]) (renewal theory).
double mean_remaining_by_theory(const SessionLengthLaw& law, int steps) {
  double sum = 0.0;
  for (int i = 0; i < steps; ++i) sum += std::pow(law.length_seconds((i + 0.5) / steps), 2);
  return sum / steps / (2.0 * law.mean_seconds());
}

double mean_remaining(const SessionLengthLaw& law, int steps) {
  double sum = 0.0;
  for (int i = 0; i < steps; ++i)
    for (int j = 0; j < steps; ++j) sum += law.remaining_seconds((i + 0.5) / steps, (j + 0.5) / steps);
  return sum / steps / steps;
}

TEST_CASE("session lengths have the mean that the law says") {
  const auto exponential = exponential_sessions(hours(10));
  const auto log_normal = log_normal_sessions(hours(10), 1.0);
  const auto kit = surviving_sessions(kit_2019_survival());
  CHECK(exponential->mean_seconds() == 36'000.0);
  CHECK(log_normal->mean_seconds() == Approx(36'000.0 * std::exp(0.5)).epsilon(1e-12));
  for (const auto* law : {exponential.get(), log_normal.get(), kit.get()})
    CHECK(mean_of_lengths(*law, 200'000) == Approx(law->mean_seconds()).epsilon(2e-4));
}

TEST_CASE("the measured survival is met at its points") {
  const auto kit = surviving_sessions(kit_2019_survival());
  for (const SurvivalPoint& point : kit_2019_survival())
    CHECK(kit->length_seconds(1.0 - point.share) == Approx(point.seconds).epsilon(1e-9));
  // Half way between 1 h and 1 d in the logarithm, half way between their shares.
  CHECK(kit->length_seconds(1.0 - (0.931 + 0.795) / 2) == Approx(3600.0 * std::sqrt(24.0)).epsilon(1e-9));
  // Beyond 30 d with the hazard of 7 d to 30 d: another 23 d leave .302 * .302 / .577.
  CHECK(kit->length_seconds(1.0 - 0.302 * 0.302 / 0.577) == Approx(53.0 * 86'400).epsilon(1e-9));
}

TEST_CASE("what remains of a session that is met under way follows renewal theory") {
  const auto exponential = exponential_sessions(hours(10));
  const auto log_normal = log_normal_sessions(hours(10), 1.0);
  const auto kit = surviving_sessions(kit_2019_survival());
  for (const auto* law : {exponential.get(), log_normal.get(), kit.get()})
    CHECK(mean_remaining(*law, 1000) == Approx(mean_remaining_by_theory(*law, 200'000)).epsilon(0.02));
  // No memory: the very same law.
  CHECK(exponential->remaining_seconds(0.3, 0.9) == exponential->length_seconds(0.3));
  // Who is met online stays longer than who begins.
  CHECK(mean_remaining(*kit, 300) > kit->mean_seconds());
}

}  // namespace
}  // namespace hearsay::internet
