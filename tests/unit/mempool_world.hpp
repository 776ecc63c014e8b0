// A chain with spendable outputs, a store and a clock: what tests of the mempool stand on. Blocks are assembled,
// checked and connected as in a run.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "models/chain/block_assembly.hpp"
#include "models/chain/mempool.hpp"
#include "models/chain/premine.hpp"
#include "models/chain/transaction_builder.hpp"
#include "sim/core/random.hpp"

namespace hearsay::chain {

inline RandomStream test_draws(std::uint64_t seed) {
  return {Seeds(seed), SeedDomain::world, Purpose("test"), StableId{}};
}

struct MempoolWorld {
  BlockIndex index{regtest_params()};
  Ledger ledger{index};
  TransactionStore store;
  BlockRef tip = 0;
  std::vector<Funding> spendable;
  SimTime now{};
  std::uint64_t blocks_made = 0;

  explicit MempoolWorld(std::uint32_t outputs = 200, std::uint32_t blocks = 103) {
    const Premine made = premine(index, ledger, {blocks, kUnixEpochSeconds, outputs});
    tip = made.tip;
    spendable = made.spendable;
  }

  // Enters a block with these transactions; it must be valid.
  BlockRef mine(BlockRef parent, std::vector<TransactionPointer> transactions) {
    BlockPlan plan;
    plan.parent = index[parent].hash;
    plan.height = index[parent].height + 1;
    plan.unix_time = std::max(index[parent].median_time_past + 1, static_cast<std::uint32_t>(unix_seconds(now)));
    plan.bits = index.next_bits(parent);
    plan.tag = ++blocks_made;
    plan.transactions = std::move(transactions);
    BlockRef block = kNoBlock;
    const BlockPointer body = assemble_block(index.params(), plan);
    REQUIRE(index.add(body->header(), block) == HeaderVerdict::valid);
    index.set_body(block, body);
    REQUIRE(ledger.connect(block) == BodyVerdict::valid);
    return block;
  }
};

// One input for each funding, all outputs of equal value, and that fee.
inline TransactionPointer spend(const std::vector<Funding>& fundings, std::int64_t fee, std::size_t outputs = 1,
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
