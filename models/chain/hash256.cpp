// Crypto++ was chosen over OpenSSL for SHA-256: both use the SHA extensions and agree at 1 MB (0.69 ms on the machine
// of the measurement), but on the 80 bytes of a block header, hashed twice, Crypto++ takes about 0.22 us against 0.26
// us for a reused EVP context with a fetched digest and 0.9 us for the one-shot call.
#include "models/chain/hash256.hpp"

#include <cryptopp/sha.h>

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace hearsay::chain {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// Crypto++ starts a new message by itself after each Final.
Hash256 finish_double(CryptoPP::SHA256& hasher) {
  Hash256 hash;
  hasher.Final(hash.bytes.data());
  hasher.Update(hash.bytes.data(), hash.bytes.size());
  hasher.Final(hash.bytes.data());
  return hash;
}

}  // namespace

std::string to_hex(const Hash256& hash) {
  Hash256 reversed = hash;
  std::reverse(reversed.bytes.begin(), reversed.bytes.end());
  return bytes_to_hex(reversed.bytes);
}

std::optional<Hash256> from_hex(std::string_view displayed) {
  const auto bytes = bytes_from_hex(displayed);
  Hash256 hash;
  if (!bytes || bytes->size() != hash.bytes.size()) return std::nullopt;
  std::reverse_copy(bytes->begin(), bytes->end(), hash.bytes.begin());
  return hash;
}

std::string bytes_to_hex(ByteView bytes) {
  std::string digits;
  digits.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    digits += kHexDigits[byte >> 4];
    digits += kHexDigits[byte & 15];
  }
  return digits;
}

std::optional<std::vector<std::uint8_t>> bytes_from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = digit_value(digits[i]);
    const int low = digit_value(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(16 * high + low));
  }
  return bytes;
}

Hash256 sha256(ByteView bytes) {
  CryptoPP::SHA256 hasher;
  Hash256 hash;
  hasher.Update(bytes.data(), bytes.size());
  hasher.Final(hash.bytes.data());
  return hash;
}

Hash256 double_sha256(ByteView bytes) {
  CryptoPP::SHA256 hasher;
  hasher.Update(bytes.data(), bytes.size());
  return finish_double(hasher);
}

Hash256 double_sha256(ByteView first, ByteView second) {
  return double_sha256_of_parts({first, second});
}

Hash256 double_sha256_of_parts(std::initializer_list<ByteView> parts) {
  CryptoPP::SHA256 hasher;
  for (const ByteView part : parts) hasher.Update(part.data(), part.size());
  return finish_double(hasher);
}

std::uint64_t fingerprint64(ByteView bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Fingerprint128 fingerprint128(ByteView bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

}  // namespace hearsay::chain
