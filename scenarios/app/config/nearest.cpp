#include "scenarios/app/config/nearest.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace hearsay::config {

std::size_t edit_distance(std::string_view left, std::string_view right) {
  // Rows of the usual table, for prefixes of `left` of length row - 2, row - 1 and row.
  std::vector<std::size_t> before_last(right.size() + 1);
  std::vector<std::size_t> last(right.size() + 1);
  std::vector<std::size_t> current(right.size() + 1);
  for (std::size_t column = 0; column <= right.size(); ++column) current[column] = column;
  for (std::size_t row = 1; row <= left.size(); ++row) {
    std::swap(before_last, last);
    std::swap(last, current);
    current[0] = row;
    for (std::size_t column = 1; column <= right.size(); ++column) {
      const bool same = left[row - 1] == right[column - 1];
      current[column] = std::min({last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1)});
      const bool swapped =
          row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
      if (swapped) current[column] = std::min(current[column], before_last[column - 2] + 1);
    }
  }
  return current[right.size()];
}

std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr std::size_t kLongestWord = 100;  // nobody means a key by more than that, and the table is quadratic
  if (word.size() > kLongestWord) return std::nullopt;
  std::size_t least = word.size() == 2 ? 2 : (word.size() + 1) / 3 + 1;
  std::optional<std::string_view> best;
  for (const std::string_view candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& known) {
  const auto meant = nearest(word, known);
  return meant ? "; did you mean `" + std::string(*meant) + "`?" : "";
}

}  // namespace hearsay::config
