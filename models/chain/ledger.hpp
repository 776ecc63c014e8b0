// The state that blocks change: whether a body is valid where it stands, and the coins that follow from it. One for all
// nodes of a rank, over the same index of headers.
//
// A cache of pure functions: a header whose body passed check_body determines that body and its parent, so a block is
// connected once a rank, however many nodes receive it. Which blocks a node has and follows is the BlockTree's; headers
// and what needs no state are checked before (BlockIndex, check_body).
//
// Invariants: a block is connected after its parent; the coin index holds exactly the blocks that connected.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/chain/block_index.hpp"
#include "models/chain/body_checks.hpp"
#include "models/chain/coins.hpp"

namespace hearsay::chain {

class Ledger {
 public:
  // The genesis block connects; its coinbase is no coin (Bitcoin Core, ConnectBlock).
  explicit Ledger(const BlockIndex& blocks);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // The verdict on the body of a block in its place, in the chain of its parent, which must have connected. The body
  // is in the index and has passed check_body. A valid block is entered into the coin index.
  BodyVerdict connect(BlockRef block);
  // What connect has found; nothing if it was not asked yet.
  [[nodiscard]] std::optional<BodyVerdict> verdict(BlockRef block) const;
  // Fees of a block that connected, in satoshis.
  [[nodiscard]] std::int64_t fees(BlockRef block) const;

  [[nodiscard]] const BlockIndex& blocks() const { return blocks_; }
  [[nodiscard]] const CoinIndex& coins() const { return coins_; }

  // For relative locks (BIP 68).
  [[nodiscard]] CoinAge age_of(const Coin& coin) const;

 private:
  struct Entry {
    std::optional<BodyVerdict> verdict;
    std::int64_t fees = 0;
  };
  BodyVerdict judge(BlockRef block, std::int64_t& fees) const;

  const BlockIndex& blocks_;
  CoinIndex coins_;
  std::vector<Entry> entries_;  // by place
};

}  // namespace hearsay::chain
