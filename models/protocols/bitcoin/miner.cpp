#include "models/protocols/bitcoin/miner.hpp"

#include <algorithm>

#include "models/chain/coinbase.hpp"
#include "sim/core/fingerprint.hpp"

namespace hearsay::bitcoin {

SimTime Miner::next_block(Context& context) {
  if (!intervals_) intervals_ = context.stream(SeedDomain::mining, Purpose("block interval"));
  return context.now() + intervals_->exponential(settings_.mean_interval);
}

chain::BlockPointer Miner::solve(const Context& context, const chain::BlockIndex& index, chain::BlockRef tip) {
  const chain::IndexedBlock& parent = index[tip];
  chain::CoinbaseBlockPlan plan;
  plan.parent = parent.hash;
  plan.height = parent.height + 1;
  plan.unix_time = std::max(static_cast<std::uint32_t>(unix_seconds(context.now())), parent.median_time_past + 1);
  plan.bits = parent.header.bits;
  plan.tag = fingerprint(context.self().value, blocks_++);
  plan.stripped_bytes =
      std::max(static_cast<std::size_t>(settings_.block_size.bytes), chain::minimum_coinbase_block_bytes(plan.height));
  return chain::make_coinbase_block(index.params(), plan);
}

}  // namespace hearsay::bitcoin
