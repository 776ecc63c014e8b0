// Which transactions a node has been told of but does not have, by whom, and whom it should ask for them when. Knows no
// clock and sends nothing.
//
// Rules of TxRequestTracker, Bitcoin Core txrequest.h: a hash is asked of one peer at a time; an announcement may be
// asked for from its ready time on; among those that are ready preferred peers come first, then the one that a salted
// hash favours; a request that is answered (by whatever: transaction, notfound, nothing within the time limit) is not
// put to that peer again; a hash of which all announcements are answered is forgotten.
//
// Invariants: what is tracked is held in the store; at most one request a hash is in flight; choices do not depend on
// the order of announcements, nor on places in the store.
#pragma once

#include <cstdint>
#include <vector>

#include "models/chain/transaction_store.hpp"
#include "sim/core/ids.hpp"
#include "sim/core/time.hpp"

namespace hearsay::bitcoin {

enum class Preference : std::uint8_t { preferred, other };
enum class NameKind : std::uint8_t { txid, wtxid };

class TransactionRequests {
 public:
  struct Settings {
    std::size_t announcements_per_peer;  // what a peer offers beyond them is ignored
    Duration expiry;                     // an unanswered request is given up after this time
    std::uint64_t salt;                  // the node's own, for the choice among equals
  };
  struct Request {
    ConnectionSlot peer;
    NameKind kind;
    chain::TxRef transaction;
  };

  TransactionRequests(chain::TransactionStore& store, const Settings& settings) : store_(store), settings_(settings) {}
  ~TransactionRequests() { clear(); }
  TransactionRequests(const TransactionRequests&) = delete;
  TransactionRequests& operator=(const TransactionRequests&) = delete;

  // `peer` offers the transaction of this hash (txid or wtxid: the two are different things to ask for). A second offer
  // of the same peer changes nothing.
  void announced(ConnectionSlot peer, const chain::Hash256& hash, NameKind kind, Preference preference, SimTime ready);
  // What to ask for at `now`, by peer, each peer's in the order of its announcements; marks it as in flight.
  void take_due(SimTime now, std::vector<Request>& requests);
  // The peer sent the transaction, or said that it does not have it. Without effect if there was no such offer.
  void answered(ConnectionSlot peer, const chain::Hash256& hash);
  // The transaction is here, or is not wanted any more.
  void forget(const chain::Hash256& hash);
  void forget_peer(ConnectionSlot peer);
  void clear();

  // When take_due has something to do next; SimTime{} if it has now, SimTime::max() if nothing is pending.
  [[nodiscard]] SimTime next_due();
  [[nodiscard]] bool tracks(const chain::Hash256& hash) const { return head_of(hash) != kNone; }
  [[nodiscard]] std::size_t in_flight(ConnectionSlot peer) const {
    return peer < in_flight_.size() ? in_flight_[peer] : 0;
  }
  [[nodiscard]] std::size_t tracked(ConnectionSlot peer) const { return peer < tracked_.size() ? tracked_[peer] : 0; }
  // Everybody who offered the hash, whether asked or not.
  template <class Visit>
  void for_each_announcer(const chain::Hash256& hash, Visit visit) const {
    for (std::uint32_t i = head_of(hash); i != kNone; i = announcements_[i].next) visit(announcements_[i].peer);
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  enum class State : std::uint8_t { waiting, ready, requested, answered };

  struct Announcement {
    SimTime time;  // waiting: when it becomes ready; requested: when the request expires
    chain::TxRef transaction = chain::kNoTx;
    ConnectionSlot peer = 0;
    std::uint32_t next = kNone;  // of the same transaction
    std::uint32_t sequence = 0;  // of the announcement at this node; zero: the place is free
    State state = State::waiting;
    Preference preference = Preference::other;
    NameKind kind = NameKind::wtxid;
  };
  struct PendingDeadline {
    SimTime time;
    std::uint32_t place;
    std::uint32_t sequence;
    bool operator>(const PendingDeadline& other) const { return time > other.time; }
  };

  [[nodiscard]] std::uint32_t head_of(const chain::Hash256& hash) const;
  [[nodiscard]] bool is_pending(const PendingDeadline& deadline) const;
  [[nodiscard]] std::uint64_t priority(const Announcement& announcement) const;
  void push_deadline(SimTime time, std::uint32_t place);
  void decide(chain::TxRef transaction, SimTime now, std::vector<std::uint32_t>& chosen);
  void settle(Announcement& announcement);
  void remove(std::uint32_t place);
  void drop(chain::TxRef transaction);

  chain::TransactionStore& store_;
  Settings settings_;
  std::vector<Announcement> announcements_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> heads_;        // by TxRef: the first announcement
  std::vector<PendingDeadline> deadlines_;  // heap; those that are not pending any more are skipped
  std::size_t pending_ = 0;                 // announcements that wait, and requests
  std::vector<chain::TxRef> undecided_;
  std::vector<std::uint32_t> in_flight_;  // by peer
  std::vector<std::uint32_t> tracked_;    // by peer
  std::uint32_t next_sequence_ = 1;
};

}  // namespace hearsay::bitcoin
