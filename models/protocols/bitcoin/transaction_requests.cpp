#include "models/protocols/bitcoin/transaction_requests.hpp"

#include <algorithm>
#include <functional>

#include "sim/core/check.hpp"
#include "sim/core/fingerprint.hpp"

namespace hearsay::bitcoin {

namespace {

std::uint32_t& count_of(std::vector<std::uint32_t>& counts, ConnectionSlot peer) {
  if (peer >= counts.size()) counts.resize(peer + 1);
  return counts[peer];
}

}  // namespace

std::uint32_t TransactionRequests::head_of(const chain::Hash256& hash) const {
  const chain::TxRef transaction = store_.find(hash);
  return transaction < heads_.size() ? heads_[transaction] : kNone;
}

void TransactionRequests::announced(ConnectionSlot peer, const chain::Hash256& hash, NameKind kind,
                                    Preference preference, SimTime ready) {
  const std::uint32_t head = head_of(hash);
  for (std::uint32_t i = head; i != kNone; i = announcements_[i].next)
    if (announcements_[i].peer == peer) return;
  if (tracked(peer) >= settings_.announcements_per_peer) return;

  const chain::TxRef transaction = head == kNone ? store_.hold(hash) : announcements_[head].transaction;
  if (transaction >= heads_.size()) heads_.resize(transaction + 1, kNone);
  auto place = static_cast<std::uint32_t>(announcements_.size());
  if (free_.empty()) {
    announcements_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  announcements_[place] = {ready, transaction, peer, head, next_sequence_++, State::waiting, preference, kind};
  heads_[transaction] = place;
  ++count_of(tracked_, peer);
  push_deadline(ready, place);
}

void TransactionRequests::push_deadline(SimTime time, std::uint32_t place) {
  ++pending_;
  // What was answered in time leaves its deadline behind: swept out before such deadlines outnumber the others.
  if (deadlines_.size() > 2 * pending_ + 16) {
    std::erase_if(deadlines_, [this](const PendingDeadline& deadline) { return !is_pending(deadline); });
    std::make_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
  }
  deadlines_.push_back({time, place, announcements_[place].sequence});
  std::push_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
}

bool TransactionRequests::is_pending(const PendingDeadline& deadline) const {
  const Announcement& announcement = announcements_[deadline.place];
  return announcement.sequence == deadline.sequence && announcement.time == deadline.time &&
         (announcement.state == State::waiting || announcement.state == State::requested);
}

std::uint64_t TransactionRequests::priority(const Announcement& announcement) const {
  const std::uint64_t draw = fingerprint(settings_.salt, chain::short_id64(store_.hash(announcement.transaction)),
                                         std::uint64_t{announcement.peer});
  return draw >> 1 | (announcement.preference == Preference::preferred ? std::uint64_t{1} << 63 : 0);
}

void TransactionRequests::take_due(SimTime now, std::vector<Request>& requests) {
  requests.clear();
  while (!deadlines_.empty() && deadlines_.front().time <= now) {
    const PendingDeadline deadline = deadlines_.front();
    std::pop_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
    deadlines_.pop_back();
    if (!is_pending(deadline)) continue;
    Announcement& announcement = announcements_[deadline.place];
    const State next = announcement.state == State::requested ? State::answered : State::ready;
    settle(announcement);
    announcement.state = next;
    undecided_.push_back(announcement.transaction);
  }
  std::vector<std::uint32_t> chosen;
  for (const chain::TxRef transaction : undecided_) decide(transaction, now, chosen);
  undecided_.clear();
  std::sort(chosen.begin(), chosen.end(), [this](std::uint32_t a, std::uint32_t b) {
    const Announcement& left = announcements_[a];
    const Announcement& right = announcements_[b];
    return left.peer != right.peer ? left.peer < right.peer : left.sequence < right.sequence;
  });
  for (const std::uint32_t place : chosen)
    requests.push_back({announcements_[place].peer, announcements_[place].kind, announcements_[place].transaction});
}

void TransactionRequests::decide(chain::TxRef transaction, SimTime now, std::vector<std::uint32_t>& chosen) {
  std::uint32_t best = kNone;
  std::uint64_t best_priority = 0;
  bool hope = false;
  for (std::uint32_t i = heads_[transaction]; i != kNone; i = announcements_[i].next) {
    const Announcement& announcement = announcements_[i];
    if (announcement.state == State::answered) continue;
    hope = true;
    if (announcement.state == State::requested) return;
    if (announcement.state == State::waiting) continue;
    const std::uint64_t value = priority(announcement);
    if (best == kNone || value > best_priority) best = i;
    if (best == i) best_priority = value;
  }
  if (!hope) return drop(transaction);
  if (best == kNone) return;
  Announcement& announcement = announcements_[best];
  announcement.state = State::requested;
  announcement.time = now + settings_.expiry;
  ++count_of(in_flight_, announcement.peer);
  push_deadline(announcement.time, best);
  chosen.push_back(best);
}

// Takes the announcement out of what is counted as under way.
void TransactionRequests::settle(Announcement& announcement) {
  if (announcement.state == State::requested) --in_flight_[announcement.peer];
  if (announcement.state == State::requested || announcement.state == State::waiting) --pending_;
}

void TransactionRequests::answered(ConnectionSlot peer, const chain::Hash256& hash) {
  for (std::uint32_t i = head_of(hash); i != kNone; i = announcements_[i].next) {
    Announcement& announcement = announcements_[i];
    if (announcement.peer != peer) continue;
    settle(announcement);
    announcement.state = State::answered;
    undecided_.push_back(announcement.transaction);
    return;
  }
}

void TransactionRequests::remove(std::uint32_t place) {
  Announcement& announcement = announcements_[place];
  settle(announcement);
  --tracked_[announcement.peer];
  announcement.sequence = 0;
  free_.push_back(place);
}

void TransactionRequests::drop(chain::TxRef transaction) {
  std::uint32_t place = heads_[transaction];
  if (place == kNone) return;
  heads_[transaction] = kNone;
  while (place != kNone) {
    const std::uint32_t next = announcements_[place].next;
    remove(place);
    place = next;
  }
  store_.release(transaction);
}

void TransactionRequests::forget(const chain::Hash256& hash) {
  const chain::TxRef transaction = store_.find(hash);
  if (transaction < heads_.size()) drop(transaction);
}

void TransactionRequests::forget_peer(ConnectionSlot peer) {
  if (tracked(peer) == 0) return;
  for (std::uint32_t place = 0; place < announcements_.size(); ++place) {
    const Announcement& gone = announcements_[place];
    if (gone.sequence == 0 || gone.peer != peer) continue;
    const chain::TxRef transaction = gone.transaction;
    std::uint32_t* link = &heads_[transaction];
    while (*link != place) link = &announcements_[*link].next;
    *link = gone.next;
    remove(place);
    undecided_.push_back(transaction);
    if (heads_[transaction] == kNone) store_.release(transaction);
  }
}

void TransactionRequests::clear() {
  for (chain::TxRef transaction = 0; transaction < heads_.size(); ++transaction) drop(transaction);
  deadlines_.clear();
  undecided_.clear();
  pending_ = 0;
}

SimTime TransactionRequests::next_due() {
  if (!undecided_.empty()) return SimTime{};
  while (!deadlines_.empty() && !is_pending(deadlines_.front())) {
    std::pop_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
    deadlines_.pop_back();
  }
  return deadlines_.empty() ? SimTime::max() : deadlines_.front().time;
}

}  // namespace hearsay::bitcoin
