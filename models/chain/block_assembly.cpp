#include "models/chain/block_assembly.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "models/chain/opcodes.hpp"
#include "models/chain/transaction_checks.hpp"
#include "sim/core/check.hpp"

namespace hearsay::chain {
namespace {

// Version bits with no deployment signalled (BIP 9).
constexpr std::int32_t kBlockVersion = 0x20000000;
constexpr std::int32_t kTransactionVersion = 2;
constexpr std::size_t kTagPushBytes = 1 + 8;
// The coinbase without its script's bytes and without its outputs: version, one input (outpoint, one byte of script
// length, sequence), number of outputs, lock time.
constexpr std::size_t kCoinbaseFrameBytes = 4 + 1 + (36 + 1 + 4) + 1 + 4;
// OP_RETURN and a push of the tag of BIP 141 and the commitment.
constexpr std::size_t kCommitmentOutputBytes = 8 + 1 + 38;
constexpr std::array<std::uint8_t, 6> kCommitmentStart = {opcode::kReturn, 0x24, 0xaa, 0x21, 0xa9, 0xed};
// The reserved value of BIP 141: any 32 bytes; Bitcoin Core writes zeros.
constexpr std::size_t kReservedValueBytes = 32;
// Marker and flag, number of items, length, value.
constexpr std::size_t kReservedWitnessBytes = 2 + 1 + 1 + kReservedValueBytes;

// How the bytes above the fixed ones are spent.
struct Filling {
  std::size_t script_bytes;          // of the coinbase input
  std::size_t padding_script_bytes;  // of the padding output; 0 = no such output
};

// `spare`: for the script of the input and, if any, the padding output.
Filling fill(std::size_t spare, std::size_t minimum_script_bytes) {
  // Small paddings stretch the script of the input alone.
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

bool has_witness(const BlockPlan& plan) {
  return std::any_of(plan.transactions.begin(), plan.transactions.end(),
                     [](const TransactionPointer& transaction) { return transaction->has_witness(); });
}

// All stripped bytes but the script of the coinbase's input and the padding output.
std::size_t fixed_bytes(const BlockPlan& plan) {
  std::size_t bytes = BlockHeader::kBytes + compact_size_bytes(1 + plan.transactions.size()) + kCoinbaseFrameBytes + 8 +
                      1 + output_script(plan.form).size();
  if (has_witness(plan)) bytes += kCommitmentOutputBytes;
  for (const TransactionPointer& transaction : plan.transactions) bytes += transaction->stripped_bytes();
  return bytes;
}

TxOut commitment_output(const BlockPlan& plan, const std::vector<std::uint8_t>& reserved_value) {
  std::vector<Hash256> leaves = {Hash256{}};
  for (const TransactionPointer& transaction : plan.transactions) leaves.push_back(transaction->wtxid());
  const Hash256 commitment = witness_commitment(merkle_root(std::move(leaves)).root, reserved_value);
  TxOut output{0, {kCommitmentStart.begin(), kCommitmentStart.end()}};
  output.script.insert(output.script.end(), commitment.bytes.begin(), commitment.bytes.end());
  return output;
}

}  // namespace

std::vector<std::uint8_t> height_script(std::int32_t height) {
  SIM_CHECK(height >= 0, "heights start at zero");
  if (height == 0) return {0x00};
  if (height <= 16) return {static_cast<std::uint8_t>(opcode::kOne + height - 1)};
  // Little-endian, signed: a number whose top bit is set takes one more byte.
  std::vector<std::uint8_t> script = {0};
  auto rest = static_cast<std::uint32_t>(height);
  for (; rest != 0; rest >>= 8) script.push_back(static_cast<std::uint8_t>(rest & 0xFF));
  if ((script.back() & 0x80) != 0) script.push_back(0);
  script[0] = static_cast<std::uint8_t>(script.size() - 1);
  return script;
}

std::size_t minimum_block_bytes(const BlockPlan& plan) {
  return fixed_bytes(plan) + height_script(plan.height).size() + kTagPushBytes;
}

BlockPointer assemble_block(const ChainParams& params, const BlockPlan& plan) {
  SIM_CHECK(plan.height >= 1, "the block at height 0 is the genesis block");

  TxIn input;
  input.script = height_script(plan.height);
  const std::size_t minimum_script_bytes = input.script.size() + kTagPushBytes;
  const std::size_t fixed = fixed_bytes(plan);
  // Witnesses weigh too: padding stops where the block would weigh too much, or not fit into a message.
  std::size_t witness_bytes = has_witness(plan) ? kReservedWitnessBytes : 0;
  for (const TransactionPointer& transaction : plan.transactions)
    witness_bytes += transaction->total_bytes() - transaction->stripped_bytes();
  const auto room = [&](std::size_t limit) { return limit - std::min(limit, witness_bytes); };
  const std::size_t most = std::min(room(params.block_weight_limit) / 4, room(kMaximumBlockBytes));
  const std::size_t bytes = std::max(std::min(plan.least_stripped_bytes, most), fixed + minimum_script_bytes);
  const Filling filling = fill(bytes - fixed, minimum_script_bytes);
  ByteWriter writer(input.script);
  writer.u8(8);  // push the tag
  writer.u64(plan.tag);
  input.script.resize(filling.script_bytes, 0);  // zero is OP_0: no signature operation

  std::vector<TxOut> outputs = {{subsidy(params, plan.height) + plan.fees, output_script(plan.form)}};
  if (filling.padding_script_bytes != 0) {
    std::vector<std::uint8_t> padding(filling.padding_script_bytes, 0);
    padding[0] = opcode::kReturn;
    outputs.push_back({0, std::move(padding)});
  }
  if (has_witness(plan)) {
    input.witness = {std::vector<std::uint8_t>(kReservedValueBytes, 0)};
    outputs.push_back(commitment_output(plan, input.witness[0]));
  }
  std::vector<TransactionPointer> transactions = {std::make_shared<const Transaction>(
      kTransactionVersion, std::vector<TxIn>{std::move(input)}, std::move(outputs), 0)};
  transactions.insert(transactions.end(), plan.transactions.begin(), plan.transactions.end());

  std::vector<Hash256> leaves;
  leaves.reserve(transactions.size());
  for (const TransactionPointer& transaction : transactions) leaves.push_back(transaction->txid());
  BlockHeader header{kBlockVersion, plan.parent, merkle_root(std::move(leaves)).root, plan.unix_time, plan.bits, 0};
  SIM_CHECK(solve(header) == Solution::found, "some nonce meets the target");
  auto block = std::make_shared<const Block>(header, std::move(transactions));
  SIM_CHECK(block->stripped_bytes() == bytes, "the block has the size asked for");
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
