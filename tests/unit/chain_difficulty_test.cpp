// Compact targets, work and retargeting against the vectors of Bitcoin Core (arith_uint256_tests.cpp, pow_tests.cpp).
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "models/chain/params.hpp"
#include "models/chain/uint256.hpp"

using namespace hearsay::chain;

namespace {

// A hex number of any length, padded to 64 digits.
std::string padded(std::string_view digits) {
  return std::string(64 - digits.size(), '0') + std::string(digits);
}

struct TargetVector {
  std::uint32_t bits;
  std::string target;
  std::string work;
};

}  // namespace

TEST_CASE("bits give the published target and work") {
  const TargetVector vectors[] = {
      {0x1d00ffff, "00000000ffff" + std::string(52, '0'), padded("100010001")},
      {0x1b04864c, "000000000004864c" + std::string(48, '0'), padded("38946224e37e")},
      {0x207fffff, "7fffff" + std::string(58, '0'), padded("2")},
      {0x1e0377ae, "00000377ae" + std::string(54, '0'), padded("49d414")},
      {0x170331db, "0000000000000000000331db" + std::string(40, '0'), padded("5021ab2578ee9fc3005e")},
  };
  for (const TargetVector& vector : vectors) {
    REQUIRE(target_of(vector.bits).has_value());
    CHECK(to_hex(*target_of(vector.bits)) == vector.target);
    CHECK(to_hex(work_of(vector.bits).amount) == vector.work);
    CHECK(encode_compact(*target_of(vector.bits)) == vector.bits);
  }
}

TEST_CASE("compact numbers decode as Bitcoin Core decodes them") {
  CHECK(to_hex(decode_compact(0x01123456).magnitude) == padded("12"));
  CHECK(to_hex(decode_compact(0x02123456).magnitude) == padded("1234"));
  CHECK(to_hex(decode_compact(0x03123456).magnitude) == padded("123456"));
  CHECK(to_hex(decode_compact(0x04123456).magnitude) == padded("12345600"));
  CHECK(to_hex(decode_compact(0x05009234).magnitude) == padded("92340000"));
  CHECK(to_hex(decode_compact(0x20123456).magnitude) == padded("123456" + std::string(58, '0')));
  CHECK(decode_compact(0x04923456).negative);
  CHECK(to_hex(decode_compact(0x04923456).magnitude) == padded("12345600"));
  CHECK(decode_compact(0x01fedcba).negative);
  CHECK(to_hex(decode_compact(0x01fedcba).magnitude) == padded("7e"));
  CHECK(decode_compact(0xff123456).overflow);
}

TEST_CASE("a mantissa of zero is neither negative nor an overflow") {
  for (const std::uint32_t bits :
       {0x00000000U, 0x01003456U, 0x02000056U, 0x03000000U, 0x00923456U, 0x01803456U, 0x04800000U, 0xff000000U}) {
    const CompactNumber number = decode_compact(bits);
    CHECK(number.magnitude == UInt256{});
    CHECK(!number.negative);
    CHECK(!number.overflow);
    CHECK(!target_of(bits));
  }
}

TEST_CASE("overflow begins where the mantissa leaves 256 bits") {
  CHECK(!decode_compact(0x22000001).overflow);
  CHECK(decode_compact(0x22000100).overflow);
  CHECK(!decode_compact(0x2100ffff).overflow);
  CHECK(decode_compact(0x21010000).overflow);
  CHECK(!decode_compact(0x207fffff).overflow);
  CHECK(decode_compact(0x23000001).overflow);
}

TEST_CASE("encoding keeps the sign bit clear") {
  CHECK(encode_compact(UInt256{{0x80, 0, 0, 0}}) == 0x02008000);
  CHECK(encode_compact(UInt256{{0x12, 0, 0, 0}}) == 0x01120000);
  CHECK(encode_compact(UInt256{}) == 0);
  CHECK(encode_compact(mainnet_params().pow_limit) == 0x1d00ffff);
  CHECK(encode_compact(regtest_params().pow_limit) == 0x207fffff);
}

TEST_CASE("targets that are negative, zero or overflow are invalid and stand for no work") {
  for (const std::uint32_t bits : {0x04923456U, 0x00000000U, 0xff123456U}) {
    CHECK(!target_of(bits));
    CHECK(work_of(bits) == Work{});
  }
}

TEST_CASE("difficulty after a period is that of Bitcoin Core") {
  const UInt256 limit = mainnet_params().pow_limit;
  const std::int64_t timespan = mainnet_params().target_timespan_seconds();
  REQUIRE(timespan == 1'209'600);
  CHECK(retarget(0x1d00ffff, 1261130161, 1262152739, timespan, limit) == 0x1d00d86a);
  CHECK(retarget(0x1d00ffff, 1231006505, 1233061996, timespan, limit) == 0x1d00ffff);
  CHECK(retarget(0x1c05a3f4, 1279008237, 1279297671, timespan, limit) == 0x1c0168fd);
  CHECK(retarget(0x1c387f6f, 1263163443, 1269211443, timespan, limit) == 0x1d00e1fd);
}

TEST_CASE("numbers compare by their most significant limb first") {
  CHECK(UInt256{{0, 0, 0, 1}} > UInt256{{~0ULL, ~0ULL, ~0ULL, 0}});
  CHECK(UInt256{{1, 0, 0, 0}} > UInt256{});
  CHECK(UInt256{{5, 6, 7, 8}} == UInt256{{5, 6, 7, 8}});
}

TEST_CASE("work adds up with carries") {
  const Work almost{UInt256{{~0ULL, ~0ULL, 0, 0}}};
  const Work one{UInt256{{1, 0, 0, 0}}};
  CHECK(almost + one == Work{UInt256{{0, 0, 1, 0}}});
  CHECK(almost + almost == Work{UInt256{{~0ULL - 1, ~0ULL, 1, 0}}});
  CHECK(almost + one > almost);
  Work sum;
  for (int i = 0; i < 100; ++i) sum += work_of(0x1d00ffff);
  CHECK(to_hex(sum.amount) == padded("6400640064"));
}

TEST_CASE("a hash meets a target that it equals and misses one that is smaller by one") {
  Hash256 hash;
  hash.bytes[0] = 0x01;
  hash.bytes[8] = 0x02;
  const UInt256 number{{1, 2, 0, 0}};
  CHECK(to_number(hash) == number);
  CHECK(meets_target(hash, number));
  CHECK(!meets_target(hash, UInt256{{0, 2, 0, 0}}));
  const auto mainnet_genesis = from_hex("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");
  CHECK(meets_target(*mainnet_genesis, *target_of(0x1d00ffff)));
  CHECK(!meets_target(*mainnet_genesis, *target_of(0x1b04864c)));
}
