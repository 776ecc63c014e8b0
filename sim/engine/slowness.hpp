// How many times as long as usual a node takes for its work, and the one place where that is rounded.
#pragma once

#include <cmath>
#include <cstdint>

#include "sim/core/check.hpp"
#include "sim/core/time.hpp"
#include "sim/core/units.hpp"

namespace hearsay {

class Slowness {
 public:
  Slowness() = default;
  // Kept in whole millionths, the nearest ones.
  explicit Slowness(Factor factor) : millionths_(std::llround(factor.value * kUnit)) {
    SIM_CHECK(millionths_ > 0 && millionths_ <= kUnit * kUnit, "a slowness is between a millionth and a million");
  }

  [[nodiscard]] bool is_usual() const { return millionths_ == kUnit; }
  // To the nearest nanosecond, halves up. Exact as long as the result is below 292 years.
  [[nodiscard]] Duration of(Duration usual) const {
    const std::int64_t whole = usual.ns / kUnit * millionths_;
    return {whole + (usual.ns % kUnit * millionths_ + kUnit / 2) / kUnit};
  }

 private:
  static constexpr std::int64_t kUnit = 1'000'000;
  std::int64_t millionths_ = kUnit;
};

}  // namespace hearsay
