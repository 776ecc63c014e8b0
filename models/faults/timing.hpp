// When a fault acts: the same keys for every fault. Times count from the end of the warm-up.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/parameter.hpp"
#include "sim/core/time.hpp"

namespace hearsay::faults {

struct Mistake;

struct Timing {
  std::vector<Duration> at;       // ascending
  std::optional<Duration> lasts;  // none: to the end of the run
  std::optional<Duration> every;  // each `at` again and again

  // Before the fault can do anything; a type that shifts its times says less.
  [[nodiscard]] Duration earliest() const { return at.front(); }
};

// From `begin` on, and not at `end`.
struct Period {
  SimTime begin;
  SimTime end;
};

// In the order of time; they do not overlap. What would begin at or after `end` is left out, what would last longer is
// cut there.
[[nodiscard]] std::vector<Period> periods_of(const Timing& timing, SimTime origin, SimTime end);

// `now` lies in one of them.
[[nodiscard]] bool lies_in(const std::vector<Period>& periods, SimTime now);

// `length`: the key that says how long it lasts.
void check_timing(const Timing& timing, std::vector<Mistake>& mistakes, std::string_view length = "for");

// The parameters of Timing, then those of the fault itself.
inline constexpr double kLongestRunNs = 366.0 * 86'400e9;
template <class P>
[[nodiscard]] std::vector<Parameter<P>> with_timing(const std::vector<Parameter<P>>& own) {
  std::vector<Parameter<P>> list = {
      {"at", &P::at, "when it begins; a list: several times", "", 0, kLongestRunNs},
      {"for", &P::lasts, "how long it lasts each time; without it: to the end of the run", "", 1e6, kLongestRunNs},
      {"every", &P::every, "it comes again so long after each `at`, to the end of the run", "", 1e6, kLongestRunNs},
  };
  list.insert(list.end(), own.begin(), own.end());
  return list;
}

}  // namespace hearsay::faults
