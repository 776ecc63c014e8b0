// Moments of a story.
#pragma once

#include <cstdint>

#include "sim/core/time.hpp"

namespace hearsay::test {

constexpr SimTime at_ms(std::int64_t n) {
  return SimTime{} + milliseconds(n);
}
constexpr SimTime at_us(std::int64_t n) {
  return SimTime{} + microseconds(n);
}

}  // namespace hearsay::test
