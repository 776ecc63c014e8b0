// A mean over runs with what is known about its spread. The replicate is the run.
//
// The same rules as in the figures (analysis/hearsay_analysis/propagation.py): nothing for one run, min..max for two,
// a 95 % interval by Student's t from three on. Both are symmetric about the mean.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace hearsay::app {

inline constexpr std::int64_t kRunsForAnInterval = 3;

struct Estimate {
  std::int64_t runs = 0;
  double mean = 0.0;
  std::optional<double> half_width;  // of the interval
};

Estimate estimate(const std::vector<double>& values);  // one a run; at least one

// The 97.5 % quantile of Student's t; at least one degree of freedom.
double student_t_975(std::int64_t degrees_of_freedom);

}  // namespace hearsay::app
