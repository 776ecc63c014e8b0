#include "models/chain/block_index.hpp"

#include <algorithm>
#include <array>

#include "models/chain/coinbase.hpp"
#include "sim/core/check.hpp"

namespace hearsay::chain {

namespace {
// nMedianTimeSpan, Bitcoin Core chain.h.
constexpr int kMedianTimeSpan = 11;
// From which number of hashes on the steps of a locator double (LocatorEntries, Bitcoin Core chain.cpp).
constexpr std::size_t kDenseLocatorEntries = 10;
}  // namespace

BlockIndex::BlockIndex(const ChainParams& params) : params_(params) {
  enter(params.genesis->header(), params.genesis->hash(), kNoBlock);
  set_body(genesis(), params.genesis);
}

BlockRef BlockIndex::find(const Hash256& hash) const {
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? kNoBlock : found->second;
}

HeaderVerdict BlockIndex::add(const BlockHeader& header, BlockRef& block) {
  const Hash256 hash = header.hash();
  block = find(hash);
  if (block != kNoBlock) return HeaderVerdict::valid;
  const BlockRef parent = find(header.parent);
  if (parent == kNoBlock) return HeaderVerdict::unknown_parent;
  SIM_CHECK(params_.retargeting == Retargeting::never, "difficulty changes are not modelled yet");
  if (header.bits != blocks_[parent].header.bits) return HeaderVerdict::wrong_bits;
  const auto target = target_of(header.bits);
  if (!target || !meets_target(hash, *target)) return HeaderVerdict::hash_above_target;
  if (header.unix_time <= blocks_[parent].median_time_past) return HeaderVerdict::time_too_old;
  block = static_cast<BlockRef>(blocks_.size());
  enter(header, hash, parent);
  return HeaderVerdict::valid;
}

void BlockIndex::enter(const BlockHeader& header, const Hash256& hash, BlockRef parent) {
  const auto place = static_cast<BlockRef>(blocks_.size());
  IndexedBlock entry;
  entry.hash = hash;
  entry.header = header;
  entry.parent = parent;
  entry.jump = place;
  entry.chain_work = work_of(header.bits);
  if (parent != kNoBlock) {
    const IndexedBlock& above = blocks_[parent];
    entry.height = above.height + 1;
    entry.chain_work += above.chain_work;
    // Jump pointers as in E. W. Myers, "An applicative random-access stack" (1983).
    const IndexedBlock& first = blocks_[above.jump];
    const IndexedBlock& second = blocks_[first.jump];
    entry.jump = above.height - first.height == first.height - second.height ? first.jump : parent;
  }
  blocks_.push_back(entry);
  blocks_[place].median_time_past = median_time(place);
  by_hash_[hash] = place;
}

std::uint32_t BlockIndex::median_time(BlockRef block) const {
  std::array<std::uint32_t, kMedianTimeSpan> times{};
  std::size_t count = 0;
  for (; block != kNoBlock && count < times.size(); block = blocks_[block].parent)
    times[count++] = blocks_[block].header.unix_time;
  std::sort(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(count));
  return times[count / 2];
}

BlockRef BlockIndex::ancestor(BlockRef block, std::int32_t height) const {
  SIM_CHECK(height >= 0 && height <= blocks_[block].height, "an ancestor is not above the block");
  while (blocks_[block].height > height)
    block = blocks_[blocks_[block].jump].height >= height ? blocks_[block].jump : blocks_[block].parent;
  return block;
}

bool BlockIndex::is_ancestor(BlockRef ancestor_block, BlockRef block) const {
  const std::int32_t height = blocks_[ancestor_block].height;
  return height <= blocks_[block].height && ancestor(block, height) == ancestor_block;
}

BlockRef BlockIndex::fork_point(BlockRef a, BlockRef b) const {
  const std::int32_t height = std::min(blocks_[a].height, blocks_[b].height);
  a = ancestor(a, height);
  b = ancestor(b, height);
  while (a != b) {
    a = blocks_[a].parent;
    b = blocks_[b].parent;
  }
  return a;
}

std::vector<Hash256> BlockIndex::locator(BlockRef tip) const {
  std::vector<Hash256> hashes;
  std::int32_t step = 1;
  for (BlockRef block = tip;;) {
    hashes.push_back(blocks_[block].hash);
    if (blocks_[block].height == 0) return hashes;
    block = ancestor(block, std::max(blocks_[block].height - step, 0));
    if (hashes.size() > kDenseLocatorEntries) step *= 2;
  }
}

BlockRef premine(BlockIndex& index, std::uint32_t blocks, std::int64_t tip_time) {
  BlockRef tip = index.genesis();
  for (std::uint32_t i = 0; i < blocks; ++i) {
    const std::int64_t age = (static_cast<std::int64_t>(blocks) - 1 - i) * index.params().target_spacing_seconds;
    CoinbaseBlockPlan plan;
    plan.parent = index[tip].hash;
    plan.height = index[tip].height + 1;
    plan.unix_time = static_cast<std::uint32_t>(tip_time - age);
    plan.bits = index[tip].header.bits;
    plan.stripped_bytes = minimum_coinbase_block_bytes(plan.height);
    const BlockPointer block = make_coinbase_block(index.params(), plan);
    const HeaderVerdict verdict = index.add(block->header(), tip);
    SIM_CHECK(verdict == HeaderVerdict::valid, "a premined block is valid");
    index.set_body(tip, block);
  }
  return tip;
}

}  // namespace hearsay::chain
