// Stories about headers: what a node answers to getheaders, and what it makes of headers and invs that it hears. Every
// link takes d = 10 ms one way.
#include "tests/unit/bitcoin_story.hpp"

namespace hearsay::test {
namespace {

using bitcoin::GetData;
using bitcoin::GetHeaders;
using bitcoin::Headers;
using bitcoin::Inv;
using bitcoin::InventoryType;

// A node that is asked once, at 100 ms, and what it answers (there at 120 ms).
struct Question {
  explicit Question(std::uint32_t premined) : story(premined) {
    node = &story.node("alice");
    peer = &story.peer("peer", {"alice"});
  }
  Hash256 hash_at(std::int32_t height) {
    const chain::BlockIndex& index = story.protocol().index();
    return index[index.ancestor(story.protocol().premined_tip(), height)].hash;
  }
  void ask(std::vector<Hash256> locator, Hash256 stop = {}) {
    peer->says(at_ms(100), GetHeaders{70016, std::move(locator), stop});
    story.run_until(at_ms(200));
  }
  // Heights of the headers that came back, first and last; {0, -1} for an empty answer, {-1, -1} for none.
  std::pair<std::int32_t, std::int32_t> answer() {
    const auto answers = peer->all<Headers>(at_ms(100));
    if (answers.empty()) return {-1, -1};
    REQUIRE(answers.size() == 1);
    const auto& headers = answers[0].second.headers;
    // 2,000 headers are 162 kB, 112 segments: windows of 10, 20, 40 and 42 leave a round trip of 20 ms apart. The other
    // answers here fit the first window.
    CHECK(answers[0].first == at_ms(headers.size() == 2000 ? 120 + 3 * 20 : 120));
    if (headers.empty()) return {0, -1};
    const chain::BlockIndex& index = story.protocol().index();
    const std::int32_t first = index[index.find(headers.front().hash())].height;
    for (std::size_t i = 0; i < headers.size(); ++i)
      if (headers[i].hash() != hash_at(first + static_cast<std::int32_t>(i))) FAIL("not the active chain");
    return {first, first + static_cast<std::int32_t>(headers.size()) - 1};
  }

  BitcoinStory story;
  BitcoinNode* node = nullptr;
  ScriptedPeer* peer = nullptr;
};

using Heights = std::pair<std::int32_t, std::int32_t>;

// A node with one polite peer that says something at 100 ms.
struct Announcement {
  explicit Announcement(std::uint32_t premined = 20) : story(premined) {
    story.node("alice");
    peer = &story.peer("peer", {"alice"});
  }
  void say(Payload payload) {
    peer->says(at_ms(100), std::move(payload));
    story.run_until(at_ms(300));
  }
  void check_disconnected(Misbehaviour reason) {
    CHECK(story.verdicts("alice") == std::vector<Misbehaviour>{reason});
    CHECK(peer->was_closed());
  }
  void check_kept() {
    CHECK(story.verdicts("alice").empty());
    CHECK_FALSE(peer->was_closed());
  }

  BitcoinStory story;
  ScriptedPeer* peer = nullptr;
};

}  // namespace

TEST_CASE("getheaders is answered from after the first hash of the locator that is on the active chain") {
  Question question(50);
  question.ask({Hash256{{1}}, question.hash_at(30), question.hash_at(40)});
  CHECK(question.answer() == Heights{31, 50});
}

TEST_CASE("a locator without a known hash means: from after genesis") {
  Question question(50);
  question.ask({Hash256{{1}}});
  CHECK(question.answer() == Heights{1, 50});
}

TEST_CASE("who is up to date gets an empty answer") {
  Question question(50);
  question.ask({question.hash_at(50)});
  CHECK(question.answer() == Heights{0, -1});
}

TEST_CASE("the answer ends with the stop hash") {
  Question question(50);
  question.ask({question.hash_at(10)}, question.hash_at(13));
  CHECK(question.answer() == Heights{11, 13});
}

TEST_CASE("a stop hash that does not follow stops nothing") {
  Question question(50);
  question.ask({question.hash_at(10)}, question.hash_at(5));
  CHECK(question.answer() == Heights{11, 50});
}

TEST_CASE("an empty locator asks for the header of the stop hash alone") {
  Question question(50);
  question.ask({}, question.hash_at(13));
  CHECK(question.answer() == Heights{13, 13});
}

TEST_CASE("an empty locator with an unknown stop hash is not answered") {
  Question question(50);
  question.ask({}, Hash256{{1}});
  CHECK(question.answer() == Heights{-1, -1});
}

TEST_CASE("an answer has at most 2,000 headers") {
  Question question(2300);
  question.ask({question.hash_at(0)});
  CHECK(question.answer() == Heights{1, 2000});
}

TEST_CASE("a locator of 101 hashes is answered, one of 102 costs the connection") {
  const std::size_t count = GENERATE(std::size_t{101}, std::size_t{102});
  Question question(50);
  std::vector<Hash256> locator(count, Hash256{{1}});
  locator.back() = question.hash_at(49);
  question.ask(locator);
  if (count == 101) {
    CHECK(question.answer() == Heights{50, 50});
    CHECK_FALSE(question.peer->was_closed());
  } else {
    CHECK(question.answer() == Heights{-1, -1});
    CHECK(question.peer->was_closed());
    CHECK(question.story.verdicts("alice") == std::vector<Misbehaviour>{Misbehaviour::oversized_message});
  }
}

TEST_CASE("a locator that starts on a stale branch is answered from the fork") {
  Question question(50);
  // Alice learns of a branch that leaves at height 48; it has one block less than her chain.
  const BlockPointer fork =
      question.story.protocol()
          .index()[question.story.protocol().index().ancestor(question.story.protocol().premined_tip(), 48)]
          .body;
  const BlockPointer stale = question.story.block_on(fork);
  question.peer->says(at_ms(70), headers_of({stale}));
  question.ask({stale->hash(), fork->hash()});
  CHECK(question.answer() == Heights{49, 50});
}

TEST_CASE("a peer whose best block is above our tip is sent nothing") {
  // Alice knows the header of block 53 but has no body beyond 50; the sparse locator's other hashes lie far below.
  Question question(50);
  const std::vector<BlockPointer> ahead = question.story.chain_on(question.story.tip(), 3);
  question.peer->says(at_ms(70), headers_of(ahead));
  question.ask({ahead[2]->hash(), question.hash_at(10)});
  CHECK(question.answer() == Heights{0, -1});
}

TEST_CASE("after the handshake headers are asked for from the parent of the best header, so that an answer has one") {
  BitcoinStory story(100);
  story.node("alice", {"peer"});
  ScriptedPeer& peer = story.peer("peer");
  story.run_until(at_ms(60));
  REQUIRE(peer.all<GetHeaders>().size() == 1);
  const GetHeaders request = peer.all<GetHeaders>()[0].second;
  const chain::BlockIndex& index = story.protocol().index();
  CHECK(request.locator == index.locator(index[story.protocol().premined_tip()].parent));
  CHECK(request.locator[0] == index[index.ancestor(story.protocol().premined_tip(), 99)].hash);
  CHECK(request.stop.is_zero());
}

TEST_CASE("a full message of headers is followed by a request for more, from its last header") {
  Announcement story;
  const std::vector<BlockPointer> blocks = story.story.chain_on(story.story.tip(), 2000);
  story.say(headers_of(blocks));
  const auto requests = story.peer->all<GetHeaders>(at_ms(100));
  REQUIRE(requests.size() == 1);
  // 162 kB are 112 segments: windows of 10, 20, 40 and 42 leave a round trip of 20 ms apart.
  CHECK(requests[0].first == at_ms(120 + 3 * 20));
  CHECK(requests[0].second.locator.front() == blocks.back()->hash());
  story.check_kept();
}

TEST_CASE("a message of 1,999 headers is not followed by a request for more") {
  Announcement story;
  story.say(headers_of(story.story.chain_on(story.story.tip(), 1999)));
  CHECK(story.peer->all<GetHeaders>(at_ms(100)).empty());
}

TEST_CASE("headers that do not connect bring one getheaders; an answer makes the next one legal") {
  // The scripted peer answers getheaders with an empty message, which settles the request.
  Announcement story;
  const std::vector<BlockPointer> blocks = story.story.chain_on(story.story.tip(), 4);
  story.peer->says(at_ms(100), headers_of({blocks[1]}));
  story.peer->says(at_ms(101), headers_of({blocks[2]}));
  story.peer->says(at_ms(150), headers_of({blocks[3]}));
  story.story.run_until(at_ms(300));
  const auto requests = story.peer->all<GetHeaders>(at_ms(100));
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].first == at_ms(120));
  CHECK(requests[0].second.locator.front() == story.story.tip()->hash());
  CHECK(requests[1].first == at_ms(170));
  story.check_kept();
}

TEST_CASE("while a getheaders is unanswered, headers that do not connect bring no second one for two minutes") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"}, ScriptedPeer::Manners::mute);
  const std::vector<BlockPointer> blocks = story.chain_on(story.tip(), 6);
  peer.says(at_ms(30), ScriptedPeer::version());
  peer.says(at_ms(60), bitcoin::Verack{});  // Alice's getheaders of 70 ms is never answered
  const auto at_s = [](std::int64_t s) { return at_ms(1000 * s); };
  for (const std::int64_t second : {1, 2, 60, 119}) peer.says(at_s(second), headers_of({blocks[2]}));
  peer.says(at_s(121), headers_of({blocks[3]}));
  peer.says(at_s(122), headers_of({blocks[4]}));
  peer.says(at_s(123), inv_of(blocks[5]));
  story.run_until(at_s(130));
  const auto requests = peer.all<GetHeaders>();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].first == at_ms(80));
  CHECK(requests[1].first == at_s(121) + milliseconds(20));
  CHECK_FALSE(peer.was_closed());
  CHECK(story.verdicts("alice").empty());
}

TEST_CASE("an unconnected announcement leads to the block once the missing headers are there") {
  Announcement story;
  const std::vector<BlockPointer> blocks = story.story.chain_on(story.story.tip(), 3);
  story.peer->says(at_ms(100), headers_of({blocks[2]}));
  story.peer->says(at_ms(130), headers_of({blocks[0], blocks[1]}));
  story.peer->says(at_ms(160), headers_of({blocks[2]}));
  story.story.run_until(at_ms(300));
  const auto requests = story.peer->all<GetData>();
  REQUIRE(requests.size() == 2);
  CHECK(hashes_of(requests[0].second) == hashes_of(blocks, 0, 2));
  CHECK(hashes_of(requests[1].second) == hashes_of(blocks, 2, 3));
}

TEST_CASE("who announced a block before its parents were known can be asked for it later") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& early = story.peer("early", {"alice"});
  ScriptedPeer& other = story.peer("other", {"alice"});
  const std::vector<BlockPointer> blocks = story.chain_on(story.tip(), 2);
  early.says(at_ms(100), headers_of({blocks[1]}));
  other.says(at_ms(150), headers_of(blocks));
  other.closes(at_ms(200));
  story.run_until(at_ms(300));
  REQUIRE(early.all<GetData>().size() == 1);
  CHECK(early.all<GetData>()[0].first == at_ms(220));
  CHECK(hashes_of(early.all<GetData>()[0].second) == hashes_of(blocks, 0, 2));
}

TEST_CASE("a header above its own target costs the connection, connected or not, alone or in a row") {
  Announcement story;
  const std::vector<BlockPointer> blocks = story.story.chain_on(story.story.tip(), 3);
  const int kind = GENERATE(0, 1, 2);
  Headers message;
  if (kind == 0) message.headers = {unsolved(blocks[0]->header())};
  if (kind == 1) message.headers = {unsolved(blocks[2]->header())};
  if (kind == 2) message.headers = {blocks[0]->header(), unsolved(blocks[1]->header())};
  story.say(message);
  story.check_disconnected(Misbehaviour::invalid_header);
  // Not even the good header in front is kept: proof of work is judged first.
  CHECK(story.story.seen("alice", bitcoin::observed::kHeaderAccepted).empty());
}

TEST_CASE("headers that do not follow one another cost the connection, connected or not") {
  Announcement story;
  const std::vector<BlockPointer> blocks = story.story.chain_on(story.story.tip(), 4);
  const bool connected = GENERATE(true, false);
  story.say(connected ? headers_of({blocks[0], blocks[2]}) : headers_of({blocks[1], blocks[3]}));
  story.check_disconnected(Misbehaviour::unchained_headers);
  CHECK(story.story.seen("alice", bitcoin::observed::kHeaderAccepted).empty());
}

TEST_CASE("a header with another difficulty than its parent asks for costs the connection") {
  Announcement story;
  const BlockPointer block = story.story.block_on(story.story.tip());
  story.say(headers_of({with_header(block, [](chain::BlockHeader& header) { header.bits = 0x207ffffe; })}));
  story.check_disconnected(Misbehaviour::invalid_header);
}

TEST_CASE("a header that is not later than the median of the last eleven costs the connection") {
  const bool too_old = GENERATE(true, false);
  Announcement story;
  const BlockPointer block = story.story.block_on(story.story.tip());
  const std::uint32_t median = story.story.protocol().index()[story.story.protocol().premined_tip()].median_time_past;
  story.say(headers_of(
      {with_header(block, [&](chain::BlockHeader& header) { header.unix_time = too_old ? median : median + 1; })}));
  if (too_old) {
    story.check_disconnected(Misbehaviour::invalid_header);
  } else {
    story.check_kept();
    CHECK(story.peer->all<GetData>().size() == 1);
  }
}

TEST_CASE("a header more than two hours ahead is left aside, without punishment, and taken when the clock allows") {
  Announcement story;
  const BlockPointer block = story.story.block_on(story.story.tip());
  const BlockPointer ahead = with_header(block, [](chain::BlockHeader& header) {
    header.unix_time = static_cast<std::uint32_t>(kUnixEpochSeconds + 7201);
  });
  story.peer->says(at_ms(100), headers_of({ahead}));
  story.peer->says(at_ms(1000), headers_of({ahead}));
  story.story.run_until(at_ms(1100));
  story.check_kept();
  const auto accepted = story.story.seen("alice", bitcoin::observed::kHeaderAccepted);
  REQUIRE(accepted.size() == 1);
  CHECK(accepted[0].time == at_ms(1010));
  CHECK(story.peer->all<GetData>().size() == 1);
}

TEST_CASE("a header exactly two hours ahead is accepted") {
  Announcement story;
  const BlockPointer block = story.story.block_on(story.story.tip());
  story.say(headers_of({with_header(block, [](chain::BlockHeader& header) {
    header.unix_time = static_cast<std::uint32_t>(kUnixEpochSeconds + 7200);
  })}));
  CHECK(story.story.seen("alice", bitcoin::observed::kHeaderAccepted).size() == 1);
}

TEST_CASE("2,001 headers cost the connection") {
  Announcement story;
  story.say(headers_of(story.story.chain_on(story.story.tip(), 2001)));
  story.check_disconnected(Misbehaviour::oversized_message);
}

TEST_CASE("50,000 inventory entries are heard, 50,001 cost the connection") {
  const std::size_t count = GENERATE(std::size_t{50'000}, std::size_t{50'001});
  const bool asks = GENERATE(true, false);
  Announcement story;
  const std::vector<bitcoin::InventoryVector> inventory(count, {InventoryType::tx, Hash256{{1}}});
  story.say(asks ? Payload(GetData{inventory}) : Payload(Inv{inventory}));
  if (count == 50'000) story.check_kept();
  if (count == 50'001) story.check_disconnected(Misbehaviour::oversized_message);
}

TEST_CASE("an inv of transactions, or of witness blocks, which no inv may name, asks for nothing") {
  Announcement story;
  const BlockPointer block = story.story.block_on(story.story.tip());
  story.say(Inv{{{InventoryType::tx, block->hash()}, {InventoryType::witness_block, block->hash()}}});
  CHECK(story.peer->commands(at_ms(100)).empty());
}

TEST_CASE("an inv of several unknown blocks brings one getheaders") {
  Announcement story;
  const std::vector<BlockPointer> blocks = story.story.chain_on(story.story.tip(), 3);
  Inv inv;
  for (const BlockPointer& block : blocks) inv.inventory.push_back(inv_of(block).inventory[0]);
  story.say(inv);
  CHECK(story.peer->all<GetHeaders>(at_ms(100)).size() == 1);
  CHECK(story.story.seen("alice", bitcoin::observed::kBlockAnnounced).size() == 3);
}

TEST_CASE("a block is observed as announced once, however often it is announced") {
  Announcement story;
  const BlockPointer block = story.story.block_on(story.story.tip());
  story.peer->says(at_ms(90), inv_of(block));
  story.peer->says(at_ms(95), inv_of(block));
  story.say(headers_of({block}));
  CHECK(story.story.seen("alice", bitcoin::observed::kBlockAnnounced).size() == 1);
  CHECK(story.story.when("alice", bitcoin::observed::kBlockAnnounced, block) == at_ms(100));
  CHECK(story.story.when("alice", bitcoin::observed::kHeaderAccepted, block) == at_ms(110));
}

}  // namespace hearsay::test
