// One node's unconfirmed transactions: which it accepts, in what order it would mine and announce them, which leave
// when the chain changes, time passes or room runs out. Free of input and output: time and tip are arguments.
//
// The transactions live once a rank in the TransactionStore; a Mempool is 16 bytes for each of the store's places: when
// an entry came, and its neighbours in the order of entry. Parents and children are asked of the store, and those kept
// that this mempool contains. Nothing observable depends on places: lists are in order of entry, by fee rate or by
// txid.
//
// Follows Bitcoin Core (validation.cpp, txmempool.cpp, policy/, node/miner.cpp). Modelled: checks in MemPoolAccept's
// order; replacement by the rules of BIP 125: conflicts signal it if `opt_in` (directly: Core never inherited the
// signal), no new unconfirmed inputs (2, only under the ancestor limits: gone with Core 31), at least the fees of all
// that is replaced (3), and the increment for its own size (4), a fee rate above that of every direct conflict, at most
// 100 transactions replaced (5); eviction by lowest rate of a transaction with its descendants; expiry; rolling
// minimum; limits by cluster (31) or by ancestors and descendants (before). Left out: linearised clusters (31 compares
// fee rate diagrams, evicts and mines by chunks: here the classic rules stand for them), the carve-out for one more
// descendant, version 3 topology (TRUC), packages, dust and other standardness of scripts, signature operations in
// virtual sizes, priority set by hand.
//
// Invariants: every input of an entry is unspent in the chain of the last tip or an output of another entry; no two
// entries spend the same output; each entry is held in the store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/chain/fee_rate.hpp"
#include "models/chain/held_transactions.hpp"
#include "models/chain/ledger.hpp"
#include "models/chain/mempool_parameters.hpp"
#include "models/chain/mempool_verdict.hpp"
#include "models/chain/rolling_minimum_fee.hpp"
#include "models/chain/transaction_store.hpp"

namespace hearsay::chain {

// The lists are valid as long as this lives (they hold what they name).
struct MempoolAcceptance {
  MempoolVerdict verdict;
  HeldTransactions replaced;  // conflicts and their descendants, in order of entry
  HeldTransactions evicted;   // expired, or pushed out for want of room; not the offered transaction itself

  [[nodiscard]] bool accepted() const { return verdict == MempoolVerdict::accepted; }
};

struct MempoolTipChange {
  HeldTransactions confirmed;   // in block order
  HeldTransactions conflicted;  // spend what a block spends, or descend from those
  HeldTransactions returned;    // from disconnected blocks, parents first; they are entries again
  HeldTransactions dropped;     // no longer valid after a reorganisation, expired, or pushed out for want of room
};

struct BlockTemplate {
  std::vector<TransactionPointer> transactions;  // parents first
  std::int64_t fees = 0;
  std::size_t weight = 0;
};

class Mempool {
 public:
  // All outlive the mempool; the parameters, shared by many nodes, have passed their descriptions.
  Mempool(TransactionStore& store, const Ledger& ledger, const MempoolParameters& parameters);
  ~Mempool();
  Mempool(const Mempool&) = delete;
  Mempool& operator=(const Mempool&) = delete;

  // Offers a transaction, which the caller holds during the call. `tip` is the node's; an entry is final at its height
  // + 1.
  [[nodiscard]] MempoolAcceptance accept(TxRef transaction, BlockRef tip, SimTime now);
  // The node follows another tip: blocks with bodies, disconnected newest first, connected oldest first. What the
  // disconnected ones confirmed comes back if it is still valid, whatever it pays.
  [[nodiscard]] MempoolTipChange tip_changed(std::span<const BlockRef> disconnected,
                                             std::span<const BlockRef> connected, BlockRef tip, SimTime now);
  // Drops what is older than the limit; accept() does it too.
  [[nodiscard]] HeldTransactions expire(SimTime now);
  // Forgets everything, as at the start of a node.
  void clear();

  [[nodiscard]] bool contains(TxRef place) const { return place < entries_.size() && entries_[place].sequence != 0; }
  // The entry with this txid, or that spends this output; kNoTx if there is none.
  [[nodiscard]] TxRef find_txid(const Hash256& txid) const;
  [[nodiscard]] TxRef find_spender(const OutPoint& point) const;
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::int64_t virtual_bytes() const { return virtual_bytes_; }

  // Entries are numbered from 1 on in the order of entry; one that comes back gets a new number.
  [[nodiscard]] std::uint32_t sequence(TxRef entry) const { return entries_[entry].sequence; }
  [[nodiscard]] std::uint32_t last_sequence() const { return last_sequence_; }
  [[nodiscard]] std::int64_t entry_unix_seconds(TxRef entry) const { return kEntryEpoch + entries_[entry].entered; }
  // All entries in order of entry: for (TxRef t = first(); t != kNoTx; t = next(t)).
  [[nodiscard]] TxRef first() const { return oldest_; }
  [[nodiscard]] TxRef next(TxRef entry) const { return entries_[entry].newer; }

  // Unconfirmed relatives of an entry, itself not included, in order of entry.
  [[nodiscard]] std::vector<TxRef> ancestors(TxRef entry) const;
  [[nodiscard]] std::vector<TxRef> descendants(TxRef entry) const;
  // The txids whose outputs a transaction spends that are neither unspent at the tip nor here; sorted, each once.
  [[nodiscard]] std::vector<Hash256> missing_parents(TxRef transaction, BlockRef tip) const;

  // What a transaction must pay now to be accepted: for feefilter. Looking changes nothing.
  [[nodiscard]] FeeRate minimum_fee_rate(SimTime now) const;
  // The entries that pay most for their weight with what they depend on, up to a sum of weights (the miner's coinbase
  // and header are the caller's). Core's package selection: by the lower of own and ancestors' fee rate, ties by txid.
  [[nodiscard]] BlockTemplate block_template(std::size_t weight_limit) const;
  // Entries in the order in which they are announced: fewest ancestors first (so parents before children), then highest
  // own fee rate, then txid (CompareDepthAndScore, Bitcoin Core txmempool.cpp).
  void announcement_order(std::vector<TxRef>& entries) const;

 private:
  struct Entry {
    std::uint32_t sequence : 31 = 0;  // zero: not here
    // Set when it may have relatives here; exact knowledge comes from the store.
    std::uint32_t may_have_parents : 1 = 0;
    std::uint32_t entered : 31 = 0;  // whole seconds since kEntryEpoch, as Core keeps whole seconds
    std::uint32_t may_have_children : 1 = 0;
    TxRef older = kNoTx;
    TxRef newer = kNoTx;
  };
  static_assert(sizeof(Entry) == 16);
  // Seventeen years before the simulation starts; entries may be dated fifty years after it.
  static constexpr std::int64_t kEntryEpoch = kUnixEpochSeconds - (std::int64_t{1} << 29);

  enum class Origin : std::uint8_t { relayed, disconnected };
  enum class Replacement : std::uint8_t { full, opt_in, off };

  // What is known of a transaction while it is offered. Lists stay empty, and so cost nothing, for a plain one.
  struct Offer {
    TxRef place = kNoTx;
    const Transaction& transaction;
    BlockRef tip = kNoBlock;
    SimTime now;
    Origin origin = Origin::relayed;
    std::int32_t height = 0;  // of the next block
    std::int64_t fee = 0;
    std::vector<TxRef> parents;    // entries that it spends from, each once
    std::vector<TxRef> conflicts;  // entries that spend what it spends, each once
    std::vector<TxRef> leaving;    // those and their descendants, in order of entry
  };

  // mempool.cpp: from offer to entry.
  [[nodiscard]] MempoolAcceptance accept(TxRef transaction, BlockRef tip, SimTime now, Origin origin);
  [[nodiscard]] MempoolVerdict judge(Offer& offer);
  [[nodiscard]] MempoolVerdict find_conflicts(Offer& offer) const;
  // What the chain of the tip and the entries say of its inputs and lock times; sets fee (if it is not known) and
  // parents.
  [[nodiscard]] MempoolVerdict judge_spending(Offer& offer, std::optional<std::int64_t> known_fee) const;
  // `immature` tells of a coinbase among the inputs that is too young.
  [[nodiscard]] MempoolVerdict find_inputs(Offer& offer, bool& immature) const;
  [[nodiscard]] MempoolVerdict judge_fee(const Offer& offer) const;
  [[nodiscard]] MempoolVerdict judge_replacement(Offer& offer) const;
  // What the inputs spend, in their order; all of it is there.
  [[nodiscard]] std::vector<Coin> coins_of(const Transaction& transaction, BlockRef tip) const;
  [[nodiscard]] bool relative_locks_are_over(const Transaction& transaction, BlockRef tip) const;
  void enter(const Offer& offer);

  // mempool_leaving.cpp: who leaves, and why.
  void unlink(TxRef entry);
  void leave(TxRef entry, HeldTransactions& into);
  void leave_all(const std::vector<TxRef>& entries, HeldTransactions& into);
  void leave_with_descendants(std::vector<TxRef> entries, HeldTransactions& into);
  void drop_expired(SimTime now, HeldTransactions& into);
  void leave_for_block(const Block& block, MempoolTipChange& change);
  void return_from(const Block& block, BlockRef tip, SimTime now, MempoolTipChange& change);
  [[nodiscard]] bool is_still_valid(TxRef entry, BlockRef tip) const;

  // mempool_eviction.cpp: who pays least.
  struct EvictionCandidate {
    FeeAndSize score;
    std::uint32_t sequence = 0;
    TxRef entry = kNoTx;
  };
  [[nodiscard]] static bool leaves_later(const EvictionCandidate& a, const EvictionCandidate& b);
  [[nodiscard]] EvictionCandidate eviction_candidate(TxRef entry) const;
  // To be called while candidates are kept, when the score of an entry may have fallen.
  void queue_for_eviction(TxRef entry);
  void queue_all_for_eviction();
  [[nodiscard]] TxRef worst_entry();
  void trim(HeldTransactions& into);

  // mempool_relatives.cpp: who depends on whom.
  [[nodiscard]] TxRef find_creator(const OutPoint& point) const;
  // One for each input (output) that has one: a relative may be named several times.
  void append_parents(const Transaction& transaction, std::vector<TxRef>& into) const;
  void append_children(const Transaction& transaction, std::vector<TxRef>& into) const;
  // Adds to a list of entries, each there once, their relatives, each once, in no particular order; neither what is
  // excluded nor what hangs on it alone.
  enum class Relation : std::uint8_t { ancestors, descendants, all };
  void add_relatives(std::vector<TxRef>& entries, Relation relation, const std::vector<TxRef>& excluded = {}) const;
  void sort_by_entry(std::vector<TxRef>& entries) const;
  [[nodiscard]] FeeAndSize fee_and_size(TxRef place) const;
  [[nodiscard]] FeeAndSize fee_and_size(const std::vector<TxRef>& places) const;
  [[nodiscard]] bool within_limits(const Offer& offer) const;
  [[nodiscard]] bool is_within_own_limits(const Transaction& transaction) const;
  [[nodiscard]] bool within_cluster_limits(const Offer& offer, std::vector<TxRef> cluster) const;
  [[nodiscard]] bool within_ancestor_limits(const Offer& offer, const std::vector<TxRef>& children) const;

  // mempool_selection.cpp
  void order_for_block(std::vector<TxRef>& package) const;
  [[nodiscard]] std::size_t ancestor_count(TxRef entry) const;

  [[nodiscard]] MempoolUsage usage() const { return {virtual_bytes_, parameters_.size_limit.bytes}; }

  TransactionStore& store_;
  const Ledger& ledger_;
  const MempoolParameters& parameters_;
  Replacement replacement_;
  bool limits_clusters_;
  std::vector<Entry> entries_;  // by TxRef
  TxRef oldest_ = kNoTx;
  TxRef newest_ = kNoTx;
  std::uint32_t last_sequence_ = 0;
  std::size_t count_ = 0;
  std::int64_t virtual_bytes_ = 0;
  RollingMinimumFee rolling_;
  std::vector<EvictionCandidate> eviction_;  // a heap; empty until room runs out
};

}  // namespace hearsay::chain
