// The live transactions of a rank: those that some node of it has heard of, waits for, or holds unconfirmed.
//
// Shared by the nodes of a rank, so that a transaction is kept, linked and priced once however many nodes have it.
// Which node knows what is the business of the node: its own tables are arrays indexed by TxRef. Places are given in
// the order of arrival on this rank and reused when nobody holds them: for arrays only, never in an order, a draw, an
// observation or a digest.
//
// Everything that can be asked is a pure function of transactions that the asking node has itself: "which transactions
// here spend this output" is answered for the rank, and the asker keeps those that it has. So nothing leaks from one
// node to another, and results do not depend on how nodes are split over ranks.
//
// Invariants: a place stays valid while somebody holds it, and is given up with the last release. A place that was
// entered by a mere hash (an announcement) has no transaction; the transaction is entered under its wtxid.
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "models/chain/block.hpp"
#include "models/chain/block_index.hpp"

namespace hearsay::chain {

using TxRef = std::uint32_t;
inline constexpr TxRef kNoTx = 0xffffffff;

struct OutPointHasher {
  std::size_t operator()(const OutPoint& point) const {
    return static_cast<std::size_t>(fingerprint(Hash256Hasher{}(point.txid), point.index));
  }
};

class TransactionStore {
 public:
  // The place of a hash, or of a transaction (by its wtxid); held once more. The same transaction from other bytes is
  // not kept a second time.
  [[nodiscard]] TxRef hold(const Hash256& hash);
  [[nodiscard]] TxRef hold(const TransactionPointer& transaction);
  void hold(TxRef place) { ++entries_[place].holders; }
  void release(TxRef place);

  // kNoTx if nobody on this rank holds it.
  [[nodiscard]] TxRef find(const Hash256& hash) const;
  [[nodiscard]] const Hash256& hash(TxRef place) const { return entries_[place].hash; }
  // Null under a mere hash.
  [[nodiscard]] const TransactionPointer& transaction(TxRef place) const { return entries_[place].transaction; }

  // In no particular order: whoever cares about the order sorts by wtxid. Valid until something is held or released.
  // The transactions with this txid; several if they differ in their witnesses.
  [[nodiscard]] const std::vector<TxRef>& with_txid(const Hash256& txid) const;
  // The transactions with an input that spends this output.
  [[nodiscard]] const std::vector<TxRef>& spenders(const OutPoint& point) const;

  // What the mempools found out about a transaction from itself and the outputs that it spends (which its inputs name
  // by hash): inputs less outputs in satoshis, cost of signature operations, and that all scripts are true. Told once,
  // read by all.
  void set_fee(TxRef place, std::int64_t fee, std::int64_t sigop_cost = 0) {
    entries_[place].fee = fee;
    entries_[place].sigop_cost = static_cast<std::uint32_t>(sigop_cost);
    entries_[place].rate = (fee << kRateBits) / virtual_bytes(place);
  }
  [[nodiscard]] std::optional<std::int64_t> fee(TxRef place) const {
    return entries_[place].fee == kUnknownFee ? std::nullopt : std::optional(entries_[place].fee);
  }

  // Of what is a transaction.
  [[nodiscard]] std::int64_t virtual_bytes(TxRef place) const { return entries_[place].virtual_bytes; }
  // Cost of signature operations (BIP 141), of a transaction with a known fee.
  [[nodiscard]] std::int64_t sigop_cost(TxRef place) const { return entries_[place].sigop_cost; }
  // What a transaction with a known fee pays for a virtual byte, in 1/4096 satoshis, rounded down: of two different
  // numbers the larger is the better rate, equal ones say nothing.
  [[nodiscard]] std::int64_t coarse_rate(TxRef place) const { return entries_[place].rate; }

  // The tip of the chain in which a mempool last found that the transaction spends unspent coins of that chain alone,
  // mature, and that its lock times are over; kNoBlock if none did. True for all who follow that tip.
  void set_sound_at(TxRef place, BlockRef tip) { entries_[place].sound_at = tip; }
  [[nodiscard]] BlockRef sound_at(TxRef place) const { return entries_[place].sound_at; }

  // Whether another transaction has spent, since this one came, an output that it spends (or has its txid, which comes
  // to the same). Never forgotten, so it may be long gone: "no" spares a search for conflicts.
  [[nodiscard]] bool contested(TxRef place) const { return entries_[place].contested != 0; }

  // Marks for a walk over transactions: each is visited once between two begin_walk(). One walk at a time.
  void begin_walk() const;
  // True the first time in this walk.
  bool visit(TxRef place) const {
    if (entries_[place].visited == walk_) return false;
    entries_[place].visited = walk_;
    return true;
  }

  // Places in use, resp. ever used at a time: tables by TxRef have at most that many entries.
  [[nodiscard]] std::size_t live() const { return entries_.size() - free_.size(); }
  [[nodiscard]] std::size_t capacity() const { return entries_.size(); }

 private:
  static constexpr std::int64_t kUnknownFee = INT64_MIN;
  static constexpr int kRateBits = 12;  // fees have up to 51 bits

  struct Entry {
    Hash256 hash;
    TransactionPointer transaction;
    std::int64_t fee = kUnknownFee;
    std::uint32_t holders : 31 = 0;
    std::uint32_t contested : 1 = 0;
    std::int64_t rate = 0;
    std::uint32_t virtual_bytes = 0;
    std::uint32_t sigop_cost = 0;
    BlockRef sound_at = kNoBlock;
    mutable std::uint32_t visited = 0;  // in which walk; scratch space, no state
  };

  TxRef place_of(const Hash256& hash);
  void link(TxRef place);
  void unlink(TxRef place);

  std::vector<Entry> entries_;
  std::vector<TxRef> free_;
  mutable std::uint32_t walk_ = 0;
  tsl::robin_map<Hash256, TxRef, Hash256Hasher> by_hash_;
  tsl::robin_map<Hash256, std::vector<TxRef>, Hash256Hasher> by_txid_;
  tsl::robin_map<OutPoint, std::vector<TxRef>, OutPointHasher> by_spent_;
};

}  // namespace hearsay::chain
