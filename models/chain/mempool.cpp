#include "models/chain/mempool.hpp"

#include <algorithm>

#include "models/chain/transaction_checks.hpp"
#include "sim/core/check.hpp"

namespace hearsay::chain {

namespace {

// MAX_STANDARD_TX_WEIGHT and MIN_STANDARD_TX_NONWITNESS_SIZE, Bitcoin Core policy/policy.h.
constexpr std::size_t kMaximumStandardWeight = 400'000;
constexpr std::size_t kMinimumStandardStrippedBytes = 65;
// TX_MAX_STANDARD_VERSION, Bitcoin Core policy/policy.h, from 28.0.
constexpr std::int32_t kMaximumStandardVersion = 3;
// MAX_BIP125_RBF_SEQUENCE, Bitcoin Core util/rbf.h.
constexpr std::uint32_t kMaximumReplaceableSequence = 0xfffffffd;
// MAX_REPLACEMENT_CANDIDATES, Bitcoin Core policy/rbf.h.
constexpr std::size_t kMaximumReplaced = 100;

bool signals_replacement(const Transaction& transaction) {
  return std::any_of(transaction.inputs().begin(), transaction.inputs().end(),
                     [](const TxIn& input) { return input.sequence <= kMaximumReplaceableSequence; });
}

MempoolVerdict check_alone(const ChainParams& params, const Transaction& transaction) {
  // The first of these checks refuses what could not be looked at further.
  if (check_transaction(params, transaction) != TransactionVerdict::valid) return MempoolVerdict::malformed;
  if (transaction.is_coinbase()) return MempoolVerdict::coinbase;
  if (transaction.version() < 1 || transaction.version() > kMaximumStandardVersion) {
    return MempoolVerdict::not_standard_version;
  }
  if (transaction.weight() > kMaximumStandardWeight) return MempoolVerdict::not_standard_weight;
  if (transaction.stripped_bytes() < kMinimumStandardStrippedBytes) return MempoolVerdict::not_standard_too_small;
  return MempoolVerdict::accepted;
}

MempoolVerdict from_spend_check(TransactionVerdict verdict) {
  switch (verdict) {
    case TransactionVerdict::valid:
      return MempoolVerdict::accepted;
    case TransactionVerdict::immature_coinbase:
      return MempoolVerdict::premature_coinbase_spend;
    case TransactionVerdict::input_value_range:
      return MempoolVerdict::value_out_of_range;
    case TransactionVerdict::outputs_exceed_inputs:
      return MempoolVerdict::outputs_above_inputs;
    default:
      SIM_CHECK(false, "a check of values and maturity gives no other verdict");
  }
}

// OP_0 and a push of a hash: the programs of version 0 (BIP 141).
bool is_witness_program(const std::vector<std::uint8_t>& script) {
  return (script.size() == 34 && script[0] == 0 && script[1] == 32) ||
         (script.size() == 22 && script[0] == 0 && script[1] == 20);
}

void add_once(std::vector<TxRef>& places, TxRef place) {
  if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
}

}  // namespace

Mempool::Mempool(TransactionStore& store, const Ledger& ledger, const MempoolParameters& parameters)
    : store_(store),
      ledger_(ledger),
      parameters_(parameters),
      replacement_(parameters.replacement == "full"     ? Replacement::full
                   : parameters.replacement == "opt_in" ? Replacement::opt_in
                                                        : Replacement::off),
      limits_clusters_(parameters.package_limit == "cluster"),
      rolling_(FeeRate{parameters.incremental_fee}) {}

Mempool::~Mempool() {
  clear();
}

MempoolAcceptance Mempool::accept(TxRef transaction, BlockRef tip, SimTime now) {
  return accept(transaction, tip, now, Origin::relayed);
}

MempoolAcceptance Mempool::accept(TxRef place, BlockRef tip, SimTime now, Origin origin) {
  SIM_CHECK(store_.transaction(place) != nullptr, "what is offered is a transaction, not a mere hash");
  MempoolAcceptance result{MempoolVerdict::accepted, HeldTransactions(store_), HeldTransactions(store_)};
  Offer offer{.place = place,
              .transaction = *store_.transaction(place),
              .tip = tip,
              .now = now,
              .origin = origin,
              .height = ledger_.blocks()[tip].height + 1,
              .parents = {},
              .conflicts = {},
              .leaving = {}};
  rolling_.settle(now, usage());
  result.verdict = judge(offer);
  if (!result.accepted()) return result;

  leave_all(offer.leaving, result.replaced);
  enter(offer);
  if (origin == Origin::disconnected) return result;
  drop_expired(now, result.evicted);
  trim(result.evicted);
  if (!contains(place)) {  // a descendant of what has expired, or what pays least
    result.verdict = MempoolVerdict::mempool_full;
    result.evicted.remove(place);
  }
  return result;
}

// The order of MemPoolAccept::PreChecks and what follows it, so that the first failure has Core's name.
MempoolVerdict Mempool::judge(Offer& offer) {
  using V = MempoolVerdict;
  if (contains(offer.place)) return V::already_in_mempool;
  // A fee is known of what some mempool of this rank has checked as far as scripts: what depends on the transaction and
  // the outputs that it names need not be checked again.
  const std::optional<std::int64_t> known_fee = store_.fee(offer.place);
  if (!known_fee.has_value()) {
    if (const V verdict = check_alone(ledger_.blocks().params(), offer.transaction); verdict != V::accepted)
      return verdict;
  }
  // Nor what depends on the chain alone, if another mempool with this tip has done it.
  const bool sound = store_.sound_at(offer.place) == offer.tip;
  if (!sound && !is_final(offer.transaction, offer.height, ledger_.blocks()[offer.tip].median_time_past)) {
    return V::not_final;
  }
  if (store_.contested(offer.place)) {
    if (const V verdict = find_conflicts(offer); verdict != V::accepted) return verdict;
  }
  if (!sound) {
    if (const V verdict = judge_spending(offer, known_fee); verdict != V::accepted) return verdict;
  }
  if (known_fee.has_value()) offer.fee = *known_fee;
  if (offer.origin == Origin::relayed) {
    if (const V verdict = judge_fee(offer); verdict != V::accepted) return verdict;
  }
  if (!offer.conflicts.empty()) {
    if (const V verdict = judge_replacement(offer); verdict != V::accepted) return verdict;
  }
  if (!within_limits(offer)) return V::package_limit;
  if (known_fee.has_value()) return V::accepted;

  const std::vector<Coin> coins = coins_of(offer.transaction, offer.tip);
  std::vector<const TxOut*> spent;
  for (const Coin& coin : coins) spent.push_back(coin.output);
  const std::int64_t sigops = sigop_cost(offer.transaction, spent);
  if (sigops > kMaximumBlockSigopCost / 5) return V::too_many_sigops;  // MAX_STANDARD_TX_SIGOPS_COST, policy/policy.h
  if (check_scripts(offer.transaction, coins) != ScriptVerdict::valid) {
    // TX_WITNESS_STRIPPED, Bitcoin Core validation.cpp.
    const bool wants_witness = std::any_of(coins.begin(), coins.end(),
                                           [](const Coin& coin) { return is_witness_program(coin.output->script); });
    return wants_witness && !offer.transaction.has_witness() ? V::witness_stripped : V::script_false;
  }
  store_.set_fee(offer.place, offer.fee, sigops);
  if (offer.parents.empty()) store_.set_sound_at(offer.place, offer.tip);
  return V::accepted;
}

MempoolVerdict Mempool::judge_spending(Offer& offer, std::optional<std::int64_t> known_fee) const {
  using V = MempoolVerdict;
  bool immature = false;
  if (const V verdict = find_inputs(offer, immature); verdict != V::accepted) return verdict;
  if (has_relative_locks(offer.transaction) && !relative_locks_are_over(offer.transaction, offer.tip)) {
    return V::sequence_locked;
  }
  if (!known_fee.has_value()) {
    const SpendCheck spend = check_spend(offer.transaction, coins_of(offer.transaction, offer.tip), offer.height);
    if (spend.verdict != TransactionVerdict::valid) return from_spend_check(spend.verdict);
    offer.fee = spend.fee;
  } else if (immature) {
    return V::premature_coinbase_spend;
  }
  // The fee is known to all once the scripts were found true.
  if (known_fee.has_value() && offer.parents.empty()) store_.set_sound_at(offer.place, offer.tip);
  return V::accepted;
}

MempoolVerdict Mempool::find_conflicts(Offer& offer) const {
  if (find_txid(offer.transaction.txid()) != kNoTx) return MempoolVerdict::same_txid_in_mempool;
  for (const TxIn& input : offer.transaction.inputs()) {
    const TxRef rival = find_spender(input.previous);
    if (rival == kNoTx) continue;
    const bool replaceable = replacement_ == Replacement::full ||
                             (replacement_ == Replacement::opt_in && signals_replacement(*store_.transaction(rival)));
    if (!replaceable) return MempoolVerdict::conflict;
    add_once(offer.conflicts, rival);
  }
  return MempoolVerdict::accepted;
}

MempoolVerdict Mempool::find_inputs(Offer& offer, bool& immature) const {
  for (const TxIn& input : offer.transaction.inputs()) {
    if (const std::optional<Coin> coin = ledger_.coins().find(input.previous, offer.tip)) {
      immature = immature || (coin->from_coinbase && offer.height - coin->height < kCoinbaseMaturity);
      continue;
    }
    const TxRef parent = find_creator(input.previous);
    if (parent == kNoTx) {
      return ledger_.coins().confirmed(offer.transaction.txid(), offer.tip) ? MempoolVerdict::already_confirmed
                                                                            : MempoolVerdict::missing_inputs;
    }
    add_once(offer.parents, parent);
  }
  return MempoolVerdict::accepted;
}

std::vector<Coin> Mempool::coins_of(const Transaction& transaction, BlockRef tip) const {
  std::vector<Coin> coins;
  coins.reserve(transaction.inputs().size());
  for (const TxIn& input : transaction.inputs()) {
    if (const std::optional<Coin> coin = ledger_.coins().find(input.previous, tip)) {
      coins.push_back(*coin);
      continue;
    }
    const TxRef parent = find_creator(input.previous);
    SIM_CHECK(parent != kNoTx, "inputs were found");
    coins.push_back({&store_.transaction(parent)->outputs()[input.previous.index], ledger_.blocks()[tip].height + 1,
                     kNoBlock, false});
  }
  return coins;
}

bool Mempool::relative_locks_are_over(const Transaction& transaction, BlockRef tip) const {
  const IndexedBlock& place = ledger_.blocks()[tip];
  std::vector<CoinAge> ages;
  for (const Coin& coin : coins_of(transaction, tip)) {
    // An unconfirmed output counts as if the next block held it (CalculateLockPointsAtTip, Bitcoin Core
    // validation.cpp).
    ages.push_back(coin.block == kNoBlock ? CoinAge{place.height + 1, place.median_time_past} : ledger_.age_of(coin));
  }
  return relative_locks_over(transaction, ages, place.height + 1, place.median_time_past);
}

MempoolVerdict Mempool::judge_fee(const Offer& offer) const {
  const auto size = static_cast<std::int64_t>(offer.transaction.virtual_bytes());
  if (offer.fee < rolling_.at(offer.now, usage()).fee_for(size)) return MempoolVerdict::below_mempool_minimum_fee;
  if (offer.fee < FeeRate{parameters_.minimum_relay_fee}.fee_for(size)) return MempoolVerdict::below_minimum_relay_fee;
  return MempoolVerdict::accepted;
}

MempoolVerdict Mempool::judge_replacement(Offer& offer) const {
  using V = MempoolVerdict;
  const auto size = static_cast<std::int64_t>(offer.transaction.virtual_bytes());
  const auto is_conflict = [&offer](TxRef entry) {
    return std::find(offer.conflicts.begin(), offer.conflicts.end(), entry) != offer.conflicts.end();
  };

  if (!offer.parents.empty()) {
    std::vector<TxRef> above = offer.parents;
    add_relatives(above, Relation::ancestors);
    if (std::any_of(above.begin(), above.end(), is_conflict)) return V::spends_what_it_replaces;
  }
  for (const TxRef conflict : offer.conflicts) {
    if (compare_rates({offer.fee, size}, fee_and_size(conflict)) <= 0) return V::insufficient_replacement_fee;
  }
  // As Core does, what descends from several conflicts counts several times (GetEntriesForConflicts).
  std::size_t replaced = 0;
  for (const TxRef conflict : offer.conflicts) {
    std::vector<TxRef> below = {conflict};
    add_relatives(below, Relation::descendants);
    replaced += below.size();
    if (replaced > kMaximumReplaced) return V::too_many_replacements;
  }
  if (!limits_clusters_) {
    for (const TxRef parent : offer.parents) {
      const Hash256& txid = store_.transaction(parent)->txid();
      const bool was_spent_from = std::any_of(offer.conflicts.begin(), offer.conflicts.end(), [&](TxRef conflict) {
        const std::vector<TxIn>& inputs = store_.transaction(conflict)->inputs();
        return std::any_of(inputs.begin(), inputs.end(),
                           [&txid](const TxIn& input) { return input.previous.txid == txid; });
      });
      if (!was_spent_from) return V::adds_unconfirmed_input;
    }
  }
  offer.leaving = offer.conflicts;
  add_relatives(offer.leaving, Relation::descendants);
  sort_by_entry(offer.leaving);
  const std::int64_t added = offer.fee - fee_and_size(offer.leaving).fee;
  if (added < FeeRate{parameters_.incremental_fee}.fee_for(size)) return V::insufficient_replacement_fee;
  return V::accepted;
}

void Mempool::enter(const Offer& offer) {
  store_.hold(offer.place);
  if (offer.place >= entries_.size()) {
    // Thousands of nodes have such a table: it grows by little.
    if (offer.place >= entries_.capacity()) entries_.reserve(offer.place + offer.place / 8 + 64);
    entries_.resize(offer.place + 1);
  }
  Entry& entry = entries_[offer.place];
  SIM_CHECK(last_sequence_ < 0x7fffffff, "entries are counted in 31 bits");
  entry.sequence = ++last_sequence_ & 0x7fffffff;
  const std::int64_t entered = unix_seconds(offer.now) - kEntryEpoch;
  SIM_CHECK(entered >= 0 && entered <= 0x7fffffff, "times of entry are seconds in 31 bits");
  entry.entered = static_cast<std::uint32_t>(entered) & 0x7fffffff;
  entry.may_have_parents = offer.parents.empty() ? 0 : 1;
  for (const TxRef parent : offer.parents) entries_[parent].may_have_children = 1;
  if (offer.origin == Origin::disconnected) {
    // Only what comes back can find its children here already.
    std::vector<TxRef> children;
    append_children(offer.transaction, children);
    entry.may_have_children = children.empty() ? 0 : 1;
    for (const TxRef child : children) entries_[child].may_have_parents = 1;
  }
  entry.older = newest_;
  (newest_ == kNoTx ? oldest_ : entries_[newest_].newer) = offer.place;
  newest_ = offer.place;
  ++count_;
  virtual_bytes_ += static_cast<std::int64_t>(offer.transaction.virtual_bytes());
  if (eviction_.empty()) return;
  std::vector<TxRef> above = {offer.place};
  add_relatives(above, Relation::ancestors);
  for (const TxRef relative : above) queue_for_eviction(relative);
}

FeeRate Mempool::minimum_fee_rate(SimTime now) const {
  return std::max(rolling_.at(now, usage()), FeeRate{parameters_.minimum_relay_fee});
}

std::vector<Hash256> Mempool::missing_parents(TxRef place, BlockRef tip) const {
  std::vector<Hash256> missing;
  for (const TxIn& input : store_.transaction(place)->inputs()) {
    if (ledger_.coins().find(input.previous, tip).has_value() || find_creator(input.previous) != kNoTx) continue;
    missing.push_back(input.previous.txid);
  }
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  return missing;
}

}  // namespace hearsay::chain
