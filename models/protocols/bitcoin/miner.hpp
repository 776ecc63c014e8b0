// A source of blocks: solves one after exponentially distributed times, on whatever tip its node follows then.
//
// The exponential law has no memory, so a change of tip needs no new draw. Hash power is abstract: the interval decides
// when a block is found; the header is then solved for the chain's (easy) target. Coinbase-only blocks, padded to a
// size.
#pragma once

#include <optional>

#include "models/chain/block_tree.hpp"
#include "sim/node/context.hpp"

namespace hearsay::bitcoin {

struct MinerSettings {
  Duration mean_interval;  // of this miner: network interval / hash share; zero: no miner
  ByteCount block_size;    // stripped; raised to the least size of a block where it is below it
};

class Miner {
 public:
  explicit Miner(const MinerSettings& settings) : settings_(settings) {}

  [[nodiscard]] bool active() const { return settings_.mean_interval > Duration{}; }
  // When the next block will be found.
  [[nodiscard]] SimTime next_block(Context& context);
  // The block, on top of `tip`, dated now (later than the median of the last 11 blocks).
  [[nodiscard]] chain::BlockPointer solve(const Context& context, const chain::BlockIndex& index, chain::BlockRef tip);

 private:
  MinerSettings settings_;
  std::optional<RandomStream> intervals_;
  std::uint64_t blocks_ = 0;
};

}  // namespace hearsay::bitcoin
