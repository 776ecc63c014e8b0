// Difficulty along a chain like mainnet's: when it changes, by how much, and which headers are refused for it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "models/chain/block_assembly.hpp"
#include "models/chain/block_index.hpp"
#include "sim/core/time.hpp"

using namespace hearsay::chain;

namespace {

constexpr std::uint32_t kStartBits = 0x200fffff;

BlockHeader header_on(const BlockIndex& index, BlockRef parent, std::uint32_t spacing, std::uint32_t bits) {
  BlockHeader header;
  header.version = 4;
  header.parent = index[parent].hash;
  header.unix_time = index[parent].header.unix_time + spacing;
  header.bits = bits;
  REQUIRE(solve(header) == Solution::found);
  return header;
}

BlockRef grow_to(BlockIndex& index, BlockRef tip, std::int32_t height, std::uint32_t spacing) {
  while (index[tip].height < height) {
    const BlockHeader header = header_on(index, tip, spacing, index.next_bits(tip));
    const HeaderVerdict verdict = index.add(header, tip);
    if (verdict != HeaderVerdict::valid) FAIL("a good header was refused: " << static_cast<int>(verdict));
  }
  return tip;
}

std::uint32_t bits_at(const BlockIndex& index, BlockRef tip, std::int32_t height) {
  return index[index.ancestor(tip, height)].header.bits;
}

// mantissa x 2^(8 x (length - 3)), for numbers of one length.
std::uint32_t mantissa(std::uint32_t bits) {
  CHECK(bits >> 24 == 0x20);
  return bits & 0xffffff;
}

}  // namespace

TEST_CASE("constants like mainnet's have its halvings and periods, and a genesis block that precedes the premine") {
  const ChainParams& params = mainnet_like_params(200);
  CHECK(params.name == "mainnet-like");
  CHECK(params.subsidy_halving_interval == 210'000);
  CHECK(params.retarget_interval == 2'016);
  CHECK(params.target_timespan_seconds() == 1'209'600);
  CHECK(subsidy(params, 209'999) == 5'000'000'000);
  CHECK(subsidy(params, 210'000) == 2'500'000'000);
  CHECK(params.genesis->header().bits == kStartBits);
  CHECK(work_of(kStartBits).amount == UInt256{{16, 0, 0, 0}});
  CHECK(meets_target(params.genesis->hash(), *target_of(kStartBits)));
  CHECK(params.genesis->header().unix_time == hearsay::kUnixEpochSeconds - 200 * 600);
  CHECK(&mainnet_like_params(200) == &params);
  CHECK(mainnet_like_params(300).genesis->header().unix_time == hearsay::kUnixEpochSeconds - 300 * 600);
  CHECK(regtest_params().genesis->header().bits == 0x207fffff);
}

TEST_CASE(
    "difficulty changes every 2,016 blocks, by the time of 2,015 intervals, and falls no further than the limit") {
  BlockIndex index(mainnet_like_params(200));
  BlockRef tip = grow_to(index, index.genesis(), 2'015, 600);
  CHECK(index.next_bits(tip) == bits_at(index, tip, 0) - 521);  // 1,048,575 / 2,016, rounded up
  // Twice as fast, then four times as slow, then far beyond the factor of four.
  tip = grow_to(index, tip, 2 * 2'016 - 1, 300);
  tip = grow_to(index, tip, 3 * 2'016 - 1, 2'400);
  tip = grow_to(index, tip, 4 * 2'016 - 1, 100);
  tip = grow_to(index, tip, 5 * 2'016 - 1, 60'000);
  tip = grow_to(index, tip, 7 * 2'016, 60'000);
  for (std::int32_t height = 0; height <= 7 * 2'016; ++height)
    if (height % 2'016 != 0 && bits_at(index, tip, height) != bits_at(index, tip, height - 1))
      FAIL("difficulty changed within a period");
  const auto period = [&](std::int32_t number) { return mantissa(bits_at(index, tip, number * 2'016)); };
  CHECK(period(0) == 0x0fffff);
  // Spacings are dated from block to block: the last interval of a period belongs to the next one.
  const auto scaled = [](std::uint64_t old, std::uint64_t seconds) {
    return static_cast<std::uint32_t>(old * std::clamp<std::uint64_t>(seconds, 302'400, 4'838'400) / 1'209'600);
  };
  CHECK(period(1) == scaled(period(0), 2'015 * 600));
  CHECK(period(2) == scaled(period(1), 2'015 * 300));
  CHECK(period(3) == scaled(period(2), 2'015 * 2'400));
  CHECK(period(4) == scaled(period(3), 2'015 * 100));
  CHECK(period(4) == period(3) / 4);
  CHECK(period(5) == scaled(period(4), 2'015 * 60'000));
  CHECK(period(5) == period(4) * 4);
  CHECK(period(6) == period(5) * 4);
  CHECK(period(7) == 0x7fffff);
}

TEST_CASE("a header with another difficulty than the rule's is refused, at the change and within a period") {
  BlockIndex index(mainnet_like_params(200));
  BlockRef tip = grow_to(index, index.genesis(), 2'015, 300);
  const std::uint32_t harder = index.next_bits(tip);
  REQUIRE(harder != kStartBits);
  BlockRef block = kNoBlock;
  for (const std::uint32_t bits : {kStartBits, harder - 1, harder + 1, 0x207fffffu})
    CHECK(index.add(header_on(index, tip, 300, bits), block) == HeaderVerdict::wrong_bits);
  CHECK(index.add(header_on(index, tip, 300, harder), block) == HeaderVerdict::valid);
  CHECK(index.add(header_on(index, block, 300, kStartBits), tip) == HeaderVerdict::wrong_bits);
  CHECK(index[block].chain_work == index[index[block].parent].chain_work + work_of(harder));
}

TEST_CASE("each branch has the difficulty of its own history") {
  BlockIndex index(mainnet_like_params(200));
  const BlockRef fork = grow_to(index, index.genesis(), 2'000, 600);
  const BlockRef slow = grow_to(index, fork, 2'015, 6'000);
  const BlockRef fast = grow_to(index, fork, 2'015, 1);
  CHECK(index.next_bits(slow) > index.next_bits(fast));
  // More blocks, but less work.
  const BlockRef slow_tip = grow_to(index, slow, 2'100, 600);
  const BlockRef fast_tip = grow_to(index, fast, 2'100, 600);
  CHECK(index[fast_tip].chain_work > index[slow_tip].chain_work);
}

TEST_CASE("regtest never changes its difficulty") {
  BlockIndex index(regtest_params());
  const BlockRef tip = grow_to(index, index.genesis(), 2 * 144 + 1, 1);
  CHECK(index[tip].header.bits == 0x207fffff);
  CHECK(index.next_bits(tip) == 0x207fffff);
}
