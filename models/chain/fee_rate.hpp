// Fee rates: satoshis per 1,000 virtual bytes, and the exact comparison of two fees for two sizes.
//
// A FeeRate is a bound that somebody sets (a minimum, a filter); what transactions pay is compared as fractions, never
// as rounded rates. Integers only; no overflow for fees up to all money there is and sizes up to 2^62.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace hearsay::chain {

// For products of a fee and a size.
__extension__ using WideInteger = __int128;

struct FeeRate {
  std::int64_t per_kilobyte = 0;  // satoshis per 1,000 virtual bytes, as feefilter carries it (BIP 133)

  constexpr auto operator<=>(const FeeRate&) const = default;

  // fee >= fee_for(virtual_bytes), without a division.
  [[nodiscard]] constexpr bool is_met_by(std::int64_t fee, std::int64_t virtual_bytes) const {
    return WideInteger{fee} * 1000 >= WideInteger{per_kilobyte} * virtual_bytes;
  }

  // The least fee that meets this rate: rounded up (CFeeRate::GetFee, Bitcoin Core policy/feerate.cpp, 23.0 and later).
  [[nodiscard]] constexpr std::int64_t fee_for(std::int64_t virtual_bytes) const {
    return static_cast<std::int64_t>((WideInteger{per_kilobyte} * virtual_bytes + 999) / 1000);
  }
};

// What some transactions pay together, and their size (virtual bytes or weight: what is compared has one unit).
struct FeeAndSize {
  std::int64_t fee = 0;
  std::int64_t size = 0;

  constexpr bool operator==(const FeeAndSize&) const = default;
  constexpr FeeAndSize operator+(FeeAndSize other) const { return {fee + other.fee, size + other.size}; }
  constexpr FeeAndSize operator-(FeeAndSize other) const { return {fee - other.fee, size - other.size}; }

  // Rounded down; negative fees do not occur.
  [[nodiscard]] constexpr FeeRate rate() const {
    return {size == 0 ? 0 : static_cast<std::int64_t>(WideInteger{fee} * 1000 / size)};
  }
};

// Which of the two pays more for its size; sizes are positive.
[[nodiscard]] constexpr std::strong_ordering compare_rates(FeeAndSize a, FeeAndSize b) {
  const WideInteger left = WideInteger{a.fee} * b.size;
  const WideInteger right = WideInteger{b.fee} * a.size;
  return left < right   ? std::strong_ordering::less
         : left > right ? std::strong_ordering::greater
                        : std::strong_ordering::equal;
}

}  // namespace hearsay::chain
