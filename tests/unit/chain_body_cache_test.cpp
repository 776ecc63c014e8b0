// The cache of block bodies: keyed by bytes, without ownership.
#include <catch2/catch.hpp>
#include <vector>

#include "models/chain/block_assembly.hpp"
#include "models/chain/body_cache.hpp"

using namespace hearsay::chain;

namespace {

BlockPointer block_with_tag(std::uint64_t tag) {
  BlockPlan plan;
  plan.parent = regtest_params().genesis->hash();
  plan.height = 1;
  plan.unix_time = 1'767'225'600;
  plan.bits = regtest_params().pow_limit_bits;
  plan.tag = tag;
  plan.least_stripped_bytes = 300;
  return assemble_block(regtest_params(), plan);
}

Fingerprint128 key_of(const Block& block) {
  std::vector<std::uint8_t> bytes;
  ByteWriter writer(bytes);
  block.encode(writer, WitnessForm::included);
  return fingerprint128(bytes);
}

}  // namespace

TEST_CASE("a cached body is found by its key and by no other") {
  BodyCache cache;
  const BlockPointer one = block_with_tag(1);
  const BlockPointer other = block_with_tag(2);
  cache.insert(key_of(*one), {one, {1, 2, 3, 4}});
  REQUIRE(cache.find(key_of(*one)).has_value());
  CHECK(cache.find(key_of(*one))->block == one);
  CHECK(cache.find(key_of(*one))->checksum == BodyCache::Checksum{1, 2, 3, 4});
  CHECK(!cache.find(key_of(*other)));
  cache.clear();
  CHECK(!cache.find(key_of(*one)));
}

TEST_CASE("a body that nobody holds any more is gone, and may come again") {
  BodyCache cache;
  BlockPointer block = block_with_tag(1);
  const Fingerprint128 key = key_of(*block);
  cache.insert(key, {block, {}});
  block.reset();
  CHECK(!cache.find(key));
  block = block_with_tag(1);
  cache.insert(key, {block, {}});
  CHECK(cache.find(key)->block == block);
}

TEST_CASE("entries of dead bodies are swept, so the cache does not grow with the length of a run") {
  BodyCache cache;
  const BlockPointer kept = block_with_tag(0);
  cache.insert(key_of(*kept), {kept, {}});
  for (std::uint64_t tag = 1; tag <= 1'000; ++tag) {
    const BlockPointer passing = block_with_tag(tag);
    cache.insert(key_of(*passing), {passing, {}});
  }
  CHECK(cache.size() <= 65);
  CHECK(cache.find(key_of(*kept))->block == kept);
}
