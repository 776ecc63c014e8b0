#include "scenarios/app/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace hearsay::app {

double student_t_975(std::int64_t degrees_of_freedom) {
  // Table of the NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
  constexpr double kSmall[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                               2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                               2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
  const std::int64_t first = std::max<std::int64_t>(degrees_of_freedom, 1);
  if (first <= std::ssize(kSmall)) return kSmall[first - 1];
  // Expansion about the normal quantile (Abramowitz and Stegun 26.7.5), here better than 0.0001.
  constexpr double kNormal = 1.959963984540054;
  const double degrees = static_cast<double>(first);
  const double square = kNormal * kNormal;
  return kNormal + kNormal * (square + 1) / (4 * degrees) +
         kNormal * (5 * square * square + 16 * square + 3) / (96 * degrees * degrees);
}

Estimate estimate(const std::vector<double>& values) {
  Estimate result;
  result.runs = std::ssize(values);
  const double count = static_cast<double>(result.runs);
  double sum = 0.0;
  for (const double value : values) sum += value;
  result.mean = sum / count;
  if (result.runs < 2) return result;
  if (result.runs < kRunsForAnInterval) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    result.half_width = (*high - *low) / 2;
    return result;
  }
  double squares = 0.0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.half_width = student_t_975(result.runs - 1) * std::sqrt(squares / (count - 1)) / std::sqrt(count);
  return result;
}

}  // namespace hearsay::app
