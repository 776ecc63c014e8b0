// Strong types for quantities that a model takes as parameters, so that bits, bytes and shares never mix.
#pragma once

#include <compare>
#include <cstdint>

namespace hearsay {

// A number of bytes, decimal multiples (1 kB = 1,000 B).
struct ByteCount {
  std::int64_t bytes = 0;
  constexpr auto operator<=>(const ByteCount&) const = default;
};

// A transmission rate in bits per second; zero stands for "not limited".
struct BitRate {
  std::int64_t bits_per_second = 0;
  constexpr auto operator<=>(const BitRate&) const = default;
};

// How often something happens.
struct Rate {
  double per_second = 0.0;
  constexpr auto operator<=>(const Rate&) const = default;
};

// A fraction of a whole, 0 to 1 (written in scenarios as a percentage).
struct Share {
  double fraction = 0.0;
  constexpr auto operator<=>(const Share&) const = default;
};

// A plain number: how many times as much.
struct Factor {
  double value = 1.0;
  constexpr auto operator<=>(const Factor&) const = default;
};

}  // namespace hearsay
