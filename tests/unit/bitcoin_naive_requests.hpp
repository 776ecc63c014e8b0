// Which transactions are asked of whom: the rules as they are written down, without any index. Every question is
// answered by looking at all announcements. The twin of TransactionRequests, except that it leaves the choice among
// equals to it.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "models/protocols/bitcoin/transaction_requests.hpp"

namespace hearsay::bitcoin {

using chain::Hash256;

inline Hash256 numbered(std::uint64_t number) {
  Hash256 hash;
  for (std::size_t i = 0; i < 8; ++i) hash.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  hash.bytes[31] = 0x5a;
  return hash;
}

class NaiveRequests {
 public:
  enum class State : std::uint8_t { waiting, requested, answered };
  struct Announcement {
    ConnectionSlot peer;
    Hash256 hash;
    NameKind kind;
    Preference preference;
    State state;
    SimTime time;        // from which it may be asked for; by which a request is given up
    bool ready = false;  // it waits for nothing but its turn
  };

  NaiveRequests(std::size_t limit, Duration expiry) : limit_(limit), expiry_(expiry) {}

  void announced(ConnectionSlot peer, const Hash256& hash, NameKind kind, Preference preference, SimTime ready) {
    if (tracked(peer) >= limit_) return;
    for (const Announcement& entry : list_)
      if (entry.peer == peer && entry.hash == hash) return;
    list_.push_back({peer, hash, kind, preference, State::waiting, ready});
  }
  void answered(ConnectionSlot peer, const Hash256& hash) {
    for (Announcement& entry : list_)
      if (entry.peer == peer && entry.hash == hash) entry.state = State::answered;
  }
  void forget(const Hash256& hash) {
    std::erase_if(list_, [&](const Announcement& entry) { return entry.hash == hash; });
  }
  void forget_peer(ConnectionSlot peer) {
    std::erase_if(list_, [&](const Announcement& entry) { return entry.peer == peer; });
  }

  // What is given up, and what has no hope left, at `now`.
  void pass_time(SimTime now) {
    for (Announcement& entry : list_)
      if (entry.state == State::requested && entry.time <= now) entry.state = State::answered;
    for (Announcement& entry : list_) entry.ready = entry.ready || entry.time <= now;
    std::set<Hash256> hopeful;
    for (const Announcement& entry : list_)
      if (entry.state != State::answered) hopeful.insert(entry.hash);
    std::erase_if(list_, [&](const Announcement& entry) { return hopeful.count(entry.hash) == 0; });
  }
  // The announcements of which exactly one has to be asked for at `now`, by hash.
  [[nodiscard]] std::map<Hash256, std::vector<std::size_t>> choices(SimTime now) const {
    std::set<Hash256> busy;
    for (const Announcement& entry : list_)
      if (entry.state == State::requested) busy.insert(entry.hash);
    std::map<Hash256, std::vector<std::size_t>> preferred;
    std::map<Hash256, std::vector<std::size_t>> others;
    for (std::size_t i = 0; i < list_.size(); ++i) {
      const Announcement& entry = list_[i];
      if (busy.count(entry.hash) != 0 || entry.state != State::waiting || entry.time > now) continue;
      (entry.preference == Preference::preferred ? preferred : others)[entry.hash].push_back(i);
    }
    preferred.merge(others);  // keeps the preferred ones where there are both
    return preferred;
  }
  void request(std::size_t i, SimTime now) {
    list_[i].state = State::requested;
    list_[i].time = now + expiry_;
  }

  [[nodiscard]] SimTime next_change() const {
    SimTime next = SimTime::max();
    for (const Announcement& entry : list_)
      if (entry.state == State::requested || (entry.state == State::waiting && !entry.ready))
        next = std::min(next, entry.time);
    return next;
  }
  [[nodiscard]] std::size_t tracked(ConnectionSlot peer) const {
    return static_cast<std::size_t>(
        std::count_if(list_.begin(), list_.end(), [&](const Announcement& entry) { return entry.peer == peer; }));
  }
  [[nodiscard]] std::size_t in_flight(ConnectionSlot peer) const {
    return static_cast<std::size_t>(std::count_if(list_.begin(), list_.end(), [&](const Announcement& entry) {
      return entry.peer == peer && entry.state == State::requested;
    }));
  }
  [[nodiscard]] std::multiset<ConnectionSlot> announcers(const Hash256& hash) const {
    std::multiset<ConnectionSlot> peers;
    for (const Announcement& entry : list_)
      if (entry.hash == hash) peers.insert(entry.peer);
    return peers;
  }
  [[nodiscard]] const std::vector<Announcement>& list() const { return list_; }

 private:
  std::size_t limit_;
  Duration expiry_;
  std::vector<Announcement> list_;  // in the order in which they came
};

}  // namespace hearsay::bitcoin
