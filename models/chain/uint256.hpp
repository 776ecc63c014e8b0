// 256-bit numbers for difficulty: targets, their compact form (nBits), the work that a target stands for and the sum
// of work along a chain. Not a general number type: only what consensus needs.
//
// Invariants: limbs are least significant first; comparison is numeric; everything is integer arithmetic.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "models/chain/hash256.hpp"

namespace hearsay::chain {

struct UInt256 {
  std::array<std::uint64_t, 4> limbs{};

  constexpr bool operator==(const UInt256&) const = default;
  constexpr std::strong_ordering operator<=>(const UInt256& other) const {
    for (std::size_t i = 4; i-- > 0;) {
      if (limbs[i] != other.limbs[i]) return limbs[i] <=> other.limbs[i];
    }
    return std::strong_ordering::equal;
  }
};

// 64 hex digits, most significant first.
std::string to_hex(const UInt256& number);
// A hash read as a number, as proof of work reads it.
UInt256 to_number(const Hash256& hash);

// The compact form of a number (arith_uint256::SetCompact, Bitcoin Core arith_uint256.cpp): one byte of length, a sign
// bit, 23 bits of mantissa. Consensus rejects targets that are negative, zero or overflow.
struct CompactNumber {
  UInt256 magnitude;
  bool negative = false;
  bool overflow = false;  // then the magnitude means nothing
};
CompactNumber decode_compact(std::uint32_t bits);
std::uint32_t encode_compact(const UInt256& number);

// The target that `bits` stands for; nothing if it is negative, zero or overflows.
std::optional<UInt256> target_of(std::uint32_t bits);
// Whether the hash is at or below the target.
bool meets_target(const Hash256& hash, const UInt256& target);

// Expected number of hashes; added up along a chain. 2^256 hashes are beyond any chain, so a sum never wraps.
struct Work {
  UInt256 amount;

  constexpr auto operator<=>(const Work&) const = default;
  constexpr Work& operator+=(const Work& other) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint64_t partial = amount.limbs[i] + carry;
      carry = partial < carry ? 1 : 0;
      amount.limbs[i] = partial + other.amount.limbs[i];
      carry += amount.limbs[i] < partial ? 1 : 0;
    }
    return *this;
  }
  constexpr Work operator+(const Work& other) const {
    Work sum = *this;
    return sum += other;
  }
};

// floor(2^256 / (target + 1)); zero for bits that are no valid target (GetBlockProof, Bitcoin Core chain.cpp).
Work work_of(std::uint32_t bits);

// The difficulty after a full period (CalculateNextWorkRequired, Bitcoin Core pow.cpp): the old target times the time
// that the period took, limited to a quarter and to four times `target_timespan`, over `target_timespan`; at most
// `pow_limit`. Times in seconds.
std::uint32_t retarget(std::uint32_t bits, std::int64_t first_block_time, std::int64_t last_block_time,
                       std::int64_t target_timespan, const UInt256& pow_limit);

}  // namespace hearsay::chain
