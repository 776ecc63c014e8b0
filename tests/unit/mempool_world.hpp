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
#include "tests/unit/chain_fixtures.hpp"

namespace hearsay::chain {

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

}  // namespace hearsay::chain
