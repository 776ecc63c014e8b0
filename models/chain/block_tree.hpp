// One node's copy of the chain: which headers and bodies it has, and which chain it follows.
//
// Fork choice: most accumulated work among the blocks whose bodies it has back to genesis; of equal work, the one that
// became complete first (Bitcoin Core, CBlockIndexWorkComparator and nSequenceId: first seen wins, no switch on ties).
// Not responsible for asking for blocks, nor for checking bodies: what is handed to it has passed check_body.
#pragma once

#include <cstdint>
#include <vector>

#include "models/chain/block_index.hpp"

namespace hearsay::chain {

// What a header commits to, and the limits of a body, apart from the state it spends.
enum class BodyVerdict : std::uint8_t {
  valid,
  merkle_root_mismatch,
  mutated,              // CVE-2012-2459
  no_coinbase,          // the first transaction, and only it, is a coinbase
  bad_coinbase_length,  // its script has 2 to 100 bytes
  wrong_height,         // BIP 34
  too_large,            // over 4,000,000 weight units (BIP 141), of which 1,000,000 stripped bytes
  witness_mismatch,     // witnesses that the coinbase does not commit to (BIP 141)
  coinbase_too_rich,    // more than the subsidy; there are no fees yet
};
[[nodiscard]] BodyVerdict check_body(const Block& block, const IndexedBlock& place, const ChainParams& params);

// How the active chain changed.
struct TipChange {
  bool changed = false;
  std::int32_t disconnected = 0;    // depth of the reorganisation; zero for a plain extension
  std::vector<BlockRef> connected;  // oldest first
};

class BlockTree {
 public:
  // Starts with everything that the index holds now, which every node knows (the premined chain), ending at `tip`.
  BlockTree(const BlockIndex& index, BlockRef tip);

  [[nodiscard]] BlockRef tip() const { return tip_; }
  // The header with the most work; of equal work the one that came first.
  [[nodiscard]] BlockRef best_header() const { return best_header_; }
  [[nodiscard]] bool has_header(BlockRef block) const { return (state(block) & kHeader) != 0; }
  [[nodiscard]] bool has_body(BlockRef block) const { return (state(block) & kBody) != 0; }
  // It has the body, and those of all ancestors.
  [[nodiscard]] bool is_complete(BlockRef block) const { return (state(block) & kComplete) != 0; }
  [[nodiscard]] bool on_active_chain(BlockRef block) const { return index_.is_ancestor(block, tip_); }

  // The parent's header must be known.
  void add_header(BlockRef block);
  // The header must be known. Follows the new best chain, if there is one.
  TipChange add_body(BlockRef block);

 private:
  static constexpr std::uint8_t kHeader = 1;
  static constexpr std::uint8_t kBody = 2;
  static constexpr std::uint8_t kComplete = 4;  // bodies known back to genesis

  [[nodiscard]] std::uint8_t state(BlockRef block) const;
  std::uint8_t& state_of_new(BlockRef block);
  void complete(BlockRef block, BlockRef& best);

  const BlockIndex& index_;
  BlockRef shared_;  // blocks below this place are known to everybody
  BlockRef tip_;
  BlockRef best_header_;
  std::vector<std::uint8_t> states_;  // by place, from shared_ on
  std::vector<BlockRef> incomplete_;  // bodies that wait for an ancestor's
};

}  // namespace hearsay::chain
