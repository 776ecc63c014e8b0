// What each offence against the protocol costs, as messages travel as values and as bytes: the reaction of Bitcoin
// Core, and the same run.
#include "tests/unit/bitcoin_misbehaviour_cast.hpp"

namespace hearsay::test {
namespace {

struct Reaction {
  bool closed = false;
  bool answers = false;  // a ping after the offence is answered
  std::vector<Misbehaviour> verdicts;
  std::uint64_t digest = 0;
};

// How the messages are handed to the protocol: as they are, or as the parts of their frames.
enum class Spelling : std::uint8_t { typed, raw };

Reaction commit(const Offence& offence, StoryWire wire, Spelling spelling) {
  BitcoinParameters parameters = quick();
  offence.parameters(parameters);
  RelayStory world(parameters, chain::SpendForm::p2wsh, wire);
  ScriptedPeer& villain = world.story.peer("villain", {"alice"}, ScriptedPeer::Manners::mute);
  const bool handshake_first = offence.stage == Stage::ready;
  SimTime time = at_ms(100);
  const auto says = [&](const Payload& payload) {
    time = time + milliseconds(20);
    villain.says(time, payload);
  };
  if (offence.stage != Stage::before_version) says(ScriptedPeer::version());
  if (handshake_first) says(bitcoin::Verack{});
  for (const Payload& payload : offence.messages(world)) {
    if (spelling == Spelling::raw && type_of(payload) != bitcoin::MessageType::raw) {
      says(raw_of(payload));
    } else {
      says(payload);
    }
  }
  if (offence.stage == Stage::before_version) says(ScriptedPeer::version());
  if (!handshake_first) says(bitcoin::Verack{});
  time = time + seconds(5);  // what is large has arrived
  says(bitcoin::Ping{0x5555});
  world.story.run_until(time + seconds(5));

  Reaction reaction;
  reaction.closed = villain.was_closed();
  for (const auto& [when, pong] : villain.all<bitcoin::Pong>())
    reaction.answers = reaction.answers || pong.nonce == 0x5555;
  reaction.verdicts = world.story.verdicts("alice");
  reaction.digest = world.story.simulation().digest();
  // Nobody else pays for it.
  for (const ScriptedPeer* peer : world.peers()) CHECK_FALSE(peer->was_closed());
  return reaction;
}

}  // namespace

TEST_CASE("each offence costs what it costs with Bitcoin Core, and the run is the same in every form") {
  for (const Offence& offence : offences()) {
    CAPTURE(offence.name);
    const Reaction reaction = commit(offence, StoryWire::values, Spelling::typed);
    CHECK(reaction.closed == offence.verdict.has_value());
    CHECK(reaction.answers == !offence.verdict.has_value());
    CHECK(reaction.verdicts ==
          (offence.verdict ? std::vector<Misbehaviour>{*offence.verdict} : std::vector<Misbehaviour>{}));
    CHECK(commit(offence, StoryWire::bytes, Spelling::typed).digest == reaction.digest);
    CHECK(commit(offence, StoryWire::values, Spelling::raw).digest == reaction.digest);
    CHECK(commit(offence, StoryWire::bytes, Spelling::raw).digest == reaction.digest);
  }
}

TEST_CASE("messages that arrive too early leave no trace") {
  RelayStory world;
  ScriptedPeer& villain = world.story.peer("villain", {"alice"}, ScriptedPeer::Manners::mute);
  const TransactionPointer transaction = world.make();
  villain.says(at_ms(100), message(transaction));
  villain.says(at_ms(110), ScriptedPeer::version());
  villain.says(at_ms(120), message(transaction));
  villain.says(at_ms(130), txid_inv({transaction}));
  world.story.run_until(SimTime{} + seconds(30));
  CHECK_FALSE(world.accepted(transaction));
  CHECK(world.story.seen("alice", bitcoin::observed::kTransactionAnnounced).empty());
  CHECK(asked(villain).empty());
}

}  // namespace hearsay::test
