#include "models/chain/transaction_builder.hpp"

#include <algorithm>

#include "models/chain/opcodes.hpp"
#include "sim/core/check.hpp"

namespace hearsay::chain {
namespace {

constexpr std::int32_t kTransactionVersion = 2;
// Bitcoin Core policy/policy.h: MAX_STANDARD_P2WSH_STACK_ITEM_SIZE, MAX_STANDARD_SCRIPTSIG_SIZE, and of its
// policy/policy.cpp the 80 bytes that an OP_RETURN output could push before version 30.
constexpr std::size_t kMaximumWitnessItemBytes = 80;
constexpr std::size_t kMaximumInputScriptBytes = 1'650;
constexpr std::size_t kMaximumReturnBytes = 80;
// The longest push that is one opcode; longer ones are not needed to fill the script of an input.
constexpr std::size_t kMaximumDirectPush = 75;
// From this length on the length of a script takes three bytes.
constexpr std::size_t kLongScript = 253;

// What padding an input may carry is counted in bytes of the transaction. A number of them in the gap cannot be had:
// (first, last) of the two sizes that are skipped where the length of the script grows.
struct Capacity {
  std::size_t most = 0;
  std::size_t gap_first = 0;  // none: behind `most`
  std::size_t gap_last = 0;
};

std::size_t redeem_push_bytes() {
  return 2 + spend_script().size();  // OP_PUSHDATA1 and a length
}

Capacity capacity_of(SpendForm form) {
  if (form == SpendForm::p2wsh) {
    const std::size_t most = kPaddingItems * (1 + kMaximumWitnessItemBytes);
    return {most, most + 1, most + 1};
  }
  const std::size_t direct = kLongScript - 1 - redeem_push_bytes();
  const std::size_t most = kMaximumInputScriptBytes - redeem_push_bytes() + 2;
  return {most, direct + 1, direct + 2};
}

bool in_gap(const Capacity& capacity, std::size_t bytes) {
  return bytes >= capacity.gap_first && bytes <= capacity.gap_last;
}

// How much padding each input carries, `wanted` in all; a little more if that is in the gap of the only input.
std::vector<std::size_t> shares(const std::vector<Funding>& fundings, std::size_t wanted) {
  std::vector<std::size_t> share(fundings.size(), 0);
  for (std::size_t i = 0; i < fundings.size(); ++i) {
    const Capacity capacity = capacity_of(fundings[i].form);
    share[i] = std::min(wanted, capacity.most);
    if (in_gap(capacity, share[i])) {
      if (i + 1 < fundings.size()) {
        share[i] = capacity.gap_first - 1;
      } else {
        const std::size_t more = capacity.gap_last + 1 - share[i];
        share[i] += more;
        // The inputs before it are full, far from their gaps.
        if (i > 0) share[i - 1] -= more;
        wanted = share[i];
      }
    }
    wanted -= share[i];
  }
  return share;
}

// Cuts `bytes` into pieces of 1 to `most` bytes.
template <class Use>
void cut(std::size_t bytes, std::size_t most, Use use) {
  for (; bytes > 0; bytes -= std::min(bytes, most)) use(std::min(bytes, most));
}

void unlock(TxIn& input, SpendForm form, std::size_t padding) {
  if (form == SpendForm::p2wsh) {
    cut(padding, 1 + kMaximumWitnessItemBytes,
        [&](std::size_t piece) { input.witness.emplace_back(piece - 1, std::uint8_t{0}); });
    input.witness.push_back(spend_script());
    return;
  }
  // Two of the padding bytes are the length of a script that has grown.
  if (padding > capacity_of(form).gap_last) padding -= 2;
  cut(padding, 1 + kMaximumDirectPush, [&](std::size_t piece) {
    input.script.push_back(static_cast<std::uint8_t>(piece - 1));  // the push, also OP_0
    input.script.resize(input.script.size() + piece - 1, 0);
  });
  input.script.push_back(opcode::kPushData1);
  input.script.push_back(static_cast<std::uint8_t>(spend_script().size()));
  input.script.insert(input.script.end(), spend_script().begin(), spend_script().end());
}

TransactionPointer with_padding(const SpendPlan& plan, std::size_t padding) {
  SIM_CHECK(!plan.fundings.empty(), "a transaction spends something");
  SIM_CHECK(plan.return_bytes.size() <= kMaximumReturnBytes, "an OP_RETURN output carries at most 80 bytes");
  const std::vector<std::size_t> share = shares(plan.fundings, padding);
  std::vector<TxIn> inputs(plan.fundings.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    inputs[i].previous = plan.fundings[i].point;
    inputs[i].sequence = plan.sequence;
    unlock(inputs[i], plan.fundings[i].form, share[i]);
  }
  std::vector<TxOut> outputs;
  outputs.reserve(plan.output_values.size() + 1);
  for (const std::int64_t value : plan.output_values) outputs.push_back({value, output_script(plan.form)});
  if (!plan.return_bytes.empty()) {
    TxOut output{0, {opcode::kReturn}};
    if (plan.return_bytes.size() > kMaximumDirectPush) output.script.push_back(opcode::kPushData1);
    output.script.push_back(static_cast<std::uint8_t>(plan.return_bytes.size()));
    output.script.insert(output.script.end(), plan.return_bytes.begin(), plan.return_bytes.end());
    outputs.push_back(std::move(output));
  }
  return std::make_shared<const Transaction>(kTransactionVersion, std::move(inputs), std::move(outputs),
                                             plan.lock_time);
}

}  // namespace

std::size_t minimum_spend_bytes(const SpendPlan& plan) {
  const bool witness = std::any_of(plan.fundings.begin(), plan.fundings.end(),
                                   [](const Funding& funding) { return funding.form == SpendForm::p2wsh; });
  std::size_t bytes = 4 + compact_size_bytes(plan.fundings.size()) + 4;
  for (const Funding& funding : plan.fundings) {
    bytes += 36 + 1 + 4;
    bytes += funding.form == SpendForm::p2sh ? redeem_push_bytes() : 1 + 1 + spend_script().size();
    if (funding.form == SpendForm::p2sh && witness) ++bytes;  // an empty witness
  }
  if (witness) bytes += 2;
  bytes += plan.output_values.size() * (8 + 1 + output_script(plan.form).size());
  if (!plan.return_bytes.empty())
    bytes += 8 + 1 + 2 + plan.return_bytes.size() + (plan.return_bytes.size() > kMaximumDirectPush ? 1 : 0);
  return bytes + compact_size_bytes(plan.output_values.size() + (plan.return_bytes.empty() ? 0 : 1));
}

std::size_t maximum_spend_bytes(const SpendPlan& plan) {
  std::size_t bytes = minimum_spend_bytes(plan);
  for (const Funding& funding : plan.fundings) bytes += capacity_of(funding.form).most;
  return bytes;
}

TransactionPointer make_spend(const SpendPlan& plan) {
  const std::size_t least = minimum_spend_bytes(plan);
  return with_padding(plan, std::max(plan.total_bytes, least) - least);
}

}  // namespace hearsay::chain
