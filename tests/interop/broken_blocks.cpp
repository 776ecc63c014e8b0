// Blocks that break one rule of headers or bodies each. The tip stays where it is.
#include <algorithm>
#include <string>

#include "tests/interop/world.hpp"

namespace hearsay::interop {

using chain::BlockPointer;
using chain::Hash256;
using chain::SpendForm;

namespace {

// submitblock of Bitcoin Core adds the reserved value where it lacks (UpdateUncommittedBlockStructures).
const std::string kMendedBySubmitblock = "its submitblock adds the missing reserved value";

void refuse(World& world, const std::string& name, const BlockPointer& block, const Expected& expected) {
  world.cases().refuse(name, *block, expected);
}

// A block with a witness spend, so with a commitment.
BlockDraft witness_draft(World& world) {
  return world.draft({world.spend({world.peek()}).transaction});
}

void tell_merkle(World& world) {
  BlockDraft other_root = world.draft();
  other_root.header.merkle_root.bytes[0] ^= 1;
  refuse(world, "a header that commits to other transactions", other_root.seal_as_it_is(world.work()),
         {.core = "bad-txnmrklroot"});

  // CVE-2012-2459: the last of an odd number of transactions twice has the same root, so the header of a valid block.
  const chain::Funding first = world.take(SpendForm::p2sh);
  const chain::Funding second = world.take(SpendForm::p2sh);
  const BlockPointer honest =
      world.make(world.plan({world.spend({first}, SpendForm::p2sh).transaction, world.spend({second}).transaction}));
  BlockDraft mutated(*honest);
  mutated.transactions.push_back(mutated.transactions.back());
  refuse(world, "the last transaction twice under the header of a valid block (CVE-2012-2459)",
         mutated.seal_as_it_is(world.work()), {.core = "bad-txns-duplicate"});
  world.cases().accept("that valid block, after its mutation", *honest);
}

void tell_commitments(World& world) {
  BlockDraft wrong = witness_draft(world);
  wrong.change_coinbase([](TransactionDraft& coinbase) { coinbase.outputs.back().script.back() ^= 1; });
  refuse(world, "a witness commitment that is wrong", wrong.seal_with_commitment_as_it_is(world.work()),
         {.core = "bad-witness-merkle-match"});

  BlockDraft missing = witness_draft(world);
  missing.change_coinbase([](TransactionDraft& coinbase) { coinbase.outputs.pop_back(); });
  refuse(world, "witnesses without a commitment", missing.seal_with_commitment_as_it_is(world.work()),
         {.core = "unexpected-witness"});

  BlockDraft bare = world.draft({world.spend({world.peek(SpendForm::p2sh)}, SpendForm::p2sh).transaction});
  bare.change_coinbase(
      [](TransactionDraft& coinbase) { coinbase.inputs[0].witness = {std::vector<std::uint8_t>(32)}; });
  refuse(world, "a reserved value without a commitment", bare.seal_with_commitment_as_it_is(world.work()),
         {.core = "unexpected-witness"});

  for (const std::size_t bytes : {0UL, 31UL, 33UL}) {
    BlockDraft odd = witness_draft(world);
    odd.change_coinbase([bytes](TransactionDraft& coinbase) { coinbase.inputs[0].witness[0].resize(bytes); });
    refuse(world, "a reserved value of " + std::to_string(bytes) + " bytes",
           odd.seal_with_commitment_as_it_is(world.work()), {.core = "bad-witness-nonce-size"});
  }
  BlockDraft two = witness_draft(world);
  two.change_coinbase(
      [](TransactionDraft& coinbase) { coinbase.inputs[0].witness.push_back(coinbase.inputs[0].witness[0]); });
  refuse(world, "two reserved values", two.seal_with_commitment_as_it_is(world.work()),
         {.core = "bad-witness-nonce-size"});
  BlockDraft none = witness_draft(world);
  none.change_coinbase([](TransactionDraft& coinbase) { coinbase.inputs[0].witness.clear(); });
  refuse(world, "a commitment without a reserved value", none.seal_with_commitment_as_it_is(world.work()),
         {.core = "bad-witness-nonce-size", .skip = {{"litecoind", kMendedBySubmitblock}}});
  BlockDraft stripped = witness_draft(world);
  TransactionDraft spend(*stripped.transactions[1]);
  spend.inputs[0].witness.clear();
  stripped.transactions[1] = spend.make();
  refuse(world, "a committed witness cut off", stripped.seal_with_commitment_as_it_is(world.work()),
         {.core = "bad-witness-merkle-match"});
  BlockDraft exchanged = witness_draft(world);
  spend = TransactionDraft(*exchanged.transactions[1]);
  spend.inputs[0].witness.insert(spend.inputs[0].witness.begin(), {0x01});
  exchanged.transactions[1] = spend.make();
  refuse(world, "a committed witness exchanged for another valid one",
         exchanged.seal_with_commitment_as_it_is(world.work()), {.core = "bad-witness-merkle-match"});
  BlockDraft order = witness_draft(world);
  order.renew_commitment();
  order.change_coinbase([](TransactionDraft& coinbase) {
    chain::TxOut last = coinbase.outputs.back();
    last.script[10] ^= 1;
    coinbase.outputs.push_back(last);
  });
  refuse(world, "a wrong commitment after the right one", order.seal_with_commitment_as_it_is(world.work()),
         {.core = "bad-witness-merkle-match"});
}

void tell_coinbases(World& world) {
  BlockDraft rich = world.draft();
  rich.change_coinbase([](TransactionDraft& coinbase) { ++coinbase.outputs[0].value; });
  refuse(world, "a coinbase too rich by one satoshi", rich.seal(world.work()), {.core = "bad-cb-amount"});

  chain::BlockPlan with_fee = world.plan({world.spend({world.peek()}).transaction});
  with_fee.fees = kFee + 1;
  refuse(world, "a coinbase that claims one satoshi more than subsidy and fees", world.make(with_fee),
         {.core = "bad-cb-amount"});

  BlockDraft none = world.draft({world.spend({world.peek(SpendForm::p2sh)}, SpendForm::p2sh).transaction});
  none.transactions.erase(none.transactions.begin());
  refuse(world, "no coinbase", none.seal_with_commitment_as_it_is(world.work()),
         {.core = "bad-cb-missing", .litecoind = "Block does not start with a coinbase"});

  BlockDraft second = world.draft();
  TransactionDraft other(*second.transactions[0]);
  other.outputs[0].value = 0;
  second.transactions.push_back(other.make());
  refuse(world, "two coinbases", second.seal(world.work()), {.core = "bad-cb-multiple"});

  BlockDraft late = world.draft({world.spend({world.peek(SpendForm::p2sh)}, SpendForm::p2sh).transaction});
  std::swap(late.transactions[0], late.transactions[1]);
  refuse(world, "a coinbase in second place", late.seal_with_commitment_as_it_is(world.work()),
         {.core = "bad-cb-missing", .litecoind = "Block does not start with a coinbase"});

  for (const std::size_t bytes : {0UL, 1UL, 101UL}) {
    BlockDraft length = world.draft();
    length.change_coinbase([bytes](TransactionDraft& coinbase) { coinbase.inputs[0].script.resize(bytes); });
    refuse(world, "a coinbase script of " + std::to_string(bytes) + " bytes", length.seal(world.work()),
           {.core = "bad-cb-length"});
  }

  for (const std::int32_t error : {-1, 1, 256}) {
    chain::BlockPlan height = world.plan();
    height.height += error;
    BlockDraft elsewhere(*world.make(height));
    elsewhere.change_coinbase([&](TransactionDraft& coinbase) {  // the claim of the right height
      coinbase.outputs[0].value = chain::subsidy(world.cases().profile().params, world.next_height());
    });
    refuse(world, "a coinbase that states a height off by " + std::to_string(error), elsewhere.seal(world.work()),
           {.core = "bad-cb-height"});
  }
  BlockDraft longer = world.draft();
  longer.change_coinbase([](TransactionDraft& coinbase) {
    auto& script = coinbase.inputs[0].script;
    ++script[0];  // the push of the height, one byte longer: the same number, not in its shortest form
    script.insert(script.begin() + script[0], 0);
  });
  refuse(world, "a coinbase that states its height in four bytes", longer.seal(world.work()),
         {.core = "bad-cb-height"});

  BlockDraft unfinal = world.draft();
  unfinal.change_coinbase([&](TransactionDraft& coinbase) {
    coinbase.lock_time = static_cast<std::uint32_t>(world.next_height());
    coinbase.inputs[0].sequence = 0;
  });
  refuse(world, "a coinbase that is locked", unfinal.seal(world.work()), {.core = "bad-txns-nonfinal"});
}

void tell_limits(World& world) {
  chain::BlockPlan plan = world.plan();
  plan.least_stripped_bytes = 1'000'000;
  BlockDraft large(*world.make(plan));
  large.change_coinbase([](TransactionDraft& coinbase) { coinbase.outputs.back().script.push_back(0); });
  refuse(world, "a block of 1,000,001 stripped bytes", large.seal(world.work()), {.core = "bad-blk-length"});

  plan = world.plan({world.spend({world.peek()}).transaction});
  const BlockPointer smallest = world.make(plan);
  const std::size_t witness_bytes = smallest->total_bytes() - smallest->stripped_bytes();
  plan.least_stripped_bytes = (4'000'000 - witness_bytes) / 4;
  BlockDraft heavy(*world.make(plan));
  heavy.change_coinbase([](TransactionDraft& coinbase) {
    // The padding is the longest output.
    const auto longest = std::max_element(
        coinbase.outputs.begin(), coinbase.outputs.end(),
        [](const chain::TxOut& a, const chain::TxOut& b) { return a.script.size() < b.script.size(); });
    longest->script.push_back(0);
  });
  refuse(world, "a block up to four weight units over the limit", heavy.seal(world.work()), {.core = "bad-blk-weight"});

  BlockDraft sigops = world.draft();
  sigops.change_coinbase([](TransactionDraft& coinbase) {
    coinbase.outputs.push_back({0, std::vector<std::uint8_t>(1'000, 0xae)});
    coinbase.outputs.push_back({0, {0xac}});
  });
  refuse(world, "20,001 signature operations in outputs", sigops.seal(world.work()), {.core = "bad-blk-sigops"});

  BlockDraft in_script = world.draft();
  in_script.change_coinbase([](TransactionDraft& coinbase) {
    coinbase.outputs.push_back({0, std::vector<std::uint8_t>(1'000, 0xae)});
    coinbase.inputs[0].script.push_back(0xac);
  });
  refuse(world, "20,001 signature operations, one of them in the coinbase's own script", in_script.seal(world.work()),
         {.core = "bad-blk-sigops"});
}

}  // namespace

void tell_broken_headers(World& world) {
  BlockDraft orphan = world.draft();
  orphan.header.parent.bytes[3] ^= 1;
  refuse(world, "an unknown parent", orphan.seal(world.work()), {.core = "prev-blk-not-found", .bcoin = "orphan"});

  BlockDraft above = world.draft();
  spoil(above.header, world.work());
  world.cases().refuse("a hash above its target", chain::Block(above.header, above.transactions),
                       {.core = "high-hash"});

  BlockDraft harder = world.draft();
  harder.header.bits = 0x207ffffe;
  refuse(world, "another target than asked for", harder.seal(world.work()), {.core = "bad-diffbits"});

  BlockDraft easiest = world.draft();
  easiest.header.bits = 0x2100ffff;  // above the limit of the chain
  world.cases().refuse("a target above the limit", chain::Block(easiest.header, easiest.transactions),
                       {.bcoin = "bad-diffbits"});

  BlockDraft negative = world.draft();
  negative.header.bits = 0x20ffffff;
  world.cases().refuse("a negative target", chain::Block(negative.header, negative.transactions), {});

  BlockDraft old = world.draft();
  old.header.unix_time = world.median_time_past();
  refuse(world, "a time that is the median of the past", old.seal(world.work()), {.core = "time-too-old"});

  BlockDraft early = world.draft();
  early.header.unix_time = world.cases().clock() + 7'201;
  refuse(world, "a time two hours and a second ahead of the clock", early.seal(world.work()), {.core = "time-too-new"});

  for (const std::int32_t version : {-1, 0, 1, 2, 3}) {
    BlockDraft outdated = world.draft();
    outdated.header.version = version;
    Expected expected{.core = "bad-version"};
    if (version < 0) expected.skip["bcoin"] = "it reads versions as unsigned numbers";
    refuse(world, "a block of version " + std::to_string(version), outdated.seal(world.work()), expected);
  }
  if (world.work() == Work::double_sha256) {  // Litecoin Core wants the top bits of BIP 9 besides
    BlockDraft least = world.draft();
    least.header.version = 4;
    world.cases().accept("a block of version 4", *least.seal(world.work()));
  }
}

void tell_broken_bodies(World& world) {
  tell_merkle(world);
  tell_commitments(world);
  tell_coinbases(world);
  tell_limits(world);

  const std::vector<std::uint8_t> whole = bytes_of(*world.make(world.plan()));
  std::vector<std::uint8_t> cut(whole.begin(), whole.end() - 1);
  world.cases().refuse_bytes("a block without its last byte", cut, {});
}

}  // namespace hearsay::interop
