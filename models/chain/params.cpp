#include "models/chain/params.hpp"

#include <map>
#include <string>

#include "models/chain/block_assembly.hpp"
#include "sim/core/check.hpp"
#include "sim/core/time.hpp"

namespace hearsay::chain {
namespace {

constexpr std::int64_t kFirstSubsidy = 5'000'000'000;  // 50 BTC in satoshis

// Everything in the genesis block but time, nBits and nonce is common to mainnet and regtest: version 1, no parent, a
// coinbase that quotes The Times of 3 January 2009.
constexpr std::string_view kGenesisHeaderStart =
    "01000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a";
constexpr std::string_view kGenesisTransactions =
    "01"
    "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d"
    "04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f"
    "6e64206261696c6f757420666f722062616e6b73"
    "ffffffff0100f2052a0100000043"
    "4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d"
    "578a4c702b6bf11d5fac"
    "00000000";

std::shared_ptr<const Block> build_genesis(std::string_view time_bits_nonce, std::string_view hash) {
  const auto bytes = bytes_from_hex(std::string(kGenesisHeaderStart) + std::string(time_bits_nonce) +
                                    std::string(kGenesisTransactions));
  SIM_CHECK(bytes.has_value(), "the genesis block is written in hex");
  ByteReader reader(*bytes);
  std::shared_ptr<const Block> block = Block::decode(reader);
  SIM_CHECK(block != nullptr && reader.remaining() == 0, "the genesis block parses");
  SIM_CHECK(to_hex(block->hash()) == hash, "the genesis block has its published hash");
  return block;
}

// Ones from bit 0 up to, not including, `bit_count`: pow limits are of this form.
UInt256 low_ones(unsigned bit_count) {
  UInt256 number;
  for (unsigned bit = 0; bit < bit_count; ++bit) number.limbs[bit / 64] |= std::uint64_t{1} << (bit % 64);
  return number;
}

ChainParams build_mainnet() {
  ChainParams params;
  params.name = "mainnet";
  params.magic = {0xf9, 0xbe, 0xb4, 0xd9};
  params.default_port = 8333;
  params.pow_limit = low_ones(224);
  params.pow_limit_bits = 0x1d00ffff;
  params.subsidy_halving_interval = 210'000;
  params.retarget_interval = 2016;
  params.target_spacing_seconds = 600;
  params.bip34_height = 227'931;
  params.bip66_height = 363'725;
  params.bip65_height = 388'381;
  params.genesis =
      build_genesis("29ab5f49ffff001d1dac2b7c", "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");
  return params;
}

ChainParams build_regtest() {
  ChainParams params;
  params.name = "regtest";
  params.magic = {0xfa, 0xbf, 0xb5, 0xda};
  params.default_port = 18444;
  params.pow_limit = low_ones(255);
  params.pow_limit_bits = 0x207fffff;
  params.subsidy_halving_interval = 150;
  params.retarget_interval = 144;  // nominal, regtest never retargets
  params.target_spacing_seconds = 600;
  params.retargeting = Retargeting::never;
  params.minimum_difficulty_exception = MinimumDifficultyException::yes;
  params.genesis =
      build_genesis("dae5494dffff7f2002000000", "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206");
  return params;
}

// 16 hashes a block.
constexpr std::uint32_t kMainnetLikeBits = 0x200fffff;

ChainParams build_mainnet_like(std::uint32_t premined_blocks) {
  ChainParams params = build_mainnet();
  params.name = "mainnet-like";
  // Messages and the pow limit are those of regtest: nobody shall take them for mainnet's.
  params.magic = {0xfa, 0xbf, 0xb5, 0xda};
  params.default_port = 18444;
  params.pow_limit = low_ones(255);
  params.pow_limit_bits = 0x207fffff;
  // Its blocks are of today.
  params.bip34_height = params.bip66_height = params.bip65_height = 1;
  BlockHeader header = params.genesis->header();
  header.unix_time =
      static_cast<std::uint32_t>(kUnixEpochSeconds - params.target_spacing_seconds * std::int64_t{premined_blocks});
  header.bits = kMainnetLikeBits;
  header.nonce = 0;
  SIM_CHECK(solve(header) == Solution::found, "some nonce meets the target");
  params.genesis = std::make_shared<const Block>(header, params.genesis->transactions());
  return params;
}

}  // namespace

const ChainParams& mainnet_params() {
  static const ChainParams params = build_mainnet();
  return params;
}

const ChainParams& regtest_params() {
  static const ChainParams params = build_regtest();
  return params;
}

const ChainParams& mainnet_like_params(std::uint32_t premined_blocks) {
  static std::map<std::uint32_t, ChainParams> built;
  const auto found = built.find(premined_blocks);
  return found != built.end() ? found->second
                              : built.emplace(premined_blocks, build_mainnet_like(premined_blocks)).first->second;
}

std::int64_t subsidy(const ChainParams& params, std::int32_t height) {
  SIM_CHECK(height >= 0, "heights start at zero");
  const std::int32_t halvings = height / params.subsidy_halving_interval;
  return halvings >= 64 ? 0 : kFirstSubsidy >> halvings;
}

}  // namespace hearsay::chain
