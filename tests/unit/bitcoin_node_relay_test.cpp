// Stories about following and announcing blocks. Every link takes d = 10 ms one way. Where a node must come to know a
// block at a given time, a scripted peer hands it over unasked.
#include <set>

#include "tests/unit/bitcoin_alice.hpp"

namespace hearsay::test {
namespace {

namespace observed = bitcoin::observed;
using bitcoin::BlockMessage;
using bitcoin::GetData;
using bitcoin::GetHeaders;
using bitcoin::Headers;
using bitcoin::Inv;
using bitcoin::InventoryType;
using bitcoin::SendHeaders;
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a block goes from node to node in three delays: headers, getdata, block") {
  // Alice has the block at 110 ms. Her headers reach Bert at 120 ms, his getdata her at 130 ms, the block him at 140
  // ms.
  BitcoinStory story;
  story.node("alice", {"bert"});
  story.node("bert");
  ScriptedPeer& source = story.peer("source", {"alice"});
  const BlockPointer block = story.block_on(story.tip());
  source.says(at_ms(100), message(block));
  story.run_until(at_ms(300));
  CHECK(story.when("alice", observed::kBlockReceived, block) == at_ms(110));
  CHECK(story.when("alice", observed::kBestTip, block) == at_ms(110));
  CHECK(story.when("bert", observed::kBlockAnnounced, block) == at_ms(120));
  CHECK(story.when("bert", observed::kHeaderAccepted, block) == at_ms(120));
  CHECK(story.when("bert", observed::kBlockReceived, block) == at_ms(140));
  CHECK(story.when("bert", observed::kBestTip, block) == at_ms(140));
}

TEST_CASE("announced by inv, a block takes five delays: inv, getheaders, headers, getdata, block") {
  BitcoinStory story;
  BitcoinParameters inv;
  inv.block_relay = "inv";
  story.node("alice", {"bert"}, inv);
  story.node("bert", {}, inv);
  ScriptedPeer& source = story.peer("source", {"alice"});
  const BlockPointer block = story.block_on(story.tip());
  source.says(at_ms(100), message(block));
  story.run_until(at_ms(300));
  CHECK(story.when("bert", observed::kBlockAnnounced, block) == at_ms(120));
  CHECK(story.when("bert", observed::kHeaderAccepted, block) == at_ms(140));
  CHECK(story.when("bert", observed::kBlockReceived, block) == at_ms(160));
}

TEST_CASE("pushed, a block takes one delay") {
  BitcoinStory story;
  BitcoinParameters push;
  push.block_relay = "push";
  story.node("alice", {"bert"}, push);
  story.node("bert", {}, push);
  ScriptedPeer& source = story.peer("source", {"alice"});
  const BlockPointer block = story.block_on(story.tip());
  source.says(at_ms(100), message(block));
  story.run_until(at_ms(300));
  CHECK(story.when("bert", observed::kBlockAnnounced, block) == at_ms(120));
  CHECK(story.when("bert", observed::kBestTip, block) == at_ms(120));
  CHECK(story.simulation().traffic(bitcoin::wire_type(bitcoin::MessageType::get_data)).messages == 0);
}

TEST_CASE("a peer that did not ask for headers is told by inv, one that did by headers") {
  Alice world;
  world.other->says(at_ms(80), SendHeaders{});
  world.peer->says(at_ms(85), GetHeaders{70016, {world.story.tip()->hash()}, {}});
  world.other->says(at_ms(85), GetHeaders{70016, {world.story.tip()->hash()}, {}});
  ScriptedPeer& source = world.story.peer("source", {"alice"});
  const BlockPointer block = world.chain(1)[0];
  source.says(at_ms(110), message(block));
  world.story.run_until(at_ms(200));
  CHECK(world.peer->commands(at_ms(110)) == Lines{"130 ms inv"});
  CHECK(world.other->commands(at_ms(110)) == Lines{"130 ms headers"});
  CHECK(world.peer->all<Inv>()[0].second == inv_of(block));
  CHECK(world.other->all<Headers>().back().second == headers_of({block}));
}

TEST_CASE("headers go only to peers known to have the parent; others get an inv") {
  // This peer asked for headers but never showed what it has, and was told nothing.
  Alice world;
  world.other->says(at_ms(80), SendHeaders{});
  world.peer->says(at_ms(100), message(world.chain(1)[0]));
  world.story.run_until(at_ms(200));
  CHECK(world.other->commands(at_ms(100)) == Lines{"120 ms inv"});
}

TEST_CASE("a node that relays by inv does so to peers that asked for headers too") {
  Alice world("inv");
  world.other->says(at_ms(80), SendHeaders{});
  world.other->says(at_ms(85), headers_of({world.story.tip()}));
  world.peer->says(at_ms(100), message(world.chain(1)[0]));
  world.story.run_until(at_ms(200));
  CHECK(world.other->commands(at_ms(100)) == Lines{"120 ms inv"});
}

TEST_CASE("a peer is not told of a block that it announced or sent itself") {
  Alice world;
  const BlockPointer block = world.chain(1)[0];
  world.peer->says(at_ms(100), headers_of({block}));
  world.other->says(at_ms(104), message(block));
  world.story.run_until(at_ms(300));
  CHECK(world.peer->commands(at_ms(100)) == Lines{"120 ms getdata"});
  CHECK(world.other->commands(at_ms(100)).empty());
  CHECK(world.tip() == block->hash());
}

TEST_CASE("of two chains with equal work the one that was complete first is kept, and both are had") {
  Alice world;
  const BlockPointer first = world.chain(1, 1)[0];
  const BlockPointer second = world.chain(1, 2)[0];
  world.peer->says(at_ms(100), message(first));
  world.other->says(at_ms(102), message(second));
  world.peer->says(at_ms(200), GetData{{{InventoryType::block, second->hash()}}});
  world.story.run_until(at_ms(300));
  CHECK(world.tip() == first->hash());
  CHECK(blocks_heard(*world.peer) == std::vector<Hash256>{second->hash()});
  CHECK(world.story.seen("alice", observed::kReorganised).empty());
  CHECK(world.story.when("alice", observed::kBlockReceived, second) == at_ms(112));
  CHECK(world.story.when("alice", observed::kBestTip, second) == at_ms(-1));
}

TEST_CASE("a branch with more work is followed, and the depth of the reorganisation observed") {
  // Alice follows 2 blocks; the rival branch of 3 leaves two blocks below her tip.
  Alice world;
  const std::vector<BlockPointer> own = world.chain(2, 1);
  const std::vector<BlockPointer> rival = world.chain(3, 2);
  world.peer->says(at_ms(100), message(own[0]));
  world.peer->says(at_ms(101), message(own[1]));
  world.other->says(at_ms(150), headers_of(rival));
  for (std::size_t i = 0; i < 3; ++i) world.other->says(at_ms(180 + static_cast<std::int64_t>(i)), message(rival[i]));
  world.story.run_until(at_ms(300));
  CHECK(requested(*world.other) == hashes_of(rival, 0, 3));
  CHECK(world.tip() == rival[2]->hash());
  const auto reorganised = world.story.seen("alice", observed::kReorganised);
  REQUIRE(reorganised.size() == 1);
  CHECK(reorganised[0].observation.value == 2);
  CHECK(reorganised[0].observation.object == chain::short_id64(rival[2]->hash()));
  CHECK(reorganised[0].time == at_ms(192));
  for (const BlockPointer& block : rival) CHECK(world.story.when("alice", observed::kBestTip, block) == at_ms(192));
}

TEST_CASE("bodies that arrive child first are followed when the parent is there") {
  Alice world;
  const std::vector<BlockPointer> blocks = world.chain(3);
  world.peer->says(at_ms(100), headers_of(blocks));
  world.peer->says(at_ms(130), message(blocks[2]));
  world.peer->says(at_ms(140), message(blocks[1]));
  world.peer->says(at_ms(150), message(blocks[0]));
  world.story.run_until(at_ms(155));
  CHECK(world.tip() == world.story.tip()->hash());
  world.story.run_until(at_ms(200));
  CHECK(world.tip() == blocks[2]->hash());
  for (const BlockPointer& block : blocks) CHECK(world.story.when("alice", observed::kBestTip, block) == at_ms(160));
  CHECK(world.story.seen("alice", observed::kReorganised).empty());
}

TEST_CASE("after a reorganisation up to 8 headers are announced, beyond that an inv of the tip") {
  const std::size_t length = GENERATE(std::size_t{2}, std::size_t{8}, std::size_t{9});
  Alice world;
  const std::vector<BlockPointer> own = world.chain(length - 1, 1);
  const std::vector<BlockPointer> rival = world.chain(length, 2);
  world.other->says(at_ms(80), SendHeaders{});
  world.other->says(at_ms(85), headers_of({world.story.tip()}));  // it has what both branches start from
  std::int64_t time = 100;
  for (const BlockPointer& block : own) world.peer->says(at_ms(time++), message(block));
  world.peer->says(at_ms(150), headers_of(rival));
  for (const BlockPointer& block : rival) world.peer->says(at_ms(180), message(block));
  world.story.run_until(at_ms(300));
  REQUIRE(world.tip() == rival.back()->hash());
  if (length <= 8) {
    CHECK(world.other->commands(at_ms(180)) == Lines{"200 ms headers"});
    CHECK(world.other->all<Headers>(at_ms(180))[0].second == headers_of(rival));
  } else {
    CHECK(world.other->commands(at_ms(180)) == Lines{"200 ms inv"});
    CHECK(world.other->all<Inv>(at_ms(180))[0].second == inv_of(rival.back()));
  }
}

TEST_CASE("of a branch that a peer has in part, it is told the rest") {
  // Nine blocks are too many for one announcement, but the peer has the first.
  const std::size_t length = GENERATE(std::size_t{2}, std::size_t{9});
  Alice world;
  const std::vector<BlockPointer> own = world.chain(length - 1, 1);
  const std::vector<BlockPointer> rival = world.chain(length, 2);
  world.other->says(at_ms(80), SendHeaders{});
  std::int64_t time = 100;
  for (const BlockPointer& block : own) world.peer->says(at_ms(time++), message(block));
  world.other->says(at_ms(140), headers_of({rival[0]}));
  world.peer->says(at_ms(150), headers_of(rival));
  for (const BlockPointer& block : rival) world.peer->says(at_ms(180), message(block));
  world.story.run_until(at_ms(300));
  REQUIRE(world.other->commands(at_ms(180)) == Lines{"200 ms headers"});
  CHECK(world.other->all<Headers>(at_ms(180))[0].second == headers_of({rival.begin() + 1, rival.end()}));
}

TEST_CASE("a reorganisation is pushed block by block, oldest first") {
  Alice world("push");
  const BlockPointer own = world.chain(1, 1)[0];
  const std::vector<BlockPointer> rival = world.chain(2, 2);
  world.other->says(at_ms(85), headers_of({world.story.tip()}));
  world.peer->says(at_ms(100), message(own));
  world.peer->says(at_ms(150), message(rival[0]));
  world.peer->says(at_ms(151), message(rival[1]));
  world.story.run_until(at_ms(300));
  REQUIRE(world.story.seen("alice", observed::kReorganised).size() == 1);
  CHECK(world.story.seen("alice", observed::kReorganised)[0].observation.value == 1);
  CHECK(blocks_heard(*world.other) == std::vector<Hash256>{own->hash(), rival[0]->hash(), rival[1]->hash()});
  CHECK(world.other->all<BlockMessage>()[1].first == at_ms(171));
  CHECK(world.other->all<BlockMessage>()[2].first == at_ms(171));
}

TEST_CASE("a block is not pushed to a peer that may lack its parent: that peer gets an inv") {
  Alice world("push");
  world.peer->says(at_ms(100), message(world.chain(1)[0]));
  world.story.run_until(at_ms(200));
  CHECK(world.other->commands(at_ms(100)) == Lines{"120 ms inv"});
}

TEST_CASE("two nodes that push over a deep reorganisation end on the same chain") {
  // Bert follows two blocks of his own when Alice, three blocks ahead on another branch, pushes hers. Her oldest has
  // less work than his tip, so he drops it, unasked as it came; he has to ask for it later.
  BitcoinStory story;
  BitcoinParameters push;
  push.block_relay = "push";
  BitcoinNode& alice = story.node("alice", {"bert"}, push);
  BitcoinNode& bert = story.node("bert", {}, push);
  ScriptedPeer& of_alice = story.peer("of_alice", {"alice"});
  ScriptedPeer& of_bert = story.peer("of_bert", {"bert"});
  const std::vector<BlockPointer> hers = story.chain_on(story.tip(), 3, 1);
  const std::vector<BlockPointer> his = story.chain_on(story.tip(), 2, 2);
  // Within one delay, so that neither knows of the other's.
  of_alice.says(at_ms(100), message(hers[0]));
  of_bert.says(at_ms(100), message(his[0]));
  of_bert.says(at_ms(101), message(his[1]));
  of_alice.says(at_ms(104), message(hers[1]));
  of_alice.says(at_ms(105), message(hers[2]));
  story.run_until(at_ms(400));
  CHECK(story.protocol().index()[alice.tree().tip()].hash == hers[2]->hash());
  CHECK(story.protocol().index()[bert.tree().tip()].hash == hers[2]->hash());
  const auto reorganised = story.seen("bert", observed::kReorganised);
  REQUIRE(reorganised.size() == 1);
  CHECK(reorganised[0].observation.value == 2);
  CHECK(story.verdicts("alice").empty());
  CHECK(story.verdicts("bert").empty());
}

TEST_CASE("a miner builds on its tip, dates blocks by its clock and tells its peers at once") {
  BitcoinStory story;
  BitcoinNode& alice = story.node("alice", {}, {}, {seconds(600), ByteCount{1000}});
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  story.run_until(SimTime{} + hours(2));
  const auto born = story.seen("alice", observed::kBlockBorn);
  const auto announced = peer.all<Inv>();
  REQUIRE(born.size() >= 5);
  REQUIRE(announced.size() == born.size());
  const chain::BlockIndex& index = story.protocol().index();
  CHECK(index[alice.tree().tip()].height == 20 + static_cast<std::int32_t>(born.size()));
  for (std::size_t i = 0; i < born.size(); ++i) {
    const chain::IndexedBlock& block = index[index.find(announced[i].second.inventory[0].hash)];
    CHECK(announced[i].first == born[i].time + milliseconds(kDelayMs));
    CHECK(born[i].observation.object == chain::short_id64(block.hash));
    CHECK(born[i].observation.value == block.height);
    CHECK(block.header.unix_time == unix_seconds(born[i].time));
    CHECK(block.body->stripped_bytes() == 1000);
  }
}

TEST_CASE("miners on the same tip at the same date find different blocks") {
  BitcoinStory story;
  std::set<std::uint64_t> blocks;
  const std::vector<std::string> names = {"a", "b", "c", "d", "e", "f", "g", "h"};
  for (const std::string& name : names) story.node(name, {}, {}, {seconds(2), ByteCount{0}});
  story.run_until(SimTime{} + seconds(30));
  std::size_t born = 0;
  for (const std::string& name : names)
    for (const Seen& entry : story.seen(name, observed::kBlockBorn)) {
      ++born;
      blocks.insert(entry.observation.object);
    }
  CHECK(born > 80);
  CHECK(blocks.size() == born);
}

TEST_CASE("a restarted node keeps its chain and forgets its peers") {
  Alice world;
  const std::vector<BlockPointer> blocks = world.chain(2);
  const BlockPointer block = blocks[0];
  world.peer->says(at_ms(100), message(block));
  ScriptedPeer& late = world.story.peer("late");
  late.at(at_ms(320), [](Context& context) { context.connect(BitcoinStory::endpoint("alice")); });
  late.says(at_ms(400), message(blocks[1]));
  world.story.run_until(at_ms(200));
  Simulation& simulation = world.story.simulation();
  NodeId number = 0;
  while (simulation.world().name(number) != "alice") ++number;
  simulation.stop(number, StopKind::clean, at_ms(200));
  world.story.run_until(at_ms(300));
  simulation.start(number, at_ms(300));
  world.story.run_until(at_ms(350));
  CHECK(world.peer->was_closed());
  CHECK(world.tip() == block->hash());
  world.story.run_until(at_ms(500));
  CHECK(world.tip() == blocks[1]->hash());
}

}  // namespace hearsay::test
