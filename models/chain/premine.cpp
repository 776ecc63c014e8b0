#include "models/chain/premine.hpp"

#include <algorithm>

#include "models/chain/block_assembly.hpp"
#include "models/chain/params.hpp"
#include "sim/core/check.hpp"

namespace hearsay::chain {
namespace {

// Blocks without anything to spend: the coinbase of block 1 may be spent in block 101.
constexpr std::uint32_t kBarrenBlocks = static_cast<std::uint32_t>(kCoinbaseMaturity);

// Spends the coinbase of a block into outputs of that value; what is left is the fee.
TransactionPointer fan_out(const Block& source, std::uint32_t outputs, std::int64_t value, SpendForm form) {
  const Transaction& coinbase = *source.transactions()[0];
  SpendPlan plan;
  plan.fundings = {{{coinbase.txid(), 0}, coinbase.outputs()[0].value, form}};
  plan.form = form;
  plan.output_values.assign(outputs, value);
  return make_spend(plan);
}

}  // namespace

std::uint32_t least_premined_blocks(std::uint32_t spendable_outputs) {
  if (spendable_outputs == 0) return 0;
  return kBarrenBlocks + (spendable_outputs - 1) / kFanOutOutputs + 1;
}

Premine premine(BlockIndex& index, Ledger& ledger, const PremineSettings& settings) {
  SIM_CHECK(index.size() == 1, "a premined chain stands on genesis alone");
  const ChainParams& params = index.params();
  // The oldest coinbases are spent first, one a block. The last one spent has the least value, and bounds all outputs.
  const std::uint32_t last = std::min(settings.blocks, least_premined_blocks(settings.spendable_outputs));
  const std::uint32_t fan_outs = last > kBarrenBlocks ? last - kBarrenBlocks : 0;
  const std::int64_t value = subsidy(params, static_cast<std::int32_t>(fan_outs)) / kFanOutOutputs;
  std::uint32_t missing = settings.spendable_outputs;

  Premine made;
  made.tip = index.genesis();
  std::vector<BlockRef> chain = {made.tip};  // by height
  for (std::uint32_t i = 0; i < settings.blocks; ++i) {
    const std::int64_t age = (static_cast<std::int64_t>(settings.blocks) - 1 - i) * params.target_spacing_seconds;
    BlockPlan plan;
    plan.parent = index[made.tip].hash;
    plan.height = index[made.tip].height + 1;
    plan.unix_time = static_cast<std::uint32_t>(settings.tip_time - age);
    plan.bits = index.next_bits(made.tip);
    plan.form = settings.form;
    if (i >= kBarrenBlocks && missing > 0) {
      const Block& source = *index[chain[i + 1 - kBarrenBlocks]].body;
      const std::uint32_t outputs = std::min(missing, kFanOutOutputs);
      const TransactionPointer transaction = fan_out(source, outputs, value, settings.form);
      plan.transactions = {transaction};
      plan.fees = source.transactions()[0]->outputs()[0].value - std::int64_t{outputs} * value;
      for (std::uint32_t output = 0; output < outputs; ++output)
        made.spendable.push_back({{transaction->txid(), output}, value, settings.form});
      missing -= outputs;
    }
    const BlockPointer block = assemble_block(params, plan);
    const HeaderVerdict header = index.add(block->header(), made.tip);
    SIM_CHECK(header == HeaderVerdict::valid, "a premined block is valid");
    index.set_body(made.tip, block);
    const BodyVerdict body = ledger.connect(made.tip);
    SIM_CHECK(body == BodyVerdict::valid, "a premined block connects");
    chain.push_back(made.tip);
  }
  return made;
}

ChainParams chain_params(const ChainStartParameters& start) {
  SIM_CHECK(start.params == "regtest" || start.params == "mainnet-like", "the name of the chain is one of the choices");
  ChainParams params = start.params == "regtest"
                           ? regtest_params()
                           : mainnet_like_params(static_cast<std::uint32_t>(start.premined_blocks));
  params.block_weight_limit = static_cast<std::size_t>(start.block_weight_limit);
  return params;
}

}  // namespace hearsay::chain
