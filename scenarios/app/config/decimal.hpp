// Exact decimal numbers as text has them: read, scaled to whole base units, and written back. No floating point.
//
// It knows no units by name; quantity.hpp does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearsay::config {

// A text that begins with a decimal number: `-1.5 h` gives number "-1.5" and rest "h". Leading zeros, exponents, a
// leading `+`, and a bare point at either end are not decimal numbers here.
struct NumberAndRest {
  std::string_view number;
  std::string_view rest;  // without the spaces between number and unit
};
std::optional<NumberAndRest> split_number(std::string_view text);

enum class Scaling { exact, not_whole, too_large };

struct Scaled {
  Scaling outcome = Scaling::exact;
  std::int64_t amount = 0;
};

// number * factor as an integer, if it is one; `number` as split_number gives it, factor > 0.
Scaled scale_exactly(std::string_view number, std::int64_t factor);

// amount / factor as the shortest decimal, if one digit behind the point at most says it exactly; factor > 0.
std::optional<std::string> divide_shortly(std::int64_t amount, std::int64_t factor);

// The shortest decimal number that reads back as the same double; never an exponent.
std::string shortest_decimal(double number);

// The decimal number with its point moved two digits to the right.
std::string times_hundred(std::string_view number);

// The nearest double to the decimal number * 10^exponent; empty if it is out of range.
std::optional<double> nearest_double(std::string_view number, int exponent);

}  // namespace hearsay::config
