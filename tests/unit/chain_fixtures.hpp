// Small things that tests of models/chain need: numbers, names, a place for a body, spends.
#pragma once

#include <cstdint>
#include <vector>

#include "models/chain/block_index.hpp"
#include "models/chain/transaction_builder.hpp"
#include "sim/core/random.hpp"

namespace hearsay::chain {

inline RandomStream test_draws(std::uint64_t seed) {
  return {Seeds(seed), SeedDomain::world, Purpose("test"), StableId{}};
}

inline Hash256 some_hash(std::uint64_t number) {
  return sha256({reinterpret_cast<const std::uint8_t*>(&number), sizeof number});
}

// A place for a body: check_body looks at the Merkle root of the header and at the height.
inline IndexedBlock place_of(const Block& block, std::int32_t height) {
  IndexedBlock place;
  place.header = block.header();
  place.hash = block.hash();
  place.height = height;
  return place;
}

// One input for each funding, all outputs of equal value, and that fee.
inline TransactionPointer spend(const std::vector<Funding>& fundings, std::int64_t fee = 0, std::size_t outputs = 1,
                                std::size_t total_bytes = 0, std::uint32_t sequence = 0xffffffff,
                                std::uint32_t lock_time = 0) {
  std::int64_t value = -fee;
  for (const Funding& funding : fundings) value += funding.value;
  SpendPlan plan;
  plan.fundings = fundings;
  plan.output_values.assign(outputs, value / static_cast<std::int64_t>(outputs));
  plan.output_values[0] += value % static_cast<std::int64_t>(outputs);
  plan.total_bytes = total_bytes;
  plan.sequence = sequence;
  plan.lock_time = lock_time;
  return make_spend(plan);
}

inline Funding output_of(const TransactionPointer& transaction, std::uint32_t index = 0) {
  return {{transaction->txid(), index}, transaction->outputs()[index].value, SpendForm::p2wsh};
}

}  // namespace hearsay::chain
