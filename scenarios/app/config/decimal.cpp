#include "scenarios/app/config/decimal.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <system_error>

namespace hearsay::config {
namespace {

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

std::size_t digits_from(std::string_view text, std::size_t start) {
  std::size_t end = start;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - start;
}

}  // namespace

std::optional<NumberAndRest> split_number(std::string_view text) {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits_from(text, sign);
  if (whole == 0 || (whole > 1 && text[sign] == '0')) return std::nullopt;
  std::size_t end = sign + whole;
  if (end < text.size() && text[end] == '.') {
    const std::size_t fraction = digits_from(text, end + 1);
    if (fraction == 0) return std::nullopt;
    end += 1 + fraction;
  }
  std::size_t rest = end;
  while (rest < text.size() && text[rest] == ' ') ++rest;
  return NumberAndRest{text.substr(0, end), text.substr(rest)};
}

Scaled scale_exactly(std::string_view number, std::int64_t factor) {
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  const std::size_t point = number.find('.');
  std::size_t decimals = 0;
  if (point != std::string_view::npos) {
    while (number.back() == '0') number.remove_suffix(1);
    decimals = number.size() - point - 1;
  }

  std::uint64_t digits = 0;
  for (const char letter : number) {
    if (letter == '.') continue;
    if (__builtin_mul_overflow(digits, std::uint64_t{10}, &digits) ||
        __builtin_add_overflow(digits, static_cast<std::uint64_t>(letter - '0'), &digits)) {
      // Over 19 digits: whole ones are too many for any unit, and that many behind the point cannot come out whole.
      return {decimals == 0 || point > 19 ? Scaling::too_large : Scaling::not_whole, 0};
    }
  }

  // Divide by 10^decimals before multiplying, one prime at a time, so that nothing overflows that need not.
  auto multiplier = static_cast<std::uint64_t>(factor);
  for (; decimals > 0; --decimals) {
    for (const std::uint64_t prime : {std::uint64_t{2}, std::uint64_t{5}}) {
      if (multiplier % prime == 0) {
        multiplier /= prime;
      } else if (digits % prime == 0) {
        digits /= prime;
      } else {
        return {Scaling::not_whole, 0};
      }
    }
  }
  std::uint64_t magnitude = 0;
  const auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  if (__builtin_mul_overflow(digits, multiplier, &magnitude) || magnitude > largest) return {Scaling::too_large, 0};
  return {Scaling::exact, static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude)};
}

std::optional<std::string> divide_shortly(std::int64_t amount, std::int64_t factor) {
  const std::int64_t whole = amount / factor;
  const std::int64_t remainder = amount % factor;
  if (remainder == 0) return std::to_string(whole);
  if (factor % 10 != 0 || remainder % (factor / 10) != 0) return std::nullopt;
  const std::int64_t tenths = remainder / (factor / 10);
  return (amount < 0 ? "-" : "") + std::to_string(whole < 0 ? -whole : whole) + "." +
         std::to_string(tenths < 0 ? -tenths : tenths);
}

std::string shortest_decimal(double number) {
  std::array<char, 1100> buffer{};  // the longest double without an exponent has 1,076 characters
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed).ptr;
  return {buffer.data(), end};
}

std::string times_hundred(std::string_view number) {
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  const std::size_t point = number.find('.');
  std::string whole(number.substr(0, point));
  std::string fraction(point == std::string_view::npos ? "" : number.substr(point + 1));
  fraction.append(fraction.size() < 2 ? 2 - fraction.size() : 0, '0');
  whole += fraction.substr(0, 2);
  fraction.erase(0, 2);
  whole.erase(0, whole.find_first_not_of('0') == std::string::npos ? whole.size() - 1 : whole.find_first_not_of('0'));
  return (negative ? "-" : "") + whole + (fraction.empty() ? "" : "." + fraction);
}

std::optional<double> nearest_double(std::string_view number, int exponent) {
  const std::string text = std::string(number) + "e" + std::to_string(exponent);
  double value = 0.0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace hearsay::config
