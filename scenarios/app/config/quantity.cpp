#include "scenarios/app/config/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <span>

#include "scenarios/app/config/decimal.hpp"
#include "scenarios/app/config/problems.hpp"

namespace hearsay::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;  // base units in one
};

// Smallest first; the first is the base unit.
struct Dimension {
  std::span<const Unit> units;
  std::string_view expected;
  std::string_view base;     // "nanoseconds", in messages
  std::string_view zero;     // how nothing is written
  std::string_view largest;  // what fits
};

constexpr std::array<Unit, 7> kTimeUnits{{{"ns", 1},
                                          {"us", 1'000},
                                          {"ms", 1'000'000},
                                          {"s", 1'000'000'000},
                                          {"min", 60'000'000'000},
                                          {"h", 3'600'000'000'000},
                                          {"d", 86'400'000'000'000}}};
constexpr std::array<Unit, 4> kSizeUnits{{{"B", 1}, {"kB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}}};
constexpr std::array<Unit, 4> kBitRateUnits{
    {{"bit/s", 1}, {"kbit/s", 1'000}, {"Mbit/s", 1'000'000}, {"Gbit/s", 1'000'000'000}}};

constexpr Dimension kTime{kTimeUnits, kExpectedTime, "nanoseconds", "0 s", "106751 d"};
constexpr Dimension kSize{kSizeUnits, kExpectedSize, "bytes", "0 B", "9223372036 GB"};
constexpr Dimension kBitRate{kBitRateUnits, kExpectedBitRate, "bits per second", "0 bit/s", "9223372036 Gbit/s"};

std::string mismatch(std::string_view expected, std::string_view found) {
  return fmt::format("expected {}, found {}", expected, in_backticks(found));
}

std::string unit_names(std::span<const Unit> units) {
  std::vector<std::string_view> names;
  std::transform(units.begin(), units.end(), std::back_inserter(names), [](const Unit& unit) { return unit.name; });
  return joined(names);
}

Parsed<std::int64_t> parse_with_unit(const Dimension& dimension, std::string_view text) {
  using Result = Parsed<std::int64_t>;
  const auto parts = split_number(text);
  const auto unit = std::find_if(dimension.units.begin(), dimension.units.end(),
                                 [&](const Unit& known) { return parts && known.name == parts->rest; });
  if (unit == dimension.units.end()) {
    return Result::bad(mismatch(dimension.expected, text) + " (units: " + unit_names(dimension.units) + ")");
  }
  const Scaled scaled = scale_exactly(parts->number, unit->factor);
  switch (scaled.outcome) {
    case Scaling::not_whole:
      return Result::bad(fmt::format("{} is not a whole number of {}", in_backticks(text), dimension.base));
    case Scaling::too_large:
      return Result::bad(fmt::format("{} is too large: at most {}", in_backticks(text), dimension.largest));
    case Scaling::exact:
      break;
  }
  return Result::good(scaled.amount);
}

std::string format_with_unit(const Dimension& dimension, std::int64_t amount) {
  if (amount == 0) return std::string(dimension.zero);
  for (auto unit = dimension.units.rbegin(); unit != dimension.units.rend(); ++unit) {
    if (amount / unit->factor == 0) continue;  // `6 h`, not `0.25 d`
    if (const auto number = divide_shortly(amount, unit->factor)) return fmt::format("{} {}", *number, unit->name);
  }
  return fmt::format("{} {}", amount, dimension.units.front().name);
}

// As parse_with_unit, but of what cannot be negative.
Parsed<std::int64_t> parse_amount(const Dimension& dimension, std::string_view noun, std::string_view text) {
  auto amount = parse_with_unit(dimension, text);
  if (amount.value && *amount.value < 0) {
    return Parsed<std::int64_t>::bad(fmt::format("{} must not be negative, found {}", noun, in_backticks(text)));
  }
  return amount;
}

template <class T>
Parsed<T> wrap(Parsed<std::int64_t> amount) {
  return amount.value ? Parsed<T>::good(T{*amount.value}) : Parsed<T>::bad(std::move(amount.problem));
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  const auto parts = split_number(text);
  if (!parts || parts->number.size() != text.size() || text.find('.') != std::string_view::npos) return std::nullopt;
  const Scaled scaled = scale_exactly(text, 1);
  return scaled.outcome == Scaling::exact ? std::optional(scaled.amount) : std::nullopt;
}

struct RateUnit {
  std::string_view name;
  double seconds;
};
constexpr std::array<RateUnit, 3> kRateUnits{{{"/s", 1.0}, {"/min", 60.0}, {"/h", 3600.0}}};

}  // namespace

Parsed<Duration> parse_duration(std::string_view text) {
  return wrap<Duration>(parse_with_unit(kTime, text));
}

Parsed<ByteCount> parse_bytes(std::string_view text) {
  return wrap<ByteCount>(parse_amount(kSize, "a size", text));
}

Parsed<BitRate> parse_bit_rate(std::string_view text) {
  return wrap<BitRate>(parse_amount(kBitRate, "a bit rate", text));
}

Parsed<Share> parse_share(std::string_view text) {
  const auto parts = split_number(text);
  if (!parts || parts->rest != "%") return Parsed<Share>::bad(mismatch(kExpectedShare, text));
  const auto fraction = nearest_double(parts->number, -2);
  if (!fraction || *fraction < 0.0 || *fraction > 1.0) {
    return Parsed<Share>::bad(fmt::format("a share lies between 0 % and 100 %, found {}", in_backticks(text)));
  }
  return Parsed<Share>::good({*fraction});
}

Parsed<double> parse_rate(std::string_view text) {
  const auto parts = split_number(text);
  const auto unit = std::find_if(kRateUnits.begin(), kRateUnits.end(),
                                 [&](const RateUnit& known) { return parts && known.name == parts->rest; });
  if (unit == kRateUnits.end()) {
    return Parsed<double>::bad(mismatch(kExpectedRate, text) + " (units: /s, /min, /h)");
  }
  const auto number = nearest_double(parts->number, 0);
  if (!number) return Parsed<double>::bad(fmt::format("{} is beyond what a number can hold", in_backticks(text)));
  if (*number < 0.0)
    return Parsed<double>::bad(fmt::format("a rate must not be negative, found {}", in_backticks(text)));
  return Parsed<double>::good(*number / unit->seconds);
}

Parsed<std::int64_t> parse_count(std::string_view text) {
  if (const auto number = whole_number(text)) return Parsed<std::int64_t>::good(*number);
  const auto parts = split_number(text);
  if (parts && parts->number.size() == text.size() && text.find('.') == std::string_view::npos) {
    return Parsed<std::int64_t>::bad(
        fmt::format("{} is too large: at most {}", in_backticks(text), std::numeric_limits<std::int64_t>::max()));
  }
  return Parsed<std::int64_t>::bad(mismatch(kExpectedCount, text));
}

Parsed<double> parse_number(std::string_view text) {
  const auto parts = split_number(text);
  if (!parts || parts->number.size() != text.size()) {
    return Parsed<double>::bad(mismatch(kExpectedNumber, text));
  }
  const auto number = nearest_double(text, 0);
  if (!number) return Parsed<double>::bad(fmt::format("{} is beyond what a number can hold", in_backticks(text)));
  return Parsed<double>::good(*number);
}

Parsed<bool> parse_on_off(std::string_view text) {
  if (text == "on" || text == "true") return Parsed<bool>::good(true);
  if (text == "off" || text == "false") return Parsed<bool>::good(false);
  return Parsed<bool>::bad(mismatch(kExpectedOnOff, text));
}

Parsed<IntegerRange> parse_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto first = whole_number(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : whole_number(text.substr(dots + 2));
  if (!first || !last) {
    return Parsed<IntegerRange>::bad(mismatch(kExpectedRange, text));
  }
  if (*first > *last) {
    return Parsed<IntegerRange>::bad(
        fmt::format("the range {} is empty: the smaller number comes first", in_backticks(text)));
  }
  return Parsed<IntegerRange>::good({*first, *last});
}

std::string format_duration(Duration value) {
  return format_with_unit(kTime, value.ns);
}

std::string format_bytes(ByteCount value) {
  return format_with_unit(kSize, value.bytes);
}

std::string format_bit_rate(BitRate value) {
  return format_with_unit(kBitRate, value.bits_per_second);
}

std::string format_share(Share value) {
  return times_hundred(shortest_decimal(value.fraction)) + " %";
}

std::string format_rate(double per_second) {
  // 1 /min is 0.016666666666666666 /s: take the first unit that says it in few digits and reads back the same.
  constexpr std::size_t kFewDigits = 7;
  std::string shortest = shortest_decimal(per_second);
  std::string_view shortest_unit = "/s";
  for (const RateUnit& unit : kRateUnits) {
    if (shortest.size() <= kFewDigits) break;
    std::string number = shortest_decimal(per_second * unit.seconds);
    const bool exact = parse_rate(fmt::format("{} {}", number, unit.name)).value == per_second;
    if (!exact || number.size() >= shortest.size()) continue;
    shortest = std::move(number);
    shortest_unit = unit.name;
  }
  return fmt::format("{} {}", shortest, shortest_unit);
}

std::string format_count(std::int64_t value) {
  return std::to_string(value);
}

std::string format_number(double value) {
  return shortest_decimal(value);
}

std::string format_on_off(bool value) {
  return value ? "on" : "off";
}

std::string format_range(IntegerRange value) {
  return value.first == value.last ? format_count(value.first) : fmt::format("{}..{}", value.first, value.last);
}

}  // namespace hearsay::config
