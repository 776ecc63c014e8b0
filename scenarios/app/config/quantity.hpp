// The quantities of the scenario language as text: `250 ms`, `1.5 MB`, `20 Mbit/s`, `30 %`, `0.1 /s`, `8`, `1..5`.
//
// Times, sizes and bit rates are exact decimal arithmetic into integers: a text that is not a whole number of base
// units is an error, never rounded. For every quantity parse(format(x)) == x. Ranges are the reader's business, apart
// from what no value can be (a negative size, a share above 100 %).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sim/core/time.hpp"
#include "sim/core/units.hpp"

namespace hearsay::config {

// The value, or what was expected and what was found.
template <class T>
struct Parsed {
  std::optional<T> value;
  std::string problem;

  static Parsed good(T parsed) { return {std::move(parsed), {}}; }
  static Parsed bad(std::string message) { return {std::nullopt, std::move(message)}; }
};

// Whole numbers from first to last, both included.
struct IntegerRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  constexpr auto operator<=>(const IntegerRange&) const = default;
};

Parsed<Duration> parse_duration(std::string_view text);
Parsed<ByteCount> parse_bytes(std::string_view text);
Parsed<BitRate> parse_bit_rate(std::string_view text);
Parsed<Share> parse_share(std::string_view text);
Parsed<double> parse_rate(std::string_view text);  // per second
Parsed<std::int64_t> parse_count(std::string_view text);
Parsed<double> parse_number(std::string_view text);
Parsed<bool> parse_on_off(std::string_view text);  // true and false are accepted too; `on` and `off` are written
Parsed<IntegerRange> parse_range(std::string_view text);

// The largest unit that says it exactly with at most one digit behind the point: "10 min", "1.5 h", "2300 ms".
std::string format_duration(Duration value);
std::string format_bytes(ByteCount value);
std::string format_bit_rate(BitRate value);
std::string format_share(Share value);
std::string format_rate(double per_second);
std::string format_count(std::int64_t value);
std::string format_number(double value);
std::string format_on_off(bool value);
std::string format_range(IntegerRange value);

// What messages say was expected.
inline constexpr char kExpectedTime[] = "a time with its unit, such as `250 ms`";
inline constexpr char kExpectedSize[] = "a size with its unit, such as `1.5 MB`";
inline constexpr char kExpectedBitRate[] = "a bit rate with its unit, such as `20 Mbit/s`";
inline constexpr char kExpectedShare[] = "a percentage, such as `30 %`";
inline constexpr char kExpectedRate[] = "a rate with its unit, such as `0.2 /s`";
inline constexpr char kExpectedCount[] = "a whole number, such as `8`";
inline constexpr char kExpectedNumber[] = "a number, such as `0.6`";
inline constexpr char kExpectedOnOff[] = "`on` or `off`";
inline constexpr char kExpectedRange[] = "a whole number or a range, such as `7` or `1..5`";

// Each quantity as a type, for templates that read and describe.
template <class T, Parsed<T> (*parser)(std::string_view), std::string (*formatter)(T), const char* words>
struct Quantity {
  using Type = T;
  static constexpr std::string_view expected() { return words; }
  static Parsed<T> parse(std::string_view text) { return parser(text); }
  static std::string format(T value) { return formatter(value); }
};
using TimeQuantity = Quantity<Duration, parse_duration, format_duration, kExpectedTime>;
using SizeQuantity = Quantity<ByteCount, parse_bytes, format_bytes, kExpectedSize>;
using BitRateQuantity = Quantity<BitRate, parse_bit_rate, format_bit_rate, kExpectedBitRate>;
using ShareQuantity = Quantity<Share, parse_share, format_share, kExpectedShare>;
using RateQuantity = Quantity<double, parse_rate, format_rate, kExpectedRate>;
using CountQuantity = Quantity<std::int64_t, parse_count, format_count, kExpectedCount>;
using NumberQuantity = Quantity<double, parse_number, format_number, kExpectedNumber>;
using OnOffQuantity = Quantity<bool, parse_on_off, format_on_off, kExpectedOnOff>;
using RangeQuantity = Quantity<IntegerRange, parse_range, format_range, kExpectedRange>;

}  // namespace hearsay::config
