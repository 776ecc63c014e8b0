#include "models/chain/orphanage.hpp"

#include <algorithm>

#include "models/chain/fee_rate.hpp"
#include "sim/core/check.hpp"

namespace hearsay::chain {

namespace {

// MAX_STANDARD_TX_WEIGHT, Bitcoin Core policy/policy.h.
constexpr std::size_t kMaximumWeight = 400'000;

std::int64_t weight_of(const Transaction& transaction) {
  return static_cast<std::int64_t>(transaction.weight());
}

// Looking for the parents of many inputs takes time: Announcement::GetLatencyScore, Bitcoin Core node/txorphanage.cpp.
std::int64_t input_score(const Transaction& transaction) {
  return static_cast<std::int64_t>(transaction.inputs().size() / 10);
}

}  // namespace

Orphanage::Orphanage(TransactionStore& store, RandomStream draws, const OrphanageParameters& parameters)
    : store_(store), draws_(draws), parameters_(parameters), limits_peers_(parameters.orphans == "per_peer") {}

Orphanage::~Orphanage() {
  clear();
}

void Orphanage::clear() {
  for (const Orphan& orphan : orphans_) store_.release(orphan.transaction);
  orphans_.clear();
  usage_.clear();
  peers_ = 0;
  weight_ = 0;
  input_scores_ = 0;
  announcements_ = 0;
}

OrphanEntry Orphanage::add(TxRef transaction, ConnectionSlot announcer, SimTime now, HeldTransactions& evicted) {
  const Transaction& content = *store_.transaction(transaction);
  if (content.weight() > kMaximumWeight) return OrphanEntry::too_heavy;
  if (contains(transaction, announcer)) return OrphanEntry::known;
  OrphanEntry result = OrphanEntry::announcer_added;
  std::size_t place = find(transaction);
  if (place == orphans_.size()) {
    result = OrphanEntry::added;
    store_.hold(transaction);
    const auto after = std::lower_bound(orphans_.begin(), orphans_.end(), transaction,
                                        [](const Orphan& orphan, TxRef other) { return orphan.transaction < other; });
    place = static_cast<std::size_t>(after - orphans_.begin());
    orphans_.insert(after, Orphan{transaction, now, ++last_sequence_, {}});
    weight_ += weight_of(content);
    input_scores_ += input_score(content);
  }
  orphans_[place].announcements.push_back({announcer, false, ++last_sequence_});
  if (announcer >= usage_.size()) usage_.resize(announcer + 1);
  Usage& usage = usage_[announcer];
  if (usage.announcements++ == 0) ++peers_;
  usage.score += 1 + input_score(content);
  usage.weight += weight_of(content);
  ++announcements_;
  limit(evicted);
  return result;
}

void Orphanage::limit(HeldTransactions& evicted) {
  if (limits_peers_) {
    while (is_over_limit()) evict_announcement(worst_peer(), evicted);
  } else {
    while (static_cast<std::int64_t>(orphans_.size()) > parameters_.orphan_count) evict_random(evicted);
  }
}

bool Orphanage::is_over_limit() const {
  return announcements_ + input_scores_ > parameters_.orphan_score ||
         weight_ > parameters_.orphan_weight_per_peer * std::max<std::int64_t>(peers_, 1);
}

// The highest ratio of usage to share (PeerDoSInfo::GetDosScore); of equals the highest slot.
ConnectionSlot Orphanage::worst_peer() const {
  const std::int64_t share = std::max<std::int64_t>(parameters_.orphan_score / std::max<std::int64_t>(peers_, 1), 1);
  ConnectionSlot worst = 0;
  FeeAndSize worst_ratio{-1, 1};
  for (ConnectionSlot peer = 0; peer < usage_.size(); ++peer) {
    if (usage_[peer].announcements == 0) continue;
    FeeAndSize ratio{usage_[peer].score, share};
    const FeeAndSize weight_ratio{usage_[peer].weight, parameters_.orphan_weight_per_peer};
    if (compare_rates(weight_ratio, ratio) > 0) ratio = weight_ratio;
    if (compare_rates(ratio, worst_ratio) < 0) continue;
    worst = peer;
    worst_ratio = ratio;
  }
  return worst;
}

// The oldest, those that wait for reconsideration last.
void Orphanage::evict_announcement(ConnectionSlot peer, HeldTransactions& evicted) {
  std::size_t place = orphans_.size();
  std::size_t chosen = 0;
  const Announcement* oldest = nullptr;
  for (std::size_t i = 0; i < orphans_.size(); ++i) {
    for (std::size_t k = 0; k < orphans_[i].announcements.size(); ++k) {
      const Announcement& announcement = orphans_[i].announcements[k];
      if (announcement.peer != peer) continue;
      if (oldest != nullptr &&
          std::pair(oldest->waits, oldest->sequence) < std::pair(announcement.waits, announcement.sequence)) {
        continue;
      }
      oldest = &announcement;
      place = i;
      chosen = k;
    }
  }
  SIM_CHECK(oldest != nullptr, "the worst peer has announcements");
  if (orphans_[place].announcements.size() == 1) {
    remove(place, evicted);
  } else {
    remove_announcement(place, chosen);
  }
}

void Orphanage::evict_random(HeldTransactions& evicted) {
  const std::vector<TxRef> all = orphans();
  remove(find(all[draws_.below(all.size())]), evicted);
}

void Orphanage::remove_announcement(std::size_t place, std::size_t announcement) {
  Orphan& orphan = orphans_[place];
  const Announcement& gone = orphan.announcements[announcement];
  const Transaction& transaction = *store_.transaction(orphan.transaction);
  Usage& usage = usage_[gone.peer];
  if (--usage.announcements == 0) --peers_;
  if (gone.waits) --usage.waiting;
  usage.score -= 1 + input_score(transaction);
  usage.weight -= weight_of(transaction);
  --announcements_;
  orphan.announcements.erase(orphan.announcements.begin() + static_cast<std::ptrdiff_t>(announcement));
}

void Orphanage::remove(std::size_t place, HeldTransactions& into) {
  while (!orphans_[place].announcements.empty()) remove_announcement(place, 0);
  const TxRef transaction = orphans_[place].transaction;
  weight_ -= weight_of(*store_.transaction(transaction));
  input_scores_ -= input_score(*store_.transaction(transaction));
  orphans_.erase(orphans_.begin() + static_cast<std::ptrdiff_t>(place));
  into.adopt(transaction);
}

void Orphanage::erase(TxRef orphan) {
  const std::size_t place = find(orphan);
  if (place == orphans_.size()) return;
  HeldTransactions gone(store_);
  remove(place, gone);
}

HeldTransactions Orphanage::erase_for_block(const Block& block) {
  HeldTransactions erased(store_);
  if (orphans_.empty()) return erased;
  // Few orphans against many inputs of the block: the orphans' outputs are sorted once.
  std::vector<OutPoint> wanted;
  for (const Orphan& orphan : orphans_) {
    for (const TxIn& input : store_.transaction(orphan.transaction)->inputs()) wanted.push_back(input.previous);
  }
  std::sort(wanted.begin(), wanted.end());
  std::vector<std::size_t> places;
  for (const TransactionPointer& transaction : block.transactions()) {
    for (const TxIn& input : transaction->inputs()) {
      if (!std::binary_search(wanted.begin(), wanted.end(), input.previous)) continue;
      for (const TxRef spender : store_.spenders(input.previous)) {
        if (contains(spender)) places.push_back(find(spender));
      }
    }
  }
  for (const TxRef orphan : by_arrival(std::move(places))) remove(find(orphan), erased);
  return erased;
}

void Orphanage::disconnected(ConnectionSlot peer) {
  if (peer >= usage_.size() || usage_[peer].announcements == 0) return;
  HeldTransactions gone(store_);
  for (std::size_t place = orphans_.size(); place-- > 0;) {
    const std::vector<Announcement>& announcements = orphans_[place].announcements;
    for (std::size_t i = 0; i < announcements.size(); ++i) {
      if (announcements[i].peer != peer) continue;
      if (announcements.size() == 1) {
        remove(place, gone);
      } else {
        remove_announcement(place, i);
      }
      break;
    }
  }
  // One peer less is room for less weight: Core trims here too (EraseForPeer).
  limit(gone);
}

HeldTransactions Orphanage::expire(SimTime now) {
  HeldTransactions expired(store_);
  if (limits_peers_) return expired;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < orphans_.size(); ++i) {
    if (orphans_[i].since + parameters_.orphan_expiry <= now) places.push_back(i);
  }
  for (const TxRef orphan : by_arrival(std::move(places))) remove(find(orphan), expired);
  return expired;
}

std::size_t Orphanage::find(TxRef transaction) const {
  const auto found = std::lower_bound(orphans_.begin(), orphans_.end(), transaction,
                                      [](const Orphan& orphan, TxRef other) { return orphan.transaction < other; });
  if (found == orphans_.end() || found->transaction != transaction) return orphans_.size();
  return static_cast<std::size_t>(found - orphans_.begin());
}

bool Orphanage::contains(TxRef transaction) const {
  return find(transaction) != orphans_.size();
}

bool Orphanage::contains(TxRef transaction, ConnectionSlot announcer) const {
  const std::size_t place = find(transaction);
  return place != orphans_.size() &&
         std::any_of(orphans_[place].announcements.begin(), orphans_[place].announcements.end(),
                     [announcer](const Announcement& announcement) { return announcement.peer == announcer; });
}

std::vector<TxRef> Orphanage::by_arrival(std::vector<std::size_t> places) const {
  std::sort(places.begin(), places.end(),
            [this](std::size_t a, std::size_t b) { return orphans_[a].sequence < orphans_[b].sequence; });
  places.erase(std::unique(places.begin(), places.end()), places.end());
  std::vector<TxRef> transactions;
  transactions.reserve(places.size());
  for (const std::size_t place : places) transactions.push_back(orphans_[place].transaction);
  return transactions;
}

std::vector<TxRef> Orphanage::orphans() const {
  std::vector<std::size_t> places(orphans_.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  return by_arrival(std::move(places));
}

std::vector<ConnectionSlot> Orphanage::announcers(TxRef orphan) const {
  std::vector<ConnectionSlot> peers;
  const std::size_t place = find(orphan);
  if (place == orphans_.size()) return peers;
  for (const Announcement& announcement : orphans_[place].announcements) peers.push_back(announcement.peer);
  return peers;
}

std::vector<TxRef> Orphanage::children_of(TxRef parent) const {
  if (orphans_.empty()) return {};
  const Transaction& transaction = *store_.transaction(parent);
  std::vector<std::size_t> places;
  for (std::uint32_t i = 0; i < transaction.outputs().size(); ++i) {
    for (const TxRef spender : store_.spenders({transaction.txid(), i})) {
      if (contains(spender)) places.push_back(find(spender));
    }
  }
  return by_arrival(std::move(places));
}

std::vector<TxRef> Orphanage::children_of(TxRef parent, ConnectionSlot announcer) const {
  std::vector<TxRef> children = children_of(parent);
  std::erase_if(children, [&](TxRef child) { return !contains(child, announcer); });
  std::reverse(children.begin(), children.end());
  return children;
}

void Orphanage::reconsider(TxRef orphan, ConnectionSlot announcer) {
  const std::size_t place = find(orphan);
  if (place == orphans_.size()) return;
  for (Announcement& announcement : orphans_[place].announcements) {
    if (announcement.peer != announcer || announcement.waits) continue;
    announcement.waits = true;
    ++usage_[announcer].waiting;
  }
}

bool Orphanage::has_reconsidered(ConnectionSlot peer) const {
  return peer < usage_.size() && usage_[peer].waiting > 0;
}

TxRef Orphanage::take_reconsidered(ConnectionSlot peer) {
  if (!has_reconsidered(peer)) return kNoTx;
  Announcement* oldest = nullptr;
  TxRef transaction = kNoTx;
  for (Orphan& orphan : orphans_) {
    for (Announcement& announcement : orphan.announcements) {
      if (announcement.peer != peer || !announcement.waits) continue;
      if (oldest != nullptr && oldest->sequence < announcement.sequence) continue;
      oldest = &announcement;
      transaction = orphan.transaction;
    }
  }
  oldest->waits = false;
  --usage_[peer].waiting;
  return transaction;
}

}  // namespace hearsay::chain
