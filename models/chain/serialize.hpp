// The primitive encodings of Bitcoin (Bitcoin Core serialize.h): a writer that appends to a vector, and a reader over
// bytes that somebody else made.
//
// Invariants of the reader: it never reads outside its bytes; the first read that fails (too short, a CompactSize that
// is not minimal or exceeds the size limit) makes it fail for good, after which every read returns zeros or nothing.
// Malformed bytes are data, never an exception: check ok() before use of what was read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/chain/hash256.hpp"

namespace hearsay::chain {

// The largest CompactSize that is accepted where it counts something (MAX_SIZE, Bitcoin Core serialize.h).
inline constexpr std::uint64_t kMaximumSize = 0x02000000;

constexpr std::size_t compact_size_bytes(std::uint64_t n) {
  if (n < 253) return 1;
  if (n <= 0xFFFF) return 3;
  return n <= 0xFFFFFFFF ? 5 : 9;
}

class ByteWriter {
 public:
  explicit ByteWriter(std::vector<std::uint8_t>& out) : out_(&out) {}

  void u8(std::uint8_t value) { out_->push_back(value); }
  void u16(std::uint16_t value) { little_endian<2>(value); }
  void u32(std::uint32_t value) { little_endian<4>(value); }
  void u64(std::uint64_t value) { little_endian<8>(value); }
  void i32(std::int32_t value) { u32(static_cast<std::uint32_t>(value)); }
  void i64(std::int64_t value) { u64(static_cast<std::uint64_t>(value)); }
  void u16_big_endian(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value >> 8));
    u8(static_cast<std::uint8_t>(value & 0xFF));
  }
  void compact_size(std::uint64_t n) {
    if (n < 253) {
      u8(static_cast<std::uint8_t>(n));
    } else if (n <= 0xFFFF) {
      u8(0xfd);
      u16(static_cast<std::uint16_t>(n));
    } else if (n <= 0xFFFFFFFF) {
      u8(0xfe);
      u32(static_cast<std::uint32_t>(n));
    } else {
      u8(0xff);
      u64(n);
    }
  }
  void bytes(ByteView view) { out_->insert(out_->end(), view.begin(), view.end()); }
  void hash(const Hash256& value) { bytes(value.bytes); }
  // Length, then the bytes.
  void var_bytes(ByteView view) {
    compact_size(view.size());
    bytes(view);
  }

 private:
  template <std::size_t kBytes>
  void little_endian(std::uint64_t value) {
    std::array<std::uint8_t, kBytes> encoded;
    for (std::size_t i = 0; i < kBytes; ++i) encoded[i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xFF);
    bytes(encoded);
  }

  std::vector<std::uint8_t>* out_;
};

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return !failed_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return failed_ ? 0 : bytes_.size() - position_; }
  // The bytes between two earlier positions, to hash what has just been parsed.
  ByteView between(std::size_t begin, std::size_t end) const { return bytes_.subspan(begin, end - begin); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(little_endian<1>()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(little_endian<2>()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(little_endian<4>()); }
  std::uint64_t u64() { return little_endian<8>(); }
  std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  std::uint16_t u16_big_endian() {
    const std::uint16_t value = u16();
    return static_cast<std::uint16_t>(value >> 8 | (value & 0xFF) << 8);
  }

  // Any value in its minimal form; the size limit does not apply (CompactSize used as a number).
  std::uint64_t compact_number() {
    const std::uint8_t first = u8();
    std::uint64_t n = first;
    if (first == 0xfd) n = u16();
    if (first == 0xfe) n = u32();
    if (first == 0xff) n = u64();
    if (!failed_ && first >= 0xfd && compact_size_bytes(n) != (first == 0xfd ? 3U : first == 0xfe ? 5U : 9U)) fail();
    return failed_ ? 0 : n;
  }
  // A number of bytes or items.
  std::size_t compact_size() {
    const std::uint64_t n = compact_number();
    if (n > kMaximumSize) fail();
    return failed_ ? 0 : static_cast<std::size_t>(n);
  }
  // A number of items of at least `item_bytes` each. Fails at once if they cannot all be there, so that a caller may
  // reserve room for them: memory is bounded by the bytes received, not by what they claim.
  std::size_t item_count(std::size_t item_bytes) {
    const std::size_t n = compact_size();
    if (n > remaining() / item_bytes) fail();
    return failed_ ? 0 : n;
  }
  // A view into the source; empty on failure.
  ByteView bytes(std::size_t n) {
    if (n > remaining()) fail();
    if (failed_) return {};
    position_ += n;
    return bytes_.subspan(position_ - n, n);
  }
  ByteView var_bytes() { return bytes(compact_size()); }
  Hash256 hash() { return {array<32>()}; }
  template <std::size_t kBytes>
  std::array<std::uint8_t, kBytes> array() {
    std::array<std::uint8_t, kBytes> copy{};
    const ByteView view = bytes(kBytes);
    for (std::size_t i = 0; i < view.size(); ++i) copy[i] = view[i];
    return copy;
  }
  void fail() { failed_ = true; }

 private:
  template <std::size_t kBytes>
  std::uint64_t little_endian() {
    const ByteView view = bytes(kBytes);
    std::uint64_t value = 0;
    for (std::size_t i = view.size(); i-- > 0;) value = value << 8 | view[i];
    return value;
  }

  ByteView bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace hearsay::chain
