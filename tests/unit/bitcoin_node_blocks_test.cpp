// Stories about getting blocks: whom a node asks for them and when, and what it makes of bodies. Every link takes
// d = 10 ms one way.
#include "tests/unit/bitcoin_alice.hpp"

namespace hearsay::test {
namespace {

namespace observed = bitcoin::observed;
using bitcoin::BlockMessage;
using bitcoin::GetData;
using bitcoin::GetHeaders;
using bitcoin::Headers;
using bitcoin::InventoryType;
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("getdata is answered with blocks that the node has, and with nothing else") {
  Alice world;
  const std::vector<BlockPointer> blocks = world.chain(2);
  world.other->says(at_ms(80), headers_of({blocks[0], blocks[1]}));
  world.peer->says(at_ms(100), GetData{{{InventoryType::witness_block, world.story.tip()->hash()},
                                        {InventoryType::witness_block, blocks[0]->hash()},  // a header alone
                                        {InventoryType::block, Hash256{{1}}},
                                        {InventoryType::tx, world.story.tip()->hash()},
                                        {InventoryType::block, world.story.tip()->header().parent}}});
  world.story.run_until(at_ms(200));
  CHECK(blocks_heard(*world.peer) ==
        std::vector<Hash256>{world.story.tip()->hash(), world.story.tip()->header().parent});
}

TEST_CASE("with getdata_on_inv a block is asked for when an inv names it, of the first who does") {
  Alice world("inv", true);
  const BlockPointer block = world.chain(1)[0];
  const bitcoin::Inv inv{{{InventoryType::block, block->hash()}}};
  world.peer->says(at_ms(100), inv);
  world.other->says(at_ms(105), inv);
  world.peer->says(at_ms(130), headers_of({block}));
  world.peer->says(at_ms(140), message(block));
  world.story.run_until(at_ms(300));
  REQUIRE(world.peer->all<GetData>().size() == 1);  // and not again with the header
  CHECK(world.peer->all<GetData>()[0].first == at_ms(120));
  CHECK(world.peer->all<GetHeaders>().back().first == at_ms(120));
  CHECK(requested(*world.other).empty());
  CHECK(world.tip() == block->hash());
}

TEST_CASE("with getdata_on_inv what was asked by hash is asked elsewhere when its peer hangs up") {
  Alice world("inv", true);
  const BlockPointer block = world.chain(1)[0];
  const bitcoin::Inv inv{{{InventoryType::block, block->hash()}}};
  world.peer->says(at_ms(100), inv);
  world.other->says(at_ms(105), inv);
  world.other->says(at_ms(130), headers_of({block}));
  world.peer->closes(at_ms(200));
  world.story.run_until(at_ms(300));
  CHECK(requested(*world.peer) == std::vector<Hash256>{block->hash()});
  REQUIRE(world.other->all<GetData>().size() == 1);
  CHECK(world.other->all<GetData>()[0].first == at_ms(220));
}

TEST_CASE("a block is asked for from one peer at a time, and from another when the first hangs up") {
  Alice world;
  const BlockPointer block = world.chain(1)[0];
  world.peer->says(at_ms(100), headers_of({block}));
  world.other->says(at_ms(105), headers_of({block}));
  world.peer->closes(at_ms(200));
  world.story.run_until(at_ms(300));
  CHECK(requested(*world.peer) == std::vector<Hash256>{block->hash()});
  REQUIRE(world.other->all<GetData>().size() == 1);
  CHECK(world.other->all<GetData>()[0].first == at_ms(220));
  CHECK(hashes_of(world.other->all<GetData>()[0].second) == std::vector<Hash256>{block->hash()});
}

TEST_CASE("a block whose child has arrived is still asked for elsewhere when its sender hangs up") {
  // Block 0 is in flight from one peer, block 1 comes from the other; then the first peer is gone.
  Alice world;
  const std::vector<BlockPointer> blocks = world.chain(2);
  world.peer->says(at_ms(100), headers_of({blocks[0]}));
  world.other->says(at_ms(110), headers_of(blocks));
  world.other->says(at_ms(130), message(blocks[1]));
  world.peer->closes(at_ms(200));
  world.story.run_until(at_ms(215));
  CHECK(requested(*world.other) == hashes_of(blocks, 1, 2));
  CHECK(world.tip() == world.story.tip()->hash());
  world.story.run_until(at_ms(230));
  CHECK(requested(*world.other) == std::vector<Hash256>{blocks[1]->hash(), blocks[0]->hash()});
}

TEST_CASE("a block that came from somebody else is not asked for when the asked peer hangs up") {
  Alice world;
  const BlockPointer block = world.chain(1)[0];
  world.peer->says(at_ms(100), headers_of({block}));
  world.other->says(at_ms(105), headers_of({block}));
  world.other->says(at_ms(150), message(block));
  world.peer->closes(at_ms(200));
  world.story.run_until(at_ms(300));
  CHECK(requested(*world.other).empty());
  CHECK(world.tip() == block->hash());
}

TEST_CASE("at most 16 blocks are in flight from a peer, oldest first; each arrival makes room for one") {
  Alice world;
  const std::vector<BlockPointer> blocks = world.chain(20);
  world.peer->says(at_ms(100), headers_of(blocks));
  world.peer->says(at_ms(150), message(blocks[0]));
  world.story.run_until(at_ms(300));
  const auto requests = world.peer->all<GetData>();
  REQUIRE(requests.size() == 2);
  CHECK(hashes_of(requests[0].second) == hashes_of(blocks, 0, 16));
  CHECK(requests[1].first == at_ms(170));
  CHECK(hashes_of(requests[1].second) == hashes_of(blocks, 16, 17));
}

TEST_CASE("the limit of blocks in flight is a parameter, and a second peer has its own") {
  BitcoinStory story;
  BitcoinParameters parameters;
  parameters.blocks_in_flight_per_peer = 3;
  story.node("alice", {}, parameters);
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  ScriptedPeer& other = story.peer("other", {"alice"});
  const std::vector<BlockPointer> blocks = story.chain_on(story.tip(), 10);
  peer.says(at_ms(100), headers_of(blocks));
  other.says(at_ms(105), headers_of(blocks));
  story.run_until(at_ms(300));
  CHECK(requested(peer) == hashes_of(blocks, 0, 3));
  CHECK(requested(other) == hashes_of(blocks, 3, 6));
}

TEST_CASE("nothing is asked for beyond 1,024 blocks above the last one in common") {
  BitcoinStory story;
  BitcoinParameters parameters;
  parameters.blocks_in_flight_per_peer = 1024;
  story.node("alice", {}, parameters);
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  ScriptedPeer& other = story.peer("other", {"alice"});
  const std::vector<BlockPointer> blocks = story.chain_on(story.tip(), 1030);
  peer.says(at_ms(100), headers_of(blocks));
  other.says(at_ms(105), headers_of(blocks));
  story.run_until(at_ms(300));
  CHECK(requested(peer).size() == 1024);
  CHECK(requested(other).empty());
}

TEST_CASE("a chain with less work than the own is not fetched, one with as much is") {
  Alice world;
  const std::vector<BlockPointer> own = world.chain(2, 1);
  const std::vector<BlockPointer> rival = world.chain(2, 2);
  world.peer->says(at_ms(90), message(own[0]));
  world.peer->says(at_ms(91), message(own[1]));
  world.other->says(at_ms(110), headers_of({rival[0]}));
  world.other->says(at_ms(200), headers_of({rival[1]}));
  world.story.run_until(at_ms(190));
  CHECK(requested(*world.other).empty());
  world.story.run_until(at_ms(300));
  CHECK(requested(*world.other) == hashes_of(rival, 0, 2));
}

TEST_CASE("an unasked block is taken if it has as much work as the tip, dropped if it has less") {
  Alice world;
  const std::vector<BlockPointer> own = world.chain(2, 1);
  const std::vector<BlockPointer> rival = world.chain(2, 2);
  world.peer->says(at_ms(100), message(own[0]));
  world.peer->says(at_ms(101), message(own[1]));
  world.other->says(at_ms(150), message(rival[0]));
  world.story.run_until(at_ms(200));
  CHECK(world.story.when("alice", observed::kHeaderAccepted, rival[0]) == at_ms(160));
  CHECK(world.story.when("alice", observed::kBlockReceived, rival[0]) == at_ms(-1));
  CHECK_FALSE(world.other->was_closed());
}

TEST_CASE("an unasked block may lie 288 blocks above the tip, not 289") {
  const std::size_t above = GENERATE(std::size_t{288}, std::size_t{289});
  BitcoinStory story;
  story.node("alice");
  // Alice asks the first peer, which never answers, for the first blocks; the far one comes from the other.
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  const std::vector<BlockPointer> blocks = story.chain_on(story.tip(), above);
  peer.says(at_ms(100), headers_of(blocks));
  peer.says(at_ms(150), message(blocks.back()));
  story.run_until(at_ms(300));
  const bool taken = story.when("alice", observed::kBlockReceived, blocks.back()) == at_ms(160);
  CHECK(taken == (above == 288));
}

TEST_CASE("a block whose transactions are not those of its header costs the connection") {
  Alice world;
  const BlockPointer block = world.chain(1, 1)[0];
  const BlockPointer foreign = world.chain(1, 2)[0];
  world.peer->says(at_ms(100), message(std::make_shared<const chain::Block>(block->header(), foreign->transactions())));
  world.story.run_until(at_ms(300));
  CHECK(world.story.verdicts("alice") == std::vector<Misbehaviour>{Misbehaviour::invalid_block});
  CHECK(world.peer->was_closed());
  CHECK(world.tip() == world.story.tip()->hash());
  CHECK(world.story.seen("alice", observed::kBlockReceived).empty());
}

TEST_CASE("a mutated block neither spoils the true one nor cancels its request to another peer") {
  // One peer is asked for the block; meanwhile another hands over its header with a foreign body.
  Alice world;
  const BlockPointer block = world.chain(1, 1)[0];
  const BlockPointer foreign = world.chain(1, 2)[0];
  world.peer->says(at_ms(100), headers_of({block}));
  world.other->says(at_ms(110),
                    message(std::make_shared<const chain::Block>(block->header(), foreign->transactions())));
  world.peer->says(at_ms(150), message(block));
  world.story.run_until(at_ms(300));
  CHECK(world.other->was_closed());
  CHECK(requested(*world.peer) == std::vector<Hash256>{block->hash()});
  CHECK(world.tip() == block->hash());
}

TEST_CASE("a bad body from the asked peer makes the node ask another") {
  Alice world;
  const BlockPointer block = world.chain(1, 1)[0];
  const BlockPointer foreign = world.chain(1, 2)[0];
  world.peer->says(at_ms(100), headers_of({block}));
  world.other->says(at_ms(105), headers_of({block}));
  world.peer->says(at_ms(150), message(std::make_shared<const chain::Block>(block->header(), foreign->transactions())));
  world.story.run_until(at_ms(300));
  CHECK(world.peer->was_closed());
  CHECK(requested(*world.other) == std::vector<Hash256>{block->hash()});
}

TEST_CASE("a body with a witness that nothing commits to costs the connection and is shared with nobody") {
  // Same header, same txid: only the witness of the coinbase differs.
  BitcoinStory story;
  story.node("alice");
  story.node("bert");
  ScriptedPeer& bad = story.peer("bad", {"alice"});
  ScriptedPeer& good = story.peer("good", {"bert"});
  const BlockPointer block = story.block_on(story.tip());
  const chain::Transaction& coinbase = *block->transactions()[0];
  std::vector<chain::TxIn> inputs = coinbase.inputs();
  inputs[0].witness = {std::vector<std::uint8_t>(32, 7)};
  const auto changed =
      std::make_shared<const chain::Transaction>(coinbase.version(), inputs, coinbase.outputs(), coinbase.lock_time());
  REQUIRE(changed->txid() == coinbase.txid());
  bad.says(at_ms(100), message(std::make_shared<const chain::Block>(block->header(), std::vector{changed})));
  good.says(at_ms(120), message(block));
  good.says(at_ms(150), GetData{{{InventoryType::witness_block, block->hash()}}});
  story.run_until(at_ms(300));
  CHECK(story.verdicts("alice") == std::vector<Misbehaviour>{Misbehaviour::invalid_block});
  REQUIRE(good.all<BlockMessage>().size() == 1);
  CHECK(good.all<BlockMessage>()[0].second.block->content_fingerprint() == block->content_fingerprint());
}

TEST_CASE("a block whose body only another node of the process has is not served") {
  BitcoinStory story;
  story.node("alice");
  story.node("carol");
  ScriptedPeer& source = story.peer("source", {"alice"});
  ScriptedPeer& of_carol = story.peer("of_carol", {"carol"});
  const BlockPointer block = story.block_on(story.tip());
  source.says(at_ms(100), message(block));
  of_carol.says(at_ms(150), headers_of({block}));
  of_carol.says(at_ms(200), GetData{{{InventoryType::block, block->hash()}}});
  story.run_until(at_ms(300));
  CHECK(of_carol.commands(at_ms(150)) == Lines{"170 ms getdata"});
}

TEST_CASE("a body that passed at one node does not vouch for another body of the same header") {
  BitcoinStory story;
  story.node("alice");
  story.node("bert");
  ScriptedPeer& good = story.peer("good", {"alice"});
  ScriptedPeer& bad = story.peer("bad", {"bert"});
  const BlockPointer block = story.chain_on(story.tip(), 1, 1)[0];
  const BlockPointer foreign = story.chain_on(story.tip(), 1, 2)[0];
  good.says(at_ms(100), message(block));
  bad.says(at_ms(150), message(std::make_shared<const chain::Block>(block->header(), foreign->transactions())));
  story.run_until(at_ms(300));
  CHECK(story.verdicts("alice").empty());
  CHECK(story.verdicts("bert") == std::vector<Misbehaviour>{Misbehaviour::invalid_block});
}

TEST_CASE("a block with an unknown parent costs the connection") {
  Alice world;
  world.peer->says(at_ms(100), message(world.chain(2)[1]));
  world.story.run_until(at_ms(300));
  CHECK(world.story.verdicts("alice") == std::vector<Misbehaviour>{Misbehaviour::block_without_parent});
  CHECK(world.peer->was_closed());
}

TEST_CASE("a block with a bad header costs the connection") {
  Alice world;
  const BlockPointer block = world.chain(1)[0];
  world.peer->says(at_ms(100),
                   message(std::make_shared<const chain::Block>(unsolved(block->header()), block->transactions())));
  world.story.run_until(at_ms(300));
  CHECK(world.story.verdicts("alice") == std::vector<Misbehaviour>{Misbehaviour::invalid_header});
}

TEST_CASE("a block known to another node of the same process is news to a node that never heard of it") {
  // Carol is connected to nobody who knows; her peer asks her for it in vain.
  BitcoinStory story;
  story.node("alice");
  story.node("carol");
  ScriptedPeer& source = story.peer("source", {"alice"});
  ScriptedPeer& of_carol = story.peer("of_carol", {"carol"});
  const std::vector<BlockPointer> blocks = story.chain_on(story.tip(), 2);
  source.says(at_ms(100), message(blocks[0]));
  of_carol.says(at_ms(140), GetData{{{InventoryType::block, blocks[0]->hash()}}});
  of_carol.says(at_ms(160), headers_of({blocks[1]}));
  of_carol.says(at_ms(200), GetHeaders{70016, {story.tip()->hash()}, {}});
  story.run_until(at_ms(300));
  CHECK(of_carol.commands(at_ms(140)) == Lines{"180 ms getheaders", "220 ms headers"});
  CHECK(of_carol.all<Headers>(at_ms(200))[0].second.headers.empty());
}

}  // namespace hearsay::test
