#include "models/chain/uint256.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

namespace hearsay::chain {
namespace {

// Fixed width, wraps at 2^256 as the arithmetic of consensus does.
using Wide = boost::multiprecision::uint256_t;

Wide widen(const UInt256& number) {
  Wide wide = 0;
  for (std::size_t i = 4; i-- > 0;) wide = (wide << 64) | number.limbs[i];
  return wide;
}

UInt256 narrow(Wide wide) {
  UInt256 number;
  for (std::uint64_t& limb : number.limbs) {
    limb = static_cast<std::uint64_t>(wide & 0xFFFFFFFFFFFFFFFF);
    wide >>= 64;
  }
  return number;
}

}  // namespace

std::string to_hex(const UInt256& number) {
  Hash256 bytes;
  for (std::size_t i = 0; i < 32; ++i) {
    bytes.bytes[i] = static_cast<std::uint8_t>(number.limbs[i / 8] >> (8 * (i % 8)) & 0xFF);
  }
  return to_hex(bytes);
}

UInt256 to_number(const Hash256& hash) {
  UInt256 number;
  for (std::size_t i = 32; i-- > 0;) number.limbs[i / 8] = number.limbs[i / 8] << 8 | hash.bytes[i];
  return number;
}

CompactNumber decode_compact(std::uint32_t bits) {
  const unsigned length = bits >> 24;
  std::uint32_t mantissa = bits & 0x007FFFFF;
  CompactNumber number;
  if (length <= 3) {
    mantissa >>= 8 * (3 - length);
    number.magnitude.limbs[0] = mantissa;
  } else if (length <= 34) {
    number.magnitude = narrow(Wide(mantissa) << (8 * (length - 3)));
  }
  number.negative = mantissa != 0 && (bits & 0x00800000) != 0;
  number.overflow =
      mantissa != 0 && (length > 34 || (mantissa > 0xFF && length > 33) || (mantissa > 0xFFFF && length > 32));
  return number;
}

std::uint32_t encode_compact(const UInt256& number) {
  const Wide wide = widen(number);
  unsigned length = wide == 0 ? 0 : static_cast<unsigned>(boost::multiprecision::msb(wide) / 8 + 1);
  std::uint32_t mantissa = length <= 3 ? static_cast<std::uint32_t>(number.limbs[0]) << (8 * (3 - length))
                                       : static_cast<std::uint32_t>(wide >> (8 * (length - 3)));
  // The highest mantissa bit is the sign, so a mantissa that would set it moves down a byte.
  if ((mantissa & 0x00800000) != 0) {
    mantissa >>= 8;
    ++length;
  }
  return mantissa | length << 24;
}

std::optional<UInt256> target_of(std::uint32_t bits) {
  const CompactNumber number = decode_compact(bits);
  if (number.negative || number.overflow || number.magnitude == UInt256{}) return std::nullopt;
  return number.magnitude;
}

bool meets_target(const Hash256& hash, const UInt256& target) {
  return to_number(hash) <= target;
}

Work work_of(std::uint32_t bits) {
  const std::optional<UInt256> target = target_of(bits);
  if (!target) return {};
  // 2^256 itself does not fit: 2^256 / (t + 1) = (2^256 - 1 - t) / (t + 1) + 1. A compact target is below 2^256 - 1.
  const Wide wide = widen(*target);
  return {narrow(~wide / (wide + 1) + 1)};
}

std::uint32_t retarget(std::uint32_t bits, std::int64_t first_block_time, std::int64_t last_block_time,
                       std::int64_t target_timespan, const UInt256& pow_limit) {
  const std::int64_t timespan =
      std::clamp(last_block_time - first_block_time, target_timespan / 4, 4 * target_timespan);
  // Twice as wide as Bitcoin Core's: the targets of simulations are so high that the product would not fit.
  using Product = boost::multiprecision::uint512_t;
  const Product scaled = Product(widen(decode_compact(bits).magnitude)) * static_cast<std::uint64_t>(timespan) /
                         static_cast<std::uint64_t>(target_timespan);
  return scaled > Product(widen(pow_limit)) ? encode_compact(pow_limit) : encode_compact(narrow(Wide(scaled)));
}

}  // namespace hearsay::chain
