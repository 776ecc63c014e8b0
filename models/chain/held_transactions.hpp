// A list of transactions of a TransactionStore that stay valid as long as the list lives: each is held once.
//
// Not responsible for their order, nor for uniqueness: both are the maker's. The store outlives the list. Empty lists
// cost nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "models/chain/transaction_store.hpp"

namespace hearsay::chain {

class HeldTransactions {
 public:
  explicit HeldTransactions(TransactionStore& store) : store_(&store) {}
  ~HeldTransactions() { clear(); }
  HeldTransactions(HeldTransactions&& other) noexcept
      : store_(other.store_), places_(std::exchange(other.places_, {})) {}
  HeldTransactions& operator=(HeldTransactions&& other) noexcept {
    std::swap(store_, other.store_);
    std::swap(places_, other.places_);
    return *this;
  }
  HeldTransactions(const HeldTransactions&) = delete;
  HeldTransactions& operator=(const HeldTransactions&) = delete;

  void add(TxRef place) {
    store_->hold(place);
    places_.push_back(place);
  }
  // Takes over a hold that the caller has.
  void adopt(TxRef place) { places_.push_back(place); }
  // If it is listed.
  void remove(TxRef place) {
    const auto found = std::find(places_.begin(), places_.end(), place);
    if (found == places_.end()) return;
    places_.erase(found);
    store_->release(place);
  }
  void clear() {
    for (const TxRef place : places_) store_->release(place);
    places_.clear();
  }

  [[nodiscard]] bool empty() const { return places_.empty(); }
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  [[nodiscard]] TxRef operator[](std::size_t i) const { return places_[i]; }
  [[nodiscard]] std::vector<TxRef>::const_iterator begin() const { return places_.begin(); }
  [[nodiscard]] std::vector<TxRef>::const_iterator end() const { return places_.end(); }

 private:
  TransactionStore* store_;
  std::vector<TxRef> places_;
};

}  // namespace hearsay::chain
