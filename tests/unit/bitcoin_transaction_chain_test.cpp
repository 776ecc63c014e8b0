// Stories about transactions and what they hang on: parents that are missing, blocks that confirm, reorganisations that
// undo, miners that choose. Every link takes d = 10 ms one way.
#include <algorithm>

#include "tests/unit/bitcoin_relay_story.hpp"

namespace hearsay::test {
namespace {

namespace observed = bitcoin::observed;
using bitcoin::BlockMessage;
using bitcoin::InventoryType;
using bitcoin::NotFound;
using chain::MempoolVerdict;

struct Family {
  explicit Family(RelayStory& world, std::int64_t parent_fee = 2'000, chain::SpendForm form = chain::SpendForm::p2wsh) {
    parent = chain::spend({world.coin()}, parent_fee);
    chain::Funding output = chain::output_of(parent);
    output.form = form;
    child = chain::spend({output}, 10'000);
  }
  TransactionPointer parent;
  TransactionPointer child;
};

// Outputs in the P2SH form, so that transactions have no witness: txid and wtxid are the same.
TransactionPointer plain_spend(const chain::Funding& coin, std::int64_t fee) {
  chain::SpendPlan plan;
  plan.fundings = {coin};
  plan.output_values = {coin.value - fee};
  plan.form = chain::SpendForm::p2sh;
  return chain::make_spend(plan);
}

}  // namespace

TEST_CASE("the parent of an orphan is asked for by txid, and both are accepted when it comes") {
  RelayStory world;
  const Family family(world);
  world.out1->says(at_ms(100), message(family.child));
  world.out1->has(family.parent);
  world.story.run_until(at_ms(115));
  CHECK(world.alice->transactions()->orphanage.size() == 1);
  world.story.run_until(at_ms(500));
  CHECK(asked(*world.out1) == std::vector<Asked>{{120, {{InventoryType::witness_tx, family.parent->txid()}}}});
  CHECK(world.story.when("alice", observed::kTransactionAccepted, family.parent) == at_ms(130));
  CHECK(world.story.when("alice", observed::kTransactionAccepted, family.child) == at_ms(130));
  CHECK(world.alice->transactions()->orphanage.size() == 0);
  CHECK(world.refusals(family.child).empty());
}

TEST_CASE("whoever announced an orphan is asked for its parent, one after the other") {
  RelayStory world;
  const Family family(world);
  const Inventory wanted = {{InventoryType::witness_tx, family.parent->txid()}};
  world.in1->says(at_ms(100), txid_inv({family.child}));
  world.in2->says(at_ms(100), txid_inv({family.child}));
  world.out1->says(at_ms(200), message(family.child));
  world.out1->says(at_ms(400), NotFound{wanted});
  world.story.run_until(SimTime{} + minutes(5));
  CHECK(asked(*world.out1) == std::vector<Asked>{{220, wanted}});
  // Inbound peers are asked 2 s after the orphan came, and another minute later.
  std::vector<Asked> others = asked(*world.in1);
  for (const Asked& request : asked(*world.in2)) others.push_back(request);
  std::sort(others.begin(), others.end(), [](const Asked& a, const Asked& b) { return a.ms < b.ms; });
  CHECK(others == std::vector<Asked>{{2220, wanted}, {62'220, wanted}});
  CHECK(asked(*world.in1).size() == 1);
}

TEST_CASE("peers that announced an orphan are not told of it when it is accepted") {
  RelayStory world;
  const Family family(world);
  world.out1->has(family.child);
  world.out1->has(family.parent);
  world.out2->has(family.parent);
  world.out1->says(at_ms(100), txid_inv({family.child}));
  world.out2->says(at_ms(101), txid_inv({family.child}));
  world.in1->says(at_ms(102), txid_inv({family.child}));
  world.story.run_until(SimTime{} + seconds(10));
  REQUIRE(world.accepted(family.child));
  // Nor of the parent: who announces a child has it (Bitcoin Core adds it to what the peer knows, too).
  for (const ScriptedPeer* peer : {world.out1, world.out2, world.in1}) CHECK(inventory_of<bitcoin::Inv>(*peer).empty());
  CHECK(inventory_of<bitcoin::Inv>(*world.in2) == txid_inv({family.parent, family.child}).inventory);
}

TEST_CASE("a peer that announces an orphan later is asked for its parent too") {
  RelayStory world;
  const Family family(world);
  world.out1->speaks_wtxid();
  world.out2->speaks_wtxid();
  world.out2->has(family.parent);
  world.out1->says(at_ms(100), message(family.child));
  world.out1->closes(at_ms(10'000));
  world.out2->says(at_ms(5'000), wtxid_inv({family.child}));
  world.story.run_until(SimTime{} + minutes(2));
  const Inventory wanted = {{InventoryType::witness_tx, family.parent->txid()}};
  // By txid, while peers announce by wtxid: 2 s later.
  CHECK(asked(*world.out1) == std::vector<Asked>{{2'120, wanted}});
  CHECK(asked(*world.out2) == std::vector<Asked>{{10'020, wanted}});
  CHECK(world.accepted(family.child));
}

TEST_CASE("an orphan goes with the last peer that announced it") {
  RelayStory world;
  const Family family(world);
  world.out1->says(at_ms(100), message(family.child));
  world.out1->closes(at_ms(200));
  world.story.run_until(at_ms(150));
  CHECK(world.alice->transactions()->orphanage.size() == 1);
  world.story.run_until(at_ms(300));
  CHECK(world.alice->transactions()->orphanage.size() == 0);
}

TEST_CASE("a chain of orphans is resolved from its root") {
  RelayStory world;
  std::vector<TransactionPointer> line = {world.make()};
  for (int i = 0; i < 5; ++i) line.push_back(chain::spend({chain::output_of(line.back())}, 10'000));
  for (std::size_t i = line.size() - 1; i > 0; --i)
    world.in1->says(at_ms(200 - static_cast<std::int64_t>(i)), message(line[i]));
  world.in1->says(at_ms(300), message(line[0]));
  world.story.run_until(at_ms(309));
  CHECK(world.mempool().size() == 0);
  CHECK(world.alice->transactions()->orphanage.size() == 5);
  world.story.run_until(at_ms(400));
  CHECK(world.mempool().size() == 6);
  CHECK(world.alice->transactions()->orphanage.size() == 0);
  for (const TransactionPointer& member : line)
    CHECK(world.story.when("alice", observed::kTransactionAccepted, member) == at_ms(310));
}

TEST_CASE("the child of a refused parent is dropped") {
  RelayStory world(quick(), chain::SpendForm::p2sh);
  const TransactionPointer parent = plain_spend(world.coin(), -1);  // pays out more than it takes in
  const TransactionPointer child =
      plain_spend({{parent->txid(), 0}, parent->outputs()[0].value, chain::SpendForm::p2sh}, 10'000);
  REQUIRE_FALSE(parent->has_witness());
  world.out1->says(at_ms(100), message(parent));
  world.out1->says(at_ms(101), message(child));
  world.story.run_until(SimTime{} + minutes(1));
  CHECK(world.refusals(parent) == std::vector<MempoolVerdict>{MempoolVerdict::outputs_above_inputs});
  CHECK(world.refusals(child) == std::vector<MempoolVerdict>{MempoolVerdict::missing_inputs});
  CHECK(world.alice->transactions()->orphanage.size() == 0);
  CHECK(asked(*world.out1).empty());
}

TEST_CASE("a block confirms transactions, the mempool forgets them, and nothing is left in the store") {
  RelayStory world;
  const TransactionPointer first = world.make();
  const TransactionPointer second = world.make();
  const chain::Funding coin = world.coin();
  const TransactionPointer loser = chain::spend({coin}, 10'000);
  const TransactionPointer winner = chain::spend({coin}, 20'000);
  for (const TransactionPointer& transaction : {first, second, loser})
    world.out1->says(at_ms(100), message(transaction));
  world.out1->says(at_ms(500), BlockMessage{world.story.block_with(world.story.tip(), {first, second, winner})});
  world.story.run_until(at_ms(400));
  CHECK(world.mempool().size() == 3);
  world.story.run_until(at_ms(600));
  CHECK(world.mempool().size() == 0);
  CHECK(world.story.when("alice", observed::kTransactionConfirmed, first) == at_ms(510));
  CHECK(world.story.when("alice", observed::kTransactionConfirmed, second) == at_ms(510));
  CHECK(world.story.when("alice", observed::kTransactionLeft, loser) == at_ms(510));
  CHECK(world.story.protocol().transactions().live() == 0);
}

TEST_CASE("what a block confirms is not asked for any more, and orphans in it are dropped") {
  RelayStory world;
  const Family family(world);
  const TransactionPointer other = world.make();
  world.in1->says(at_ms(100), txid_inv({other}));
  world.in1->says(at_ms(100), message(family.child));
  world.out1->says(at_ms(500),
                   BlockMessage{world.story.block_with(world.story.tip(), {family.parent, family.child, other})});
  world.story.run_until(SimTime{} + minutes(2));
  CHECK(inventory_of<bitcoin::GetData>(*world.in1).empty());
  CHECK(world.alice->transactions()->orphanage.size() == 0);
  CHECK(world.story.protocol().transactions().live() == 0);
}

TEST_CASE("a confirmed transaction is not asked for, by either name") {
  RelayStory world;
  const TransactionPointer transaction = world.make();
  world.out1->says(at_ms(100), BlockMessage{world.story.block_with(world.story.tip(), {transaction})});
  world.out2->speaks_wtxid();
  world.out1->says(at_ms(200), txid_inv({transaction}));
  world.out2->says(at_ms(200), wtxid_inv({transaction}));
  world.story.run_until(SimTime{} + minutes(1));
  CHECK(inventory_of<bitcoin::GetData>(*world.out1).empty());
  CHECK(inventory_of<bitcoin::GetData>(*world.out2).empty());
}

TEST_CASE("after a reorganisation transactions of the abandoned blocks are back, parents first, but not announced") {
  RelayStory world;
  const Family family(world);
  const TransactionPointer spent = chain::spend({world.coin()}, 10'000);
  const BlockPointer abandoned = world.story.block_with(world.story.tip(), {family.parent, family.child, spent}, 1);
  // The rival branch confirms one of the three.
  const BlockPointer rival = world.story.block_with(world.story.tip(), {spent}, 2);
  const BlockPointer above = world.story.block_on(rival, 3);
  world.out1->says(at_ms(100), BlockMessage{abandoned});
  world.out1->says(at_ms(200), BlockMessage{rival});
  world.out1->says(at_ms(201), BlockMessage{above});
  world.story.run_until(at_ms(190));
  CHECK(world.mempool().size() == 0);
  world.story.run_until(at_ms(500));
  REQUIRE(world.story.seen("alice", observed::kReorganised).size() == 1);
  CHECK(world.mempool().size() == 2);
  CHECK(world.accepted(family.parent));
  CHECK(world.accepted(family.child));
  CHECK_FALSE(world.accepted(spent));
  for (const ScriptedPeer* peer : world.peers())
    for (const bitcoin::InventoryVector& entry : inventory_of<bitcoin::Inv>(*peer))
      CHECK(entry.type == InventoryType::block);
}

TEST_CASE("what a block confirms and a reorganisation brings back is not asked for") {
  RelayStory world;
  world.in1->speaks_wtxid();
  const TransactionPointer transaction = world.make();
  const std::vector<BlockPointer> rival = world.story.chain_on(world.story.tip(), 2, 2);
  world.out1->says(at_ms(100), BlockMessage{world.story.block_with(world.story.tip(), {transaction}, 1)});
  world.in2->speaks_wtxid();
  // Announced before the block and after it, to be asked for 2 s later.
  world.in1->says(at_ms(90), wtxid_inv({transaction}));
  world.in2->says(at_ms(500), wtxid_inv({transaction}));
  for (const BlockPointer& block : rival) world.out1->says(at_ms(1'000), BlockMessage{block});
  world.story.run_until(SimTime{} + minutes(1));
  CHECK(world.accepted(transaction));
  CHECK(asked(*world.in1).empty());
  CHECK(asked(*world.in2).empty());
}

TEST_CASE("a block that a miner makes holds the best paying packages, parents before children") {
  // 2,000 outputs of 43 bytes each take 344,000 weight units and more: eleven such transactions fit, a twelfth does
  // not.
  RelayStory world(quick(), chain::SpendForm::p2wsh, StoryWire::values, {minutes(5), ByteCount{0}, {}, seconds(1)});
  std::vector<TransactionPointer> singles;
  for (std::int64_t i = 0; i < 11; ++i) singles.push_back(chain::spend({world.coin()}, 20'000 + 1'000 * i, 2'000));
  const TransactionPointer parent = chain::spend({world.coin()}, 10'000, 2'000);  // least of all
  const TransactionPointer child = chain::spend({chain::output_of(parent)}, 1'000);
  REQUIRE(11 * parent->weight() < chain::kConsensusBlockWeight - bitcoin::Miner::kReservedWeight);
  REQUIRE(12 * parent->weight() > chain::kConsensusBlockWeight - bitcoin::Miner::kReservedWeight);
  const bool child_pays = GENERATE(true, false);
  std::vector<chain::Funding> forty;
  std::int64_t value = 0;
  for (std::uint32_t i = 0; i < 40; ++i) {
    forty.push_back(chain::output_of(parent, i));
    value += forty.back().value;
  }
  const TransactionPointer rich = chain::spend(forty, value - 1'000);
  REQUIRE(value > 40'000);
  const TransactionPointer& dependent = child_pays ? rich : child;
  for (const TransactionPointer& single : singles) world.out1->says(at_ms(100), message(single));
  world.out1->says(at_ms(100), message(parent));
  world.out1->says(at_ms(101), message(dependent));
  world.story.run_until(SimTime{} + hours(1));
  const auto born = world.story.seen("alice", observed::kBlockBorn);
  REQUIRE(!born.empty());
  REQUIRE(born[0].time > at_ms(2'000));
  const chain::BlockIndex& index = world.story.protocol().index();
  chain::BlockRef block = world.alice->tree().tip();
  block = index.ancestor(block, static_cast<std::int32_t>(born[0].observation.value));
  std::vector<Hash256> mined;
  for (const TransactionPointer& transaction : index[block].body->transactions()) mined.push_back(transaction->txid());
  const auto place = [&](const TransactionPointer& transaction) {
    return std::find(mined.begin(), mined.end(), transaction->txid()) - mined.begin();
  };
  const auto end = static_cast<std::ptrdiff_t>(mined.size());
  if (child_pays) {
    CHECK(place(parent) < place(rich));
    CHECK(place(rich) < end);
    CHECK(place(singles[0]) == end);
    CHECK(place(singles[1]) < end);
    CHECK(mined.size() == 1 + 10 + 2);
  } else {
    CHECK(place(parent) == end);
    CHECK(place(child) == end);
    for (const TransactionPointer& single : singles) CHECK(place(single) < end);
  }
}

TEST_CASE("a block is built on the tip that was known a job delay before, with a delay of zero on the present one") {
  const std::int64_t delay_seconds = GENERATE(0, 45);
  BitcoinStory story;
  bitcoin::MinerSettings mining{seconds(30), ByteCount{0}, seconds(delay_seconds)};
  story.node("alice", {}, {}, mining);
  story.run_until(SimTime{} + hours(1));
  const auto born = story.seen("alice", observed::kBlockBorn);
  const auto tips = story.seen("alice", observed::kBestTip);
  REQUIRE(born.size() > 80);
  const chain::BlockIndex& index = story.protocol().index();
  const auto block_of = [&](std::uint64_t id) {
    for (chain::BlockRef block = 0; block < index.size(); ++block)
      if (chain::short_id64(index[block].hash) == id) return block;
    return chain::kNoBlock;
  };
  std::size_t on_old_tip = 0;
  for (const Seen& entry : born) {
    chain::BlockRef expected = story.protocol().premined_tip();
    chain::BlockRef newest = expected;
    for (const Seen& tip : tips) {
      if (tip.time >= entry.time) break;
      newest = block_of(tip.observation.object);
      if (tip.time + seconds(delay_seconds) <= entry.time) expected = newest;
    }
    const chain::BlockRef made = block_of(entry.observation.object);
    REQUIRE(made != chain::kNoBlock);
    CHECK(index[made].parent == expected);
    on_old_tip += expected != newest ? 1 : 0;
  }
  CHECK((on_old_tip > 20) == (delay_seconds > 0));
}

TEST_CASE("transactions that come after a template are in the block half a minute later") {
  RelayStory world(quick(), chain::SpendForm::p2wsh, StoryWire::values, {seconds(20), ByteCount{0}});
  const TransactionPointer transaction = world.make();
  world.out1->says(at_ms(40'000), message(transaction));
  world.story.run_until(SimTime{} + minutes(10));
  const SimTime confirmed = world.story.when("alice", observed::kTransactionConfirmed, transaction);
  REQUIRE(confirmed > at_ms(40'010));
  // The template that has it: 30 s after the last one, or with the next tip.
  SimTime made = at_ms(40'010);
  SimTime last_template{};
  for (const Seen& tip : world.story.seen("alice", observed::kBestTip))
    if (tip.time < at_ms(40'010)) last_template = tip.time;
  made = std::max(made, last_template + seconds(30));
  for (const Seen& tip : world.story.seen("alice", observed::kBestTip))
    if (tip.time > at_ms(40'010)) made = std::min(made, tip.time);
  SimTime first_after = SimTime::max();
  for (const Seen& block : world.story.seen("alice", observed::kBlockBorn))
    if (block.time > made) first_after = std::min(first_after, block.time);
  CHECK(confirmed == first_after);
}

TEST_CASE("a restarted node has forgotten all transactions") {
  RelayStory world;
  const Family family(world);
  world.out1->says(at_ms(100), message(world.make()));
  world.out1->says(at_ms(100), message(family.child));
  world.in1->says(at_ms(100), txid_inv({world.make()}));
  world.story.run_until(at_ms(200));
  CHECK(world.story.protocol().transactions().live() > 3);
  Simulation& simulation = world.story.simulation();
  NodeId number = 0;
  while (simulation.world().name(number) != "alice") ++number;
  simulation.stop(number, StopKind::clean, at_ms(200));
  world.story.run_until(at_ms(300));
  simulation.start(number, at_ms(300));
  world.story.run_until(at_ms(400));
  CHECK(world.mempool().size() == 0);
  CHECK(world.alice->transactions()->orphanage.size() == 0);
  CHECK(world.story.protocol().transactions().live() == 0);
}

TEST_CASE("where orphans are counted they expire after 20 minutes, also if they are announced again and again") {
  for (const std::string kind : {"count", "per_peer"}) {
    BitcoinParameters parameters = quick();
    parameters.orphanage.orphans = kind;
    RelayStory world(parameters);
    const Family family(world);
    world.out1->says(at_ms(100), message(family.child));
    for (std::int64_t minute = 1; minute < 30; ++minute)
      world.out1->says(SimTime{} + minutes(minute), message(family.child));
    world.story.run_until(SimTime{} + minutes(19));
    CHECK(world.alice->transactions()->orphanage.size() == 1);
    if (kind == "per_peer") {
      world.story.run_until(SimTime{} + minutes(26));
      CHECK(world.alice->transactions()->orphanage.size() == 1);
    } else {
      // Swept every 5 minutes; the next telling brings it back.
      world.story.run_until(SimTime{} + minutes(20) + seconds(30));
      const bool gone = world.alice->transactions()->orphanage.size() == 0;
      CHECK(gone);
    }
  }
}

}  // namespace hearsay::test
