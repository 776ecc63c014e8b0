// Who depends on whom in a Mempool: asked of the store, kept if it is an entry.
#include <algorithm>

#include "models/chain/mempool.hpp"

namespace hearsay::chain {

TxRef Mempool::find_txid(const Hash256& txid) const {
  for (const TxRef place : store_.with_txid(txid)) {
    if (contains(place)) return place;
  }
  return kNoTx;
}

TxRef Mempool::find_spender(const OutPoint& point) const {
  for (const TxRef place : store_.spenders(point)) {
    if (contains(place)) return place;
  }
  return kNoTx;
}

TxRef Mempool::find_creator(const OutPoint& point) const {
  const TxRef entry = find_txid(point.txid);
  return entry != kNoTx && point.index < store_.transaction(entry)->outputs().size() ? entry : kNoTx;
}

void Mempool::append_parents(const Transaction& transaction, std::vector<TxRef>& into) const {
  for (const TxIn& input : transaction.inputs()) {
    const TxRef parent = find_txid(input.previous.txid);
    if (parent != kNoTx) into.push_back(parent);
  }
}

void Mempool::append_children(const Transaction& transaction, std::vector<TxRef>& into) const {
  const auto outputs = static_cast<std::uint32_t>(transaction.outputs().size());
  for (std::uint32_t i = 0; i < outputs; ++i) {
    const TxRef child = find_spender({transaction.txid(), i});
    if (child != kNoTx) into.push_back(child);
  }
}

void Mempool::add_relatives(std::vector<TxRef>& entries, Relation relation, const std::vector<TxRef>& excluded) const {
  store_.begin_walk();
  for (const TxRef entry : excluded) store_.visit(entry);
  for (const TxRef entry : entries) store_.visit(entry);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const TxRef entry = entries[i];
    const std::size_t known = entries.size();
    if (relation != Relation::descendants && entries_[entry].may_have_parents != 0) {
      append_parents(*store_.transaction(entry), entries);
    }
    if (relation != Relation::ancestors && entries_[entry].may_have_children != 0) {
      append_children(*store_.transaction(entry), entries);
    }
    const auto visited = std::remove_if(entries.begin() + static_cast<std::ptrdiff_t>(known), entries.end(),
                                        [this](TxRef relative) { return !store_.visit(relative); });
    entries.erase(visited, entries.end());
  }
}

void Mempool::sort_by_entry(std::vector<TxRef>& entries) const {
  std::sort(entries.begin(), entries.end(),
            [this](TxRef a, TxRef b) { return entries_[a].sequence < entries_[b].sequence; });
}

std::vector<TxRef> Mempool::ancestors(TxRef entry) const {
  std::vector<TxRef> family = {entry};
  add_relatives(family, Relation::ancestors);
  family.erase(family.begin());
  sort_by_entry(family);
  return family;
}

std::vector<TxRef> Mempool::descendants(TxRef entry) const {
  std::vector<TxRef> family = {entry};
  add_relatives(family, Relation::descendants);
  family.erase(family.begin());
  sort_by_entry(family);
  return family;
}

FeeAndSize Mempool::fee_and_size(TxRef place) const {
  return {store_.fee(place).value_or(0), static_cast<std::int64_t>(store_.transaction(place)->virtual_bytes())};
}

FeeAndSize Mempool::fee_and_size(const std::vector<TxRef>& places) const {
  FeeAndSize sum;
  for (const TxRef place : places) sum = sum + fee_and_size(place);
  return sum;
}

// Limits are judged as if what the offer replaces had left already, whole descendants included.
bool Mempool::within_limits(const Offer& offer) const {
  // Children of what comes back from a block may be here.
  std::vector<TxRef> children;
  if (offer.origin == Origin::disconnected) append_children(offer.transaction, children);
  if (offer.parents.empty() && children.empty()) return is_within_own_limits(offer.transaction);
  return limits_clusters_ ? within_cluster_limits(offer, children) : within_ancestor_limits(offer, children);
}

bool Mempool::is_within_own_limits(const Transaction& transaction) const {
  const auto size = static_cast<std::int64_t>(transaction.virtual_bytes());
  if (limits_clusters_) {
    return static_cast<std::int64_t>(transaction.weight()) <= 4 * parameters_.cluster_size.bytes;
  }
  return size <= parameters_.ancestor_size.bytes && size <= parameters_.descendant_size.bytes;
}

bool Mempool::within_cluster_limits(const Offer& offer, std::vector<TxRef> cluster) const {
  for (const TxRef parent : offer.parents) {
    if (std::find(cluster.begin(), cluster.end(), parent) == cluster.end()) cluster.push_back(parent);
  }
  add_relatives(cluster, Relation::all, offer.leaving);
  // Weights: Core keeps the sizes of a cluster in weight units (CTxMemPool::CheckPolicyLimits).
  auto weight = static_cast<std::int64_t>(offer.transaction.weight());
  for (const TxRef entry : cluster) weight += static_cast<std::int64_t>(store_.transaction(entry)->weight());
  return static_cast<std::int64_t>(cluster.size()) < parameters_.cluster_count &&
         weight <= 4 * parameters_.cluster_size.bytes;
}

// For the offer, for all above it (they gain descendants) and for all below it (they gain ancestors; only what comes
// back from a block has any).
bool Mempool::within_ancestor_limits(const Offer& offer, const std::vector<TxRef>& children) const {
  const FeeAndSize own = {offer.fee, static_cast<std::int64_t>(offer.transaction.virtual_bytes())};
  const auto within = [&](const std::vector<TxRef>& others, std::int64_t count, ByteCount size) {
    return static_cast<std::int64_t>(others.size()) < count && (fee_and_size(others) + own).size <= size.bytes;
  };
  const auto with_relatives = [&](std::vector<TxRef> roots, const std::vector<TxRef>& more, Relation relation) {
    for (const TxRef entry : more) {
      if (std::find(roots.begin(), roots.end(), entry) == roots.end()) roots.push_back(entry);
    }
    add_relatives(roots, relation, offer.leaving);
    return roots;
  };
  const auto few_ancestors = [&](const std::vector<TxRef>& others) {
    return within(others, parameters_.ancestor_count, parameters_.ancestor_size);
  };
  const auto few_descendants = [&](const std::vector<TxRef>& others) {
    return within(others, parameters_.descendant_count, parameters_.descendant_size);
  };

  const std::vector<TxRef> above = with_relatives(offer.parents, {}, Relation::ancestors);
  const std::vector<TxRef> below = with_relatives(children, {}, Relation::descendants);
  if (!few_ancestors(above) || !few_descendants(below)) return false;
  return std::all_of(
             above.begin(), above.end(),
             [&](TxRef entry) { return few_descendants(with_relatives({entry}, children, Relation::descendants)); }) &&
         std::all_of(below.begin(), below.end(), [&](TxRef entry) {
           return few_ancestors(with_relatives({entry}, offer.parents, Relation::ancestors));
         });
}

}  // namespace hearsay::chain
