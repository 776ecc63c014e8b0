#include "models/chain/transaction_store.hpp"

#include <algorithm>

#include "sim/core/check.hpp"

namespace hearsay::chain {

namespace {

const std::vector<TxRef> kNone;

template <class Map, class Key>
void forget(Map& map, const Key& key, TxRef place) {
  const auto found = map.find(key);
  SIM_CHECK(found != map.end(), "a transaction is linked until it is given up");
  std::vector<TxRef>& places = found.value();
  places.erase(std::find(places.begin(), places.end(), place));
  if (places.empty()) map.erase(found);
}

}  // namespace

TxRef TransactionStore::find(const Hash256& hash) const {
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? kNoTx : found->second;
}

TxRef TransactionStore::place_of(const Hash256& hash) {
  if (const TxRef known = find(hash); known != kNoTx) return known;
  TxRef place = static_cast<TxRef>(entries_.size());
  if (free_.empty()) {
    entries_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  entries_[place].hash = hash;
  by_hash_[hash] = place;
  return place;
}

TxRef TransactionStore::hold(const Hash256& hash) {
  const TxRef place = place_of(hash);
  ++entries_[place].holders;
  return place;
}

TxRef TransactionStore::hold(const TransactionPointer& transaction) {
  const TxRef place = place_of(transaction->wtxid());
  Entry& entry = entries_[place];
  ++entry.holders;
  // The hash may be the txid of another form of this transaction, which has no witness: the same bytes then.
  if (entry.transaction == nullptr) {
    entry.transaction = transaction;
    entry.virtual_bytes = static_cast<std::uint32_t>(transaction->virtual_bytes());
    link(place);
  }
  return place;
}

void TransactionStore::release(TxRef place) {
  Entry& entry = entries_[place];
  SIM_CHECK(entry.holders > 0, "only what is held can be released");
  if (--entry.holders > 0) return;
  if (entry.transaction != nullptr) unlink(place);
  by_hash_.erase(entry.hash);
  entry = Entry{};
  free_.push_back(place);
}

const std::vector<TxRef>& TransactionStore::with_txid(const Hash256& txid) const {
  const auto found = by_txid_.find(txid);
  return found == by_txid_.end() ? kNone : found->second;
}

const std::vector<TxRef>& TransactionStore::spenders(const OutPoint& point) const {
  const auto found = by_spent_.find(point);
  return found == by_spent_.end() ? kNone : found->second;
}

void TransactionStore::begin_walk() const {
  if (++walk_ != 0) return;
  for (const Entry& entry : entries_) entry.visited = 0;  // the count of walks has come round
  walk_ = 1;
}

void TransactionStore::link(TxRef place) {
  const Transaction& transaction = *entries_[place].transaction;
  by_txid_[transaction.txid()].push_back(place);
  for (const TxIn& input : transaction.inputs()) {
    std::vector<TxRef>& places = by_spent_[input.previous];
    // A transaction that names an output twice is invalid, but it may be here.
    if (!places.empty() && places.back() == place) continue;
    places.push_back(place);
    if (places.size() == 1) continue;
    for (const TxRef rival : places) entries_[rival].contested = 1;
  }
}

void TransactionStore::unlink(TxRef place) {
  const Transaction& transaction = *entries_[place].transaction;
  forget(by_txid_, transaction.txid(), place);
  for (const TxIn& input : transaction.inputs()) {
    const auto found = by_spent_.find(input.previous);
    if (found == by_spent_.end()) continue;  // named twice
    std::vector<TxRef>& places = found.value();
    std::erase(places, place);
    if (places.empty()) by_spent_.erase(found);
  }
}

}  // namespace hearsay::chain
