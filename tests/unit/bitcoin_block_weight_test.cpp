// Chains whose blocks may weigh more, or less, than Bitcoin's: what is made keeps to the limit, what is judged is
// refused above it and nowhere else, and no block is larger than a message.
#include <vector>

#include "models/chain/body_checks.hpp"
#include "models/chain/premine.hpp"
#include "tests/unit/bitcoin_story.hpp"
#include "tests/unit/mempool_world.hpp"

namespace hearsay::test {
namespace {

namespace observed = bitcoin::observed;
using chain::BodyVerdict;
using chain::ChainParams;
using chain::ChainStartParameters;
using chain::TransactionPointer;
using chain::TransactionVerdict;

ChainParams with_limit(std::int64_t weight) {
  ChainStartParameters start;
  start.block_weight_limit = weight;
  return chain::chain_params(start);
}

chain::BlockPlan plan_of(std::size_t stripped_bytes) {
  chain::BlockPlan plan;
  plan.parent = chain::regtest_params().genesis->hash();
  plan.height = 200;
  plan.bits = chain::regtest_params().pow_limit_bits;
  plan.least_stripped_bytes = stripped_bytes;
  return plan;
}

BodyVerdict verdict(const ChainParams& params, const chain::Block& block) {
  return chain::check_body(params, block, chain::place_of(block, 200));
}

// Spends a made-up coin, with that many bytes of witness.
TransactionPointer with_witness(std::size_t bytes) {
  chain::TxIn input;
  input.previous = {Hash256{{1}}, 0};
  input.witness = {std::vector<std::uint8_t>(bytes, 1)};
  return std::make_shared<const chain::Transaction>(2, std::vector<chain::TxIn>{input},
                                                    std::vector<chain::TxOut>{{1, {0x51}}}, 0);
}

}  // namespace

TEST_CASE("a chain has Bitcoin's weight limit unless it is given another") {
  CHECK(chain::mainnet_params().block_weight_limit == 4'000'000);
  CHECK(chain::regtest_params().block_weight_limit == 4'000'000);
  CHECK(chain::chain_params({}).block_weight_limit == 4'000'000);
  ChainStartParameters start;
  start.params = "mainnet-like";
  start.block_weight_limit = 8'000'000;
  const ChainParams params = chain::chain_params(start);
  CHECK(params.block_weight_limit == 8'000'000);
  CHECK(params.genesis == chain::mainnet_like_params(200).genesis);
  CHECK(chain::mainnet_like_params(200).block_weight_limit == 4'000'000);
}

TEST_CASE("a block is padded up to the limit of its chain, which accepts it, and a chain with less refuses it") {
  const ChainParams larger = with_limit(5'310'000);
  const chain::BlockPointer full = chain::assemble_block(larger, plan_of(1'327'500));
  CHECK(full->stripped_bytes() == 1'327'500);
  CHECK(verdict(larger, *full) == BodyVerdict::valid);
  CHECK(verdict(with_limit(5'309'999), *full) == BodyVerdict::too_large);
  CHECK(verdict(chain::regtest_params(), *full) == BodyVerdict::too_large);
  CHECK(chain::assemble_block(larger, plan_of(2'000'000))->stripped_bytes() == 1'327'500);
  CHECK(chain::assemble_block(chain::regtest_params(), plan_of(2'000'000))->stripped_bytes() == 1'000'000);

  const ChainParams smaller = with_limit(400'000);
  CHECK(chain::assemble_block(smaller, plan_of(2'000'000))->stripped_bytes() == 100'000);
  CHECK(verdict(smaller, *chain::assemble_block(larger, plan_of(100'000))) == BodyVerdict::valid);
  CHECK(verdict(smaller, *chain::assemble_block(larger, plan_of(100'001))) == BodyVerdict::too_large);
}

TEST_CASE("a transaction may fill a block of its chain") {
  const auto of_size = [](std::size_t bytes) {
    chain::TxIn input;
    input.previous = {Hash256{{1}}, 0};
    const auto with_script = [&](std::size_t script) {
      return chain::Transaction(2, {input}, {{1, std::vector<std::uint8_t>(script, 1)}}, 0);
    };
    return with_script(bytes - (with_script(900'000).stripped_bytes() - 900'000));
  };
  CHECK(chain::check_transaction(with_limit(5'310'000), of_size(1'327'500)) == TransactionVerdict::valid);
  CHECK(chain::check_transaction(with_limit(5'310'000), of_size(1'327'501)) ==
        TransactionVerdict::transaction_too_large);
  CHECK(chain::check_transaction(chain::regtest_params(), of_size(1'000'001)) ==
        TransactionVerdict::transaction_too_large);
}

TEST_CASE("no block has more bytes than a message, whatever it may weigh") {
  const ChainParams most = with_limit(16'000'000);
  const chain::BlockPointer full = chain::assemble_block(most, plan_of(4'000'000));
  CHECK(full->total_bytes() == 4'000'000);
  CHECK(verdict(most, *full) == BodyVerdict::valid);

  chain::BlockPlan padded = plan_of(4'000'000);
  padded.transactions = {with_witness(1'000'000)};
  CHECK(chain::assemble_block(most, padded)->total_bytes() == 4'000'000);
  CHECK(verdict(most, *chain::assemble_block(most, padded)) == BodyVerdict::valid);

  chain::BlockPlan witnesses = plan_of(0);
  witnesses.transactions = {with_witness(3'999'000)};
  const std::size_t rest = chain::assemble_block(most, witnesses)->total_bytes() - 3'999'000;
  witnesses.transactions = {with_witness(4'000'000 - rest)};
  CHECK(verdict(most, *chain::assemble_block(most, witnesses)) == BodyVerdict::valid);
  witnesses.transactions = {with_witness(4'000'001 - rest)};
  CHECK(verdict(most, *chain::assemble_block(most, witnesses)) == BodyVerdict::too_large);
}

TEST_CASE("a template leaves out what would not fit into a message") {
  constexpr std::size_t kInputs = 190;
  constexpr std::size_t kTransactions = 13;
  chain::MempoolWorld world(kInputs * kTransactions);
  chain::MempoolParameters parameters;
  chain::Mempool mempool(world.store, world.ledger, parameters);
  std::vector<chain::TxRef> held;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < kTransactions; ++i) {
    const auto first = world.spendable.begin() + static_cast<std::ptrdiff_t>(i * kInputs);
    const TransactionPointer heavy =
        chain::spend({first, first + static_cast<std::ptrdiff_t>(kInputs)}, 1'000'000, 1, 400'000);
    held.push_back(world.store.hold(heavy));
    REQUIRE(mempool.accept(held.back(), world.tip, world.now).accepted());
    bytes += heavy->total_bytes();
  }
  REQUIRE(bytes > 4'000'000);
  const chain::BlockTemplate made = mempool.block_template(16'000'000 - bitcoin::Miner::kReservedWeight);
  std::size_t chosen = 0;
  for (const TransactionPointer& transaction : made.transactions) chosen += transaction->total_bytes();
  CHECK(chosen < 4'000'000);
  CHECK(chosen + bytes / kTransactions > 4'000'000);  // they are of about one size: another would not fit
  chain::BlockPlan plan = plan_of(4'000'000);
  plan.transactions = made.transactions;
  const ChainParams most = with_limit(16'000'000);
  const chain::BlockPointer block = chain::assemble_block(most, plan);
  CHECK(block->total_bytes() == 4'000'000);
  CHECK(verdict(most, *block) == BodyVerdict::valid);
  mempool.clear();
  for (const chain::TxRef place : held) world.store.release(place);
}

TEST_CASE("the premined chain keeps to the least limit") {
  const ChainParams least = with_limit(400'000);
  for (const chain::SpendForm form : {chain::SpendForm::p2wsh, chain::SpendForm::p2sh}) {
    chain::BlockIndex index(least);
    chain::Ledger ledger(index);
    const chain::Premine made = chain::premine(index, ledger, {103, kUnixEpochSeconds, 6'000, form});
    std::size_t refused = 0;
    for (chain::BlockRef block = made.tip; index[block].height > 0; block = index[block].parent)
      refused += chain::check_body(least, *index[block].body, index[block]) != BodyVerdict::valid;
    CHECK(refused == 0);
  }
}

TEST_CASE("a pool fills the blocks of its chain, and a node there follows them") {
  for (const StoryWire wire : {StoryWire::values, StoryWire::bytes}) {
    const ChainParams larger = with_limit(16'000'000);
    BitcoinStory story(20, milliseconds(kDelayMs), 0, wire, chain::SpendForm::p2wsh, larger);
    story.node("alice");
    story.node("pool", {"alice"}, {}, {minutes(10), ByteCount{4'000'000}});
    story.run_until(SimTime{} + hours(1));
    const std::vector<Seen> born = story.seen("pool", observed::kBlockBorn);
    const std::vector<Seen> followed = story.seen("alice", observed::kBestTip);
    REQUIRE(born.size() > 1);
    CHECK(followed.size() == born.size());
    CHECK(story.verdicts("alice").empty());
    const chain::BlockIndex& index = story.protocol().index();
    CHECK(index[static_cast<chain::BlockRef>(index.size() - 1)].body->total_bytes() == 4'000'000);
  }
}

TEST_CASE("a block above the limit of the chain costs the connection; where the limit is larger it is followed") {
  const std::int64_t limit = GENERATE(4'000'000, 5'310'000);
  const ChainParams params = with_limit(limit);
  BitcoinStory story(20, milliseconds(kDelayMs), 0, StoryWire::values, chain::SpendForm::p2wsh, params);
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  chain::BlockPlan plan;
  plan.parent = story.tip()->hash();
  plan.height = story.height_of(story.tip()) + 1;
  plan.unix_time = story.tip()->header().unix_time + 1;
  plan.bits = story.tip()->header().bits;
  plan.least_stripped_bytes = 1'327'500;
  const BlockPointer block = chain::assemble_block(with_limit(5'310'000), plan);
  peer.says(at_ms(100), bitcoin::BlockMessage{block});
  story.run_until(SimTime{} + seconds(10));
  const bool follows = story.when("alice", observed::kBestTip, block) != at_ms(-1);
  CHECK(follows == (limit == 5'310'000));
  CHECK(peer.was_closed() == (limit == 4'000'000));
  const std::vector<Misbehaviour> invalid{Misbehaviour::invalid_block};
  CHECK(story.verdicts("alice") == (limit == 4'000'000 ? invalid : std::vector<Misbehaviour>{}));
}

}  // namespace hearsay::test
