#include "models/faults/timing.hpp"

#include <algorithm>

#include "models/faults/fault.hpp"

namespace hearsay::faults {

std::vector<Period> periods_of(const Timing& timing, SimTime origin, SimTime end) {
  std::vector<Period> periods;
  for (const Duration at : timing.at) {
    for (SimTime begin = origin + at; begin < end; begin = begin + *timing.every) {
      periods.push_back({begin, timing.lasts ? std::min(begin + *timing.lasts, end) : end});
      if (!timing.every) break;
    }
  }
  std::sort(periods.begin(), periods.end(), [](const Period& a, const Period& b) { return a.begin < b.begin; });
  return periods;
}

bool lies_in(const std::vector<Period>& periods, SimTime now) {
  const auto after =
      std::upper_bound(periods.begin(), periods.end(), now, [](SimTime t, const Period& p) { return t < p.begin; });
  return after != periods.begin() && now < std::prev(after)->end;
}

void check_timing(const Timing& timing, std::vector<Mistake>& mistakes, std::string_view length) {
  if (timing.at.empty()) return;
  for (std::size_t i = 1; i < timing.at.size(); ++i) {
    if (timing.at[i] <= timing.at[i - 1]) {
      mistakes.push_back({"at", "the times must ascend"});
      return;
    }
    if (!timing.lasts) {
      mistakes.push_back({"at", "without `for` the first lasts to the end of the run, so there is no second"});
      return;
    }
    if (timing.at[i] - timing.at[i - 1] < *timing.lasts) {
      mistakes.push_back({length, "the next one begins before this one is over"});
      return;
    }
  }
  if (!timing.every) return;
  if (!timing.lasts) {
    mistakes.push_back({"every", "without `for` it lasts to the end of the run, so it cannot come again"});
    return;
  }
  const Duration spread = timing.at.back() - timing.at.front();
  if (*timing.every < spread + *timing.lasts) mistakes.push_back({"every", "it would come again before it is over"});
}

}  // namespace hearsay::faults
