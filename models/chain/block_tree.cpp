#include "models/chain/block_tree.hpp"

#include <algorithm>
#include <optional>

#include "models/chain/coinbase.hpp"
#include "sim/core/check.hpp"

namespace hearsay::chain {

namespace {

// MAX_BLOCK_WEIGHT and WITNESS_SCALE_FACTOR, Bitcoin Core consensus/consensus.h.
constexpr std::size_t kMaximumWeight = 4'000'000;
constexpr std::size_t kWitnessScale = 4;
// Consensus, Bitcoin Core consensus/tx_check.cpp.
constexpr std::size_t kMinimumCoinbaseScriptBytes = 2;
constexpr std::size_t kMaximumCoinbaseScriptBytes = 100;

bool states_height(const Transaction& coinbase, std::int32_t height) {
  const std::vector<std::uint8_t> expected = height_script(height);
  const std::vector<std::uint8_t>& script = coinbase.inputs()[0].script;
  return script.size() >= expected.size() && std::equal(expected.begin(), expected.end(), script.begin());
}

// BIP 141 (CheckWitnessMalleation, Bitcoin Core validation.cpp). Without this rule a header would have several valid
// bodies, which differ in witnesses that nothing commits to.
bool commits_to_witnesses(const Block& block) {
  const std::optional<Hash256> commitment = find_witness_commitment(block);
  if (!commitment) return !block.has_witness();
  const auto& reserved = block.transactions()[0]->inputs()[0].witness;
  return reserved.size() == 1 && reserved[0].size() == 32 &&
         witness_commitment(witness_merkle_root(block).root, reserved[0]) == *commitment;
}

}  // namespace

BodyVerdict check_body(const Block& block, const IndexedBlock& place, const ChainParams& params) {
  const MerkleRoot merkle = merkle_root(block);
  if (merkle.root != place.header.merkle_root) return BodyVerdict::merkle_root_mismatch;
  if (merkle.mutated) return BodyVerdict::mutated;
  const auto& transactions = block.transactions();
  if (transactions.empty() || !transactions[0]->is_coinbase()) return BodyVerdict::no_coinbase;
  for (std::size_t i = 1; i < transactions.size(); ++i)
    if (transactions[i]->is_coinbase()) return BodyVerdict::no_coinbase;
  if (block.weight() > kMaximumWeight || block.stripped_bytes() * kWitnessScale > kMaximumWeight)
    return BodyVerdict::too_large;
  const std::size_t script_bytes = transactions[0]->inputs()[0].script.size();
  if (script_bytes < kMinimumCoinbaseScriptBytes || script_bytes > kMaximumCoinbaseScriptBytes)
    return BodyVerdict::bad_coinbase_length;
  if (!commits_to_witnesses(block)) return BodyVerdict::witness_mismatch;
  if (!states_height(*transactions[0], place.height)) return BodyVerdict::wrong_height;
  std::int64_t claimed = 0;
  for (const TxOut& output : transactions[0]->outputs()) {
    if (output.value < 0 || output.value > subsidy(params, place.height)) return BodyVerdict::coinbase_too_rich;
    claimed += output.value;
  }
  return claimed <= subsidy(params, place.height) ? BodyVerdict::valid : BodyVerdict::coinbase_too_rich;
}

BlockTree::BlockTree(const BlockIndex& index, BlockRef tip)
    : index_(index), shared_(static_cast<BlockRef>(index.size())), tip_(tip), best_header_(tip) {}

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
  if (index_[block].chain_work > index_[best_header_].chain_work) best_header_ = block;
}

TipChange BlockTree::add_body(BlockRef block) {
  TipChange change;
  SIM_CHECK(has_header(block), "a body comes with or after its header");
  if (has_body(block)) return change;
  state_of_new(block) |= kBody;
  BlockRef best = tip_;
  if ((state(index_[block].parent) & kComplete) == 0) {
    incomplete_.push_back(block);
    return change;
  }
  complete(block, best);
  if (best == tip_) return change;
  const BlockRef fork = index_.fork_point(tip_, best);
  change.changed = true;
  change.disconnected = index_[tip_].height - index_[fork].height;
  for (BlockRef step = best; step != fork; step = index_[step].parent) change.connected.push_back(step);
  std::reverse(change.connected.begin(), change.connected.end());
  tip_ = best;
  return change;
}

// The block has all bodies back to genesis; so have, then, those that waited for it. They become complete in the order
// in which they came.
void BlockTree::complete(BlockRef block, BlockRef& best) {
  state_of_new(block) |= kComplete;
  if (index_[block].chain_work > index_[best].chain_work) best = block;
  std::vector<BlockRef> children;
  for (const BlockRef waiting : incomplete_)
    if (index_[waiting].parent == block) children.push_back(waiting);
  std::erase_if(incomplete_, [&](BlockRef waiting) { return index_[waiting].parent == block; });
  for (const BlockRef child : children) complete(child, best);
}

}  // namespace hearsay::chain
