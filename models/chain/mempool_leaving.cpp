// Who leaves a Mempool, and why: confirmed, in conflict with a block, no longer valid, expired, pushed out.
#include <algorithm>

#include "models/chain/mempool.hpp"
#include "models/chain/transaction_checks.hpp"
#include "sim/core/check.hpp"

namespace hearsay::chain {

void Mempool::unlink(TxRef place) {
  Entry& entry = entries_[place];
  (entry.older == kNoTx ? oldest_ : entries_[entry.older].newer) = entry.newer;
  (entry.newer == kNoTx ? newest_ : entries_[entry.newer].older) = entry.older;
  entry = Entry{};
  --count_;
  virtual_bytes_ -= static_cast<std::int64_t>(store_.transaction(place)->virtual_bytes());
}

void Mempool::leave(TxRef entry, HeldTransactions& into) {
  unlink(entry);
  into.adopt(entry);
}

void Mempool::leave_all(const std::vector<TxRef>& entries, HeldTransactions& into) {
  if (eviction_.empty() || entries.empty()) {
    for (const TxRef entry : entries) leave(entry, into);
    return;
  }
  std::vector<TxRef> above = entries;
  add_relatives(above, Relation::ancestors);
  for (const TxRef entry : entries) leave(entry, into);
  for (const TxRef entry : above) {
    if (contains(entry)) queue_for_eviction(entry);
  }
}

void Mempool::leave_with_descendants(std::vector<TxRef> entries, HeldTransactions& into) {
  add_relatives(entries, Relation::descendants);
  sort_by_entry(entries);
  leave_all(entries, into);
}

void Mempool::clear() {
  while (oldest_ != kNoTx) {
    const TxRef entry = oldest_;
    unlink(entry);
    store_.release(entry);
  }
  eviction_ = {};
  rolling_ = RollingMinimumFee(FeeRate{parameters_.incremental_fee});
}

HeldTransactions Mempool::expire(SimTime now) {
  HeldTransactions expired(store_);
  drop_expired(now, expired);
  return expired;
}

// CTxMemPool::Expire: by whole seconds; descendants go with what has expired.
void Mempool::drop_expired(SimTime now, HeldTransactions& into) {
  const std::int64_t least = unix_seconds(now) - parameters_.expiry.ns / seconds(1).ns;
  while (oldest_ != kNoTx && entry_unix_seconds(oldest_) < least) leave_with_descendants({oldest_}, into);
}

MempoolTipChange Mempool::tip_changed(std::span<const BlockRef> disconnected, std::span<const BlockRef> connected,
                                      BlockRef tip, SimTime now) {
  MempoolTipChange change{HeldTransactions(store_), HeldTransactions(store_), HeldTransactions(store_),
                          HeldTransactions(store_)};
  for (const BlockRef block : connected) {
    leave_for_block(*ledger_.blocks()[block].body, change);
    rolling_.block_connected(now, usage());
  }
  if (disconnected.empty()) return change;

  // MaybeUpdateMempoolForReorg, Bitcoin Core validation.cpp: what was confirmed is offered again, oldest first; then
  // whatever the new chain does not allow leaves.
  for (std::size_t i = disconnected.size(); i-- > 0;) {
    return_from(*ledger_.blocks()[disconnected[i]].body, tip, now, change);
  }
  std::vector<TxRef> invalid;
  for (TxRef entry = oldest_; entry != kNoTx; entry = next(entry)) {
    if (!is_still_valid(entry, tip)) invalid.push_back(entry);
  }
  leave_with_descendants(std::move(invalid), change.dropped);
  drop_expired(now, change.dropped);
  trim(change.dropped);
  return change;
}

void Mempool::leave_for_block(const Block& block, MempoolTipChange& change) {
  for (const TransactionPointer& transaction : block.transactions()) {
    if (count_ == 0) return;
    // Of an entry that is confirmed nothing here can be a rival.
    if (const TxRef entry = find_txid(transaction->txid()); entry != kNoTx) {
      leave(entry, change.confirmed);
      continue;
    }
    std::vector<TxRef> rivals;
    for (const TxIn& input : transaction->inputs()) {
      const TxRef rival = find_spender(input.previous);
      if (rival != kNoTx && std::find(rivals.begin(), rivals.end(), rival) == rivals.end()) rivals.push_back(rival);
    }
    if (!rivals.empty()) leave_with_descendants(std::move(rivals), change.conflicted);
  }
}

void Mempool::return_from(const Block& block, BlockRef tip, SimTime now, MempoolTipChange& change) {
  for (const TransactionPointer& transaction : block.transactions()) {
    // The new chain may hold it too.
    if (transaction->is_coinbase() || ledger_.coins().confirmed(transaction->txid(), tip)) continue;
    const TxRef place = store_.hold(transaction);
    MempoolAcceptance acceptance = accept(place, tip, now, Origin::disconnected);
    for (const TxRef replaced : acceptance.replaced) change.dropped.add(replaced);
    if (acceptance.accepted()) change.returned.add(place);
    store_.release(place);
  }
}

// removeForReorg: inputs, maturity, lock time, relative locks.
bool Mempool::is_still_valid(TxRef entry, BlockRef tip) const {
  const Transaction& transaction = *store_.transaction(entry);
  const std::int32_t height = ledger_.blocks()[tip].height + 1;
  for (const TxIn& input : transaction.inputs()) {
    if (const std::optional<Coin> coin = ledger_.coins().find(input.previous, tip)) {
      if (coin->from_coinbase && height - coin->height < kCoinbaseMaturity) return false;
    } else if (find_creator(input.previous) == kNoTx) {
      return false;
    }
  }
  return is_final(transaction, height, ledger_.blocks()[tip].median_time_past) &&
         (!has_relative_locks(transaction) || relative_locks_are_over(transaction, tip));
}

}  // namespace hearsay::chain
