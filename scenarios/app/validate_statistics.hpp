// The numbers that a validation case may compare, each computed from the result of one run.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "scenarios/app/results/run_result.hpp"

namespace hearsay::app {

enum class StatisticKind : std::uint8_t {
  metric,       // a metric of the run, by its name
  block_delay,  // ms: mean over the blocks of the main chain of the delay until so many percent of the nodes had one
  transaction_delay,  // ms: the same, of transactions
  announcements,      // inv entries for each node and transaction
};
inline constexpr std::array<std::string_view, 4> kStatisticKinds = {"metric", "block_delay", "transaction_delay",
                                                                    "announcements"};

struct Statistic {
  StatisticKind kind = StatisticKind::metric;
  std::string of;  // name of the metric, or stage of propagation
  std::int64_t percent = 0;
};

struct StatisticValue {
  double value = 0.0;
  std::string unit;
};

// Throws std::runtime_error, in the user's words, if the run has no such number.
[[nodiscard]] StatisticValue value_of(const Statistic& statistic, const RunResult& result);

}  // namespace hearsay::app
