// In what order a Mempool's entries are mined and announced.
#include <algorithm>

#include "models/chain/mempool.hpp"
#include "models/chain/params.hpp"
#include "models/chain/script.hpp"

namespace hearsay::chain {

namespace {

// MAX_BLOCK_SIGOPS_COST less what is left to the coinbase, Bitcoin Core node/miner.cpp.
constexpr std::int64_t kTemplateSigopCost = kMaximumBlockSigopCost - 400;
// Less the header and the coinbase. On a chain of Bitcoin's weight limit that limit is met first.
constexpr std::size_t kTemplateBytes = kMaximumBlockBytes - 2'000;
// MAX_CONSECUTIVE_FAILURES and BLOCK_FULL_ENOUGH_WEIGHT_DELTA, Bitcoin Core node/miner.cpp: after so many packages that
// did not fit, a block with less room than this is full.
constexpr int kMaximumFailures = 1'000;
constexpr std::size_t kFullEnoughWeight = 4'000;

// An entry with those of its ancestors that are not in the block yet.
struct Candidate {
  FeeAndSize score;    // the lower of its own fee rate and the package's (CompareTxMemPoolEntryByAncestorFee)
  FeeAndSize package;  // tells a candidate that is out of date
  TxRef entry = kNoTx;
};

}  // namespace

BlockTemplate Mempool::block_template(std::size_t weight_limit) const {
  BlockTemplate block;
  std::vector<bool> included(entries_.size(), false);
  std::vector<Candidate> candidates;  // a heap with the best on top
  candidates.reserve(count_);
  const auto worse = [this](const Candidate& a, const Candidate& b) {
    const auto order = compare_rates(a.score, b.score);
    if (order != 0) return order < 0;
    return store_.transaction(b.entry)->txid() < store_.transaction(a.entry)->txid();
  };
  const auto package_of = [&](TxRef entry) {
    std::vector<TxRef> package = {entry};
    if (entries_[entry].may_have_parents != 0) {
      add_relatives(package, Relation::ancestors);
      std::erase_if(package, [&included](TxRef member) { return included[member]; });
    }
    return package;
  };
  const auto candidate = [&](TxRef entry) {
    const FeeAndSize own = fee_and_size(entry);
    if (entries_[entry].may_have_parents == 0) return Candidate{own, own, entry};
    const FeeAndSize package = fee_and_size(package_of(entry));
    return Candidate{compare_rates(package, own) < 0 ? package : own, package, entry};
  };

  for (TxRef entry = oldest_; entry != kNoTx; entry = next(entry)) candidates.push_back(candidate(entry));
  std::make_heap(candidates.begin(), candidates.end(), worse);
  int failures = 0;
  std::int64_t sigops = 0;
  std::size_t total_bytes = 0;
  while (!candidates.empty()) {
    std::pop_heap(candidates.begin(), candidates.end(), worse);
    const Candidate best = candidates.back();
    candidates.pop_back();
    if (included[best.entry]) continue;
    std::vector<TxRef> package = package_of(best.entry);
    if (fee_and_size(package) != best.package) continue;  // another candidate for it has the present numbers
    std::size_t weight = 0;
    std::int64_t cost = sigops;
    std::size_t bytes = total_bytes;
    for (const TxRef member : package) {
      weight += store_.transaction(member)->weight();
      cost += store_.sigop_cost(member);
      bytes += store_.transaction(member)->total_bytes();
    }
    if (block.weight + weight > weight_limit || cost > kTemplateSigopCost || bytes > kTemplateBytes) {
      if (++failures > kMaximumFailures && block.weight + kFullEnoughWeight > weight_limit) break;
      continue;
    }
    failures = 0;
    sigops = cost;
    total_bytes = bytes;
    order_for_block(package);
    for (const TxRef member : package) {
      included[member] = true;
      block.transactions.push_back(store_.transaction(member));
    }
    block.fees += best.package.fee;
    block.weight += weight;
    add_relatives(package, Relation::descendants);
    for (const TxRef member : package) {
      if (included[member]) continue;
      candidates.push_back(candidate(member));
      std::push_heap(candidates.begin(), candidates.end(), worse);
    }
  }
  return block;
}

// CompareTxIterByAncestorCount: what is above comes first.
void Mempool::order_for_block(std::vector<TxRef>& package) const {
  if (package.size() < 2) return;
  struct Place {
    std::size_t ancestors;
    TxRef entry;
  };
  std::vector<Place> places;
  for (const TxRef entry : package) places.push_back({ancestor_count(entry), entry});
  std::sort(places.begin(), places.end(), [this](const Place& a, const Place& b) {
    if (a.ancestors != b.ancestors) return a.ancestors < b.ancestors;
    return store_.transaction(a.entry)->txid() < store_.transaction(b.entry)->txid();
  });
  for (std::size_t i = 0; i < places.size(); ++i) package[i] = places[i].entry;
}

std::size_t Mempool::ancestor_count(TxRef entry) const {
  if (entries_[entry].may_have_parents == 0) return 0;
  std::vector<TxRef> family = {entry};
  add_relatives(family, Relation::ancestors);
  return family.size() - 1;
}

void Mempool::announcement_order(std::vector<TxRef>& entries) const {
  if (entries.size() < 2) return;
  struct Place {
    std::size_t ancestors;
    std::int64_t coarse_rate;
    TxRef entry;
  };
  std::vector<Place> places;
  places.reserve(entries.size());
  for (const TxRef entry : entries) places.push_back({ancestor_count(entry), store_.coarse_rate(entry), entry});
  std::sort(places.begin(), places.end(), [this](const Place& a, const Place& b) {
    if (a.ancestors != b.ancestors) return a.ancestors < b.ancestors;
    if (a.coarse_rate != b.coarse_rate) return a.coarse_rate > b.coarse_rate;
    if (const auto order = compare_rates(fee_and_size(a.entry), fee_and_size(b.entry)); order != 0) return order > 0;
    return store_.transaction(a.entry)->txid() < store_.transaction(b.entry)->txid();
  });
  for (std::size_t i = 0; i < places.size(); ++i) entries[i] = places[i].entry;
}

}  // namespace hearsay::chain
