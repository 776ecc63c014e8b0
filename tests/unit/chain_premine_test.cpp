// The chain that a network starts with, and the outputs in it that can be spent.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "models/chain/premine.hpp"
#include "sim/core/time.hpp"

using namespace hearsay::chain;

namespace {

constexpr std::int64_t kTime = 1'767'225'600;

struct Started {
  Started(const ChainParams& params, std::uint32_t blocks, std::uint32_t outputs)
      : index(params), ledger(index), made(premine(index, ledger, {blocks, kTime, outputs})) {}

  BlockIndex index;
  Ledger ledger;
  Premine made;
};

}  // namespace

TEST_CASE("a premined chain is valid, one block a target spacing, and ends at the date asked for") {
  for (const std::uint32_t outputs : {0u, 11'000u}) {
    const Started started(regtest_params(), 200, outputs);
    const BlockIndex& index = started.index;
    const BlockRef tip = started.made.tip;
    CHECK(index[tip].height == 200);
    CHECK(index[tip].header.unix_time == kTime);
    std::size_t wrong = 0;
    for (BlockRef block = tip; index[block].height > 0; block = index[block].parent) {
      wrong += index[block].body == nullptr || index[block].body->hash() != index[block].hash;
      wrong += check_body(index.params(), *index[block].body, index[block]) != BodyVerdict::valid;
      wrong += started.ledger.verdict(block) != BodyVerdict::valid;
      const BlockRef parent = index[block].parent;
      if (index[parent].height > 0) wrong += index[block].header.unix_time - index[parent].header.unix_time != 600;
    }
    CHECK(wrong == 0);
    CHECK(index[index.genesis()].body == regtest_params().genesis);
  }
}

TEST_CASE("as many outputs as asked for can be spent in the next block, all of one value") {
  for (const std::uint32_t outputs : {1u, 1'999u, 2'000u, 2'001u, 11'000u, 100'000u}) {
    CAPTURE(outputs);
    const Started started(regtest_params(), 200, outputs);
    REQUIRE(started.made.spendable.size() == outputs);
    std::set<OutPoint> points;
    std::size_t wrong = 0;
    for (const Funding& funding : started.made.spendable) {
      points.insert(funding.point);
      const auto coin = started.ledger.coins().find(funding.point, started.made.tip);
      wrong += !coin || coin->output->value != funding.value || coin->from_coinbase ||
               coin->output->script != output_script(funding.form) || funding.value < 100'000;
      wrong += funding.value != started.made.spendable[0].value;
    }
    CHECK(wrong == 0);
    CHECK(points.size() == outputs);
  }
}

TEST_CASE("too short a premined chain has as many spendable outputs as its blocks allow") {
  CHECK(least_premined_blocks(0) == 0);
  CHECK(least_premined_blocks(1) == 101);
  CHECK(least_premined_blocks(2'000) == 101);
  CHECK(least_premined_blocks(2'001) == 102);
  CHECK(least_premined_blocks(11'000) == 106);
  for (const std::uint32_t blocks : {1u, 100u, 101u, 105u, 106u}) {
    const Started started(regtest_params(), blocks, 11'000);
    CHECK(started.made.spendable.size() == std::min(11'000u, blocks < 100 ? 0u : (blocks - 100) * kFanOutOutputs));
  }
}

TEST_CASE("fan-outs spend coinbases as soon as they are mature, and every satoshi goes somewhere") {
  const Started started(regtest_params(), 110, 5'000);
  const BlockIndex& index = started.index;
  for (std::int32_t height = 1; height <= 110; ++height) {
    const BlockRef block = index.ancestor(started.made.tip, height);
    const auto& transactions = index[block].body->transactions();
    CHECK(transactions.size() == (height > 100 && height <= 103 ? 2u : 1u));
    CHECK(output_value(*transactions[0]) == 5'000'000'000 + started.ledger.fees(block));
    if (transactions.size() < 2) continue;
    const BlockRef source = index.ancestor(started.made.tip, height - 100);
    CHECK(transactions[1]->inputs()[0].previous.txid == index[source].body->transactions()[0]->txid());
    CHECK(transactions[1]->weight() <= 400'000);
  }
}

TEST_CASE("the same settings give the same chain") {
  const Started one(regtest_params(), 120, 3'000);
  const Started other(regtest_params(), 120, 3'000);
  CHECK(one.index[one.made.tip].hash == other.index[other.made.tip].hash);
  CHECK(one.made.spendable == other.made.spendable);
}

TEST_CASE(
    "a premined chain like mainnet's begins one target spacing after its genesis block and keeps its difficulty") {
  const ChainParams& params = mainnet_like_params(2'100);
  const Started started(params, 2'100, 2'000);
  const BlockIndex& index = started.index;
  const BlockRef first = index.ancestor(started.made.tip, 1);
  CHECK(index[first].header.unix_time - params.genesis->header().unix_time == 600);
  CHECK(index[index.ancestor(started.made.tip, 2'015)].header.bits == 0x200fffff);
  // 2,015 intervals where the rule expects 2,016: the target shrinks by that.
  CHECK(index[started.made.tip].header.bits == 0x200ffdf6);
  CHECK(started.made.spendable.size() == 2'000);
}
