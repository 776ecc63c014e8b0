// One node's copy of the chain: which headers and bodies it has, and which chain it follows.
//
// Fork choice: most accumulated work among the blocks whose bodies it has back to genesis; of equal work, the one that
// became complete first (Bitcoin Core, CBlockIndexWorkComparator and nSequenceId: first seen wins, no switch on ties).
// A block is connected (Ledger) as soon as it and all its ancestors have bodies; Bitcoin Core waits until it would be
// in the best chain. One that does not connect, and whatever is built on it, has failed and is never followed. Not
// responsible for asking for blocks, nor for checking bodies: what is handed to it has passed check_body and is in the
// index.
#pragma once

#include <cstdint>
#include <vector>

#include "models/chain/block_index.hpp"
#include "models/chain/ledger.hpp"

namespace hearsay::chain {

// How the active chain changed.
struct TipChange {
  bool changed = false;
  std::vector<BlockRef> disconnected;  // newest first; empty for a plain extension
  std::vector<BlockRef> connected;     // oldest first
  // What this body has shown to be invalid, among the headers known: a block that does not connect and all on top of
  // it, by height and then hash. There may be several such blocks, and a change of tip besides.
  std::vector<BlockRef> failed;
};

class BlockTree {
 public:
  // Starts with everything that the index holds now, which every node knows and which has connected (the premined
  // chain), ending at `tip`.
  BlockTree(Ledger& ledger, BlockRef tip);

  [[nodiscard]] BlockRef tip() const { return tip_; }
  // The header with the most work that has not failed; of equal work the one that came first. After a failure: of equal
  // work the tip, else the one of the least hash.
  [[nodiscard]] BlockRef best_header() const { return best_header_; }
  [[nodiscard]] bool has_header(BlockRef block) const { return (state(block) & kHeader) != 0; }
  [[nodiscard]] bool has_body(BlockRef block) const { return (state(block) & kBody) != 0; }
  // It has the body, and those of all ancestors, and all of them connected.
  [[nodiscard]] bool is_complete(BlockRef block) const { return (state(block) & kComplete) != 0; }
  // It, or an ancestor, has a body that does not connect.
  [[nodiscard]] bool has_failed(BlockRef block) const { return (state(block) & kFailed) != 0; }
  [[nodiscard]] bool on_active_chain(BlockRef block) const { return index_.is_ancestor(block, tip_); }

  // The parent's header must be known. On a failed parent it has failed, too.
  void add_header(BlockRef block);
  // The header must be known. Follows the new best chain, if there is one.
  TipChange add_body(BlockRef block);

 private:
  static constexpr std::uint8_t kHeader = 1;
  static constexpr std::uint8_t kBody = 2;
  static constexpr std::uint8_t kComplete = 4;  // bodies known back to genesis, and connected
  static constexpr std::uint8_t kFailed = 8;

  [[nodiscard]] std::uint8_t state(BlockRef block) const;
  std::uint8_t& state_of_new(BlockRef block);
  // Both give what they found in `change`; the tip is not moved yet.
  [[nodiscard]] BlockRef complete(BlockRef block, TipChange& change);
  void fail(BlockRef block, TipChange& change);
  void choose_best_header();

  Ledger& ledger_;
  const BlockIndex& index_;
  BlockRef shared_;  // blocks below this place are known to everybody
  BlockRef tip_;
  BlockRef best_header_;
  std::vector<std::uint8_t> states_;  // by place, from shared_ on
  std::vector<BlockRef> incomplete_;  // bodies that wait for an ancestor's
};

}  // namespace hearsay::chain
