// The bytes of one scenario file, vetted: plain UTF-8 text with no control characters, and places in it.
//
// It does not know YAML, apart from the few things that yaml-cpp lets through and that can be seen line by line: tabs
// in front of a value, and directives.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/config/value.hpp"

namespace hearsay::config {

inline constexpr std::size_t kLargestFileBytes = 1'000'000;

class SourceText {
 public:
  // Positions are offsets into text(), which is `bytes` without a byte order mark. The first line of the text starts
  // at `first_column`.
  SourceText(std::string bytes, std::string file_name, int first_column = 1);

  const std::string& text() const { return text_; }
  char at(std::size_t position) const { return position < text_.size() ? text_[position] : '\0'; }
  Mark mark(std::size_t position) const;

  // False, and a problem on record, if this cannot be a scenario: too large, binary, tabs, directives.
  bool vet(Problems& problems) const;

 private:
  bool vet_encoding(Problems& problems) const;
  bool vet_lines(Problems& problems) const;

  std::string text_;
  std::shared_ptr<const std::string> file_;
  int first_column_;
  std::vector<std::size_t> line_starts_;

  // The last place computed: marks are asked for in rising order, and a long line must not be counted again each time.
  mutable std::size_t last_position_ = 0;
  mutable std::size_t last_line_ = 0;
  mutable int last_column_ = 0;
};

}  // namespace hearsay::config
