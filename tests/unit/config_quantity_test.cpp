// Quantities: exact reading, what is refused and in which words, and that every print reads back.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "scenarios/app/config/quantity.hpp"

namespace hearsay::config {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();

template <class Q>
void check_round_trip(typename Q::Type value) {
  CAPTURE(Q::format(value));
  const auto parsed = Q::parse(Q::format(value));
  CAPTURE(parsed.problem);
  CHECK(parsed.value == value);
}

}  // namespace

TEST_CASE("Times are read exactly, with a unit") {
  CHECK(parse_duration("250 ms").value == milliseconds(250));
  CHECK(parse_duration("250ms").value == milliseconds(250));
  CHECK(parse_duration("1.5 h").value == minutes(90));
  CHECK(parse_duration("0.1 s").value == milliseconds(100));
  CHECK(parse_duration("0 d").value == Duration{});
  CHECK(parse_duration("-70 min").value == minutes(-70));
  CHECK(parse_duration("30 d").value == hours(720));
  CHECK(parse_duration("1.500 us").value == nanoseconds(1'500));
  CHECK(parse_duration("0.000000001 s").value == nanoseconds(1));
  CHECK(parse_duration("1000.0000000000000 ns").value == nanoseconds(1'000));
  CHECK(parse_duration("9223372036854775807 ns").value == nanoseconds(kLargest));
  CHECK(parse_duration("9223372036.854775807 s").value == nanoseconds(kLargest));
  CHECK(parse_duration("-9223372036854775808 ns").value == nanoseconds(kSmallest));
  // A double would give 4 h 40 min 47.999999999 s here.
  CHECK(parse_duration("16848.000000001 s").value == nanoseconds(16'848'000'000'001));
}

TEST_CASE("A time that is wrong is told what was expected, found, and which units exist") {
  const std::string expected = "expected a time with its unit, such as `250 ms`, found ";
  const std::string units = " (units: ns, us, ms, s, min, h, d)";
  CHECK(parse_duration("250").problem == expected + "`250`" + units);
  CHECK(parse_duration("250 sec").problem == expected + "`250 sec`" + units);
  CHECK(parse_duration("ms").problem == expected + "`ms`" + units);
  CHECK(parse_duration("").problem == expected + "``" + units);
  for (const char* text :
       {"1e3 s", ".5 s", "5. s", "010 s", "+5 s", "1,5 s", "5 ms 3 ns", "5  s x", "- 5 s", "0x1 s"}) {
    CHECK(parse_duration(text).problem == expected + "`" + text + "`" + units);
  }
  CHECK(parse_duration("0.5 ns").problem == "`0.5 ns` is not a whole number of nanoseconds");
  CHECK(parse_duration("0.00000000000000000000000001 s").problem ==
        "`0.00000000000000000000000001 s` is not a whole number of nanoseconds");
  CHECK(parse_duration("1.00000000000000000000000001 s").problem ==
        "`1.00000000000000000000000001 s` is not a whole number of nanoseconds");
  CHECK(parse_duration("106752 d").problem == "`106752 d` is too large: at most 106751 d");
  CHECK(parse_duration("9223372036854775808 ns").problem == "`9223372036854775808 ns` is too large: at most 106751 d");
  CHECK(parse_duration("99999999999999999999 ns").problem ==
        "`99999999999999999999 ns` is too large: at most 106751 d");
}

TEST_CASE("Sizes and bit rates are decimal and never negative") {
  CHECK(parse_bytes("1.5 MB").value == ByteCount{1'500'000});
  CHECK(parse_bytes("300 B").value == ByteCount{300});
  CHECK(parse_bytes("2 GB").value == ByteCount{2'000'000'000});
  CHECK(parse_bit_rate("20 Mbit/s").value == BitRate{20'000'000});
  CHECK(parse_bit_rate("0.5 kbit/s").value == BitRate{500});
  CHECK(parse_bit_rate("0 bit/s").value == BitRate{});
  CHECK(parse_bytes("1 MiB").problem ==
        "expected a size with its unit, such as `1.5 MB`, found `1 MiB` (units: B, kB, MB, GB)");
  CHECK(parse_bytes("1.5 B").problem == "`1.5 B` is not a whole number of bytes");
  CHECK(parse_bytes("-1 kB").problem == "a size must not be negative, found `-1 kB`");
  CHECK(parse_bit_rate("20 Mbps").problem ==
        "expected a bit rate with its unit, such as `20 Mbit/s`, found `20 Mbps` (units: bit/s, kbit/s, Mbit/s, "
        "Gbit/s)");
  CHECK(parse_bit_rate("0.1 bit/s").problem == "`0.1 bit/s` is not a whole number of bits per second");
  CHECK(parse_bytes("9223372037 GB").problem == "`9223372037 GB` is too large: at most 9223372036 GB");
}

TEST_CASE("Shares are percentages from 0 to 100, correctly rounded once") {
  CHECK(parse_share("30 %").value == Share{0.3});
  CHECK(parse_share("30%").value == Share{0.3});
  CHECK(parse_share("0.1 %").value == Share{0.001});
  CHECK(parse_share("100 %").value == Share{1.0});
  CHECK(parse_share("7 %").value == Share{0.07});  // 7.0 / 100.0 is 0.07 too, but 7.0 * 0.01 is not
  CHECK(parse_share("0.3").problem == "expected a percentage, such as `30 %`, found `0.3`");
  CHECK(parse_share("101 %").problem == "a share lies between 0 % and 100 %, found `101 %`");
  CHECK(parse_share("-1 %").problem == "a share lies between 0 % and 100 %, found `-1 %`");
}

TEST_CASE("Rates are per second, minute or hour") {
  CHECK(parse_rate("0.2 /s").value == 0.2);
  CHECK(parse_rate("0.2/s").value == 0.2);
  CHECK(parse_rate("6 /min").value == 0.1);
  CHECK(parse_rate("1 /h").value == 1.0 / 3600.0);
  CHECK(parse_rate("5").problem == "expected a rate with its unit, such as `0.2 /s`, found `5` (units: /s, /min, /h)");
  CHECK(parse_rate("-5 /s").problem == "a rate must not be negative, found `-5 /s`");
  CHECK(parse_rate("1" + std::string(400, '0') + " /s").problem ==
        "`1" + std::string(59, '0') + "...` is beyond what a number can hold");
}

TEST_CASE("Counts are decimal whole numbers only, so that 010 is nobody's 8") {
  CHECK(parse_count("0").value == 0);
  CHECK(parse_count("984").value == 984);
  CHECK(parse_count("-3").value == -3);
  for (const char* text : {"010", "1e3", "0x10", "3.0", "3,000", "3_000", "+3", "", "-", "three", "3 ", "3 h"}) {
    CHECK(parse_count(text).problem == "expected a whole number, such as `8`, found `" + std::string(text) + "`");
  }
  CHECK(parse_count("9223372036854775808").problem ==
        "`9223372036854775808` is too large: at most 9223372036854775807");
}

TEST_CASE("Numbers, switches and ranges are read as written") {
  CHECK(parse_number("0.6").value == 0.6);
  CHECK(parse_number("-2").value == -2.0);
  CHECK(parse_number("1e3").problem == "expected a number, such as `0.6`, found `1e3`");
  CHECK(parse_number("nan").problem == "expected a number, such as `0.6`, found `nan`");
  CHECK(parse_on_off("on").value == true);
  CHECK(parse_on_off("off").value == false);
  CHECK(parse_on_off("true").value == true);
  CHECK(parse_on_off("yes").problem == "expected `on` or `off`, found `yes`");
  CHECK(parse_range("1..5").value == IntegerRange{1, 5});
  CHECK(parse_range("7").value == IntegerRange{7, 7});
  CHECK(parse_range("-2..-1").value == IntegerRange{-2, -1});
  CHECK(parse_range("5..1").problem == "the range `5..1` is empty: the smaller number comes first");
  for (const char* text : {"1...5", "1 .. 5", "1..", "..5", "1-5", "a..b"}) {
    CHECK(parse_range(text).problem ==
          "expected a whole number or a range, such as `7` or `1..5`, found `" + std::string(text) + "`");
  }
}

TEST_CASE("Quantities are printed in the largest unit that says them exactly and shortly") {
  CHECK(format_duration(minutes(10)) == "10 min");
  CHECK(format_duration(minutes(90)) == "1.5 h");
  CHECK(format_duration(hours(6)) == "6 h");
  CHECK(format_duration(hours(30)) == "30 h");
  CHECK(format_duration(hours(36)) == "1.5 d");
  CHECK(format_duration(hours(720)) == "30 d");
  CHECK(format_duration(milliseconds(250)) == "250 ms");
  CHECK(format_duration(seconds(100)) == "100 s");
  CHECK(format_duration(milliseconds(-2'300)) == "-2.3 s");
  CHECK(format_duration(nanoseconds(1'234'567)) == "1234567 ns");
  CHECK(format_duration({}) == "0 s");
  CHECK(format_bytes({1'500'000}) == "1.5 MB");
  CHECK(format_bytes({300}) == "300 B");
  CHECK(format_bytes({}) == "0 B");
  CHECK(format_bit_rate({20'000'000}) == "20 Mbit/s");
  CHECK(format_share({0.3}) == "30 %");
  CHECK(format_share({0.001}) == "0.1 %");
  CHECK(format_share({1.0}) == "100 %");
  CHECK(format_share({0.07}) == "7 %");
  CHECK(format_share({0.5}) == "50 %");
  CHECK(format_share({}) == "0 %");
  CHECK(format_rate(0.2) == "0.2 /s");
  CHECK(format_rate(100.0 / 3600.0) == "100 /h");
  CHECK(format_rate(1.0 / 60.0) == "1 /min");
  CHECK(format_rate(1e-6) == "0.0036 /h");
  CHECK(format_rate(1.0 / 3600.0) == "1 /h");
  CHECK(format_number(1e22) == "10000000000000000000000");
  CHECK(format_number(0.1) == "0.1");
  CHECK(format_range({1, 5}) == "1..5");
  CHECK(format_range({7, 7}) == "7");
  CHECK(format_on_off(true) == "on");
}

TEST_CASE("Every quantity reads back from its print as exactly the same value") {
  for (const std::int64_t amount :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, kLargest, kLargest - 1, kSmallest, kSmallest + 1,
        std::int64_t{60'000'000'000}, std::int64_t{-90'000'000'000}}) {
    check_round_trip<TimeQuantity>({amount});
    check_round_trip<CountQuantity>(amount);
    check_round_trip<RangeQuantity>({amount, kLargest});
    if (amount < 0) continue;
    check_round_trip<SizeQuantity>({amount});
    check_round_trip<BitRateQuantity>({amount});
  }
  for (const bool on : {true, false}) check_round_trip<OnOffQuantity>(on);
  for (const double number : {std::numeric_limits<double>::min(), std::numeric_limits<double>::denorm_min(),
                              std::numeric_limits<double>::max(), 1.0 / 3.0}) {
    check_round_trip<NumberQuantity>(number);
    check_round_trip<RateQuantity>(number);
    if (number <= 1.0) check_round_trip<ShareQuantity>({number});
  }

  std::mt19937_64 bits(1);
  for (int round = 0; round < 2'000; ++round) {
    const auto amount = static_cast<std::int64_t>(bits() >> (bits() % 63));  // all magnitudes
    const std::int64_t not_negative = amount & kLargest;
    check_round_trip<TimeQuantity>({amount});
    check_round_trip<CountQuantity>(amount);
    check_round_trip<SizeQuantity>({not_negative});
    check_round_trip<BitRateQuantity>({not_negative});
    const double fraction = std::ldexp(static_cast<double>(bits() >> 11), -53);
    check_round_trip<ShareQuantity>({fraction});
    check_round_trip<RateQuantity>(fraction * 100.0);
    check_round_trip<NumberQuantity>(-fraction);
  }
}

}  // namespace hearsay::config
