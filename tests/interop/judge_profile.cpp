#include "tests/interop/judge_profile.hpp"

#include <cryptopp/scrypt.h>

#include "sim/core/check.hpp"

namespace hearsay::interop {
namespace {

using chain::BlockHeader;
using chain::Hash256;

// What `getblock HASH 0` of litecoind on regtest gives for height 0.
constexpr std::string_view kLitecoinGenesis =
    "01000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "d9ced4ed1130f7b7faad9be25323ffafa33232a17c3edf6cfd97bee6bafbdd97"
    "dae5494dffff7f2000000000"
    "01"
    "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff48"
    "04ffff001d0104404e592054696d65732030352f4f63742f32303131205374657665204a6f62732c204170706c65e280997320566973696f6e"
    "6172792c2044696573206174203536"
    "ffffffff0100f2052a010000004341"
    "040184710fa689ad5023690c80f3a49c8f13f8d45b8c857fbcbc8bc4a8e4d3eb4b10f4d4604fa08dce601aaf0f470216fe1b51850b4acf21b1"
    "79c45070ac7b03a9ac"
    "00000000";

// Litecoin's regtest has the target, the halvings (150) and the maturity (100) of Bitcoin's; what it paces otherwise
// (a block in 150 s) only matters to a chain that retargets, and neither does.
chain::ChainParams build_litecoin_params() {
  chain::ChainParams params = chain::regtest_params();
  params.name = "litecoin-regtest";
  const auto bytes = chain::bytes_from_hex(kLitecoinGenesis);
  SIM_CHECK(bytes.has_value(), "the genesis block is written in hex");
  chain::ByteReader reader(*bytes);
  params.genesis = chain::Block::decode(reader);
  SIM_CHECK(params.genesis != nullptr && reader.remaining() == 0, "the genesis block parses");
  return params;
}

const chain::ChainParams& litecoin_params() {
  static const chain::ChainParams params = build_litecoin_params();
  return params;
}

Hash256 scrypt_hash(const BlockHeader& header) {
  const auto bytes = header.encode();
  Hash256 hash;
  CryptoPP::Scrypt{}.DeriveKey(hash.bytes.data(), hash.bytes.size(), bytes.data(), bytes.size(), bytes.data(),
                               bytes.size(), 1024, 1, 1);
  return hash;
}

chain::UInt256 target(const BlockHeader& header) {
  const auto found = chain::target_of(header.bits);
  SIM_CHECK(found.has_value(), "a target that some hash meets");
  return *found;
}

}  // namespace

const JudgeProfile* find_profile(std::string_view name) {
  static const JudgeProfile bitcoin{"bitcoin", chain::regtest_params(), Work::double_sha256, 250,
                                    2'100'000'000'000'000};
  static const JudgeProfile litecoin{"litecoin", litecoin_params(), Work::double_sha256_and_scrypt, 1360,
                                     8'400'000'000'000'000};
  if (name == bitcoin.name) return &bitcoin;
  if (name == litecoin.name) return &litecoin;
  return nullptr;
}

void solve(BlockHeader& header, Work work) {
  const chain::UInt256 limit = target(header);
  while (!chain::meets_target(header.hash(), limit) ||
         (work == Work::double_sha256_and_scrypt && !chain::meets_target(scrypt_hash(header), limit)))
    ++header.nonce;
}

void spoil(BlockHeader& header, Work work) {
  const chain::UInt256 limit = target(header);
  while (chain::meets_target(header.hash(), limit) ||
         (work == Work::double_sha256_and_scrypt && chain::meets_target(scrypt_hash(header), limit)))
    ++header.nonce;
}

}  // namespace hearsay::interop
