// Nodes that lose peers and look for others. 10 ms lie between any two; a connection is up 20 ms after its dial.
#include <catch2/catch.hpp>

#include "tests/unit/bitcoin_story.hpp"

namespace hearsay::test {

namespace {

bitcoin::PeerSupply listed(const std::vector<std::string>& names) {
  auto reachable = std::make_shared<std::vector<Endpoint>>();
  for (const std::string& name : names) reachable->push_back(BitcoinStory::endpoint(name));
  std::sort(reachable->begin(), reachable->end());
  return {reachable, {}};
}

BitcoinParameters impatient() {
  BitcoinParameters parameters;
  parameters.ping_interval = seconds(10);
  parameters.ping_timeout = seconds(30);
  return parameters;
}

std::vector<SimTime> times_of(const ScriptedPeer& peer, const std::string& what) {
  std::vector<SimTime> times;
  for (const ScriptedPeer::Happened& entry : peer.happened())
    if (entry.what == what) times.push_back(entry.time);
  return times;
}

void stop(BitcoinStory& story, const std::string& name, StopKind kind) {
  Simulation& simulation = story.simulation();
  for (NodeId node = 0; node < simulation.world().size(); ++node)
    if (simulation.world().name(node) == name) simulation.stop(node, kind, simulation.now());
}
void start(BitcoinStory& story, const std::string& name) {
  Simulation& simulation = story.simulation();
  for (NodeId node = 0; node < simulation.world().size(); ++node)
    if (simulation.world().name(node) == name) simulation.start(node, simulation.now());
}

}  // namespace

TEST_CASE("a peer that hangs up is replaced, by the other that is known") {
  BitcoinStory story;
  story.node("node", {"alice"}, {}, {}, {}, listed({"node", "alice", "bob"}));
  ScriptedPeer& alice = story.peer("alice");
  ScriptedPeer& bob = story.peer("bob");
  alice.closes(at_ms(5000));
  ScriptedPeer& carol = story.peer("carol", {"node"});
  story.run_until(at_ms(60'000));
  // Known 10 ms after the close, dialled again 500 ms later. Alice may be drawn as well as bob: she did not fail.
  const std::vector<SimTime> first = times_of(alice, "connected");
  const std::vector<SimTime> other = times_of(bob, "connected");
  REQUIRE(first.size() + other.size() == 2);
  CHECK((other.empty() ? first.back() : other.back()) == at_ms(5010 + 500 + 30));
  CHECK(times_of(carol, "connected").size() == 1);
}

TEST_CASE("a silent peer is given up and replaced") {
  // The handshake is complete at 40 ms; the ping of then is answered, that of 10.04 s is not, nor is any dial.
  BitcoinStory story;
  story.node("node", {"alice"}, impatient(), {}, {}, listed({"node", "alice", "bob"}));
  story.peer("alice");
  ScriptedPeer& bob = story.peer("bob");
  story.run_until(at_ms(5000));
  stop(story, "alice", StopKind::vanish);
  story.run_until(at_ms(60'000));
  // Gone at 40.04 s; 500 ms later the node dials bob, or alice and then, 5 s and 500 ms later, bob.
  const std::vector<SimTime> times = times_of(bob, "connected");
  REQUIRE(times.size() == 1);
  CHECK((times[0] == at_ms(40'040 + 500 + 30) || times[0] == at_ms(40'040 + 500 + 5000 + 500 + 30)));
}

TEST_CASE("a peer that comes back is found again where edges say who dials whom") {
  // Stopped at 5 s, back at 8.2 s. Dials of 5.51, then (each refused after 20 ms, delays doubling) 6.53, 8.55 s.
  BitcoinStory story;
  story.node("node", {"alice"});
  ScriptedPeer& alice = story.peer("alice");
  story.run_until(at_ms(5000));
  stop(story, "alice", StopKind::clean);
  story.run_until(at_ms(8200));
  start(story, "alice");
  story.run_until(at_ms(60'000));
  const std::vector<SimTime> times = times_of(alice, "connected");
  REQUIRE(times.size() == 2);
  CHECK(times[1] == at_ms(8550 + 30));
}

TEST_CASE("a dial that is refused is replaced by another") {
  // Bert has room for nobody.
  BitcoinParameters full;
  full.inbound_slots = 0;
  BitcoinStory story;
  story.node("node", {"bert"}, {}, {}, {}, listed({"node", "bert", "carol"}));
  story.node("bert", {}, full);
  ScriptedPeer& carol = story.peer("carol");
  story.run_until(at_ms(60'000));
  CHECK(times_of(carol, "connected") == std::vector<SimTime>{at_ms(20 + 500 + 30)});
}

TEST_CASE("a peer that misbehaves is not dialled again") {
  BitcoinStory story;
  story.node("node", {"alice"});
  ScriptedPeer& alice = story.peer("alice");
  bitcoin::Inv oversized;
  oversized.inventory.resize(50'001);
  alice.says(at_ms(1000), oversized);
  story.run_until(SimTime{} + minutes(10));
  CHECK(story.verdicts("node") == std::vector<Misbehaviour>{Misbehaviour::oversized_message});
  CHECK(times_of(alice, "connected").size() == 1);
}

TEST_CASE("with reconnection off a node whose peer leaves has one peer less") {
  BitcoinParameters parameters = impatient();
  parameters.reconnect = false;
  BitcoinStory story;
  story.node("node", {"alice", "dora"}, parameters, {}, {}, listed({"node", "alice", "bob", "dora"}));
  ScriptedPeer& alice = story.peer("alice");
  ScriptedPeer& bob = story.peer("bob");
  ScriptedPeer& dora = story.peer("dora");
  alice.closes(at_ms(5000));
  dora.ignores_pings();
  story.run_until(SimTime{} + minutes(10));
  CHECK(times_of(alice, "connected").size() == 1);
  CHECK(times_of(dora, "connected").size() == 1);
  CHECK(times_of(dora, "closed").size() == 1);
  CHECK(times_of(bob, "connected").empty());
}

}  // namespace hearsay::test
