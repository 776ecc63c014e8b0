#include "models/chain/coinbase.hpp"

#include <utility>

#include "sim/core/check.hpp"

namespace hearsay::chain {
namespace {

constexpr std::uint8_t kOpOne = 0x51;  // also known as OP_TRUE
constexpr std::uint8_t kOpReturn = 0x6a;
// Version bits with no deployment signalled (BIP 9).
constexpr std::int32_t kBlockVersion = 0x20000000;
constexpr std::int32_t kTransactionVersion = 2;
constexpr std::size_t kMaximumCoinbaseScriptBytes = 100;  // consensus, Bitcoin Core consensus/tx_check.cpp
constexpr std::size_t kTagPushBytes = 1 + 8;
constexpr std::size_t kRewardOutputBytes = 8 + 1 + 34;
// Header, number of transactions, then the coinbase without its script's bytes and without padding: version, one
// input (outpoint, one byte of script length, sequence), one output, lock time.
constexpr std::size_t kFixedBytes = BlockHeader::kBytes + 1 + (4 + 1 + (36 + 1 + 4) + 1 + kRewardOutputBytes + 4);

// How the bytes above the fixed ones are spent.
struct Filling {
  std::size_t script_bytes;          // of the coinbase input
  std::size_t padding_script_bytes;  // of the padding output; 0 = no such output
};

Filling fill(std::size_t block_bytes, std::size_t minimum_script_bytes) {
  const std::size_t spare = block_bytes - kFixedBytes;
  // Small blocks stretch the script of the input alone.
  if (spare <= kMaximumCoinbaseScriptBytes) return {spare, 0};
  // A padding output takes its value (8), the length of its script (1, 3 or 5) and the script. Where that length grows
  // two sizes are skipped (253 to 254 and 65,535 to 65,536), so the script of the input takes up to two bytes more.
  for (std::size_t script_bytes = minimum_script_bytes; script_bytes <= minimum_script_bytes + 2; ++script_bytes) {
    const std::size_t output = spare - script_bytes - 8;
    for (const std::size_t length_bytes : {std::size_t{1}, std::size_t{3}, std::size_t{5}}) {
      const std::size_t padding = output - length_bytes;
      if (compact_size_bytes(padding) == length_bytes) return {script_bytes, padding};
    }
  }
  fail_check("size reachable", __FILE__, __LINE__, "every size from the minimum on has a filling");
}

// An output that anyone can spend: pay to the witness script hash of OP_TRUE (BIP 141).
std::vector<std::uint8_t> reward_script() {
  const std::array<std::uint8_t, 1> witness_script = {kOpOne};
  std::vector<std::uint8_t> script = {0x00, 0x20};
  const Hash256 program = sha256(witness_script);
  script.insert(script.end(), program.bytes.begin(), program.bytes.end());
  return script;
}

}  // namespace

std::vector<std::uint8_t> height_script(std::int32_t height) {
  SIM_CHECK(height >= 0, "heights start at zero");
  if (height == 0) return {0x00};
  if (height <= 16) return {static_cast<std::uint8_t>(kOpOne + height - 1)};
  // Little-endian, signed: a number whose top bit is set takes one more byte.
  std::vector<std::uint8_t> script = {0};
  auto rest = static_cast<std::uint32_t>(height);
  for (; rest != 0; rest >>= 8) script.push_back(static_cast<std::uint8_t>(rest & 0xFF));
  if ((script.back() & 0x80) != 0) script.push_back(0);
  script[0] = static_cast<std::uint8_t>(script.size() - 1);
  return script;
}

std::size_t minimum_coinbase_block_bytes(std::int32_t height) {
  return kFixedBytes + height_script(height).size() + kTagPushBytes;
}

BlockPointer make_coinbase_block(const ChainParams& params, const CoinbaseBlockPlan& plan) {
  SIM_CHECK(plan.height >= 1, "the block at height 0 is the genesis block");
  SIM_CHECK(plan.stripped_bytes >= minimum_coinbase_block_bytes(plan.height), "a block has room for its coinbase");

  TxIn input;
  input.script = height_script(plan.height);
  const Filling filling = fill(plan.stripped_bytes, input.script.size() + kTagPushBytes);
  ByteWriter writer(input.script);
  writer.u8(8);  // push the tag
  writer.u64(plan.tag);
  input.script.resize(filling.script_bytes, 0);  // zero is OP_0: no signature operation

  std::vector<TxOut> outputs = {{subsidy(params, plan.height), reward_script()}};
  if (filling.padding_script_bytes != 0) {
    std::vector<std::uint8_t> padding(filling.padding_script_bytes, 0);
    padding[0] = kOpReturn;
    outputs.push_back({0, std::move(padding)});
  }
  auto coinbase = std::make_shared<const Transaction>(kTransactionVersion, std::vector<TxIn>{std::move(input)},
                                                      std::move(outputs), 0);

  BlockHeader header{kBlockVersion, plan.parent, coinbase->txid(), plan.unix_time, plan.bits, 0};
  SIM_CHECK(solve(header) == Solution::found, "some nonce meets the target");
  auto block = std::make_shared<const Block>(header, std::vector<TransactionPointer>{std::move(coinbase)});
  SIM_CHECK(block->stripped_bytes() == plan.stripped_bytes, "the block has the size asked for");
  return block;
}

Solution solve(BlockHeader& header) {
  const std::optional<UInt256> target = target_of(header.bits);
  if (!target) return Solution::exhausted;
  while (!meets_target(header.hash(), *target)) {
    if (header.nonce == 0xFFFFFFFF) return Solution::exhausted;
    ++header.nonce;
  }
  return Solution::found;
}

}  // namespace hearsay::chain
