#include "scenarios/app/swarm/draw_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/app/config/quantity.hpp"

namespace hearsay::app {

namespace {

// What a kind is drawn from where the language has no end: enough to reach every order of size that matters.
DrawRange usual_range(KeyKind kind) {
  switch (kind) {
    case KeyKind::time:
      return {1e6, 86'400e9};
    case KeyKind::size:
      return {1.0, 1e7};
    case KeyKind::bit_rate:
      return {1e4, 1e9};
    case KeyKind::share:
      return {0.001, 1.0};
    default:
      return {1e-3, 1e3};
  }
}

// In base units; nothing for a default that is a word.
std::optional<double> number_of(KeyKind kind, const std::string& text) {
  const auto unless_zero = [](double value) { return value > 0.0 ? std::optional(value) : std::nullopt; };
  switch (kind) {
    case KeyKind::time:
      if (const auto time = config::parse_duration(text).value) return unless_zero(static_cast<double>(time->ns));
      break;
    case KeyKind::size:
      if (const auto size = config::parse_bytes(text).value) return unless_zero(static_cast<double>(size->bytes));
      break;
    case KeyKind::bit_rate:
      if (const auto rate = config::parse_bit_rate(text).value)
        return unless_zero(static_cast<double>(rate->bits_per_second));
      break;
    case KeyKind::share:
      if (const auto share = config::parse_share(text).value) return unless_zero(share->fraction);
      break;
    case KeyKind::rate:
      if (const auto rate = config::parse_rate(text).value) return unless_zero(*rate);
      break;
    default:
      if (const auto number = config::parse_number(text).value) return unless_zero(*number);
  }
  return std::nullopt;
}

// Two digits are enough, and read well.
double rounded(double value) {
  return std::stod(fmt::format("{:.1e}", value));
}

}  // namespace

bool is_number(KeyKind kind) {
  switch (kind) {
    case KeyKind::time:
    case KeyKind::size:
    case KeyKind::bit_rate:
    case KeyKind::share:
    case KeyKind::rate:
    case KeyKind::number:
    case KeyKind::count:
      return true;
    default:
      return false;
  }
}

std::string draw_number(const LanguageKey& key, std::optional<DrawRange> within, RandomStream& random) {
  const DrawRange usual = usual_range(key.kind);
  double least = key.least.value_or(0.0);
  double most = key.most.value_or(std::max(usual.most, least));
  if (within) {
    least = std::max(least, std::min(within->least, most));
    most = std::max(least, std::min(most, within->most));
  }
  const double dice = uniform_share(random());
  const double position = uniform_share(random());
  double value = 0.0;
  if (dice < 0.05) {
    value = least;
  } else if (dice < 0.1) {
    value = most;
  } else if (const auto preset = number_of(key.kind, key.preset); preset && dice < 0.5) {
    value = rounded(*preset * std::pow(2.0, 4.0 * position - 2.0));
  } else {
    const double from = std::min(std::max(least, std::min(usual.least, most / 1e6)), most);
    value = rounded(from * std::pow(most / from, position));
  }
  return number_text(key.kind, std::clamp(value, least, most));
}

}  // namespace hearsay::app
