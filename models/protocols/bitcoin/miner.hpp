// A source of blocks: solves one after exponentially distributed times, from the newest job that its machines have.
//
// It stands for a pool. A job is a template (tip and transactions), made when the tip changes, and every half minute
// while the mempool changes; it reaches the machines after a delay, and until then they work on the job before, be its
// tip stale or not. The exponential law has no memory, so a new job needs no new draw. Hash power is abstract: the
// interval decides when a block is found; the header is then solved for the chain's (easy) target.
#pragma once

#include <deque>
#include <optional>

#include "models/chain/block_tree.hpp"
#include "models/chain/mempool.hpp"
#include "sim/node/context.hpp"

namespace hearsay::bitcoin {

struct MinerSettings {
  // Of this miner, at the difficulty of the start: network interval / hash share; zero: no miner.
  Duration mean_interval;
  ByteCount block_size;  // stripped; a smaller block is padded to it
  Duration job_delay = {};
  Duration template_refresh = seconds(30);
  chain::SpendForm form = chain::SpendForm::p2wsh;  // of the reward
};

class Miner {
 public:
  // DEFAULT_BLOCK_RESERVED_WEIGHT, Bitcoin Core policy/policy.h: what a template leaves of a block's weight.
  static constexpr std::size_t kReservedWeight = 8'000;

  explicit Miner(const MinerSettings& settings) : settings_(settings) {}

  [[nodiscard]] bool active() const { return settings_.mean_interval > Duration{}; }
  // When the next block will be found, if it takes so much work and took that much at the start.
  [[nodiscard]] SimTime next_block(Context& context, const chain::Work& work, const chain::Work& work_at_start);
  // A new job. The first of a life reaches the machines at once.
  void refresh(SimTime now, chain::BlockRef tip, chain::BlockTemplate transactions);
  // Nothing is left of an earlier life.
  void restart() { jobs_.clear(); }
  // When a job may be made again without a change of the tip.
  [[nodiscard]] SimTime next_refresh() const { return jobs_.back().made + settings_.template_refresh; }
  // The block of the newest job there is, dated now (later than the median of the last 11 blocks).
  [[nodiscard]] chain::BlockPointer solve(const Context& context, const chain::BlockIndex& index);

 private:
  struct Job {
    SimTime made;
    SimTime starts;
    chain::BlockRef tip;
    chain::BlockTemplate transactions;
  };

  MinerSettings settings_;
  std::deque<Job> jobs_;  // the one under way, and those on their way to the machines
  std::optional<RandomStream> intervals_;
  std::uint64_t blocks_ = 0;
};

}  // namespace hearsay::bitcoin
