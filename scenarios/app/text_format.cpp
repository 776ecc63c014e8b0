#include "scenarios/app/text_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hearsay::app {
namespace {

std::string separated(std::string digits) {
  const std::size_t start = digits.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t place = point; place > start + 3;) {
    place -= 3;
    digits.insert(place, 1, ',');
  }
  return digits;
}

bool continues_a_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

}  // namespace

std::string with_separators(std::int64_t value) {
  return separated(std::to_string(value));
}

std::string with_separators(double value, int decimals) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  std::string digits = fmt::format("{:.{}f}", value, decimals);
  if (digits.starts_with('-') && digits.find_first_of("123456789") == std::string::npos) digits.erase(0, 1);
  return separated(std::move(digits));
}

std::string four_digits(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value) || (size != 0.0 && (size < 1e-4 || size >= 1e15))) return fmt::format("{:.4g}", value);
  if (value == std::floor(value)) return with_separators(static_cast<std::int64_t>(value));
  const int digits_before = static_cast<int>(std::floor(std::log10(size))) + 1;
  std::string text = with_separators(value, std::max(1, 4 - digits_before));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string rough_duration(double seconds) {
  struct Unit {
    std::int64_t seconds;
    const char* name;
  };
  constexpr Unit kUnits[] = {{86'400, "d"}, {3'600, "h"}, {60, "min"}, {1, "s"}};
  const auto whole = static_cast<std::int64_t>(std::llround(std::clamp(seconds, 0.0, 1e12)));
  for (std::size_t index = 0; index + 1 < std::size(kUnits); ++index) {
    if (whole < kUnits[index].seconds) continue;
    const Unit& large = kUnits[index];
    const Unit& small = kUnits[index + 1];
    const std::int64_t rest = whole % large.seconds / small.seconds;
    std::string text = fmt::format("{} {}", whole / large.seconds, large.name);
    return rest == 0 ? text : fmt::format("{} {} {}", text, rest, small.name);
  }
  return fmt::format("{} s", whole);
}

std::size_t width_of(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_a_character));
}

std::string cut(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  const std::size_t kept = width > 3 ? width - 3 : 0;
  std::size_t characters = 0;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (!continues_a_character(text[end]) && ++characters > kept) break;
  }
  return std::string(text.substr(0, end)) + std::string("...").substr(0, std::min<std::size_t>(3, width));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \n\t", start), text.size());
    const std::string_view word = text.substr(start, end - start);
    start = end + 1;
    if (word.empty()) continue;
    if (!line.empty() && width_of(line) + 1 + width_of(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char character : word) quoted += character == '\'' ? std::string("'\\''") : std::string(1, character);
  return quoted + "'";
}

std::string TextTable::print() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], width_of(row[column]));
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string padding(widths[column] - width_of(row[column]), ' ');
      if (column > 0) line += "  ";
      line += column < left_ ? row[column] + padding : padding + row[column];
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

}  // namespace hearsay::app
