#include "models/chain/block_tree.hpp"

#include <algorithm>
#include <tuple>

#include "sim/core/check.hpp"

namespace hearsay::chain {

BlockTree::BlockTree(Ledger& ledger, BlockRef tip)
    : ledger_(ledger),
      index_(ledger.blocks()),
      shared_(static_cast<BlockRef>(index_.size())),
      tip_(tip),
      best_header_(tip) {}

std::uint8_t BlockTree::state(BlockRef block) const {
  if (block < shared_) return kHeader | kBody | kComplete;
  return block - shared_ < states_.size() ? states_[block - shared_] : std::uint8_t{0};
}

std::uint8_t& BlockTree::state_of_new(BlockRef block) {
  SIM_CHECK(block >= shared_, "what everybody knows cannot be learnt");
  if (block - shared_ >= states_.size()) states_.resize(block - shared_ + 1);
  return states_[block - shared_];
}

void BlockTree::add_header(BlockRef block) {
  if (has_header(block)) return;
  SIM_CHECK(has_header(index_[block].parent), "headers arrive after their parents");
  state_of_new(block) |= kHeader;
  if (has_failed(index_[block].parent)) {
    state_of_new(block) |= kFailed;
  } else if (index_[block].chain_work > index_[best_header_].chain_work) {
    best_header_ = block;
  }
}

TipChange BlockTree::add_body(BlockRef block) {
  TipChange change;
  SIM_CHECK(has_header(block), "a body comes with or after its header");
  if (has_body(block)) return change;
  state_of_new(block) |= kBody;
  if (has_failed(block)) return change;
  if (!is_complete(index_[block].parent)) {
    incomplete_.push_back(block);
    return change;
  }
  const BlockRef best = complete(block, change);
  if (best == tip_) return change;
  const BlockRef fork = index_.fork_point(tip_, best);
  change.changed = true;
  for (BlockRef step = tip_; step != fork; step = index_[step].parent) change.disconnected.push_back(step);
  for (BlockRef step = best; step != fork; step = index_[step].parent) change.connected.push_back(step);
  std::reverse(change.connected.begin(), change.connected.end());
  tip_ = best;
  return change;
}

// The block has all bodies back to genesis; so have, then, those that waited for it. They become complete generation by
// generation, siblings in the order in which they came (ReceivedBlockTransactions, Bitcoin Core validation.cpp). The
// result is the best block then.
BlockRef BlockTree::complete(BlockRef block, TipChange& change) {
  BlockRef best = tip_;
  std::vector<BlockRef> ready = {block};
  for (std::size_t next = 0; next < ready.size(); ++next) {
    const BlockRef place = ready[next];
    if (ledger_.connect(place) != BodyVerdict::valid) {
      fail(place, change);
      continue;
    }
    state_of_new(place) |= kComplete;
    if (index_[place].chain_work > index_[best].chain_work) best = place;
    const auto is_child = [&](BlockRef waiting) { return index_[waiting].parent == place; };
    std::copy_if(incomplete_.begin(), incomplete_.end(), std::back_inserter(ready), is_child);
    std::erase_if(incomplete_, is_child);
  }
  if (!change.failed.empty()) {
    // Places follow the order of arrival on this rank, which nobody may see.
    std::sort(change.failed.begin(), change.failed.end(), [this](BlockRef a, BlockRef b) {
      return std::tie(index_[a].height, index_[a].hash) < std::tie(index_[b].height, index_[b].hash);
    });
    if (has_failed(best_header_)) choose_best_header();
  }
  return best;
}

void BlockTree::fail(BlockRef block, TipChange& change) {
  state_of_new(block) |= kFailed;
  change.failed.push_back(block);
  // A block lies behind its parent in the index.
  for (BlockRef later = block + 1; later - shared_ < states_.size(); ++later) {
    if (!has_header(later) || !has_failed(index_[later].parent) || has_failed(later)) continue;
    state_of_new(later) |= kFailed;
    change.failed.push_back(later);
  }
  std::erase_if(incomplete_, [this](BlockRef waiting) { return has_failed(waiting); });
}

void BlockTree::choose_best_header() {
  best_header_ = tip_;
  for (BlockRef block = shared_; block - shared_ < states_.size(); ++block) {
    if (!has_header(block) || has_failed(block)) continue;
    const IndexedBlock& best = index_[best_header_];
    const IndexedBlock& other = index_[block];
    if (other.chain_work > best.chain_work ||
        (other.chain_work == best.chain_work && best_header_ != tip_ && other.hash < best.hash))
      best_header_ = block;
  }
}

}  // namespace hearsay::chain
