// The index of headers against naive twins: on random trees every answer is also found by walking from parent to
// parent.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <vector>

#include "models/chain/block_assembly.hpp"
#include "models/chain/block_index.hpp"
#include "sim/core/check.hpp"
#include "tests/unit/chain_fixtures.hpp"

using namespace hearsay::chain;

namespace {

// A solved header on `parent`, later than its median by `later` seconds. The draw makes siblings differ.
BlockHeader header_on(const BlockIndex& index, BlockRef parent, std::uint32_t later, std::uint64_t draw) {
  BlockHeader header;
  header.version = 4;
  header.parent = index[parent].hash;
  for (std::size_t i = 0; i < 8; ++i) header.merkle_root.bytes[i] = static_cast<std::uint8_t>(draw >> (8 * i));
  header.unix_time = index[parent].median_time_past + later;
  header.bits = index[parent].header.bits;
  REQUIRE(solve(header) == Solution::found);
  return header;
}

BlockRef grow(BlockIndex& index, BlockRef parent, std::uint32_t later = 1, std::uint64_t draw = 0) {
  BlockRef block = kNoBlock;
  if (index.add(header_on(index, parent, later, draw), block) != HeaderVerdict::valid)
    FAIL("a good header was refused");
  return block;
}

// `branching`: of 100 blocks, how many do not go on top of the newest.
void grow_at_random(BlockIndex& index, hearsay::RandomStream& stream, std::size_t blocks, std::uint64_t branching) {
  for (std::size_t i = 0; i < blocks; ++i) {
    const bool branch = stream.below(100) < branching;
    const auto parent = static_cast<BlockRef>(branch ? stream.below(index.size()) : index.size() - 1);
    grow(index, parent, 1 + static_cast<std::uint32_t>(stream.below(2000)), stream());
  }
}

std::vector<BlockRef> walk(const BlockIndex& index, BlockRef block) {
  std::vector<BlockRef> path;
  for (; block != kNoBlock; block = index[block].parent) path.push_back(block);
  return path;
}

std::vector<std::int32_t> locator_heights(const BlockIndex& index, BlockRef tip) {
  std::vector<std::int32_t> heights;
  for (const Hash256& hash : index.locator(tip)) heights.push_back(index[index.find(hash)].height);
  return heights;
}

}  // namespace

TEST_CASE("height, work, ancestors and median time agree with walking back, on random trees") {
  const std::uint64_t branching = GENERATE(std::uint64_t{0}, std::uint64_t{5}, std::uint64_t{50}, std::uint64_t{100});
  hearsay::RandomStream stream = test_draws(branching + 1);
  BlockIndex index(regtest_params());
  grow_at_random(index, stream, 700, branching);
  std::size_t wrong = 0;
  for (BlockRef block = 0; block < index.size(); ++block) {
    const std::vector<BlockRef> path = walk(index, block);
    wrong += index[block].height != static_cast<std::int32_t>(path.size()) - 1;
    Work work;
    std::vector<std::uint32_t> times;
    for (const BlockRef step : path) {
      work += work_of(index[step].header.bits);
      if (times.size() < 11) times.push_back(index[step].header.unix_time);
    }
    wrong += index[block].chain_work != work;
    std::sort(times.begin(), times.end());
    wrong += index[block].median_time_past != times[times.size() / 2];
    for (std::size_t back = 0; back < path.size(); back += 1 + path.size() / 40)
      wrong += index.ancestor(block, index[block].height - static_cast<std::int32_t>(back)) != path[back];
    wrong += index.ancestor(block, 0) != index.genesis();
    wrong += index.find(index[block].hash) != block;
  }
  CHECK(wrong == 0);
}

TEST_CASE("any ancestor is found in a number of steps that grows like the logarithm of the height") {
  BlockIndex index(regtest_params());
  BlockRef tip = index.genesis();
  for (int i = 0; i < 4000; ++i) tip = grow(index, tip);
  int most = 0;
  for (std::int32_t height = 0; height < 4000; height += 7) {
    int steps = 0;
    for (BlockRef block = tip; index[block].height > height; ++steps)
      block = index[index[block].jump].height >= height ? index[block].jump : index[block].parent;
    most = std::max(most, steps);
  }
  // Myers 1983: fewer than 3 log2(n) steps.
  CHECK(most < 36);
}

TEST_CASE("fork points and ancestry agree with common paths, on random trees") {
  hearsay::RandomStream stream = test_draws(7);
  BlockIndex index(regtest_params());
  grow_at_random(index, stream, 500, 20);
  std::size_t wrong = 0;
  std::size_t related = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto a = static_cast<BlockRef>(stream.below(index.size()));
    const auto b = static_cast<BlockRef>(stream.below(index.size()));
    const std::vector<BlockRef> path_a = walk(index, a);
    const std::vector<BlockRef> path_b = walk(index, b);
    const std::set<BlockRef> of_a(path_a.begin(), path_a.end());
    const auto common = std::find_if(path_b.begin(), path_b.end(), [&](BlockRef step) { return of_a.contains(step); });
    wrong += index.fork_point(a, b) != *common;
    wrong += index.is_ancestor(b, a) != of_a.contains(b);
    related += of_a.contains(b) && a != b;
  }
  CHECK(wrong == 0);
  CHECK(related > 100);
  CHECK(index.is_ancestor(3, 3));
}

TEST_CASE("an ancestor above the block is a mistake of the caller") {
  BlockIndex index(regtest_params());
  const BlockRef block = grow(index, index.genesis());
  CHECK_THROWS_AS(index.ancestor(index.genesis(), 1), hearsay::CheckFailure);
  CHECK_THROWS_AS(index.ancestor(block, -1), hearsay::CheckFailure);
}

TEST_CASE("a locator has Bitcoin Core's heights") {
  BlockIndex index(regtest_params());
  BlockRef tip = index.genesis();
  const auto at = [&](std::int32_t height) {
    while (index[tip].height < height) tip = grow(index, tip);
    return locator_heights(index, index.ancestor(tip, height));
  };
  using Heights = std::vector<std::int32_t>;
  CHECK(at(0) == Heights{0});
  CHECK(at(5) == Heights{5, 4, 3, 2, 1, 0});
  CHECK(at(11) == Heights{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
  CHECK(at(12) == Heights{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
  CHECK(at(100) == Heights{100, 99, 98, 97, 96, 95, 94, 93, 92, 91, 90, 89, 87, 83, 75, 59, 27, 0});
  CHECK(at(1000) == Heights{1000, 999, 998, 997, 996, 995, 994, 993, 992, 991, 990,
                            989,  987, 983, 975, 959, 927, 863, 735, 479, 0});
}

TEST_CASE("a locator stays on its own branch") {
  BlockIndex index(regtest_params());
  const BlockRef fork = grow(index, index.genesis());
  BlockRef left = fork;
  BlockRef right = fork;
  for (std::uint64_t i = 0; i < 30; ++i) {
    left = grow(index, left, 1, 2 * i);
    right = grow(index, right, 1, 2 * i + 1);
  }
  for (const Hash256& hash : index.locator(left)) CHECK(index.is_ancestor(index.find(hash), left));
}

TEST_CASE("headers are refused for what is wrong with them, and leave no trace") {
  BlockIndex index(regtest_params());
  BlockRef tip = index.genesis();
  for (int i = 0; i < 20; ++i) tip = grow(index, tip, 600);
  const std::size_t size = index.size();
  BlockRef block = 0;

  BlockHeader orphan = header_on(index, tip, 1, 1);
  orphan.parent = Hash256{{9}};
  CHECK(index.add(orphan, block) == HeaderVerdict::unknown_parent);
  CHECK(block == kNoBlock);

  BlockHeader unsolved = header_on(index, tip, 1, 2);
  while (meets_target(unsolved.hash(), *target_of(unsolved.bits))) ++unsolved.nonce;
  CHECK(index.add(unsolved, block) == HeaderVerdict::hash_above_target);

  BlockHeader harder = header_on(index, tip, 1, 3);
  harder.bits = 0x207ffffe;
  REQUIRE(solve(harder) == Solution::found);
  CHECK(index.add(harder, block) == HeaderVerdict::wrong_bits);

  const BlockHeader old = header_on(index, tip, 0, 4);
  CHECK(index.add(old, block) == HeaderVerdict::time_too_old);

  for (const std::int32_t version : {-1, 1, 2, 3}) {
    BlockHeader outdated = header_on(index, tip, 1, 6);
    outdated.version = version;
    REQUIRE(solve(outdated) == Solution::found);
    CHECK(index.add(outdated, block) == HeaderVerdict::bad_version);
  }

  CHECK(index.size() == size);
  CHECK(index.find(old.hash()) == kNoBlock);
  CHECK(index.add(header_on(index, tip, 1, 5), block) == HeaderVerdict::valid);
  CHECK(block == size);
}

TEST_CASE("a header that is there already is valid and keeps its place") {
  BlockIndex index(regtest_params());
  const BlockRef first = grow(index, index.genesis(), 1, 1);
  grow(index, first, 1, 2);
  BlockRef again = kNoBlock;
  CHECK(index.add(index[first].header, again) == HeaderVerdict::valid);
  CHECK(again == first);
  CHECK(index.size() == 3);
}
