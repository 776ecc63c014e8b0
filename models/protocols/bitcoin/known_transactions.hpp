// Which peers know which transactions of the mempool: a row of bits over the connections, for each place of the store.
//
// Bitcoin Core keeps a rolling Bloom filter a peer (50,000 entries, 1e-6); here the knowledge is exact, and is
// forgotten with the transaction.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/chain/transaction_store.hpp"
#include "sim/core/ids.hpp"

namespace hearsay::bitcoin {

class KnownTransactions {
 public:
  void note(ConnectionSlot peer, chain::TxRef transaction) {
    if (peer / 64 >= words_) widen(peer / 64 + 1);
    const std::size_t place = std::size_t{transaction} * words_ + peer / 64;
    if (place >= bits_.size()) bits_.resize((std::size_t{transaction} + 1) * words_);
    bits_[place] |= bit(peer);
  }
  [[nodiscard]] bool knows(ConnectionSlot peer, chain::TxRef transaction) const {
    const std::size_t place = std::size_t{transaction} * words_ + peer / 64;
    return peer / 64 < words_ && place < bits_.size() && (bits_[place] & bit(peer)) != 0;
  }
  // The transaction has left; its place may soon be another's.
  void forget(chain::TxRef transaction) {
    const std::size_t row = std::size_t{transaction} * words_;
    if (row < bits_.size()) std::fill_n(bits_.begin() + static_cast<std::ptrdiff_t>(row), words_, std::uint64_t{0});
  }
  void forget_peer(ConnectionSlot peer) {
    if (peer / 64 >= words_) return;
    for (std::size_t place = peer / 64; place < bits_.size(); place += words_) bits_[place] &= ~bit(peer);
  }
  void clear() { bits_.clear(); }

 private:
  static std::uint64_t bit(ConnectionSlot peer) { return std::uint64_t{1} << (peer % 64); }
  void widen(std::size_t words) {
    std::vector<std::uint64_t> wider(bits_.size() / words_ * words);
    for (std::size_t place = 0; place < bits_.size(); ++place)
      wider[place / words_ * words + place % words_] = bits_[place];
    bits_ = std::move(wider);
    words_ = words;
  }

  std::size_t words_ = 1;  // of a row; few nodes have more than 64 connections
  std::vector<std::uint64_t> bits_;
};

}  // namespace hearsay::bitcoin
