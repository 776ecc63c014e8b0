// SHA-256 against published digests, the displayed form of hashes, and the fingerprints.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "models/chain/hash256.hpp"

using namespace hearsay::chain;

namespace {

ByteView view_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE("sha256 gives the digests of FIPS 180-4") {
  // FIPS examples are printed in byte order.
  CHECK(bytes_to_hex(sha256(view_of("abc")).bytes) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(bytes_to_hex(sha256({}).bytes) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const std::string million(1'000'000, 'a');
  CHECK(bytes_to_hex(sha256(view_of(million)).bytes) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("double_sha256 of nothing begins with the checksum of an empty payload") {
  CHECK(bytes_to_hex(double_sha256({}).bytes).substr(0, 8) == "5df6e0e2");
}

TEST_CASE("hashing in parts equals hashing the whole") {
  std::vector<std::uint8_t> bytes(300);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  const ByteView whole = bytes;
  for (const std::size_t cut : {0U, 1U, 63U, 64U, 65U, 299U, 300U}) {
    CHECK(double_sha256(whole.first(cut), whole.subspan(cut)) == double_sha256(whole));
    CHECK(double_sha256_of_parts({whole.first(cut), {}, whole.subspan(cut)}) == double_sha256(whole));
  }
}

TEST_CASE("a hash is displayed reversed and read back") {
  Hash256 hash;
  hash.bytes[0] = 0xab;
  hash.bytes[31] = 0x01;
  const std::string displayed = "01" + std::string(60, '0') + "ab";
  CHECK(to_hex(hash) == displayed);
  CHECK(from_hex(displayed) == hash);
  CHECK(from_hex("01" + std::string(60, '0') + "AB") == hash);
}

TEST_CASE("text that is no hash gives none") {
  CHECK(!from_hex(std::string(63, '0')));
  CHECK(!from_hex(std::string(66, '0')));
  CHECK(!from_hex(std::string(63, '0') + "g"));
  CHECK(!from_hex(""));
  CHECK(!bytes_from_hex("abc"));
  CHECK(bytes_from_hex("")->empty());
}

TEST_CASE("the short id of a hash is its first eight bytes, little-endian") {
  Hash256 hash;
  for (std::size_t i = 0; i < 32; ++i) hash.bytes[i] = static_cast<std::uint8_t>(i + 1);
  CHECK(short_id64(hash) == 0x0807060504030201);
  CHECK(!hash.is_zero());
  CHECK(Hash256{}.is_zero());
}

// XXH3 is specified to give the same results on every machine: these values are pinned because digests of runs
// depend on them.
TEST_CASE("fingerprints are those of XXH3") {
  CHECK(fingerprint64({}, 0) == 0x2d06800538d394c2);
  CHECK(fingerprint128({}) == Fingerprint128{0x99aa06d3014798d8, 0x6001c324468d497f});
  CHECK(fingerprint64(view_of("abc"), 0) != fingerprint64(view_of("abc"), 1));
  CHECK(fingerprint128(view_of("abc")) != fingerprint128(view_of("abd")));
}
