// Blocks with a transaction that breaks one rule each. The tip stays where it is, and so do the coins.
#include <string>

#include "models/chain/transaction_checks.hpp"
#include "tests/interop/world.hpp"

namespace hearsay::interop {

using chain::Funding;
using chain::SpendForm;
using chain::SpendPlan;
using chain::TransactionPointer;

namespace {

constexpr std::uint32_t kLockIsTime = 1U << 22;  // BIP 68

void refuse(World& world, const std::string& name, std::vector<TransactionPointer> transactions,
            const Expected& expected) {
  world.cases().refuse(name, *world.draft(std::move(transactions)).seal(world.work()), expected);
}

// A valid spend of the next coin, to be changed: by its script alone it may be spent anyhow.
TransactionDraft valid_draft(World& world, SpendForm form = SpendForm::p2wsh) {
  return TransactionDraft(*world.spend({world.peek(form)}).transaction);
}

void tell_fields(World& world) {
  // Without inputs there can be no outputs: the bytes would mean a witness.
  refuse(world, "a transaction without inputs and outputs", {TransactionDraft{}.make()},
         {.core = "bad-txns-vin-empty"});

  TransactionDraft no_outputs = valid_draft(world);
  no_outputs.outputs.clear();
  refuse(world, "a transaction without outputs", {no_outputs.make()}, {.core = "bad-txns-vout-empty"});

  TransactionDraft twice = valid_draft(world);
  twice.inputs.push_back(twice.inputs[0]);
  refuse(world, "one input twice in a transaction", {twice.make()}, {.core = "bad-txns-inputs-duplicate"});

  TransactionDraft null = valid_draft(world);
  null.inputs.push_back({});
  refuse(world, "an input that spends nothing", {null.make()}, {.core = "bad-txns-prevout-null"});

  TransactionDraft negative = valid_draft(world);
  negative.outputs[0].value = -1;
  refuse(world, "a negative value", {negative.make()},
         // bcoin does not even parse it.
         {.core = "bad-txns-vout-negative", .bcoin = ""});

  const std::int64_t most = world.cases().profile().maximum_money;
  TransactionDraft large = valid_draft(world);
  large.outputs[0].value = most + 1;
  refuse(world, "a value above all the money there can be", {large.make()}, {.core = "bad-txns-vout-toolarge"});

  TransactionDraft sum = valid_draft(world);
  sum.outputs.assign(5, sum.outputs[0]);
  for (chain::TxOut& output : sum.outputs) output.value = chain::kMaximumMoney;
  refuse(world, "values that add up to more than all the money", {sum.make()},
         {.core = "bad-txns-txouttotal-toolarge"});
}

void tell_spending(World& world) {
  TransactionDraft generous = valid_draft(world);
  generous.outputs[0].value = world.peek().value + 1;
  refuse(world, "one satoshi more than the inputs hold", {generous.make()}, {.core = "bad-txns-in-belowout"});

  TransactionDraft unknown = valid_draft(world);
  unknown.inputs[0].previous.txid.bytes[5] ^= 1;
  refuse(world, "an input that never existed", {unknown.make()}, {.core = "bad-txns-inputs-missingorspent"});

  TransactionDraft index = valid_draft(world);
  index.inputs[0].previous.index = 199;  // a fan-out has 199 outputs
  refuse(world, "an output beyond the last of its transaction", {index.make()},
         {.core = "bad-txns-inputs-missingorspent"});

  const Spend first = world.spend({world.peek()});
  const Spend second = world.spend({world.peek()}, SpendForm::p2sh);
  refuse(world, "two spends of one coin in a block", {first.transaction, second.transaction},
         {.core = "bad-txns-inputs-missingorspent"});

  const Funding spent = world.take();
  world.extend("a spend", {world.spend({spent})});
  refuse(world, "a spend of what the chain has spent", {world.spend({spent}, SpendForm::p2sh).transaction},
         {.core = "bad-txns-inputs-missingorspent"});

  const Spend parent = world.spend({world.peek()});
  const Spend child = world.spend(parent.coins);
  refuse(world, "a child before its parent", {child.transaction, parent.transaction},
         {.core = "bad-txns-inputs-missingorspent"});

  const Spend orphan = world.spend(world.spend({world.peek(SpendForm::p2sh)}).coins);
  refuse(world, "a child without its parent", {orphan.transaction}, {.core = "bad-txns-inputs-missingorspent"});

  refuse(world, "a coinbase spent one block too early",
         {world.spend({world.reward(world.next_height() - 99)}).transaction},
         {.core = "bad-txns-premature-spend-of-coinbase"});

  // Its own coinbase: the transaction is known before the block is, as nothing of it changes with the spend (P2SH).
  const BlockDraft empty = world.draft();
  const Funding own{{empty.transactions[0]->txid(), 0}, empty.transactions[0]->outputs()[0].value, SpendForm::p2wsh};
  TransactionDraft early(*world.spend({own}).transaction);
  BlockDraft at_once = world.draft();
  for (chain::TxIn& input : early.inputs) input.witness.clear();  // no commitment, which would change the coinbase
  at_once.transactions.push_back(early.make());
  world.cases().refuse("a coinbase spent in its own block", *at_once.seal(world.work()),
                       {.core = "bad-txns-premature-spend-of-coinbase"});

  const std::int32_t genesis = 0;
  refuse(world, "the coinbase of the genesis block, which is no coin",
         {world.spend({world.reward(genesis)}).transaction}, {.core = "bad-txns-inputs-missingorspent"});
}

void tell_locks(World& world) {
  SpendPlan plan;
  plan.fundings = {world.peek()};
  plan.output_values = {world.peek().value - kFee};
  plan.sequence = 0xFFFFFFFE;
  plan.lock_time = static_cast<std::uint32_t>(world.next_height());
  refuse(world, "a lock time of the block's own height", {chain::make_spend(plan)}, {.core = "bad-txns-nonfinal"});
  plan.lock_time = world.median_time_past();
  refuse(world, "a lock time that is the median of the past", {chain::make_spend(plan)}, {.core = "bad-txns-nonfinal"});
  plan.lock_time = world.median_time_past() + 1;
  chain::BlockPlan late = world.plan({chain::make_spend(plan)});
  late.unix_time = world.median_time_past() + 3'000;
  world.cases().refuse("a lock time before the block's time, not before the median (BIP 113)", *world.make(late),
                       {.core = "bad-txns-nonfinal"});

  const std::int32_t created = world.next_height();
  const std::uint32_t time_before = world.median_time_past();
  const Spend coin = world.spend({world.take()});
  world.extend("a coin for relative locks", {coin});
  world.extend_by(3);
  plan = {};
  plan.fundings = coin.coins;
  plan.output_values = {coin.coins[0].value - kFee};
  plan.sequence = static_cast<std::uint32_t>(world.next_height() - created + 1);
  refuse(world, "a relative lock one block too long", {chain::make_spend(plan)}, {.core = "bad-txns-nonfinal"});
  TransactionDraft negative(*chain::make_spend(plan));
  negative.version = -1;
  refuse(world, "the same in a transaction of version -1, which is a large version", {negative.make()},
         {.core = "bad-txns-nonfinal"});
  plan.sequence = kLockIsTime | ((world.median_time_past() - time_before) / 512 + 1);
  refuse(world, "a relative lock up to 512 seconds too long", {chain::make_spend(plan)}, {.core = "bad-txns-nonfinal"});
  const Spend parent = world.spend({world.peek()});
  SpendPlan child;
  child.fundings = parent.coins;
  child.output_values = {parent.coins[0].value - kFee};
  child.sequence = 1;
  refuse(world, "a relative lock of one block on a coin of the same block",
         {parent.transaction, chain::make_spend(child)}, {.core = "bad-txns-nonfinal"});
}

}  // namespace

void tell_broken_transactions(World& world) {
  tell_fields(world);
  tell_spending(world);
  tell_locks(world);
}

}  // namespace hearsay::interop
