// Stories about blocks that are well-formed but do not connect: their coinbase claims a satoshi too much. Every link
// takes 10 ms one way.
#include "tests/unit/bitcoin_alice.hpp"

namespace hearsay::test {
namespace {

namespace observed = bitcoin::observed;
using bitcoin::GetData;
using bitcoin::InventoryType;

// On top of `parent`; what stands on it is valid apart from that.
BlockPointer greedy_block(BitcoinStory& story, const BlockPointer& parent) {
  chain::BlockPlan plan;
  plan.parent = parent->hash();
  plan.height = story.height_of(parent) + 1;
  plan.unix_time = parent->header().unix_time + 1;
  plan.bits = parent->header().bits;
  plan.fees = 1;
  return chain::assemble_block(story.protocol().params(), plan);
}

BlockPointer block_after(BitcoinStory& story, const BlockPointer& parent, std::int32_t height) {
  chain::BlockPlan plan;
  plan.parent = parent->hash();
  plan.height = height;
  plan.unix_time = parent->header().unix_time + 1;
  plan.bits = parent->header().bits;
  return chain::assemble_block(story.protocol().params(), plan);
}

}  // namespace

TEST_CASE("a block that does not connect costs the connection and is neither followed nor served") {
  Alice world;
  const BlockPointer greedy = greedy_block(world.story, world.story.tip());
  world.peer->says(at_ms(100), message(greedy));
  world.other->says(at_ms(200), GetData{{{InventoryType::witness_block, greedy->hash()}}});
  world.story.run_until(at_ms(300));
  CHECK(world.story.verdicts("alice") == std::vector<Misbehaviour>{Misbehaviour::invalid_block});
  CHECK(world.peer->was_closed());
  CHECK_FALSE(world.other->was_closed());
  CHECK(world.tip() == world.story.tip()->hash());
  CHECK(blocks_heard(*world.other).empty());
  CHECK(world.story.seen("alice", observed::kBestTip).empty());
}

TEST_CASE("a header on top of a block that does not connect costs the connection, and a good rival is followed") {
  Alice world;
  const BlockPointer greedy = greedy_block(world.story, world.story.tip());
  const BlockPointer child = block_after(world.story, greedy, world.story.height_of(world.story.tip()) + 2);
  const BlockPointer good = world.chain(1)[0];
  world.peer->says(at_ms(100), message(greedy));
  world.other->says(at_ms(150), message(good));
  world.other->says(at_ms(200), headers_of({child}));
  world.story.run_until(at_ms(300));
  CHECK(world.story.verdicts("alice") ==
        std::vector<Misbehaviour>{Misbehaviour::invalid_block, Misbehaviour::invalid_header});
  CHECK(world.other->was_closed());
  CHECK(world.tip() == good->hash());
}

TEST_CASE("what stands on a block that does not connect is not asked for any more") {
  Alice world;
  const BlockPointer greedy = greedy_block(world.story, world.story.tip());
  const BlockPointer child = block_after(world.story, greedy, world.story.height_of(world.story.tip()) + 2);
  const BlockPointer good = world.chain(1)[0];
  // Both peers have announced the chain; the first was asked for all of it and is thrown out for its first block.
  world.peer->says(at_ms(100), headers_of({greedy, child}));
  world.other->says(at_ms(110), headers_of({greedy, child}));
  world.peer->says(at_ms(150), message(greedy));
  world.other->says(at_ms(200), headers_of({good}));
  world.story.run_until(at_ms(300));
  CHECK(world.peer->was_closed());
  CHECK(requested(*world.other) == std::vector<Hash256>{good->hash()});
}

TEST_CASE("a block that failed at one node of the process fails at another, when it gets there") {
  BitcoinStory story;
  story.node("alice");
  story.node("bert");
  ScriptedPeer& first = story.peer("first", {"alice"});
  ScriptedPeer& second = story.peer("second", {"bert"});
  const BlockPointer greedy = greedy_block(story, story.tip());
  first.says(at_ms(100), message(greedy));
  second.says(at_ms(150), headers_of({greedy}));
  second.says(at_ms(200), message(greedy));
  story.run_until(at_ms(190));
  CHECK(story.verdicts("bert").empty());
  story.run_until(at_ms(300));
  CHECK(story.verdicts("bert") == std::vector<Misbehaviour>{Misbehaviour::invalid_block});
}

TEST_CASE("the header of a block known to be invalid costs an outbound peer its connection, not an inbound one") {
  BitcoinStory story;
  story.node("alice", {"server"});
  ScriptedPeer& server = story.peer("server");
  ScriptedPeer& client = story.peer("client", {"alice"});
  ScriptedPeer& liar = story.peer("liar", {"alice"});
  const BlockPointer greedy = greedy_block(story, story.tip());
  liar.says(at_ms(100), message(greedy));
  client.says(at_ms(200), headers_of({greedy}));
  server.says(at_ms(300), headers_of({greedy}));
  story.run_until(at_ms(250));
  CHECK(liar.was_closed());
  CHECK_FALSE(client.was_closed());
  CHECK_FALSE(server.was_closed());
  story.run_until(at_ms(400));
  CHECK(server.was_closed());
  CHECK_FALSE(client.was_closed());
}

}  // namespace hearsay::test
