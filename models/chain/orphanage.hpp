// Transactions of one node whose parents it does not know, with the peers that announced each. Free of input and
// output; not responsible for asking for parents, nor for trying orphans again.
//
// `per_peer` (Bitcoin Core 30 and later, node/txorphanage.cpp): an announcement is an (orphan, peer) pair. Its score is
// 1
// + inputs / 10. The sum of announcements plus inputs / 10 of each orphan stays within 3,000, the weight of the orphans
// within 404,000 a peer that has any. Over that, the peer with the highest ratio to its share (of the score, or of
// weight) loses its oldest announcement, those waiting for reconsideration last; an orphan goes with its last
// announcer. `count` (before 30): at most 100 orphans, a random one goes; 20 minutes. Both refuse weights above 400,000
// (MAX_STANDARD_TX_WEIGHT).
//
// Difference: Core calls the later connection the worse of two peers with equal ratios; here the higher slot.
//
// Invariants: an orphan is held in the store and has at least one announcer; whatever lists orphans or announcers lists
// them in the order in which they came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/chain/held_transactions.hpp"
#include "models/chain/orphanage_parameters.hpp"
#include "models/chain/transaction_store.hpp"
#include "sim/core/ids.hpp"
#include "sim/core/random.hpp"
#include "sim/core/time.hpp"

namespace hearsay::chain {

enum class OrphanEntry : std::uint8_t {
  added,
  announcer_added,
  known,      // the peer had announced it before
  too_heavy,  // not kept
};

class Orphanage {
 public:
  // `draws` decides which orphan leaves under `count`, and nothing else. Store and parameters outlive the orphanage.
  Orphanage(TransactionStore& store, RandomStream draws, const OrphanageParameters& parameters);
  ~Orphanage();
  Orphanage(const Orphanage&) = delete;
  Orphanage& operator=(const Orphanage&) = delete;

  // Also when the transaction is here, for one more announcer. What had to leave for it is in `evicted`; it may be the
  // orphan itself.
  [[nodiscard]] OrphanEntry add(TxRef transaction, ConnectionSlot announcer, SimTime now, HeldTransactions& evicted);
  void erase(TxRef orphan);
  // Orphans in the block and those that spend what the block spends; the result names them.
  [[nodiscard]] HeldTransactions erase_for_block(const Block& block);
  // The peer is gone, and orphans that only it announced.
  void disconnected(ConnectionSlot peer);
  // Under `count`: drops what is too old. The caller chooses when (Core: every 5 minutes).
  [[nodiscard]] HeldTransactions expire(SimTime now);
  void clear();

  [[nodiscard]] bool contains(TxRef transaction) const;
  [[nodiscard]] bool contains(TxRef transaction, ConnectionSlot announcer) const;
  [[nodiscard]] std::size_t size() const { return orphans_.size(); }
  [[nodiscard]] std::vector<TxRef> orphans() const;
  // In the order in which they announced it; empty if it is no orphan.
  [[nodiscard]] std::vector<ConnectionSlot> announcers(TxRef orphan) const;
  // Orphans that spend an output of this transaction.
  [[nodiscard]] std::vector<TxRef> children_of(TxRef parent) const;
  // Of those, the ones that this peer announced, latest first (Core's GetChildrenFromSamePeer: for a parent that pays
  // too little).
  [[nodiscard]] std::vector<TxRef> children_of(TxRef parent, ConnectionSlot announcer) const;

  // A parent came: this announcement waits for its turn to be tried again. Whose announcement it is, the caller draws.
  void reconsider(TxRef orphan, ConnectionSlot announcer);
  // The oldest one that waits with this peer, no longer waiting; kNoTx if none.
  [[nodiscard]] TxRef take_reconsidered(ConnectionSlot peer);
  [[nodiscard]] bool has_reconsidered(ConnectionSlot peer) const;

 private:
  struct Announcement {
    ConnectionSlot peer = 0;
    bool waits = false;  // for reconsideration
    std::uint64_t sequence = 0;
  };
  struct Orphan {
    TxRef transaction = kNoTx;
    SimTime since;
    std::uint64_t sequence = 0;
    std::vector<Announcement> announcements;
  };
  struct Usage {  // of one peer
    std::int64_t announcements = 0;
    std::int64_t waiting = 0;
    std::int64_t score = 0;
    std::int64_t weight = 0;
  };

  [[nodiscard]] std::size_t find(TxRef transaction) const;  // orphans_.size() if it is not there
  [[nodiscard]] std::vector<TxRef> by_arrival(std::vector<std::size_t> places) const;
  [[nodiscard]] bool is_over_limit() const;
  [[nodiscard]] ConnectionSlot worst_peer() const;
  void evict_announcement(ConnectionSlot peer, HeldTransactions& evicted);
  void evict_random(HeldTransactions& evicted);
  void remove_announcement(std::size_t place, std::size_t announcement);
  void remove(std::size_t place, HeldTransactions& into);
  void limit(HeldTransactions& evicted);

  TransactionStore& store_;
  RandomStream draws_;
  const OrphanageParameters& parameters_;
  bool limits_peers_;
  std::vector<Orphan> orphans_;  // by TxRef, for look-up; in no order that anybody sees
  std::vector<Usage> usage_;     // by slot
  std::uint64_t last_sequence_ = 0;
  std::int64_t peers_ = 0;         // that have orphans
  std::int64_t weight_ = 0;        // of all orphans, each once
  std::int64_t input_scores_ = 0;  // inputs / 10 of all orphans, each once
  std::int64_t announcements_ = 0;
};

}  // namespace hearsay::chain
