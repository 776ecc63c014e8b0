// Fast, non-cryptographic 64-bit fingerprints of integers and names (XXH3), used for stable ids, digests and cache
// keys. The same on every platform: words are hashed in little-endian memory order, which is checked at compile time.
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>
#include <cstdint>
#include <string_view>

namespace hearsay {

static_assert(std::endian::native == std::endian::little, "fingerprints hash the memory of little-endian words");

// Fingerprint of a sequence of words; order matters.
template <class... Words>
[[nodiscard]] inline std::uint64_t fingerprint(Words... words) {
  const std::uint64_t memory[] = {static_cast<std::uint64_t>(words)...};
  return XXH3_64bits(memory, sizeof(memory));
}

[[nodiscard]] inline std::uint64_t fingerprint_text(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

}  // namespace hearsay
