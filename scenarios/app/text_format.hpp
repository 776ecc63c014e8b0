// Numbers and lines as people read them: thousands separators, rough durations, columns. English, in every locale.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay::app {

std::string with_separators(std::int64_t value);            // 1,234,567
std::string with_separators(double value, int decimals);    // 1,234.5
std::string four_digits(double value);                      // at least four significant digits: 0.01234, 1,234.5, 0.5
std::string rough_duration(double seconds);                 // two units at most: 2 h 10 min
std::string cut(std::string_view text, std::size_t width);  // by characters, with "..." where something is missing
std::vector<std::string> wrapped(std::string_view text, std::size_t width);
std::string shell_word(const std::string& word);  // quoted if it must be
std::size_t width_of(std::string_view text);      // characters, not bytes

// Columns as wide as their widest cell, two spaces between them. The first `left` columns are flush left, the others
// right.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> head, std::size_t left = 1) : left_(left) {
    rows_.push_back(std::move(head));
  }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string print() const;

 private:
  std::size_t left_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hearsay::app
