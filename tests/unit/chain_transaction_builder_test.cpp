// Built transactions: their size to the byte, what standardness asks of their inputs, and that they may spend.
#include <catch2/catch.hpp>
#include <vector>

#include "models/chain/opcodes.hpp"
#include "models/chain/transaction_builder.hpp"
#include "models/chain/transaction_checks.hpp"
#include "sim/core/check.hpp"

using namespace hearsay::chain;

namespace {

SpendPlan plan_of(std::vector<SpendForm> forms, SpendForm form = SpendForm::p2wsh, std::size_t outputs = 2) {
  SpendPlan plan;
  for (const SpendForm input : forms)
    plan.fundings.push_back({{Hash256{{static_cast<std::uint8_t>(plan.fundings.size() + 1)}}, 3}, 10'000, input});
  plan.output_values.assign(outputs, 4'000);
  plan.form = form;
  return plan;
}

// The rules of Bitcoin Core policy/policy.cpp (IsStandardTx, IsWitnessStandard) and of minimal pushes that concern
// what the builder decides.
bool has_standard_inputs(const Transaction& transaction, const SpendPlan& plan) {
  for (std::size_t i = 0; i < transaction.inputs().size(); ++i) {
    const TxIn& input = transaction.inputs()[i];
    if (plan.fundings[i].form == SpendForm::p2wsh) {
      if (!input.script.empty() || input.witness.empty() || input.witness.back().size() > 3'600) return false;
      if (input.witness.size() - 1 > 100) return false;
      for (std::size_t item = 0; item + 1 < input.witness.size(); ++item)
        if (input.witness[item].size() > 80) return false;
      continue;
    }
    if (!input.witness.empty() || input.script.size() > 1'650) return false;
    opcode::Cutter cutter(input.script);
    while (cutter.next()) {
      const ByteView pushed = cutter.pushed();
      const bool numbers = pushed.size() == 1 && (pushed[0] == 0x81 || (pushed[0] >= 1 && pushed[0] <= 16));
      const bool minimal = pushed.size() <= 75 ? cutter.code() == pushed.size() && !numbers
                                               : pushed.size() <= 255 && cutter.code() == opcode::kPushData1;
      if (!minimal) return false;
    }
    if (cutter.truncated()) return false;
  }
  return transaction.stripped_bytes() >= 82;  // MIN_STANDARD_TX_NONWITNESS_SIZE of Bitcoin Core 0.21
}

bool may_spend(const Transaction& transaction, const SpendPlan& plan) {
  std::vector<TxOut> spent;
  for (const Funding& funding : plan.fundings) spent.push_back({funding.value, output_script(funding.form)});
  for (std::size_t i = 0; i < spent.size(); ++i) {
    if (transaction.inputs()[i].previous != plan.fundings[i].point) return false;
    if (verify_input(transaction.inputs()[i], spent[i]) != ScriptVerdict::valid) return false;
  }
  return check_transaction(regtest_params(), transaction) == TransactionVerdict::valid;
}

// Sizes between minimum and maximum that are not met; the last one is met by more bytes.
std::vector<std::size_t> missed_sizes(SpendPlan plan, std::size_t step = 1) {
  std::vector<std::size_t> missed;
  const std::size_t most = maximum_spend_bytes(plan);
  for (std::size_t bytes = minimum_spend_bytes(plan); bytes <= most; bytes += bytes + step > most ? 1 : step) {
    plan.total_bytes = bytes;
    const TransactionPointer transaction = make_spend(plan);
    if (transaction->total_bytes() < bytes || transaction->total_bytes() > bytes + 2) FAIL("far from the size wanted");
    if (!has_standard_inputs(*transaction, plan)) FAIL("not standard at " << bytes);
    if (!may_spend(*transaction, plan)) FAIL("does not spend at " << bytes);
    if (transaction->total_bytes() != bytes) missed.push_back(bytes);
  }
  return missed;
}

}  // namespace

TEST_CASE("one witness input meets every size between the least and the greatest") {
  const SpendPlan plan = plan_of({SpendForm::p2wsh});
  // 41 bytes of input, 108 of witness and the two bytes that announce it, two outputs of 43, 10 around them.
  CHECK(minimum_spend_bytes(plan) == 10 + 41 + 2 + 108 + 2 * 43);
  CHECK(maximum_spend_bytes(plan) == minimum_spend_bytes(plan) + 21 * 81);
  CHECK(missed_sizes(plan).empty());
}

TEST_CASE("several inputs meet every size, whatever their forms") {
  using enum SpendForm;
  CHECK(missed_sizes(plan_of({p2wsh, p2wsh})).empty());
  CHECK(missed_sizes(plan_of({p2sh, p2sh}, p2sh)).empty());
  CHECK(missed_sizes(plan_of({p2wsh, p2sh})).empty());
  CHECK(missed_sizes(plan_of({p2sh, p2wsh, p2sh}, p2sh)).empty());
  CHECK(missed_sizes(plan_of({p2sh, p2sh, p2sh}), 7).empty());
}

TEST_CASE("one input with a script hash skips the two sizes where the length of its script grows") {
  const SpendPlan plan = plan_of({SpendForm::p2sh}, SpendForm::p2sh);
  const std::size_t least = minimum_spend_bytes(plan);
  CHECK(least == 10 + 41 + 108 + 2 * 32);
  CHECK(maximum_spend_bytes(plan) == least + 1'650 - 108 + 2);
  // 252 bytes of script less 108 are padding at one byte of length.
  CHECK(missed_sizes(plan) == std::vector<std::size_t>{least + 145, least + 146});
}

TEST_CASE("a size below the least gives the least, one above the greatest the greatest") {
  for (const SpendForm form : {SpendForm::p2wsh, SpendForm::p2sh}) {
    SpendPlan plan = plan_of({form, form}, form);
    for (const std::size_t bytes : {std::size_t{0}, minimum_spend_bytes(plan) - 1}) {
      plan.total_bytes = bytes;
      CHECK(make_spend(plan)->total_bytes() == minimum_spend_bytes(plan));
    }
    plan.total_bytes = 100'000;
    CHECK(make_spend(plan)->total_bytes() == maximum_spend_bytes(plan));
  }
}

TEST_CASE("the least and the greatest sizes hold for many inputs and outputs") {
  for (const std::size_t inputs : {252u, 253u}) {
    SpendPlan plan = plan_of(std::vector<SpendForm>(inputs, SpendForm::p2wsh), SpendForm::p2sh, inputs);
    CHECK(make_spend(plan)->total_bytes() == minimum_spend_bytes(plan));
    plan.return_bytes = {1, 2, 3};
    CHECK(make_spend(plan)->total_bytes() == minimum_spend_bytes(plan));
    plan.total_bytes = 1'000'000;
    CHECK(make_spend(plan)->total_bytes() == maximum_spend_bytes(plan));
  }
}

TEST_CASE("outputs, locks and a last output with data are as planned") {
  SpendPlan plan = plan_of({SpendForm::p2wsh}, SpendForm::p2sh);
  plan.output_values = {1, 2, 3};
  plan.lock_time = 77;
  plan.sequence = 5;
  for (const std::size_t bytes : {1u, 75u, 76u, 80u}) {
    plan.return_bytes.assign(bytes, 9);
    plan.total_bytes = 700;
    const TransactionPointer transaction = make_spend(plan);
    CHECK(transaction->total_bytes() == 700);
    CHECK(transaction->lock_time() == 77);
    CHECK(transaction->inputs()[0].sequence == 5);
    REQUIRE(transaction->outputs().size() == 4);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(transaction->outputs()[i].value == static_cast<std::int64_t>(i + 1));
      CHECK(transaction->outputs()[i].script == output_script(SpendForm::p2sh));
    }
    const TxOut& last = transaction->outputs()[3];
    CHECK(last.value == 0);
    CHECK(last.script[0] == opcode::kReturn);
    opcode::Cutter cutter(ByteView(last.script).subspan(1));
    REQUIRE(cutter.next());
    CHECK(std::vector<std::uint8_t>(cutter.pushed().begin(), cutter.pushed().end()) == plan.return_bytes);
    CHECK_FALSE(cutter.next());
  }
  plan.return_bytes.assign(81, 9);
  CHECK_THROWS_AS(make_spend(plan), hearsay::CheckFailure);
  CHECK_THROWS_AS(make_spend(plan_of({})), hearsay::CheckFailure);
}
