// The laws that models of the internet draw from, each a pure function of one uniform number: log-normal, Pareto,
// exponential. The one place of this folder that calls the mathematics library, and that rounds to nanoseconds.
//
// A draw is keyed, not sequenced: the same key gives the same number whoever asks, and how often.
#pragma once

#include <cstdint>

#include "sim/core/random.hpp"
#include "sim/core/time.hpp"

namespace hearsay::internet {

// Draws of one purpose: for each (id, number), one number strictly between 0 and 1.
class KeyedDraw {
 public:
  KeyedDraw(const Seeds& seeds, Purpose purpose)
      : key_(random_bits(seeds[SeedDomain::world], purpose.id(), static_cast<std::uint64_t>(SeedDomain::world))) {}
  [[nodiscard]] double operator()(std::uint64_t id, std::uint64_t number) const {
    return (static_cast<double>(random_bits(key_, id, number) >> 11) + 0.5) * 0x1.0p-53;
  }

 private:
  std::uint64_t key_;
};

// The value that a standard normal number stays below with this chance (Wichura 1988, algorithm AS 241; relative error
// about 1e-16). `chance` is strictly between 0 and 1.
[[nodiscard]] double normal_quantile(double chance);

// A log-normal law, told by its median and the standard deviation of its logarithm.
struct LogNormal {
  double median = 1.0;
  double sigma = 0.0;

  [[nodiscard]] static LogNormal of_mean_and_deviation(double mean, double deviation);
  // The mean must not be below the median. Equal: a constant.
  [[nodiscard]] static LogNormal of_median_and_mean(double median, double mean);
  [[nodiscard]] double quantile(double chance) const;
};

// The Pareto law by which SimBlock and Gervais et al. spread a mean latency of m ms: scale m - 5, shape m / 5, so that
// the mean is m. Needs m > 5.
[[nodiscard]] double latency_pareto_quantile(double mean_ms, double chance);

// Exponential with mean 1.
[[nodiscard]] double exponential_quantile(double chance);

// Nearest nanosecond, at most the cap.
[[nodiscard]] Duration rounded(double nanoseconds, Duration cap);

// No law with a tail says more than this, one way: a dial, given up after 5 s, survives it both ways.
inline constexpr Duration kLongestPath = milliseconds(2400);

}  // namespace hearsay::internet
