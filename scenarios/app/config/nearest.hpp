// Finds what a misspelt word was probably meant to be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay::config {

// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(std::string_view left, std::string_view right);

// The known word at the smallest distance, the first of several; none if even that is further than about a third of
// the word's length.
std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& known);

// "; did you mean `x`?", or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace hearsay::config
