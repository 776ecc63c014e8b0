// Simulated time: integer nanoseconds, with one type for an instant and one for a span, so that the two never mix.
//
// SimTime counts from the start of the simulation (zero is the instant at which the nodes start). The range, +/- 292
// years, is never near its ends; arithmetic is not checked for overflow. Wall-clock time does not exist in sim/ and
// models/: protocols that put a date on the wire add a simulated Unix epoch (see unix_seconds).
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace hearsay {

// A span of time in nanoseconds; may be negative as the result of a subtraction.
struct Duration {
  std::int64_t ns = 0;

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration other) const { return {ns + other.ns}; }
  constexpr Duration operator-(Duration other) const { return {ns - other.ns}; }
  constexpr Duration operator*(std::int64_t factor) const { return {ns * factor}; }
  constexpr Duration operator/(std::int64_t divisor) const { return {ns / divisor}; }
};

constexpr Duration nanoseconds(std::int64_t n) {
  return {n};
}
constexpr Duration microseconds(std::int64_t n) {
  return {n * 1'000};
}
constexpr Duration milliseconds(std::int64_t n) {
  return {n * 1'000'000};
}
constexpr Duration seconds(std::int64_t n) {
  return {n * 1'000'000'000};
}
constexpr Duration minutes(std::int64_t n) {
  return seconds(60 * n);
}
constexpr Duration hours(std::int64_t n) {
  return minutes(60 * n);
}

// An instant: nanoseconds since the start of the simulation.
struct SimTime {
  std::int64_t ns = 0;

  constexpr auto operator<=>(const SimTime&) const = default;
  constexpr SimTime operator+(Duration span) const { return {ns + span.ns}; }
  constexpr SimTime operator-(Duration span) const { return {ns - span.ns}; }
  constexpr Duration operator-(SimTime other) const { return {ns - other.ns}; }

  static constexpr SimTime max() { return {std::numeric_limits<std::int64_t>::max()}; }
};

// 2026-01-01 00:00:00 UTC. Bitcoin Core uses 0 as "never" for many timestamps, so the simulated clock starts at a
// realistic date.
inline constexpr std::int64_t kUnixEpochSeconds = 1'767'225'600;

// The date that a node with a true clock reads at `now`, in whole Unix seconds (rounded down).
constexpr std::int64_t unix_seconds(SimTime now) {
  const std::int64_t whole = now.ns / 1'000'000'000;
  return kUnixEpochSeconds + (now.ns % 1'000'000'000 < 0 ? whole - 1 : whole);
}

}  // namespace hearsay
