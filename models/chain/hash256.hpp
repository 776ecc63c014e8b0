// Hashes: SHA-256 and double SHA-256 as consensus uses them, and fast fingerprints for identities inside a run.
//
// A Hash256 holds the bytes in internal order, the order in which they travel; explorers and Bitcoin Core display the
// reverse. Its <=> compares bytes, for use as a key; the order of two hashes as numbers is that of uint256.hpp.
//
// Invariants: every function here is pure. The fingerprints (XXH3) are not cryptographic: they never decide validity,
// and they are the same on every machine.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/fingerprint.hpp"

namespace hearsay::chain {

using ByteView = std::span<const std::uint8_t>;

struct Hash256 {
  std::array<std::uint8_t, 32> bytes{};

  auto operator<=>(const Hash256&) const = default;
  bool is_zero() const { return *this == Hash256{}; }
};

// Displayed form: 64 hex digits, bytes reversed.
std::string to_hex(const Hash256& hash);
// The inverse; nothing unless the text is exactly 64 hex digits.
std::optional<Hash256> from_hex(std::string_view displayed);

// Plain bytes as hex digits, in order, and back (nothing for an odd length or a character that is no hex digit).
std::string bytes_to_hex(ByteView bytes);
std::optional<std::vector<std::uint8_t>> bytes_from_hex(std::string_view digits);

Hash256 sha256(ByteView bytes);
Hash256 double_sha256(ByteView bytes);
// The double hash of two strings laid end to end (an inner node of a Merkle tree).
Hash256 double_sha256(ByteView first, ByteView second);
// The double hash of any number of strings laid end to end: hashes around a witness without copying the rest.
Hash256 double_sha256_of_parts(std::initializer_list<ByteView> parts);

// The first 8 bytes, little-endian: a compact name for a hash in observations and look-up tables.
inline std::uint64_t short_id64(const Hash256& hash) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t id;
  std::memcpy(&id, hash.bytes.data(), sizeof(id));
  return id;
}

// For look-up tables keyed by a hash. All of it counts: a peer may choose hashes that are alike at one end.
struct Hash256Hasher {
  std::size_t operator()(const Hash256& hash) const {
    std::array<std::uint64_t, 4> words;
    std::memcpy(words.data(), hash.bytes.data(), sizeof(words));
    return static_cast<std::size_t>(fingerprint(words[0], words[1], words[2], words[3]));
  }
};

// 64-bit fingerprint of bytes. Different seeds give unrelated fingerprints of the same bytes.
std::uint64_t fingerprint64(ByteView bytes, std::uint64_t seed);

// 128-bit fingerprint, wide enough to stand for the bytes themselves as the key of a cache.
struct Fingerprint128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const Fingerprint128&) const = default;
};
Fingerprint128 fingerprint128(ByteView bytes);

}  // namespace hearsay::chain
