// The part of a mempool's minimum fee rate that eviction raises and time lets fall (CTxMemPool::GetMinFee and
// trackPackageRemoved, Bitcoin Core txmempool.cpp).
//
// Rises to the rate of what was evicted plus the increment; once a block has come since, halves every 12 hours, every 6
// while less than half of the mempool is used, every 3 while less than a quarter; is zero when it falls below half the
// increment. In integers: Core's powers of two in floating point differ between mathematical libraries.
//
// Invariant: at() changes nothing, so whoever looks does not steer; settle() takes the fall so far as done.
#pragma once

#include <cstdint>

#include "models/chain/fee_rate.hpp"
#include "sim/core/time.hpp"

namespace hearsay::chain {

struct MempoolUsage {
  std::int64_t used = 0;
  std::int64_t limit = 0;
};

class RollingMinimumFee {
 public:
  explicit RollingMinimumFee(FeeRate increment) : increment_(increment) {}

  // Something that paid this rate was evicted.
  void evicted(FeeRate rate);
  void block_connected(SimTime now, MempoolUsage usage);
  // What a transaction must pay; zero or at least the increment.
  [[nodiscard]] FeeRate at(SimTime now, MempoolUsage usage) const;
  void settle(SimTime now, MempoolUsage usage);

 private:
  struct State {
    std::uint64_t scaled = 0;  // satoshis per 1,000 virtual bytes, times 2^16
    std::int64_t since = 0;    // Unix seconds up to which the fall is done
    bool falling = false;      // a block has come since the last eviction
  };
  [[nodiscard]] State fallen(SimTime now, MempoolUsage usage) const;
  [[nodiscard]] FeeRate rate(const State& state) const;

  FeeRate increment_;
  State state_;
};

}  // namespace hearsay::chain
