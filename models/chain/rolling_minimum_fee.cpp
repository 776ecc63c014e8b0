#include "models/chain/rolling_minimum_fee.hpp"

#include <array>

namespace hearsay::chain {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr int kScaleBits = 16;
// ROLLING_FEE_HALFLIFE, Bitcoin Core txmempool.h.
constexpr std::int64_t kHalfLifeSeconds = 12 * 60 * 60;
// The fall is worked out at most every so often (CTxMemPool::GetMinFee).
constexpr std::int64_t kLeastSeconds = 10;
// Above any rate that a real fee can have, so that the scaled rate fits.
constexpr std::int64_t kHighestRate = 1'000'000'000'000;

constexpr int kFractionBits = 62;

constexpr std::uint64_t square_root(Wide value) {
  Wide root = 0;
  for (Wide bit = Wide{1} << 63; bit != 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= value) root += bit;
  }
  return static_cast<std::uint64_t>(root);
}

// 2^(-1/2), 2^(-1/4), 2^(-1/8) ... as fractions of 2^62.
constexpr std::array<std::uint64_t, 32> kRoots = [] {
  std::array<std::uint64_t, 32> roots{};
  std::uint64_t root = std::uint64_t{1} << (kFractionBits - 1);
  for (std::uint64_t& entry : roots) {
    root = square_root(Wide{root} << kFractionBits);
    entry = root;
  }
  return roots;
}();

// value * 2^(-elapsed / half_life)
std::uint64_t halved(std::uint64_t value, std::int64_t elapsed, std::int64_t half_life) {
  const std::int64_t whole = elapsed / half_life;
  if (whole >= 64) return 0;
  const std::uint64_t fraction =
      (static_cast<std::uint64_t>(elapsed % half_life) << 32) / static_cast<std::uint64_t>(half_life);
  Wide factor = Wide{1} << kFractionBits;
  for (std::size_t i = 0; i < kRoots.size(); ++i) {
    if ((fraction >> (31 - i) & 1) != 0) factor = factor * kRoots[i] >> kFractionBits;
  }
  return static_cast<std::uint64_t>(Wide{value} * factor >> kFractionBits) >> whole;
}

}  // namespace

void RollingMinimumFee::evicted(FeeRate rate) {
  const std::int64_t raised = std::min(rate.per_kilobyte + increment_.per_kilobyte, kHighestRate);
  const std::uint64_t scaled = static_cast<std::uint64_t>(raised) << kScaleBits;
  if (scaled <= state_.scaled) return;
  state_.scaled = scaled;
  state_.falling = false;
}

void RollingMinimumFee::block_connected(SimTime now, MempoolUsage usage) {
  settle(now, usage);
  state_.since = unix_seconds(now);
  state_.falling = true;
}

FeeRate RollingMinimumFee::at(SimTime now, MempoolUsage usage) const {
  return rate(fallen(now, usage));
}

void RollingMinimumFee::settle(SimTime now, MempoolUsage usage) {
  state_ = fallen(now, usage);
}

RollingMinimumFee::State RollingMinimumFee::fallen(SimTime now, MempoolUsage usage) const {
  State state = state_;
  const std::int64_t elapsed = unix_seconds(now) - state.since;
  if (!state.falling || state.scaled == 0 || elapsed <= kLeastSeconds) return state;
  std::int64_t half_life = kHalfLifeSeconds;
  if (usage.used < usage.limit / 4) {
    half_life /= 4;
  } else if (usage.used < usage.limit / 2) {
    half_life /= 2;
  }
  state.scaled = halved(state.scaled, elapsed, half_life);
  state.since = unix_seconds(now);
  if (state.scaled < static_cast<std::uint64_t>(increment_.per_kilobyte) << (kScaleBits - 1)) state.scaled = 0;
  return state;
}

FeeRate RollingMinimumFee::rate(const State& state) const {
  if (state.scaled == 0) return {};
  const std::uint64_t rounded = (state.scaled + (std::uint64_t{1} << (kScaleBits - 1))) >> kScaleBits;
  return std::max(FeeRate{static_cast<std::int64_t>(rounded)}, increment_);
}

}  // namespace hearsay::chain
