// Seeds for a reader: see experiment.hpp and store.hpp. The rules are those of the figures (load.py).
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scenarios/app/results/experiment.hpp"
#include "scenarios/app/results/store.hpp"

namespace hearsay::app {
namespace {

struct Domain {
  const char* name;
  std::uint64_t RunKey::*seed;
};
constexpr Domain kDomains[] = {{"world", &RunKey::world_seed},
                               {"mining", &RunKey::mining_seed},
                               {"workload", &RunKey::workload_seed},
                               {"attack", &RunKey::attack_seed}};

// 1, 2, 3, 7 -> "1..3, 7"
std::string ranges(const std::set<std::uint64_t>& numbers) {
  std::string text;
  for (auto first = numbers.begin(); first != numbers.end();) {
    auto last = first;
    while (std::next(last) != numbers.end() && *std::next(last) == *last + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", *first);
    if (last != first) text += fmt::format("..{}", *last);
    first = std::next(last);
  }
  return text;
}

}  // namespace

std::string seeds_text(const std::vector<RunKey>& runs) {
  std::string text;
  for (const Domain& domain : kDomains) {
    const auto seed = domain.seed;
    const bool named =
        std::all_of(runs.begin(), runs.end(), [&](const RunKey& run) { return run.*seed <= kLargestNamedSeed; });
    const bool own =
        std::any_of(runs.begin(), runs.end(), [&](const RunKey& run) { return run.*seed != run.world_seed; });
    if (seed != &RunKey::world_seed && !(named && own)) continue;
    std::set<std::uint64_t> numbers;
    for (const RunKey& run : runs) numbers.insert(run.*seed);
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", domain.name, ranges(numbers));
  }
  return text;
}

std::string describe_run(const RunKey& key) {
  std::string text;
  if (key.point != 0) text += fmt::format("point {}, ", key.point);
  if (key.branch != "main") text += fmt::format("branch {}, ", key.branch);
  return text + seeds_text({key});
}

}  // namespace hearsay::app
