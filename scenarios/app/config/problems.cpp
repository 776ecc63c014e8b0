#include "scenarios/app/config/problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hearsay::config {
namespace {

std::string lines_of(const std::vector<Problem>& problems) {
  std::string lines;
  for (const Problem& problem : problems) {
    if (!lines.empty()) lines += '\n';
    lines += problem.line();
  }
  return lines;
}

int order_of(const Problem& left, const Problem& right) {
  static const std::string no_file;
  const std::string& left_file = left.mark.file ? *left.mark.file : no_file;
  const std::string& right_file = right.mark.file ? *right.mark.file : no_file;
  if (const int by_file = left_file.compare(right_file); by_file != 0) return by_file;
  if (left.mark.line != right.mark.line) return left.mark.line < right.mark.line ? -1 : 1;
  if (left.mark.column != right.mark.column) return left.mark.column < right.mark.column ? -1 : 1;
  return left.message.compare(right.message);
}

}  // namespace

ConfigError::ConfigError(std::vector<Problem> problems)
    : std::runtime_error(lines_of(problems)), problems_(std::move(problems)) {}

void Problems::add(Mark mark, std::string message) {
  Problem problem{std::move(mark), std::move(message)};
  const auto place =
      std::lower_bound(problems_.begin(), problems_.end(), problem,
                       [](const Problem& left, const Problem& right) { return order_of(left, right) < 0; });
  if (place != problems_.end() && order_of(*place, problem) == 0) return;
  problems_.insert(place, std::move(problem));
}

void Problems::throw_if_any() const {
  if (!problems_.empty()) throw ConfigError(problems_);
}

std::string in_backticks(std::string_view text, std::size_t longest) {
  std::string shown = "`";
  std::size_t characters = 0;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool continues_a_character = (byte & 0xC0U) == 0x80U;
    if (!continues_a_character && characters++ == longest) {
      shown += "...";
      break;
    }
    if (letter == '\n') {
      shown += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown += letter;
    }
  }
  return shown + "`";
}

std::string joined(const std::vector<std::string_view>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace hearsay::config
