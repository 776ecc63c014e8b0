// CompactSize and the bounds-checked reader.
#include <catch2/catch.hpp>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "models/chain/serialize.hpp"

using namespace hearsay::chain;

TEST_CASE("CompactSize is written in its minimal form and read back") {
  const std::pair<std::uint64_t, std::string_view> vectors[] = {
      {0, "00"},
      {1, "01"},
      {252, "fc"},
      {253, "fdfd00"},
      {255, "fdff00"},
      {256, "fd0001"},
      {65535, "fdffff"},
      {65536, "fe00000100"},
      {4294967295, "feffffffff"},
      {4294967296, "ff0000000001000000"},
      {std::numeric_limits<std::uint64_t>::max(), "ffffffffffffffffff"},
  };
  for (const auto& [n, hex] : vectors) {
    std::vector<std::uint8_t> bytes;
    ByteWriter(bytes).compact_size(n);
    CHECK(bytes_to_hex(bytes) == hex);
    CHECK(compact_size_bytes(n) == bytes.size());
    ByteReader reader(bytes);
    CHECK(reader.compact_number() == n);
    CHECK(reader.ok());
    CHECK(reader.remaining() == 0);
  }
}

TEST_CASE("a CompactSize that is not minimal is rejected") {
  for (const std::string_view hex : {"fdfc00", "fd0000", "feffff0000", "ffffffffff00000000"}) {
    const auto bytes = bytes_from_hex(hex);
    ByteReader reader(*bytes);
    CHECK(reader.compact_number() == 0);
    CHECK(!reader.ok());
  }
}

TEST_CASE("a CompactSize cut short is rejected") {
  for (const std::string_view hex : {"", "fd", "fdfd", "fe000001", "ff00000000010000"}) {
    const auto bytes = bytes_from_hex(hex);
    ByteReader reader(*bytes);
    reader.compact_number();
    CHECK(!reader.ok());
  }
}

TEST_CASE("a size above the limit is rejected, a number is not") {
  const auto allowed = bytes_from_hex("fe00000002");
  const auto excessive = bytes_from_hex("fe01000002");
  ByteReader at_limit(*allowed);
  CHECK(at_limit.compact_size() == kMaximumSize);
  CHECK(at_limit.ok());
  ByteReader above(*excessive);
  CHECK(above.compact_size() == 0);
  CHECK(!above.ok());
  ByteReader number(*excessive);
  CHECK(number.compact_number() == kMaximumSize + 1);
  CHECK(number.ok());
}

TEST_CASE("more items are claimed than the bytes can hold, and the claim is rejected before room is made") {
  const auto bytes = bytes_from_hex("03aabbccddeeff");
  ByteReader fits(*bytes);
  CHECK(fits.item_count(2) == 3);
  ByteReader too_many(*bytes);
  CHECK(too_many.item_count(3) == 0);
  CHECK(!too_many.ok());
}

TEST_CASE("integers are little-endian, but for ports") {
  std::vector<std::uint8_t> bytes;
  ByteWriter writer(bytes);
  writer.u8(0x01);
  writer.u16(0x0203);
  writer.u32(0x04050607);
  writer.u64(0x08090a0b0c0d0e0f);
  writer.u16_big_endian(8333);
  writer.i32(-2);
  writer.i64(-3);
  writer.var_bytes(std::vector<std::uint8_t>{0xaa, 0xbb});
  CHECK(bytes_to_hex(bytes) ==
        "01030207060504"
        "0f0e0d0c0b0a0908"
        "208d"
        "feffffff"
        "fdffffffffffffff"
        "02aabb");
  ByteReader reader(bytes);
  CHECK(reader.u8() == 0x01);
  CHECK(reader.u16() == 0x0203);
  CHECK(reader.u32() == 0x04050607);
  CHECK(reader.u64() == 0x08090a0b0c0d0e0f);
  CHECK(reader.u16_big_endian() == 8333);
  CHECK(reader.i32() == -2);
  CHECK(reader.i64() == -3);
  CHECK(reader.var_bytes().size() == 2);
  CHECK(reader.ok());
}

TEST_CASE("after a failed read every read gives zeros") {
  const auto bytes = bytes_from_hex("ffffffffffff");
  ByteReader reader(*bytes);
  CHECK(reader.u64() == 0);
  CHECK(!reader.ok());
  CHECK(reader.remaining() == 0);
  CHECK(reader.u8() == 0);
  CHECK(reader.hash().is_zero());
  CHECK(reader.var_bytes().empty());
}
