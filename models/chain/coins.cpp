#include "models/chain/coins.hpp"

#include <algorithm>

#include "sim/core/check.hpp"

namespace hearsay::chain {

// Of the blocks given, the one that the chain contains: at most one does.
BlockRef CoinIndex::on_chain(const Blocks& blocks, BlockRef tip) const {
  if (blocks.first == kNoBlock) return kNoBlock;
  if (blocks_.is_ancestor(blocks.first, tip)) return blocks.first;
  if (blocks.others == Blocks::kNone) return kNoBlock;
  for (const BlockRef block : others_[blocks.others])
    if (blocks_.is_ancestor(block, tip)) return block;
  return kNoBlock;
}

const CoinIndex::Entry* CoinIndex::entry_of(const OutPoint& point) const {
  const auto found = by_txid_.find(point.txid);
  if (found == by_txid_.end()) return nullptr;
  const Entry& entry = entries_[found->second];
  return point.index < entry.transaction->outputs().size() ? &entry : nullptr;
}

std::optional<Coin> CoinIndex::find(const OutPoint& point, BlockRef tip) const {
  const Entry* entry = entry_of(point);
  if (entry == nullptr) return std::nullopt;
  const BlockRef block = on_chain(entry->creators, tip);
  if (block == kNoBlock) return std::nullopt;
  if (on_chain(spenders_[entry->first_output + point.index], tip) != kNoBlock) return std::nullopt;
  return Coin{&entry->transaction->outputs()[point.index], blocks_[block].height, block,
              entry->transaction->is_coinbase()};
}

bool CoinIndex::created(const OutPoint& point, BlockRef tip) const {
  const Entry* entry = entry_of(point);
  return entry != nullptr && on_chain(entry->creators, tip) != kNoBlock;
}

bool CoinIndex::confirmed(const Hash256& txid, BlockRef tip) const {
  const auto found = by_txid_.find(txid);
  return found != by_txid_.end() && on_chain(entries_[found->second].creators, tip) != kNoBlock;
}

bool CoinIndex::confirmed_by_wtxid(const Hash256& wtxid, BlockRef tip) const {
  const auto found = by_wtxid_.find(wtxid);
  if (found == by_wtxid_.end()) return confirmed(wtxid, tip);
  return on_chain(found->second, tip) != kNoBlock;
}

TransactionPointer CoinIndex::transaction(const Hash256& txid) const {
  const auto found = by_txid_.find(txid);
  return found == by_txid_.end() ? nullptr : entries_[found->second].transaction;
}

void CoinIndex::add(Blocks& blocks, BlockRef block) {
  if (blocks.first == kNoBlock) {
    blocks.first = block;
    return;
  }
  if (blocks.others == Blocks::kNone) {
    blocks.others = static_cast<std::uint32_t>(others_.size());
    others_.emplace_back();
  }
  others_[blocks.others].push_back(block);
}

void CoinIndex::enter(BlockRef block, const Block& body) {
  for (const TransactionPointer& transaction : body.transactions()) {
    if (!transaction->is_coinbase()) {
      for (const TxIn& input : transaction->inputs()) {
        const Entry* spent = entry_of(input.previous);
        SIM_CHECK(spent != nullptr, "a block that connects spends what there is");
        add(spenders_[spent->first_output + input.previous.index], block);
      }
    }
    const auto [place, fresh] = by_txid_.insert({transaction->txid(), static_cast<std::uint32_t>(entries_.size())});
    if (fresh) {
      entries_.push_back({transaction, {}, static_cast<std::uint32_t>(spenders_.size())});
      spenders_.resize(spenders_.size() + transaction->outputs().size());
    }
    if (transaction->has_witness()) add(by_wtxid_[transaction->wtxid()], block);
    add(entries_[place->second].creators, block);
  }
}

}  // namespace hearsay::chain
