#include "models/chain/block_index.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>

#include "sim/core/check.hpp"

namespace hearsay::chain {

namespace {
// nMedianTimeSpan, Bitcoin Core chain.h.
constexpr int kMedianTimeSpan = 11;
// From which number of hashes on the steps of a locator double (LocatorEntries, Bitcoin Core chain.cpp).
constexpr std::size_t kDenseLocatorEntries = 10;

// ContextualCheckBlockHeader, Bitcoin Core validation.cpp.
std::int32_t least_version(const ChainParams& params, std::int32_t height) {
  if (height >= params.bip65_height) return 4;
  if (height >= params.bip66_height) return 3;
  return height >= params.bip34_height ? 2 : std::numeric_limits<std::int32_t>::min();
}

std::uint64_t fingerprint_of(const BlockHeader& header) {
  static_assert(std::has_unique_object_representations_v<BlockHeader>);
  return fingerprint64({reinterpret_cast<const std::uint8_t*>(&header), sizeof(header)}, 0);
}

}  // namespace

BlockIndex::BlockIndex(const ChainParams& params) : params_(params) {
  enter(params_.genesis->header(), params_.genesis->hash(), kNoBlock);
  set_body(genesis(), params_.genesis);
}

BlockRef BlockIndex::find(const Hash256& hash) const {
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? kNoBlock : found->second;
}

HeaderVerdict BlockIndex::add(const BlockHeader& header, BlockRef& block) {
  // Most headers that arrive have arrived before, at another node.
  const auto seen = by_fingerprint_.find(fingerprint_of(header));
  if (seen != by_fingerprint_.end() && blocks_[seen->second].header == header) {
    block = seen->second;
    return HeaderVerdict::valid;
  }
  const Hash256 hash = header.hash();
  block = find(hash);
  if (block != kNoBlock) return HeaderVerdict::valid;
  const BlockRef parent = find(header.parent);
  if (parent == kNoBlock) return HeaderVerdict::unknown_parent;
  if (header.bits != next_bits(parent)) return HeaderVerdict::wrong_bits;
  const auto target = target_of(header.bits);
  if (!target || !meets_target(hash, *target)) return HeaderVerdict::hash_above_target;
  if (header.unix_time <= blocks_[parent].median_time_past) return HeaderVerdict::time_too_old;
  if (header.version < least_version(params_, blocks_[parent].height + 1)) return HeaderVerdict::bad_version;
  block = static_cast<BlockRef>(blocks_.size());
  enter(header, hash, parent);
  return HeaderVerdict::valid;
}

std::uint32_t BlockIndex::next_bits(BlockRef parent) const {
  const IndexedBlock& last = blocks_[parent];
  if (params_.retargeting == Retargeting::never || (last.height + 1) % params_.retarget_interval != 0)
    return last.header.bits;
  // From the first to the last block of a period it is one interval less than a period has blocks, as in Bitcoin Core.
  const IndexedBlock& first = blocks_[ancestor(parent, last.height - (params_.retarget_interval - 1))];
  return retarget(last.header.bits, first.header.unix_time, last.header.unix_time, params_.target_timespan_seconds(),
                  params_.pow_limit);
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
  by_fingerprint_[fingerprint_of(header)] = place;
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
  if (ancestor_block == block || ancestor_block == blocks_[block].parent) return true;
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

}  // namespace hearsay::chain
