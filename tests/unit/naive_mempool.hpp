// The naive twin of Mempool: a plain list of transactions in order of entry. Whatever is asked is worked out from the
// list and from a set of coins replayed block by block; nothing is kept but the list and the rolling minimum.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/chain/fee_rate.hpp"
#include "models/chain/ledger.hpp"
#include "models/chain/mempool_parameters.hpp"
#include "models/chain/mempool_verdict.hpp"
#include "models/chain/transaction_checks.hpp"

namespace hearsay::chain {

// What is unspent after each block.
class NaiveChain {
 public:
  struct NaiveCoin {
    TxOut output;
    std::int32_t height = 0;
    BlockRef block = 0;
    bool from_coinbase = false;
  };
  using Coins = std::map<OutPoint, NaiveCoin>;

  explicit NaiveChain(const BlockIndex& index) : index_(index) {}

  const Coins& coins(BlockRef tip) {
    replay(tip);
    return coins_.at(tip);
  }
  const std::set<Hash256>& txids(BlockRef tip) {
    replay(tip);
    return txids_.at(tip);
  }

 private:
  void replay(BlockRef tip) {
    std::vector<BlockRef> path;
    for (BlockRef block = tip; block != index_.genesis() && !coins_.contains(block); block = index_[block].parent) {
      path.push_back(block);
    }
    coins_[index_.genesis()];
    txids_[index_.genesis()];
    for (std::size_t i = path.size(); i-- > 0;) {
      const IndexedBlock& block = index_[path[i]];
      Coins coins = coins_.at(block.parent);
      std::set<Hash256> txids = txids_.at(block.parent);
      for (const TransactionPointer& transaction : block.body->transactions()) {
        for (const TxIn& input : transaction->inputs()) coins.erase(input.previous);
        for (std::uint32_t n = 0; n < transaction->outputs().size(); ++n) {
          coins[{transaction->txid(), n}] = {transaction->outputs()[n], block.height, path[i],
                                             transaction->is_coinbase()};
        }
        txids.insert(transaction->txid());
      }
      if (block.height < kForgotten) {  // deep below every reorganisation
        coins_.erase(block.parent);
        txids_.erase(block.parent);
      }
      coins_[path[i]] = std::move(coins);
      txids_[path[i]] = std::move(txids);
    }
  }

  static constexpr std::int32_t kForgotten = 100;
  const BlockIndex& index_;
  std::map<BlockRef, Coins> coins_;
  std::map<BlockRef, std::set<Hash256>> txids_;
};

class NaiveMempool {
 public:
  struct Entry {
    TransactionPointer transaction;
    std::int64_t fee = 0;
    std::int64_t entered = 0;  // Unix seconds
    std::uint32_t sequence = 0;
  };
  struct Change {
    MempoolVerdict verdict = MempoolVerdict::accepted;
    std::vector<Hash256> replaced, evicted, confirmed, conflicted, returned, dropped;  // wtxids
  };

  NaiveMempool(const BlockIndex& index, NaiveChain& chain, const MempoolParameters& parameters)
      : index_(index), chain_(chain), parameters_(parameters) {}

  Change accept(const TransactionPointer& transaction, BlockRef tip, SimTime now, bool relayed = true);
  Change tip_changed(const std::vector<BlockRef>& disconnected, const std::vector<BlockRef>& connected, BlockRef tip,
                     SimTime now);

  const std::vector<Entry>& entries() const { return entries_; }
  double rolling(SimTime now) const { return fallen(now).rate; }
  // Decisions near a rounding are taken with the rate of the mempool under test, once it was found close enough.
  void believe(FeeRate rate) { believed_ = rate; }
  std::set<Hash256> ancestors(const Transaction& transaction) const;
  std::set<Hash256> descendants(const Transaction& transaction) const;
  std::vector<Hash256> block_template(std::size_t weight_limit) const;
  std::vector<Hash256> announcement_order() const;

 private:
  struct Rolling {
    double rate = 0;
    std::int64_t since = 0;
    bool falling = false;
  };
  using Txids = std::set<Hash256>;

  static bool spends_from(const Transaction& child, const Transaction& parent) {
    return std::any_of(child.inputs().begin(), child.inputs().end(),
                       [&](const TxIn& input) { return input.previous.txid == parent.txid(); });
  }
  const Entry* find(const Hash256& txid) const {
    for (const Entry& entry : entries_) {
      if (entry.transaction->txid() == txid) return &entry;
    }
    return nullptr;
  }
  std::int64_t used() const {
    std::int64_t sum = 0;
    for (const Entry& entry : entries_) sum += static_cast<std::int64_t>(entry.transaction->virtual_bytes());
    return sum;
  }
  // Of some entries together; sizes in virtual bytes.
  FeeAndSize sum(const Txids& txids) const {
    FeeAndSize total;
    for (const Hash256& txid : txids) {
      const Entry* entry = find(txid);
      total = total + FeeAndSize{entry->fee, static_cast<std::int64_t>(entry->transaction->virtual_bytes())};
    }
    return total;
  }
  MempoolVerdict judge(const TransactionPointer& transaction, BlockRef tip, bool relayed, std::int64_t& fee,
                       Txids& leaving);
  std::optional<std::vector<Coin>> find_coins(const Transaction& transaction, BlockRef tip);
  bool locks_are_over(const Transaction& transaction, const std::vector<Coin>& coins, BlockRef tip) const;
  MempoolVerdict judge_replacement(const Transaction& transaction, std::int64_t fee, const Txids& conflicts,
                                   Txids& leaving) const;
  bool within_limits(const TransactionPointer& transaction, const Txids& leaving) const;
  void remove(const Txids& txids, std::vector<Hash256>& into);
  Txids with_descendants(const Txids& roots) const;
  void expire(SimTime now, std::vector<Hash256>& into);
  void trim(std::vector<Hash256>& into);
  Rolling fallen(SimTime now) const;

  const BlockIndex& index_;
  NaiveChain& chain_;
  const MempoolParameters& parameters_;
  std::vector<Entry> entries_;
  std::uint32_t sequence_ = 0;
  Rolling rolling_;
  FeeRate believed_;
};

}  // namespace hearsay::chain
