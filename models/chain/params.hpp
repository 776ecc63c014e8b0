// Constants of a chain: what every node of a network agrees on before the first message. Not policy, not timers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "models/chain/block.hpp"
#include "models/chain/uint256.hpp"

namespace hearsay::chain {

enum class Retargeting : std::uint8_t { never, every_period };
// Whether a block that comes more than twice the spacing after its parent may use the pow limit.
enum class MinimumDifficultyException : std::uint8_t { no, yes };

// MAX_BLOCK_WEIGHT (BIP 141) and MAX_BLOCK_SERIALIZED_SIZE, Bitcoin Core consensus/consensus.h. The second, which there
// follows from the first, is what a block message holds.
inline constexpr std::size_t kConsensusBlockWeight = 4'000'000;
inline constexpr std::size_t kMaximumBlockBytes = 4'000'000;

// Values: Bitcoin Core kernel/chainparams.cpp.
struct ChainParams {
  std::string_view name;
  std::array<std::uint8_t, 4> magic;  // first bytes of every message, in wire order
  std::uint16_t default_port = 0;
  UInt256 pow_limit;  // no target may exceed it
  std::uint32_t pow_limit_bits = 0;
  std::int32_t subsidy_halving_interval = 0;  // blocks
  std::int32_t retarget_interval = 0;         // blocks
  std::int64_t target_spacing_seconds = 0;
  Retargeting retargeting = Retargeting::every_period;
  // From these heights on a block is of version 2, 3 or 4 at least.
  std::int32_t bip34_height = 1;
  std::int32_t bip66_height = 1;
  std::int32_t bip65_height = 1;
  std::size_t block_weight_limit = kConsensusBlockWeight;
  MinimumDifficultyException minimum_difficulty_exception = MinimumDifficultyException::no;
  std::shared_ptr<const Block> genesis;

  std::int64_t target_timespan_seconds() const { return target_spacing_seconds * retarget_interval; }
};

// Each is built once and never changes.
const ChainParams& mainnet_params();
const ChainParams& regtest_params();
// Mainnet's halvings and retargets at a difficulty that simulations can afford: a block takes 16 hashes at first, two
// at least. Its genesis block is dated so that so many blocks, one a target spacing, end at the simulated epoch: the
// first period then measures what is simulated, not the years since 2009.
const ChainParams& mainnet_like_params(std::uint32_t premined_blocks);

// What the coinbase of a block at this height may create, in satoshis, fees excluded (GetBlockSubsidy, Bitcoin Core
// validation.cpp).
std::int64_t subsidy(const ChainParams& params, std::int32_t height);

}  // namespace hearsay::chain
