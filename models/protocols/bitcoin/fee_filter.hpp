// The value of a feefilter message: a node's minimum fee rate on a coarse grid, so that it does not give the node away.
//
// FeeFilterRounder, Bitcoin Core policy/fees (block_policy_estimator.cpp): the grid is zero and 50 * 1.1^k satoshis per
// 1,000 virtual bytes up to 10^7; a value becomes the first step not below it, or, two times of three, the step before.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/chain/fee_rate.hpp"
#include "sim/core/random.hpp"

namespace hearsay::bitcoin {

[[nodiscard]] inline const std::vector<std::int64_t>& fee_filter_steps() {
  static const std::vector<std::int64_t> steps = [] {
    std::vector<std::int64_t> grid = {0};
    // Whole satoshis, rounded down; products of doubles are the same on every machine.
    for (double step = 50.0; step <= 1e7; step *= 1.1) grid.push_back(static_cast<std::int64_t>(step));
    return grid;
  }();
  return steps;
}

[[nodiscard]] inline chain::FeeRate round_fee_filter(chain::FeeRate rate, RandomStream& draws) {
  const std::vector<std::int64_t>& steps = fee_filter_steps();
  auto step = std::lower_bound(steps.begin(), steps.end(), rate.per_kilobyte);
  if (step == steps.end() || (step != steps.begin() && draws.below(3) != 0)) --step;
  return {*step};
}

}  // namespace hearsay::bitcoin
