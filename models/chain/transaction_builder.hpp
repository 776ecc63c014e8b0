// Makes transactions that spend outputs of this chain: locked by output_script, unlocked without keys, padded to a
// size.
//
// Padding are items that the spend script drops: in the witness (P2WSH) or pushed by the script of the input (P2SH).
// The result keeps within the standardness rules of Bitcoin Core policy/policy.cpp (witness items of at most 80 bytes,
// scripts of inputs of at most 1,650 bytes with minimal pushes), as far as sizes of inputs are concerned; fees, dust
// and the weight of the whole are the caller's choice. Which outputs to spend is the caller's too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/chain/block.hpp"
#include "models/chain/script.hpp"

namespace hearsay::chain {

// An output to spend.
struct Funding {
  OutPoint point;
  std::int64_t value = 0;  // satoshis
  SpendForm form = SpendForm::p2wsh;

  bool operator==(const Funding&) const = default;
};

struct SpendPlan {
  std::vector<Funding> fundings;            // one input each, in this order; at least one
  std::vector<std::int64_t> output_values;  // one output each, in this order
  SpendForm form = SpendForm::p2wsh;        // of the outputs
  // Wanted bytes in all, witnesses included. Below the minimum: the minimum; above the maximum: the maximum. Between
  // them it is met exactly, unless the only input is P2SH and the length of its script grows from one byte to three
  // there: then the next size above is taken.
  std::size_t total_bytes = 0;
  std::uint32_t lock_time = 0;
  std::uint32_t sequence = 0xFFFFFFFF;          // of every input; a lock time counts only with a smaller one
  std::vector<std::uint8_t> return_bytes = {};  // not empty: a last output of value 0, OP_RETURN and this push (<= 80)
};

[[nodiscard]] TransactionPointer make_spend(const SpendPlan& plan);

// What total_bytes can be for that plan.
[[nodiscard]] std::size_t minimum_spend_bytes(const SpendPlan& plan);
[[nodiscard]] std::size_t maximum_spend_bytes(const SpendPlan& plan);

}  // namespace hearsay::chain
