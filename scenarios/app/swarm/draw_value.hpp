// Draws single values of the language by their kind, as text with its unit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/app/language.hpp"
#include "sim/core/random.hpp"

namespace hearsay::app {

// A range in base units of a kind, narrower than that of the language.
struct DrawRange {
  double least;
  double most;
};

template <class T>
[[nodiscard]] const T& any_of(const std::vector<T>& items, RandomStream& random) {
  return items[random.below(items.size())];
}

// At least one of them, in their order.
template <class T>
[[nodiscard]] std::vector<T> some_of(const std::vector<T>& items, RandomStream& random) {
  std::vector<T> chosen;
  const std::uint64_t kept = 1 + random.below((std::uint64_t{1} << items.size()) - 1);  // bits: who is chosen
  for (std::size_t i = 0; i < items.size(); ++i)
    if ((kept >> i & 1) != 0) chosen.push_back(items[i]);
  return chosen;
}

// A number of a kind with units: near its default, at an end of its range, or anywhere in it, every power of ten as
// likely as another. `within` narrows the range.
[[nodiscard]] std::string draw_number(const LanguageKey& key, std::optional<DrawRange> within, RandomStream& random);

[[nodiscard]] bool is_number(KeyKind kind);

}  // namespace hearsay::app
