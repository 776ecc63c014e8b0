// Which outputs exist, and in which chains they are unspent: one index for all nodes of a rank.
//
// A cache of pure functions on the shared tree of blocks: instead of a set of coins per node or per tip it holds, for
// every transaction of a valid block, the blocks that contain it and, for every output, the blocks that spend it. The
// coins of a chain follow from its tip. Only blocks that connected (Ledger) are entered. It judges nothing: maturity,
// values and scripts are the Ledger's.
//
// Invariants: entries are never removed, so the outputs that coins point to stay. Answers do not depend on the order in
// which blocks were entered.
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "models/chain/block.hpp"
#include "models/chain/block_index.hpp"

namespace hearsay::chain {

struct Coin {
  const TxOut* output = nullptr;
  std::int32_t height = 0;  // of the block that created it
  BlockRef block = kNoBlock;
  bool from_coinbase = false;
};

class CoinIndex {
 public:
  explicit CoinIndex(const BlockIndex& blocks) : blocks_(blocks) {}

  // The coin, if it is unspent in the chain that ends at `tip`.
  [[nodiscard]] std::optional<Coin> find(const OutPoint& point, BlockRef tip) const;
  // Whether that chain has created it, be it spent since or not.
  [[nodiscard]] bool created(const OutPoint& point, BlockRef tip) const;
  // Whether that chain contains the transaction.
  [[nodiscard]] bool confirmed(const Hash256& txid, BlockRef tip) const;
  // The same by wtxid; without a witness the two are one.
  [[nodiscard]] bool confirmed_by_wtxid(const Hash256& wtxid, BlockRef tip) const;
  // The transaction of that txid in any block entered; null if there is none.
  [[nodiscard]] TransactionPointer transaction(const Hash256& txid) const;

  // The block connects: its inputs exist and it is entered for the first time.
  void enter(BlockRef block, const Block& body);

  [[nodiscard]] std::size_t transactions() const { return entries_.size(); }

 private:
  // Blocks of different branches may hold one transaction or spend one output; nearly always one does. It lies inline,
  // the others in a table of their own.
  struct Blocks {
    BlockRef first = kNoBlock;
    std::uint32_t others = kNone;  // place in others_
    static constexpr std::uint32_t kNone = 0xffffffff;
  };
  struct Entry {
    TransactionPointer transaction;
    Blocks creators;
    std::uint32_t first_output = 0;  // place of output 0 in spenders_
  };

  void add(Blocks& blocks, BlockRef block);
  [[nodiscard]] BlockRef on_chain(const Blocks& blocks, BlockRef tip) const;
  [[nodiscard]] const Entry* entry_of(const OutPoint& point) const;

  const BlockIndex& blocks_;
  tsl::robin_map<Hash256, std::uint32_t, Hash256Hasher> by_txid_;  // place in entries_
  // Blocks with a transaction in this very form, of those with a witness: blocks of two branches may hold two forms.
  tsl::robin_map<Hash256, Blocks, Hash256Hasher> by_wtxid_;
  std::vector<Entry> entries_;
  std::vector<Blocks> spenders_;  // by output
  std::vector<std::vector<BlockRef>> others_;
};

}  // namespace hearsay::chain
