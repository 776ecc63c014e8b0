// Transactions for the memory pool, judged by our Mempool as Bitcoin Core 0.21 would be set, from which litecoind
// derives; then the block that our template makes of them.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "models/chain/mempool.hpp"
#include "tests/interop/random_script.hpp"
#include "tests/interop/world.hpp"

namespace hearsay::interop {

using chain::Funding;
using chain::MempoolVerdict;
using chain::SpendForm;
using chain::SpendPlan;

namespace {

constexpr std::uint32_t kSignalsReplacement = 0xFFFFFFFD;  // BIP 125

// validation.cpp and policy/policy.cpp of Bitcoin Core 0.21; none: any reason.
std::vector<std::string> reasons_of(MempoolVerdict verdict) {
  switch (verdict) {
    case MempoolVerdict::accepted:
    case MempoolVerdict::malformed:
    case MempoolVerdict::value_out_of_range:
    case MempoolVerdict::spends_what_it_replaces:
      return {};
    case MempoolVerdict::coinbase:
      return {"coinbase"};
    case MempoolVerdict::premature_coinbase_spend:
      return {"bad-txns-premature-spend-of-coinbase"};
    case MempoolVerdict::outputs_above_inputs:
      return {"bad-txns-in-belowout"};
    case MempoolVerdict::script_false:
    case MempoolVerdict::witness_stripped:
      return {"mandatory-script-verify-flag-failed", "bad-witness-nonstandard"};
    case MempoolVerdict::not_standard_version:
      return {"version"};
    case MempoolVerdict::not_standard_weight:
      return {"tx-size"};
    case MempoolVerdict::not_standard_too_small:
      return {"tx-size-small"};
    case MempoolVerdict::not_final:
      return {"non-final"};
    case MempoolVerdict::sequence_locked:
      return {"non-BIP68-final"};
    case MempoolVerdict::conflict:
      return {"txn-mempool-conflict"};
    case MempoolVerdict::adds_unconfirmed_input:
      return {"replacement-adds-unconfirmed"};
    case MempoolVerdict::too_many_replacements:
      return {"too many potential replacements"};
    case MempoolVerdict::package_limit:
      return {"too-long-mempool-chain"};
    case MempoolVerdict::too_many_sigops:
      return {"bad-txns-too-many-sigops"};
    case MempoolVerdict::below_minimum_relay_fee:
      return {"min relay fee not met"};
    case MempoolVerdict::below_mempool_minimum_fee:
      return {"mempool min fee not met"};
    case MempoolVerdict::insufficient_replacement_fee:
      return {"insufficient fee"};
    case MempoolVerdict::mempool_full:
      return {"mempool full"};
    case MempoolVerdict::missing_inputs:
      return {"bad-txns-inputs-missingorspent", "missing-inputs"};
    case MempoolVerdict::already_in_mempool:
      return {"txn-already-in-mempool"};
    case MempoolVerdict::same_txid_in_mempool:
      return {"txn-same-nonwitness-data-in-mempool", "txn-already-in-mempool"};
    case MempoolVerdict::already_confirmed:
      return {"txn-already-known"};
  }
  return {"?"};
}

chain::MempoolParameters core_0_21() {
  chain::MempoolParameters parameters;
  parameters.minimum_relay_fee = 1'000;
  parameters.incremental_fee = 1'000;
  parameters.replacement = "opt_in";
  parameters.package_limit = "ancestors";
  return parameters;
}

class Pool {
 public:
  explicit Pool(World& world) : world_(world), mempool_(store_, world.cases().ledger(), parameters_) {}

  // Offered and, if it is accepted, kept.
  void offer(const std::string& name, const chain::TransactionPointer& transaction, const Expected& expected = {}) {
    const chain::TxRef place = store_.hold(transaction);
    const MempoolVerdict verdict = mempool_.accept(place, world_.cases().tip(), SimTime{}).verdict;
    store_.release(place);
    const std::string ours = verdict == MempoolVerdict::accepted ? "valid" : std::string(to_text(verdict));
    world_.cases().transaction(name, *transaction, {ours, reasons_of(verdict)}, expected, mempool_.size());
  }
  void offer(const std::string& name, const Spend& spend, const Expected& expected = {}) {
    offer(name, spend.transaction, expected);
  }
  void mine(const std::string& name) {
    const chain::BlockTemplate chosen = mempool_.block_template(3'990'000);
    chain::BlockPlan plan = world_.plan(chosen.transactions);
    plan.fees = chosen.fees;
    world_.cases().accept(name, *world_.make(plan));
    const chain::BlockRef tip = world_.cases().tip();
    (void)mempool_.tip_changed({}, std::vector<chain::BlockRef>{tip}, tip, SimTime{});
  }

 private:
  World& world_;
  const chain::MempoolParameters parameters_ = core_0_21();
  chain::TransactionStore store_;
  chain::Mempool mempool_;
};

SpendPlan paying(const Funding& coin, std::int64_t fee) {
  SpendPlan plan;
  plan.fundings = {coin};
  plan.output_values = {coin.value - fee};
  return plan;
}

void tell_accepted(World& world, Pool& pool) {
  for (const SpendForm form : {SpendForm::p2wsh, SpendForm::p2sh}) {
    const std::string form_name = form == SpendForm::p2wsh ? "P2WSH" : "P2SH";
    for (const std::size_t bytes : {0UL, 250UL, 500UL, 1'000UL, 1'000'000UL}) {
      SpendPlan plan = paying(world.take(form), kFee);
      plan.form = form;
      plan.total_bytes = bytes;
      const Spend spend = world.spend(plan);
      pool.offer("pool: " + form_name + " spend of " + std::to_string(spend.transaction->total_bytes()) + " bytes",
                 spend);
    }
  }
  SpendPlan note = paying(world.take(), kFee);
  note.return_bytes.assign(80, 1);
  pool.offer("pool: a note of 80 bytes", world.spend(note));
  SpendPlan locked = paying(world.take(), kFee);
  locked.lock_time = static_cast<std::uint32_t>(world.next_height() - 1);
  locked.sequence = 0xFFFFFFFE;
  pool.offer("pool: a lock time just over", world.spend(locked));

  const Spend parent = world.spend({world.take()}, SpendForm::p2sh);
  pool.offer("pool: a parent", parent);
  pool.offer("pool: the same again", parent, {.core = "txn-already-in-mempool"});
  pool.offer("pool: its child", world.spend(parent.coins));
  pool.offer("pool: another child of it", world.spend(parent.coins, SpendForm::p2sh),
             {.core = "txn-mempool-conflict", .bcoin = "bad-txns-inputs-spent"});

  const std::string no_replacement = "bcoin knows no replacement";
  const Funding coin = world.take();
  SpendPlan low = paying(coin, kFee);
  low.sequence = kSignalsReplacement;
  pool.offer("pool: a spend that may be replaced", world.spend(low));
  pool.offer("pool: a replacement that pays a satoshi more", world.spend(paying(coin, kFee + 1)),
             {.core = "insufficient fee", .skip = {{"bcoin", no_replacement}}});
  const SpendPlan high = paying(coin, 3 * kFee);
  pool.offer("pool: a replacement that pays three times as much", world.spend(high),
             {.skip = {{"bcoin", no_replacement}}});
  pool.offer("pool: a replacement of that, which does not signal", world.spend(paying(coin, 9 * kFee)),
             {.core = "txn-mempool-conflict", .bcoin = "bad-txns-inputs-spent"});

  std::vector<Spend> generations = {world.spend({world.take()})};
  pool.offer("pool: generation 1", generations.back());
  for (int i = 2; i <= 26; ++i) {
    generations.push_back(world.spend(generations.back().coins));
    pool.offer("pool: generation " + std::to_string(i), generations.back(),
               i == 26 ? Expected{.core = "too-long-mempool-chain"} : Expected{});
  }
}

void tell_fees(World& world, Pool& pool) {
  const std::string free = "bcoin lets old coins through for free";
  for (const SpendForm form : {SpendForm::p2wsh, SpendForm::p2sh}) {
    SpendPlan plan = paying(world.peek(form), kFee);
    plan.total_bytes = 333;
    const auto least = static_cast<std::int64_t>(chain::make_spend(plan)->virtual_bytes());
    plan.output_values = {world.peek(form).value - least + 1};
    pool.offer("pool: a satoshi less than one for a virtual byte", world.spend(plan),
               {.core = "min relay fee not met", .skip = {{"bcoin", free}}});
    plan.output_values = {world.take(form).value - least};
    pool.offer("pool: one satoshi for a virtual byte", world.spend(plan));
  }
}

void tell_refused(World& world, Pool& pool) {
  const auto refuse = [&](const std::string& name, const TransactionDraft& draft, const Expected& expected) {
    pool.offer("pool: " + name, draft.make(), expected);
  };
  const TransactionDraft valid(*world.spend({world.peek()}).transaction);
  const TransactionDraft script_hash(*world.spend({world.peek(SpendForm::p2sh)}).transaction);

  TransactionDraft draft = valid;
  draft.outputs.clear();
  refuse("no outputs", draft, {.core = "bad-txns-vout-empty"});
  draft = valid;
  draft.inputs.push_back(draft.inputs[0]);
  refuse("an input twice", draft, {.core = "bad-txns-inputs-duplicate"});
  draft = valid;
  draft.outputs[0].value = world.peek().value + 1;
  refuse("more than the inputs hold", draft,
         // A negative fee may be too low a fee first.
         {.core = "bad-txns-in-belowout", .bcoin = ""});
  draft = TransactionDraft(*world.tip().body->transactions()[0]);
  refuse("a coinbase", draft, {.core = "coinbase"});
  refuse("a coinbase spent one block too early",
         TransactionDraft(*world.spend({world.reward(world.next_height() - 99)}).transaction),
         // bcoin counts from the tip, not from the next block: it is later by one.
         {.core = "bad-txns-premature-spend-of-coinbase"});
  draft = valid;
  draft.inputs[0].previous.index = 1'000;
  refuse("an unknown input", draft,
         {.core = "bad-txns-inputs-missingorspent", .litecoind = "missing-inputs", .bcoin = "missing-inputs"});
  draft = valid;
  draft.lock_time = static_cast<std::uint32_t>(world.next_height());
  draft.inputs[0].sequence = 0;
  draft.version = 1;
  refuse("a lock time of the next block", draft, {.core = "non-final"});
  draft = valid;
  draft.inputs[0].sequence = 0xFFFF;
  refuse("a relative lock of 65,535 blocks", draft, {.core = "non-BIP68-final"});
  for (const std::int32_t version : {0, 4, -1}) {
    draft = valid;
    draft.version = version;
    refuse("version " + std::to_string(version), draft, {.core = "version"});
  }
  draft = valid;
  draft.outputs = {{0, {0x6a}}};
  refuse("61 stripped bytes", draft, {.core = "tx-size-small", .skip = {{"bcoin", "bcoin is older than the rule"}}});
  draft = valid;
  draft.outputs.assign(2'400, draft.outputs[0]);
  for (chain::TxOut& output : draft.outputs) output.value = 10'000;
  refuse("more than 400,000 weight units", draft, {.core = "tx-size"});
  draft = valid;
  draft.inputs[0].witness.back() = {0x51};
  refuse("another witness script", draft, {.core = "mandatory-script-verify-flag-failed", .bcoin = ""});
  draft = valid;
  draft.inputs[0].witness.clear();
  refuse("its witness cut off", draft, {.core = "mandatory-script-verify-flag-failed", .bcoin = ""});
  draft = script_hash;
  draft.inputs[0].script = push({0x52});
  refuse("P2SH with another script", draft, {.core = "mandatory-script-verify-flag-failed", .bcoin = ""});
  draft = script_hash;
  draft.inputs[0].witness = {{0x01}};
  refuse("a witness on a P2SH spend", draft, {.core = "bad-witness-nonstandard", .bcoin = ""});
}

}  // namespace

void tell_transactions(World& world) {
  Pool pool(world);
  tell_refused(world, pool);
  tell_accepted(world, pool);
  tell_fees(world, pool);
  const Funding confirmed = world.take();
  const Spend spend = world.spend({confirmed});
  pool.offer("pool: the last before the block", spend);
  pool.mine("the block that our template makes of the pool");
  pool.offer("pool: confirmed a moment ago", spend, {.core = "txn-already-known"});
  pool.offer("pool: a spend of what was spent a moment ago", world.spend({confirmed}, SpendForm::p2sh),
             {.core = "bad-txns-inputs-missingorspent", .litecoind = "missing-inputs", .bcoin = "missing-inputs"});
}

}  // namespace hearsay::interop
