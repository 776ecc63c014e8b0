#include "models/protocols/bitcoin/transaction_announcements.hpp"

#include <algorithm>

namespace hearsay::bitcoin {

namespace {

void insert_sorted(std::vector<ConnectionSlot>& slots, ConnectionSlot slot) {
  slots.insert(std::lower_bound(slots.begin(), slots.end(), slot), slot);
}

}  // namespace

void TransactionAnnouncements::start(const RandomStream& draws) {
  draws_ = draws;
  known_.clear();
  peers_.clear();
  sharing_.clear();
  own_.clear();
  idle_.clear();
  log_.clear();
  log_begin_ = shared_begin_ = certain_from_ = 0;
  own_timers_.clear();
  shared_timer_ = SimTime::max();
}

void TransactionAnnouncements::add_peer(ConnectionSlot slot, Direction direction, std::uint32_t stamp) {
  if (slot >= peers_.size()) peers_.resize(slot + 1);
  PeerQueue& peer = peers_[slot] = PeerQueue{};
  peer.direction = direction;
  peer.stamp = stamp;
  peer.begin = log_end();  // what is in the mempool already is not announced to a new peer
  insert_sorted(uses_shared_timer(peer) ? sharing_ : own_, slot);
  if (!uses_shared_timer(peer)) insert_sorted(idle_, slot);
}

void TransactionAnnouncements::forget_peer(ConnectionSlot peer) {
  known_.forget_peer(peer);  // also of one that wanted no announcements, but made some
  if (peer >= peers_.size() || peers_[peer].stamp == 0) return;
  peers_[peer] = PeerQueue{};
  std::erase(sharing_, peer);
  std::erase(own_, peer);
  std::erase(idle_, peer);
}

void TransactionAnnouncements::set_fee_filter(ConnectionSlot peer, chain::FeeRate rate) {
  if (peer < peers_.size()) peers_[peer].fee_filter = rate;
}

void TransactionAnnouncements::request_mempool(ConnectionSlot slot, SimTime now) {
  if (slot >= peers_.size() || peers_[slot].stamp == 0) return;
  peers_[slot].mempool_requested = true;
  if (uses_shared_timer(peers_[slot])) {
    arm_shared(now);
  } else if (std::binary_search(idle_.begin(), idle_.end(), slot)) {
    std::erase(idle_, slot);
    arm_own(slot, now);
  }
}

Duration TransactionAnnouncements::draw(Duration mean) {
  if (settings_.law == TrickleLaw::uniform) return draws_->uniform(Duration{}, mean * 2);
  return draws_->exponential(mean);
}

// The caller takes the peer out of idle_.
void TransactionAnnouncements::arm_own(ConnectionSlot slot, SimTime now) {
  const bool inbound = peers_[slot].direction == Direction::inbound;
  const Duration mean = inbound ? settings_.inbound_mean : settings_.outbound_mean;
  own_timers_.push({now + draw(mean), slot, peers_[slot].stamp});
}

void TransactionAnnouncements::arm_shared(SimTime now) {
  if (shared_timer_ == SimTime::max()) shared_timer_ = now + draw(settings_.inbound_mean);
}

void TransactionAnnouncements::entered(chain::TxRef transaction, SimTime now) {
  if (sharing_.empty() && own_.empty()) return;
  log_.push_back({transaction, mempool_.sequence(transaction)});
  const auto knows = [&](ConnectionSlot slot) { return known_.knows(slot, transaction); };
  // A queue without anything new for its peer stays empty.
  std::erase_if(idle_, [&](ConnectionSlot slot) {
    if (knows(slot)) {
      peers_[slot].begin = log_end();
      return false;
    }
    arm_own(slot, now);
    return true;
  });
  if (shared_timer_ != SimTime::max()) return;
  if (std::all_of(sharing_.begin(), sharing_.end(), knows)) {
    shared_begin_ = log_end();
  } else {
    arm_shared(now);
  }
  if (log_.size() >= trim_at_) trim_log();
}

SimTime TransactionAnnouncements::next_due() const {
  return own_timers_.empty() ? shared_timer_ : std::min(shared_timer_, own_timers_.next());
}

std::vector<TransactionAnnouncements::Batch> TransactionAnnouncements::take_due(SimTime now) {
  std::vector<Batch> batches;
  Deadline due;
  while (own_timers_.pop_due(now, due)) {
    const ConnectionSlot slot = due.connection;
    if (peers_[slot].stamp != due.stamp) continue;
    flush(slot, batches);
    if (peers_[slot].rest.empty()) {
      insert_sorted(idle_, slot);
    } else {
      arm_own(slot, now);
    }
  }
  if (shared_timer_ <= now) {
    shared_timer_ = SimTime::max();
    bool rest = false;
    for (const ConnectionSlot slot : sharing_) {
      flush(slot, batches);
      rest = rest || !peers_[slot].rest.empty();
    }
    shared_begin_ = log_end();
    if (rest) arm_shared(now);
  }
  if (log_.size() >= trim_at_) trim_log();
  return batches;
}

bool TransactionAnnouncements::pays(const PeerQueue& peer, chain::TxRef transaction) const {
  return peer.fee_filter.is_met_by(*store_.fee(transaction), store_.virtual_bytes(transaction));
}

void TransactionAnnouncements::flush(ConnectionSlot slot, std::vector<Batch>& batches) {
  PeerQueue& peer = peers_[slot];
  peer.announced_up_to = mempool_.last_sequence();
  if (peer.mempool_requested) {
    peer.mempool_requested = false;
    Batch all{slot, true, {}};
    for (chain::TxRef t = mempool_.first(); t != chain::kNoTx; t = mempool_.next(t))
      if (pays(peer, t)) all.transactions.push_back(t);
    mempool_.announcement_order(all.transactions);
    for (const chain::TxRef transaction : all.transactions) known_.note(slot, transaction);
    if (!all.transactions.empty()) batches.push_back(std::move(all));
  }

  Batch batch{slot, false, {}};
  std::size_t queued = 0;
  const auto consider = [&](const Entered& entry, bool is_certain) {
    const bool there =
        is_certain || (mempool_.contains(entry.transaction) && mempool_.sequence(entry.transaction) == entry.sequence);
    if (!there || known_.knows(slot, entry.transaction)) return;
    ++queued;
    if (pays(peer, entry.transaction)) batch.transactions.push_back(entry.transaction);
  };
  for (const Entered& entry : peer.rest) consider(entry, false);
  peer.rest.clear();
  const std::uint64_t begin = std::max({peer.begin, log_begin_, uses_shared_timer(peer) ? shared_begin_ : 0});
  for (std::uint64_t place = begin; place < log_end(); ++place)
    consider(log_[place - log_begin_], place >= certain_from_);
  peer.begin = log_end();
  if (batch.transactions.empty()) return;

  mempool_.announcement_order(batch.transactions);
  const std::size_t limit = std::min(settings_.target + settings_.growth * (queued / 1000), settings_.maximum);
  for (std::size_t i = limit; i < batch.transactions.size(); ++i)
    peer.rest.push_back({batch.transactions[i], mempool_.sequence(batch.transactions[i])});
  if (batch.transactions.size() > limit) batch.transactions.resize(limit);
  for (const chain::TxRef transaction : batch.transactions) known_.note(slot, transaction);
  batches.push_back(std::move(batch));
}

// Drops what every peer has been told of; looked through again when twice as much has gathered.
void TransactionAnnouncements::trim_log() {
  std::uint64_t needed = log_end();
  for (const ConnectionSlot slot : own_) needed = std::min(needed, peers_[slot].begin);
  for (const ConnectionSlot slot : sharing_) needed = std::min(needed, std::max(peers_[slot].begin, shared_begin_));
  log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(needed - log_begin_));
  log_begin_ = needed;
  trim_at_ = 2 * log_.size() + 64;
}

}  // namespace hearsay::bitcoin
