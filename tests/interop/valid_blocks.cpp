// Blocks that every judge must accept: the first spends, and every rule at the edge where it still holds.
#include <algorithm>
#include <memory>

#include "tests/interop/world.hpp"

namespace hearsay::interop {

using chain::Funding;
using chain::SpendForm;
using chain::SpendPlan;

namespace {

constexpr std::uint32_t kLockIsTime = 1U << 22;  // BIP 68
constexpr std::uint32_t kNoRelativeLock = 1U << 31;

SpendPlan one_to_one(const Funding& coin) {
  SpendPlan plan;
  plan.fundings = {coin};
  plan.output_values = {coin.value - kFee};
  return plan;
}

// Outputs of one value each.
Spend fan_out(const World& world, const Funding& coin, std::size_t outputs, SpendForm form) {
  SpendPlan plan;
  plan.fundings = {coin};
  plan.form = form;
  plan.output_values.assign(outputs, 25'000'000);
  return world.spend(plan);
}

void tell_sizes(World& world) {
  std::vector<Spend> spends;
  for (const SpendForm form : {SpendForm::p2wsh, SpendForm::p2sh}) {
    for (const std::size_t bytes : {0UL, 250UL, 251UL, 300UL, 400UL, 479UL, 700UL, 1000UL, 1500UL, 1'000'000UL}) {
      SpendPlan plan = one_to_one(world.take(form));
      plan.form = form;
      plan.total_bytes = bytes;
      spends.push_back(world.spend(plan));
    }
  }
  SpendPlan mixed;
  for (int i = 0; i < 6; ++i) mixed.fundings.push_back(world.take(i % 2 == 0 ? SpendForm::p2wsh : SpendForm::p2sh));
  mixed.output_values = {1'000'000, 2'000'000, 3'000'000};
  mixed.total_bytes = 4'321;
  spends.push_back(world.spend(mixed));
  world.extend("spends padded to many sizes, one with six inputs of both forms", spends);
}

void tell_chain_in_block(World& world) {
  std::vector<Spend> spends = {world.spend({world.take()}, SpendForm::p2sh)};
  for (int i = 0; i < 40; ++i)
    spends.push_back(world.spend(spends.back().coins, i % 2 == 0 ? SpendForm::p2wsh : SpendForm::p2sh));
  world.extend("a chain of 41 spends inside one block", spends);
}

void tell_locks(World& world) {
  SpendPlan height = one_to_one(world.take());
  height.lock_time = static_cast<std::uint32_t>(world.next_height() - 1);
  height.sequence = 0xFFFFFFFE;
  SpendPlan time = one_to_one(world.take(SpendForm::p2sh));
  time.lock_time = world.median_time_past() - 1;
  time.sequence = 0xFFFFFFFE;
  SpendPlan ignored = one_to_one(world.take());
  ignored.lock_time = 499'999'999;
  world.extend("lock times just over by height and by time, and one that a final sequence switches off",
               {world.spend(height), world.spend(time), world.spend(ignored)});

  const std::int32_t created = world.next_height();
  const std::uint32_t time_before = world.median_time_past();
  std::vector<Spend> locked;
  for (int i = 0; i < 6; ++i) locked.push_back(world.spend({world.take()}));
  world.extend("coins for relative locks", locked);
  world.extend_by(4);

  SpendPlan blocks = one_to_one(locked[0].coins[0]);
  blocks.sequence = static_cast<std::uint32_t>(world.next_height() - created);
  SpendPlan seconds = one_to_one(locked[1].coins[0]);
  seconds.sequence = kLockIsTime | (world.median_time_past() - time_before) / 512;
  SpendPlan disabled = one_to_one(locked[2].coins[0]);
  disabled.sequence = kNoRelativeLock | 0xFFFF;
  TransactionDraft version_1(*world.spend({locked[3].coins[0]}).transaction);
  version_1.version = 1;
  version_1.inputs[0].sequence = 0xFFFF;
  SpendPlan masked = one_to_one(locked[4].coins[0]);
  masked.sequence = 0x003F0001;  // what lies between the mask and the flags means nothing
  world.extend("relative locks just over by height and by time, switched off, of version 1, with other bits",
               {world.spend(blocks), world.spend(seconds), world.spend(disabled), Spend{version_1.make(), kFee, {}},
                world.spend(masked)});

  const Spend parent = world.spend({locked[5].coins[0]});
  SpendPlan child = one_to_one(parent.coins[0]);
  child.sequence = 0;
  world.extend("a relative lock of zero on a coin of the same block", {parent, world.spend(child)});
}

void tell_odd_transactions(World& world) {
  SpendPlan note = one_to_one(world.take());
  note.return_bytes.assign(80, 0xab);
  std::vector<Spend> spends = {world.spend(note)};
  for (const std::int32_t version : {0, -1, 0x7fffffff}) {
    TransactionDraft draft(*world.spend({world.take()}).transaction);
    draft.version = version;
    spends.push_back({draft.make(), kFee, {}});
  }
  TransactionDraft worthless(*world.spend({world.take(SpendForm::p2sh)}).transaction);
  worthless.outputs.push_back({0, {}});
  worthless.outputs.push_back({0, {0xff, 0xff}});
  worthless.outputs.push_back({0, std::vector<std::uint8_t>(10'001, 0x51)});
  spends.push_back({worthless.make(), kFee, {}});
  world.extend("a note, odd versions, outputs of no value and of scripts that nobody can spend", spends);
}

void tell_limits(World& world) {
  chain::BlockPlan padded = world.plan();
  padded.least_stripped_bytes = 1'000'000;
  world.cases().accept("a padded coinbase of exactly 4,000,000 weight units", *world.make(padded));

  const Spend spend = world.spend({world.take()});
  padded = world.plan({spend.transaction});
  // The block has its witnesses on top: 4 * stripped + witness bytes = 4,000,000, if that leaves no remainder.
  const chain::BlockPointer smallest = world.make(padded);
  const std::size_t witness_bytes = smallest->total_bytes() - smallest->stripped_bytes();
  padded.least_stripped_bytes = (4'000'000 - witness_bytes) / 4;
  world.cases().accept("the same with a spend and its witness", *world.make(padded));

  BlockDraft sigops = world.draft();
  sigops.change_coinbase([](TransactionDraft& coinbase) {
    coinbase.outputs.push_back({0, std::vector<std::uint8_t>(1'000, 0xae)});  // CHECKMULTISIG counts as 20
  });
  world.cases().accept("20,000 signature operations, each at a cost of four", *sigops.seal(world.work()));
}

void tell_coinbases(World& world) {
  BlockDraft modest = world.draft();
  modest.change_coinbase([](TransactionDraft& coinbase) { coinbase.outputs[0].value = 0; });
  world.cases().accept("a coinbase that claims nothing", *modest.seal(world.work()));

  BlockDraft longest = world.draft();
  longest.change_coinbase([](TransactionDraft& coinbase) { coinbase.inputs[0].script.resize(100, 0); });
  world.cases().accept("a coinbase script of 100 bytes", *longest.seal(world.work()));

  BlockDraft split = world.draft();
  split.change_coinbase([](TransactionDraft& coinbase) {
    coinbase.outputs.push_back(coinbase.outputs[0]);
    coinbase.outputs[1].value = 1;
    coinbase.outputs[0].value -= 1;
    coinbase.lock_time = 0;
    coinbase.version = 1;
  });
  world.cases().accept("a reward in two parts", *split.seal(world.work()));

  // Only the last of several commitments counts (BIP 141).
  BlockDraft twice = world.draft({world.spend({world.take()}).transaction});
  twice.change_coinbase([](TransactionDraft& coinbase) {
    chain::TxOut wrong = coinbase.outputs.back();
    wrong.script.back() ^= 1;
    coinbase.outputs.insert(coinbase.outputs.begin() + 1, wrong);
  });
  world.cases().accept("a wrong commitment before the right one", *twice.seal(world.work()));

  BlockDraft longer = world.draft({world.spend({world.take()}).transaction});
  longer.change_coinbase([](TransactionDraft& coinbase) { coinbase.outputs.back().script.push_back(0x51); });
  world.cases().accept("a commitment followed by more bytes", *longer.seal(world.work()));

  BlockDraft reserved = world.draft({world.spend({world.take()}).transaction});
  reserved.change_coinbase([](TransactionDraft& coinbase) { coinbase.inputs[0].witness[0].assign(32, 0x77); });
  world.cases().accept("a reserved value that is not zero", *reserved.seal(world.work()));
}

void tell_times(World& world) {
  chain::BlockPlan early = world.plan();
  early.unix_time = world.median_time_past() + 1;
  world.cases().accept("a time one second after the median of the past", *world.make(early));
  chain::BlockPlan late = world.plan();
  late.unix_time = world.cases().clock() + 7'200;
  world.cases().accept("a time two hours ahead of the clock", *world.make(late));
  chain::BlockPlan after = world.plan();
  after.unix_time = world.median_time_past() + 600;
  world.cases().accept("a time before its parent's", *world.make(after));
}

}  // namespace

void tell_growth(World& world) {
  world.extend_by(world.cases().profile().base_blocks);
  const std::int32_t mature = world.next_height() - 100;
  world.extend("a coinbase spent when it is just mature", {world.spend({world.reward(mature)}, SpendForm::p2sh)});
  // The oldest rewards are the largest.
  std::vector<Spend> spends;
  for (std::int32_t height = 1; height <= 4; ++height) {
    const SpendForm form = height % 2 == 0 ? SpendForm::p2sh : SpendForm::p2wsh;
    spends.push_back(fan_out(world, world.reward(height), 199, form));
    world.put(spends.back().coins);
  }
  world.extend("four rewards fanned out to 796 outputs", spends);
}

void tell_valid_blocks(World& world) {
  tell_sizes(world);
  tell_chain_in_block(world);
  tell_locks(world);
  tell_odd_transactions(world);
  tell_coinbases(world);
  tell_limits(world);
  tell_times(world);
}

}  // namespace hearsay::interop
