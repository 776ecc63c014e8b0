#include "tests/interop/world.hpp"

#include <memory>
#include <utility>

#include "sim/core/check.hpp"

namespace hearsay::interop {

using chain::BlockPlan;
using chain::BlockPointer;
using chain::Funding;
using chain::SpendForm;
using chain::TransactionPointer;

BlockPlan World::plan(std::vector<TransactionPointer> transactions) const {
  BlockPlan plan;
  plan.parent = tip().hash;
  plan.height = next_height();
  plan.unix_time = next_height() == 1 ? kBaseTime : tip().header.unix_time + 600;
  plan.bits = cases_.profile().params.pow_limit_bits;
  plan.tag = 1;
  plan.transactions = std::move(transactions);
  return plan;
}

BlockPlan World::plan_on(const chain::Block& parent, std::int32_t height,
                         std::vector<TransactionPointer> transactions) const {
  BlockPlan result = plan(std::move(transactions));
  result.parent = parent.hash();
  result.height = height;
  result.unix_time = parent.header().unix_time + 600;
  return result;
}

BlockPointer World::make(const BlockPlan& plan) const {
  const BlockPointer block = chain::assemble_block(cases_.profile().params, plan);
  // For Bitcoin it is solved: these are the bytes that models/chain has made.
  return work() == Work::double_sha256 ? block : BlockDraft(*block).seal_as_it_is(work());
}

BlockDraft World::draft(std::vector<TransactionPointer> transactions) const {
  return BlockDraft(*chain::assemble_block(cases_.profile().params, plan(std::move(transactions))));
}

void World::extend(const std::string& name, const std::vector<Spend>& spends) {
  BlockPlan next = plan();
  for (const Spend& spend : spends) {
    next.transactions.push_back(spend.transaction);
    next.fees += spend.fee;
  }
  cases_.accept(name, *make(next));
}

void World::extend_by(std::int32_t blocks) {
  for (std::int32_t i = 0; i < blocks; ++i) {
    BlockPlan next = plan();
    // Rewards of both forms.
    next.form = next.height % 2 == 0 ? SpendForm::p2sh : SpendForm::p2wsh;
    cases_.accept("block " + std::to_string(next.height) + " with a coinbase alone", *make(next), Verbosity::quiet);
  }
}

Funding World::reward(std::int32_t height) const {
  const chain::BlockIndex& blocks = cases_.blocks();
  const chain::Transaction& coinbase = *blocks[blocks.ancestor(cases_.tip(), height)].body->transactions()[0];
  const bool p2wsh = coinbase.outputs()[0].script == chain::output_script(SpendForm::p2wsh);
  return {{coinbase.txid(), 0}, coinbase.outputs()[0].value, p2wsh ? SpendForm::p2wsh : SpendForm::p2sh};
}

Spend World::spend(const chain::SpendPlan& plan) const {
  Spend result;
  result.transaction = chain::make_spend(plan);
  for (const Funding& funding : plan.fundings) result.fee += funding.value;
  for (std::uint32_t i = 0; i < plan.output_values.size(); ++i) {
    result.fee -= plan.output_values[i];
    result.coins.push_back({{result.transaction->txid(), i}, plan.output_values[i], plan.form});
  }
  return result;
}

Spend World::spend(const std::vector<Funding>& fundings, SpendForm form) const {
  chain::SpendPlan plan;
  plan.fundings = fundings;
  plan.form = form;
  std::int64_t value = -kFee;
  for (const Funding& funding : fundings) value += funding.value;
  plan.output_values = {value};
  return spend(plan);
}

TransactionDraft World::raw_spend(const chain::OutPoint& point, std::int64_t value) const {
  TransactionDraft draft;
  draft.inputs.push_back({point, {}});
  draft.outputs.push_back({value - kFee, chain::output_script(SpendForm::p2wsh)});
  return draft;
}

std::vector<Funding>& World::purse(SpendForm form) {
  return form == SpendForm::p2wsh ? witness_coins_ : script_hash_coins_;
}

void World::put(const std::vector<Funding>& coins) {
  for (const Funding& coin : coins) purse(coin.form).push_back(coin);
}

Funding World::take(SpendForm form) {
  const Funding coin = peek(form);
  purse(form).pop_back();
  return coin;
}

const Funding& World::peek(SpendForm form) {
  std::vector<Funding>& coins = purse(form);
  const chain::CoinIndex& unspent = cases_.ledger().coins();
  // A random case may have spent one.
  while (!coins.empty() && !unspent.find(coins.back().point, cases_.tip())) coins.pop_back();
  SIM_CHECK(!coins.empty(), "the purse has a coin left");
  return coins.back();
}

}  // namespace hearsay::interop
