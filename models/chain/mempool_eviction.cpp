// Which of a Mempool's entries pays least, when there is no room for all.
//
// Candidates are kept in a heap only while the mempool is about full. An entry may have several, of which some are out
// of date; there is always one with its present score or a lower one, so the lowest that is up to date is the lowest of
// all.
#include <algorithm>

#include "models/chain/mempool.hpp"
#include "sim/core/check.hpp"

namespace hearsay::chain {

bool Mempool::leaves_later(const EvictionCandidate& a, const EvictionCandidate& b) {
  const auto order = compare_rates(a.score, b.score);
  return order != 0 ? order > 0 : a.sequence < b.sequence;
}

// CompareTxMemPoolEntryByDescendantScore: own fee rate or that with all descendants, whichever is higher; of equals the
// latest goes first.
Mempool::EvictionCandidate Mempool::eviction_candidate(TxRef entry) const {
  EvictionCandidate candidate{fee_and_size(entry), entries_[entry].sequence, entry};
  if (entries_[entry].may_have_children == 0) return candidate;
  std::vector<TxRef> package = {entry};
  add_relatives(package, Relation::descendants);
  const FeeAndSize with_descendants = fee_and_size(package);
  if (compare_rates(with_descendants, candidate.score) > 0) candidate.score = with_descendants;
  return candidate;
}

void Mempool::queue_for_eviction(TxRef entry) {
  if (eviction_.size() > 4 * count_ + 64) {
    queue_all_for_eviction();
    return;
  }
  eviction_.push_back(eviction_candidate(entry));
  std::push_heap(eviction_.begin(), eviction_.end(), leaves_later);
}

void Mempool::queue_all_for_eviction() {
  eviction_.clear();
  for (TxRef entry = oldest_; entry != kNoTx; entry = next(entry)) eviction_.push_back(eviction_candidate(entry));
  std::make_heap(eviction_.begin(), eviction_.end(), leaves_later);
}

TxRef Mempool::worst_entry() {
  if (eviction_.empty()) queue_all_for_eviction();
  while (!eviction_.empty()) {
    std::pop_heap(eviction_.begin(), eviction_.end(), leaves_later);
    const EvictionCandidate lowest = eviction_.back();
    eviction_.pop_back();
    if (!contains(lowest.entry) || entries_[lowest.entry].sequence != lowest.sequence) continue;
    const EvictionCandidate present = eviction_candidate(lowest.entry);
    if (present.score == lowest.score) return lowest.entry;
    eviction_.push_back(present);
    std::push_heap(eviction_.begin(), eviction_.end(), leaves_later);
  }
  SIM_CHECK(false, "every entry is a candidate");
}

// CTxMemPool::TrimToSize.
void Mempool::trim(HeldTransactions& into) {
  if (!eviction_.empty() && virtual_bytes_ < parameters_.size_limit.bytes / 2) eviction_ = {};
  while (virtual_bytes_ > parameters_.size_limit.bytes) {
    std::vector<TxRef> package = {worst_entry()};
    add_relatives(package, Relation::descendants);
    rolling_.evicted(fee_and_size(package).rate());
    sort_by_entry(package);
    leave_all(package, into);
  }
}

}  // namespace hearsay::chain
