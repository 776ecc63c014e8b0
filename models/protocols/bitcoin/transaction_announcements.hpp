// Which transactions a node announces to whom, and when. Knows no connection and sends nothing: the node hands it what
// entered its mempool, and asks what is due.
//
// Rules of SendMessages, Bitcoin Core net_processing.cpp: each peer has a queue; it is emptied at the instants of a
// Poisson process (its own for an outbound peer, one for all inbound peers together), best first, up to a limit that
// grows with the queue. What has left the mempool, what the peer knows, and what pays less than it asks for is dropped
// on the way and does not count.
//
// A timer runs only while a queue that it serves is not empty: since the process has no memory, that is exact. (With
// the law `uniform` of another simulator it is that simulator's own rule.)
//
// Difference: Bitcoin Core also notes the instants at which it had nothing to say; they would allow a peer to ask for
// transactions that were not announced to it because it knew them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/chain/mempool.hpp"
#include "models/protocols/bitcoin/known_transactions.hpp"
#include "sim/core/random.hpp"
#include "sim/node/deadline_heap.hpp"
#include "sim/node/node.hpp"

namespace hearsay::bitcoin {

enum class TrickleLaw : std::uint8_t { exponential, uniform };
enum class InboundTrickle : std::uint8_t { shared, own };

struct TrickleSettings {
  Duration inbound_mean;
  Duration outbound_mean;
  TrickleLaw law = TrickleLaw::exponential;
  InboundTrickle inbound = InboundTrickle::shared;
  std::size_t target = 70;     // transactions an inv
  std::size_t growth = 5;      // more for each 1,000 in the queue
  std::size_t maximum = 1000;  // never more
};

class TransactionAnnouncements {
 public:
  // The announcements to one peer that are due together.
  struct Batch {
    ConnectionSlot peer;
    bool whole_mempool = false;  // an answer to a mempool message: not limited
    std::vector<chain::TxRef> transactions;
  };

  TransactionAnnouncements(const chain::TransactionStore& store, const chain::Mempool& mempool,
                           const TrickleSettings& settings)
      : store_(store), mempool_(mempool), settings_(settings) {}
  // A new life of the node, drawing from this stream.
  void start(const RandomStream& draws);

  // The peer wants transactions and the handshake is done.
  void add_peer(ConnectionSlot peer, Direction direction, std::uint32_t stamp);
  void forget_peer(ConnectionSlot peer);
  // The peer announced or sent the transaction, which the mempool has.
  void note_known(ConnectionSlot peer, chain::TxRef transaction) { known_.note(peer, transaction); }
  void set_fee_filter(ConnectionSlot peer, chain::FeeRate rate);
  // The peer asked for the whole mempool: at the next instant of its timer.
  void request_mempool(ConnectionSlot peer, SimTime now);

  void entered(chain::TxRef transaction, SimTime now);
  void left(chain::TxRef transaction) {
    known_.forget(transaction);
    certain_from_ = log_end();
  }

  [[nodiscard]] SimTime next_due() const;
  [[nodiscard]] std::vector<Batch> take_due(SimTime now);

  // Whether the peer may have this transaction of the mempool on request: it entered before the last announcements to
  // that peer.
  [[nodiscard]] bool may_serve(ConnectionSlot peer, chain::TxRef transaction) const {
    return peer < peers_.size() && mempool_.sequence(transaction) <= peers_[peer].announced_up_to;
  }

 private:
  // What entered stays valid only while the mempool has it under the same number.
  struct Entered {
    chain::TxRef transaction;
    std::uint32_t sequence;
  };
  // A peer's queue is what entered since it was last told, less what it knows: not a list of its own, but a place in
  // the list that all peers share. Only what a limit left over is kept apart.
  struct PeerQueue {
    std::vector<Entered> rest;
    std::uint64_t begin = 0;  // place in the log, counted from the start of the node
    chain::FeeRate fee_filter;
    std::uint32_t stamp = 0;            // of the connection; zero: no such peer
    std::uint32_t announced_up_to = 0;  // sequence number in the mempool
    Direction direction = Direction::outbound;
    bool mempool_requested = false;
  };

  [[nodiscard]] bool uses_shared_timer(const PeerQueue& peer) const {
    return peer.direction == Direction::inbound && settings_.inbound == InboundTrickle::shared;
  }
  [[nodiscard]] std::uint64_t log_end() const { return log_begin_ + log_.size(); }
  [[nodiscard]] Duration draw(Duration mean);
  void arm_own(ConnectionSlot peer, SimTime now);
  void arm_shared(SimTime now);
  void flush(ConnectionSlot peer, std::vector<Batch>& batches);
  [[nodiscard]] bool pays(const PeerQueue& peer, chain::TxRef transaction) const;
  void trim_log();

  const chain::TransactionStore& store_;
  const chain::Mempool& mempool_;
  TrickleSettings settings_;
  KnownTransactions known_;
  std::vector<PeerQueue> peers_;         // by slot
  std::vector<ConnectionSlot> sharing_;  // ascending: the peers of the shared timer
  std::vector<ConnectionSlot> own_;      // ascending: the others
  std::vector<ConnectionSlot> idle_;     // ascending: of those, the ones whose timer does not run
  std::vector<Entered> log_;             // in the order of entry
  std::uint64_t log_begin_ = 0;          // place of its first entry
  std::uint64_t shared_begin_ = 0;       // the peers of the shared timer have been told of what lies before
  std::uint64_t certain_from_ = 0;       // nothing has left the mempool since this place was reached
  std::size_t trim_at_ = 64;             // length of the log at which it is looked through
  DeadlineHeap own_timers_;
  SimTime shared_timer_ = SimTime::max();
  std::optional<RandomStream> draws_;
};

}  // namespace hearsay::bitcoin
