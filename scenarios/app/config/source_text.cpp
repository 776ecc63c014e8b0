#include "scenarios/app/config/source_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hearsay::config {
namespace {

bool continues_a_character(char letter) {
  return (static_cast<unsigned char>(letter) & 0xC0U) == 0x80U;
}

// The length of the well-formed UTF-8 character at `position`, or 0 (RFC 3629: no overlong forms, no surrogates).
std::size_t utf8_length(std::string_view text, std::size_t position) {
  const auto byte = [&](std::size_t index) -> unsigned {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
  };
  const unsigned lead = byte(position);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  for (std::size_t offset = 1; offset < length; ++offset) {
    if ((byte(position + offset) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned second = byte(position + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool surrogate = lead == 0xED && second >= 0xA0;
  const bool beyond_unicode = lead == 0xF4 && second >= 0x90;
  return overlong || surrogate || beyond_unicode ? 0 : length;
}

}  // namespace

SourceText::SourceText(std::string bytes, std::string file_name, int first_column)
    : text_(std::move(bytes)),
      file_(std::make_shared<const std::string>(std::move(file_name))),
      first_column_(first_column) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.erase(0, 3);
  line_starts_.push_back(0);
  for (std::size_t position = 0; position < text_.size(); ++position) {
    if (text_[position] == '\n') line_starts_.push_back(position + 1);
  }
}

Mark SourceText::mark(std::size_t position) const {
  position = std::min(position, text_.size());
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), position);
  const auto line = static_cast<std::size_t>(after - line_starts_.begin()) - 1;
  if (line != last_line_ || position < last_position_) {
    last_line_ = line;
    last_position_ = line_starts_[line];
    last_column_ = 0;
  }
  for (; last_position_ < position; ++last_position_) {
    if (!continues_a_character(text_[last_position_])) ++last_column_;
  }
  return {file_, static_cast<int>(line) + 1, last_column_ + (line == 0 ? first_column_ : 1)};
}

bool SourceText::vet(Problems& problems) const {
  if (text_.size() > kLargestFileBytes) {
    problems.add(mark(0), "this is larger than 1 MB, the most that a scenario may have");
    return false;
  }
  return vet_encoding(problems) && vet_lines(problems);
}

bool SourceText::vet_encoding(Problems& problems) const {
  for (std::size_t position = 0; position < text_.size();) {
    const std::size_t length = utf8_length(text_, position);
    if (length == 0) {
      problems.add(mark(position),
                   fmt::format("this is not UTF-8 text (byte 0x{:02x})", static_cast<unsigned char>(text_[position])));
      return false;
    }
    const auto byte = static_cast<unsigned char>(text_[position]);
    const bool line_end = byte == '\n' || (byte == '\r' && at(position + 1) == '\n');
    // yaml-cpp takes byte 0x04 for the end of the file, so a control character can hide the rest of a scenario.
    if ((byte < 0x20 && byte != '\t' && !line_end) || byte == 0x7F) {
      problems.add(mark(position), fmt::format("this is not text: it holds the control character 0x{:02x}", byte));
      return false;
    }
    position += length;
  }
  return true;
}

bool SourceText::vet_lines(Problems& problems) const {
  bool accepted = true;
  for (const std::size_t start : line_starts_) {
    const std::string_view line = std::string_view(text_).substr(start, text_.find('\n', start) - start);
    const std::size_t tab = line.substr(0, line.find('#')).find('\t');
    if (tab != std::string_view::npos) {
      problems.add(mark(start + tab), "a tab: indent and separate with spaces");
      accepted = false;
    }
    if (line.starts_with('%')) {
      problems.add(mark(start), "a line that begins with `%` is a YAML directive, which scenarios do not use");
      accepted = false;
    }
  }
  return accepted;
}

}  // namespace hearsay::config
