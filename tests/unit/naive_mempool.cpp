#include "naive_mempool.hpp"

namespace hearsay::chain {

namespace {

constexpr std::uint32_t kReplaceable = 0xfffffffd;

bool signals(const Transaction& transaction) {
  for (const TxIn& input : transaction.inputs()) {
    if (input.sequence <= kReplaceable) return true;
  }
  return false;
}

FeeAndSize lower(FeeAndSize a, FeeAndSize b) {
  return compare_rates(a, b) < 0 ? a : b;
}

FeeAndSize higher(FeeAndSize a, FeeAndSize b) {
  return compare_rates(a, b) > 0 ? a : b;
}

}  // namespace

std::set<Hash256> NaiveMempool::ancestors(const Transaction& transaction) const {
  Txids found;
  for (bool grown = true; grown;) {
    grown = false;
    for (const Entry& entry : entries_) {
      bool above = spends_from(transaction, *entry.transaction);
      for (const Hash256& txid : found) above = above || spends_from(*find(txid)->transaction, *entry.transaction);
      if (above) grown = found.insert(entry.transaction->txid()).second || grown;
    }
  }
  return found;
}

std::set<Hash256> NaiveMempool::descendants(const Transaction& transaction) const {
  Txids found;
  for (bool grown = true; grown;) {
    grown = false;
    for (const Entry& entry : entries_) {
      bool below = spends_from(*entry.transaction, transaction);
      for (const Hash256& txid : found) below = below || spends_from(*entry.transaction, *find(txid)->transaction);
      if (below) grown = found.insert(entry.transaction->txid()).second || grown;
    }
  }
  return found;
}

std::set<Hash256> NaiveMempool::with_descendants(const Txids& roots) const {
  Txids all = roots;
  for (const Hash256& root : roots) all.merge(descendants(*find(root)->transaction));
  return all;
}

std::optional<std::vector<Coin>> NaiveMempool::find_coins(const Transaction& transaction, BlockRef tip) {
  const NaiveChain::Coins& coins = chain_.coins(tip);
  std::vector<Coin> found;
  for (const TxIn& input : transaction.inputs()) {
    if (const auto coin = coins.find(input.previous); coin != coins.end()) {
      found.push_back({&coin->second.output, coin->second.height, coin->second.block, coin->second.from_coinbase});
      continue;
    }
    const Entry* parent = find(input.previous.txid);
    if (parent == nullptr || input.previous.index >= parent->transaction->outputs().size()) return std::nullopt;
    found.push_back({&parent->transaction->outputs()[input.previous.index], index_[tip].height + 1, kNoBlock, false});
  }
  return found;
}

bool NaiveMempool::locks_are_over(const Transaction& transaction, const std::vector<Coin>& coins, BlockRef tip) const {
  std::vector<CoinAge> ages;
  for (const Coin& coin : coins) {
    const BlockRef before = coin.block == kNoBlock ? tip : index_[coin.block].parent;
    ages.push_back({coin.height, index_[before].median_time_past});
  }
  return relative_locks_over(transaction, ages, index_[tip].height + 1, index_[tip].median_time_past);
}

MempoolVerdict NaiveMempool::judge(const TransactionPointer& transaction, BlockRef tip, bool relayed, std::int64_t& fee,
                                   Txids& leaving) {
  using V = MempoolVerdict;
  const auto size = static_cast<std::int64_t>(transaction->virtual_bytes());
  if (check_transaction(index_.params(), *transaction) != TransactionVerdict::valid) return V::malformed;
  if (transaction->is_coinbase()) return V::coinbase;
  if (transaction->version() < 1 || transaction->version() > 3) return V::not_standard_version;
  if (transaction->weight() > 400'000) return V::not_standard_weight;
  if (transaction->stripped_bytes() < 65) return V::not_standard_too_small;
  if (!is_final(*transaction, index_[tip].height + 1, index_[tip].median_time_past)) return V::not_final;
  Txids conflicts;
  for (const Entry& entry : entries_) {
    if (entry.transaction->wtxid() == transaction->wtxid()) return V::already_in_mempool;
    if (entry.transaction->txid() == transaction->txid()) return V::same_txid_in_mempool;
    for (const TxIn& theirs : entry.transaction->inputs()) {
      for (const TxIn& ours : transaction->inputs()) {
        if (theirs.previous == ours.previous) conflicts.insert(entry.transaction->txid());
      }
    }
  }
  for (const Hash256& conflict : conflicts) {
    if (parameters_.replacement == "off") return V::conflict;
    if (parameters_.replacement == "opt_in" && !signals(*find(conflict)->transaction)) return V::conflict;
  }
  const std::optional<std::vector<Coin>> coins = find_coins(*transaction, tip);
  if (!coins.has_value()) {
    return chain_.txids(tip).contains(transaction->txid()) ? V::already_confirmed : V::missing_inputs;
  }
  if (!locks_are_over(*transaction, *coins, tip)) return V::sequence_locked;
  const SpendCheck spend = check_spend(*transaction, *coins, index_[tip].height + 1);
  if (spend.verdict == TransactionVerdict::immature_coinbase) return V::premature_coinbase_spend;
  if (spend.verdict == TransactionVerdict::input_value_range) return V::value_out_of_range;
  if (spend.verdict != TransactionVerdict::valid) return V::outputs_above_inputs;
  fee = spend.fee;
  if (relayed && fee < believed_.fee_for(size)) return V::below_mempool_minimum_fee;
  if (relayed && fee < FeeRate{parameters_.minimum_relay_fee}.fee_for(size)) return V::below_minimum_relay_fee;
  if (!conflicts.empty()) {
    const MempoolVerdict verdict = judge_replacement(*transaction, fee, conflicts, leaving);
    if (verdict != V::accepted) return verdict;
  }
  if (!within_limits(transaction, leaving)) return V::package_limit;
  if (check_scripts(*transaction, *coins) != ScriptVerdict::valid) {
    return transaction->has_witness() ? V::script_false : V::witness_stripped;
  }
  return V::accepted;
}

MempoolVerdict NaiveMempool::judge_replacement(const Transaction& transaction, std::int64_t fee, const Txids& conflicts,
                                               Txids& leaving) const {
  using V = MempoolVerdict;
  const auto size = static_cast<std::int64_t>(transaction.virtual_bytes());
  const Txids above = ancestors(transaction);
  for (const Hash256& conflict : conflicts) {
    if (above.contains(conflict)) return V::spends_what_it_replaces;
  }
  std::size_t replaced = 0;
  for (const Hash256& conflict : conflicts) {
    if (compare_rates({fee, size}, sum({conflict})) <= 0) return V::insufficient_replacement_fee;
    replaced += with_descendants({conflict}).size();
  }
  if (replaced > 100) return V::too_many_replacements;
  for (const TxIn& input : transaction.inputs()) {
    if (parameters_.package_limit == "cluster" || find(input.previous.txid) == nullptr) continue;
    bool known = false;
    for (const Hash256& conflict : conflicts) {
      for (const TxIn& theirs : find(conflict)->transaction->inputs()) {
        known = known || theirs.previous.txid == input.previous.txid;
      }
    }
    if (!known) return V::adds_unconfirmed_input;
  }
  leaving = with_descendants(conflicts);
  const std::int64_t replaced_fees = sum(leaving).fee;
  if (fee < replaced_fees) return V::insufficient_replacement_fee;
  if (fee - replaced_fees < FeeRate{parameters_.incremental_fee}.fee_for(size)) return V::insufficient_replacement_fee;
  return V::accepted;
}

// On a copy of the mempool as it would be: limits hold for every member that has the newcomer among its relatives.
bool NaiveMempool::within_limits(const TransactionPointer& transaction, const Txids& leaving) const {
  NaiveMempool after = *this;
  std::vector<Hash256> gone;
  after.remove(leaving, gone);
  after.entries_.push_back({transaction, 0, 0, 0});
  if (parameters_.package_limit == "cluster") {
    Txids cluster = {transaction->txid()};
    for (std::size_t size = 0; size != cluster.size();) {
      size = cluster.size();
      for (const Hash256& txid : Txids(cluster)) {
        cluster.merge(after.ancestors(*after.find(txid)->transaction));
        cluster.merge(after.descendants(*after.find(txid)->transaction));
      }
    }
    std::size_t weight = 0;
    for (const Hash256& txid : cluster) weight += after.find(txid)->transaction->weight();
    return static_cast<std::int64_t>(cluster.size()) <= parameters_.cluster_count &&
           static_cast<std::int64_t>(weight) <= 4 * parameters_.cluster_size.bytes;
  }
  const Txids above = after.ancestors(*transaction);
  const Txids below = after.descendants(*transaction);
  for (const Entry& entry : after.entries_) {
    const Hash256& txid = entry.transaction->txid();
    const bool is_self = txid == transaction->txid();
    if (is_self || below.contains(txid)) {
      Txids family = after.ancestors(*entry.transaction);
      family.insert(txid);
      if (static_cast<std::int64_t>(family.size()) > parameters_.ancestor_count) return false;
      if (after.sum(family).size > parameters_.ancestor_size.bytes) return false;
    }
    if (is_self || above.contains(txid)) {
      Txids family = after.descendants(*entry.transaction);
      family.insert(txid);
      if (static_cast<std::int64_t>(family.size()) > parameters_.descendant_count) return false;
      if (after.sum(family).size > parameters_.descendant_size.bytes) return false;
    }
  }
  return true;
}

void NaiveMempool::remove(const Txids& txids, std::vector<Hash256>& into) {
  std::vector<Entry> kept;
  for (const Entry& entry : entries_) {
    if (txids.contains(entry.transaction->txid())) {
      into.push_back(entry.transaction->wtxid());
    } else {
      kept.push_back(entry);
    }
  }
  entries_ = kept;
}

NaiveMempool::Change NaiveMempool::accept(const TransactionPointer& transaction, BlockRef tip, SimTime now,
                                          bool relayed) {
  Change change;
  rolling_ = fallen(now);
  std::int64_t fee = 0;
  Txids leaving;
  change.verdict = judge(transaction, tip, relayed, fee, leaving);
  if (change.verdict != MempoolVerdict::accepted) return change;
  remove(leaving, change.replaced);
  entries_.push_back({transaction, fee, unix_seconds(now), ++sequence_});
  if (!relayed) return change;
  expire(now, change.evicted);
  trim(change.evicted);
  if (find(transaction->txid()) == nullptr) change.verdict = MempoolVerdict::mempool_full;
  std::erase(change.evicted, transaction->wtxid());
  return change;
}

void NaiveMempool::expire(SimTime now, std::vector<Hash256>& into) {
  while (!entries_.empty()) {
    const Entry& oldest = entries_.front();
    if (oldest.entered >= unix_seconds(now) - parameters_.expiry.ns / 1'000'000'000) return;
    remove(with_descendants({oldest.transaction->txid()}), into);
  }
}

void NaiveMempool::trim(std::vector<Hash256>& into) {
  while (used() > parameters_.size_limit.bytes) {
    const Entry* worst = nullptr;
    FeeAndSize worst_score;
    for (const Entry& entry : entries_) {
      const Hash256& txid = entry.transaction->txid();
      const FeeAndSize score = higher(sum({txid}), sum(with_descendants({txid})));
      if (worst != nullptr && compare_rates(score, worst_score) > 0) continue;
      worst = &entry;
      worst_score = score;
    }
    const Txids package = with_descendants({worst->transaction->txid()});
    const auto rate = static_cast<double>(sum(package).rate().per_kilobyte + parameters_.incremental_fee);
    if (rate > rolling_.rate) {
      rolling_.rate = rate;
      rolling_.falling = false;
    }
    remove(package, into);
  }
}

// CTxMemPool::GetMinFee as Core writes it.
NaiveMempool::Rolling NaiveMempool::fallen(SimTime now) const {
  Rolling rolling = rolling_;
  const std::int64_t elapsed = unix_seconds(now) - rolling.since;
  if (!rolling.falling || rolling.rate == 0 || elapsed <= 10) return rolling;
  double half_life = 12 * 60 * 60;
  if (used() < parameters_.size_limit.bytes / 4) {
    half_life /= 4;
  } else if (used() < parameters_.size_limit.bytes / 2) {
    half_life /= 2;
  }
  rolling.rate /= std::pow(2.0, static_cast<double>(elapsed) / half_life);
  rolling.since = unix_seconds(now);
  if (rolling.rate < static_cast<double>(parameters_.incremental_fee) / 2) rolling.rate = 0;
  return rolling;
}

NaiveMempool::Change NaiveMempool::tip_changed(const std::vector<BlockRef>& disconnected,
                                               const std::vector<BlockRef>& connected, BlockRef tip, SimTime now) {
  Change change;
  for (const BlockRef block : connected) {
    for (const TransactionPointer& transaction : index_[block].body->transactions()) {
      if (find(transaction->txid()) != nullptr) remove({transaction->txid()}, change.confirmed);
      Txids rivals;
      for (const TxIn& input : transaction->inputs()) {
        for (const Entry& entry : entries_) {
          for (const TxIn& theirs : entry.transaction->inputs()) {
            if (theirs.previous == input.previous) rivals.insert(entry.transaction->txid());
          }
        }
      }
      remove(with_descendants(rivals), change.conflicted);
    }
    rolling_ = fallen(now);
    rolling_.since = unix_seconds(now);
    rolling_.falling = true;
  }
  if (disconnected.empty()) return change;
  for (std::size_t i = disconnected.size(); i-- > 0;) {
    for (const TransactionPointer& transaction : index_[disconnected[i]].body->transactions()) {
      if (transaction->is_coinbase() || chain_.txids(tip).contains(transaction->txid())) continue;
      Change back = accept(transaction, tip, now, false);
      change.dropped.insert(change.dropped.end(), back.replaced.begin(), back.replaced.end());
      if (back.verdict == MempoolVerdict::accepted) change.returned.push_back(transaction->wtxid());
    }
  }
  Txids invalid;
  for (const Entry& entry : entries_) {
    const std::optional<std::vector<Coin>> coins = find_coins(*entry.transaction, tip);
    if (!coins.has_value() || !locks_are_over(*entry.transaction, *coins, tip) ||
        check_spend(*entry.transaction, *coins, index_[tip].height + 1).verdict != TransactionVerdict::valid ||
        !is_final(*entry.transaction, index_[tip].height + 1, index_[tip].median_time_past)) {
      invalid.insert(entry.transaction->txid());
    }
  }
  remove(with_descendants(invalid), change.dropped);
  expire(now, change.dropped);
  trim(change.dropped);
  return change;
}

// One package after the other, everything computed again each time.
std::vector<Hash256> NaiveMempool::block_template(std::size_t weight_limit) const {
  std::vector<Hash256> block;
  Txids included;
  Txids skipped;
  std::size_t weight = 0;
  for (;;) {
    const Entry* best = nullptr;
    FeeAndSize best_score;
    Txids best_package;
    for (const Entry& entry : entries_) {
      const Hash256& txid = entry.transaction->txid();
      if (included.contains(txid) || skipped.contains(txid)) continue;
      Txids package;
      for (const Hash256& above : ancestors(*entry.transaction)) {
        if (!included.contains(above)) package.insert(above);
      }
      package.insert(txid);
      const FeeAndSize score = lower(sum(package), sum({txid}));
      const auto order = best == nullptr ? std::strong_ordering::greater : compare_rates(score, best_score);
      if (order < 0 || (order == 0 && best->transaction->txid() < txid)) continue;
      best = &entry;
      best_score = score;
      best_package = package;
    }
    if (best == nullptr) return block;
    std::size_t package_weight = 0;
    for (const Hash256& txid : best_package) package_weight += find(txid)->transaction->weight();
    if (weight + package_weight > weight_limit) {
      skipped.insert(best->transaction->txid());
      continue;
    }
    weight += package_weight;
    std::vector<std::pair<std::size_t, Hash256>> order;
    for (const Hash256& txid : best_package) order.emplace_back(ancestors(*find(txid)->transaction).size(), txid);
    std::sort(order.begin(), order.end());
    for (const auto& [above, txid] : order) {
      included.insert(txid);
      block.push_back(txid);
    }
    // What hangs on the package has another score now and is looked at again.
    for (const Hash256& txid : with_descendants(best_package)) skipped.erase(txid);
  }
}

std::vector<Hash256> NaiveMempool::announcement_order() const {
  std::vector<Hash256> order;
  for (const Entry& entry : entries_) order.push_back(entry.transaction->txid());
  std::sort(order.begin(), order.end());
  std::stable_sort(order.begin(), order.end(),
                   [&](const Hash256& a, const Hash256& b) { return compare_rates(sum({a}), sum({b})) > 0; });
  std::stable_sort(order.begin(), order.end(), [&](const Hash256& a, const Hash256& b) {
    return ancestors(*find(a)->transaction).size() < ancestors(*find(b)->transaction).size();
  });
  return order;
}

}  // namespace hearsay::chain
