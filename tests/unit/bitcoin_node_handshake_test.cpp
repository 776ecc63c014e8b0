// Stories about connections of Bitcoin nodes: handshake, keep-alive, admission. Every link takes d = 10 ms one way.
#include "tests/unit/bitcoin_story.hpp"

namespace hearsay::test {
namespace {

using Manners = ScriptedPeer::Manners;
using bitcoin::Ping;
using bitcoin::Pong;
using bitcoin::Raw;
using bitcoin::SendHeaders;
using bitcoin::Verack;
using bitcoin::Version;
using Lines = std::vector<std::string>;

std::vector<std::uint64_t> pong_nonces(const ScriptedPeer& peer) {
  std::vector<std::uint64_t> nonces;
  for (const auto& [time, pong] : peer.all<Pong>()) nonces.push_back(pong.nonce);
  return nonces;
}

std::vector<std::int64_t> ping_seconds(const ScriptedPeer& peer) {
  std::vector<std::int64_t> times;
  for (const auto& [time, ping] : peer.all<Ping>()) times.push_back(time.ns / 1'000'000'000);
  return times;
}

}  // namespace

TEST_CASE("who dials sends version first, and on the answer what is negotiated before verack, then what starts relay") {
  // SYN arrives at d, SYN-ACK at 2 d, version at 3 d; the peer answers version and verack, there at 4 d.
  BitcoinStory story;
  story.node("alice", {"peer"});
  ScriptedPeer& peer = story.peer("peer");
  story.run_until(at_ms(60));
  CHECK(peer.commands() == Lines{"30 ms version", "50 ms wtxidrelay", "50 ms verack", "50 ms ping", "50 ms sendheaders",
                                 "50 ms getheaders", "50 ms feefilter"});
}

TEST_CASE("who is dialled answers version and verack, and relays only after the verack") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  story.run_until(at_ms(80));
  CHECK(peer.commands() == Lines{"40 ms version", "40 ms wtxidrelay", "40 ms verack", "60 ms ping", "60 ms sendheaders",
                                 "60 ms getheaders", "60 ms feefilter"});
}

TEST_CASE("two nodes become ready for each other: each hears the other's pong one round trip after its ping") {
  BitcoinStory story;
  story.node("alice", {"bert"});
  story.node("bert");
  story.run_until(at_ms(200));
  const Simulation& simulation = story.simulation();
  const auto type = [](bitcoin::MessageType number) { return bitcoin::wire_type(number); };
  CHECK(simulation.traffic(type(bitcoin::MessageType::version)).messages == 2);
  CHECK(simulation.traffic(type(bitcoin::MessageType::verack)).messages == 2);
  CHECK(simulation.traffic(type(bitcoin::MessageType::ping)).messages == 2);
  CHECK(simulation.traffic(type(bitcoin::MessageType::pong)).messages == 2);
  CHECK(simulation.traffic(type(bitcoin::MessageType::send_headers)).messages == 2);
  CHECK(simulation.traffic(type(bitcoin::MessageType::get_headers)).messages == 2);
  CHECK(simulation.traffic(type(bitcoin::MessageType::headers)).messages == 2);
  CHECK(simulation.traffic(type(bitcoin::MessageType::wtxid_relay)).messages == 2);
  CHECK(simulation.traffic(type(bitcoin::MessageType::fee_filter)).messages == 2);
  CHECK(simulation.messages_in_flight() == 0);
}

TEST_CASE("the version message tells protocol, services, date, addressee, name and height") {
  BitcoinStory story(20);
  BitcoinParameters parameters;
  parameters.user_agent = "/me:1/";
  story.node("alice", {"peer"}, parameters);
  ScriptedPeer& peer = story.peer("peer");
  story.run_until(at_ms(40));
  REQUIRE(peer.all<Version>().size() == 1);
  const Version version = peer.all<Version>()[0].second;
  CHECK(version.protocol_version == 70016);
  CHECK(version.services == 0x409);
  CHECK(version.unix_time == kUnixEpochSeconds);
  CHECK(version.receiver.ip == BitcoinStory::endpoint("peer").address);
  CHECK(version.receiver.port == 18444);
  CHECK(version.sender.ip == std::array<std::uint8_t, 16>{});
  CHECK(version.nonce != 0);
  CHECK(version.user_agent == "/me:1/");
  CHECK(version.start_height == 20);
  CHECK(version.relay == bitcoin::RelayField::yes);
}

TEST_CASE("a node that relays by inv or push does not ask for headers announcements") {
  const std::string relay = GENERATE(as<std::string>(), "inv", "push");
  BitcoinStory story;
  BitcoinParameters parameters;
  parameters.block_relay = relay;
  story.node("alice", {"peer"}, parameters);
  ScriptedPeer& peer = story.peer("peer");
  story.run_until(at_ms(60));
  CHECK(peer.commands() == Lines{"30 ms version", "50 ms wtxidrelay", "50 ms verack", "50 ms ping", "50 ms getheaders",
                                 "50 ms feefilter"});
}

TEST_CASE("a node that relays no transactions says so, negotiates wtxidrelay all the same and sets no fee filter") {
  BitcoinStory story;
  BitcoinParameters parameters;
  parameters.transaction_relay = false;
  story.node("alice", {"peer"}, parameters);
  ScriptedPeer& peer = story.peer("peer");
  story.run_until(at_ms(60));
  CHECK(peer.commands() == Lines{"30 ms version", "50 ms wtxidrelay", "50 ms verack", "50 ms ping", "50 ms sendheaders",
                                 "50 ms getheaders"});
  CHECK(peer.all<Version>().at(0).second.relay == bitcoin::RelayField::no);
}

TEST_CASE("wtxidrelay goes to peers from protocol version 70016 on, feefilter from 70013 on") {
  const std::int32_t protocol_version = GENERATE(70012, 70013, 70015, 70016, 70017);
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"}, Manners::mute);
  Version version = ScriptedPeer::version();
  version.protocol_version = protocol_version;
  peer.says(at_ms(100), version);
  peer.says(at_ms(120), Verack{});
  story.run_until(at_ms(200));
  CHECK(peer.all<bitcoin::WtxidRelay>().size() == (protocol_version >= 70016 ? 1 : 0));
  CHECK(peer.all<bitcoin::FeeFilter>().size() == (protocol_version >= 70013 ? 1 : 0));
}

TEST_CASE("the services in a version message follow the parameters: witness, bloom") {
  BitcoinStory story;
  BitcoinParameters parameters;
  parameters.witness = false;
  parameters.bloom_service = true;
  parameters.wtxid_relay = false;
  story.node("alice", {"peer"}, parameters);
  ScriptedPeer& peer = story.peer("peer");
  story.run_until(at_ms(60));
  CHECK(peer.all<Version>().at(0).second.services == 0x405);
  CHECK(peer.all<bitcoin::WtxidRelay>().empty());
}

TEST_CASE("messages before version, and others than verack before verack, are ignored") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"}, Manners::mute);
  peer.says(at_ms(100), Ping{1});
  peer.says(at_ms(110), Verack{});  // too early: does not count
  peer.says(at_ms(120), ScriptedPeer::version());
  peer.says(at_ms(130), Ping{2});
  peer.says(at_ms(140), Verack{});
  peer.says(at_ms(150), Ping{3});
  story.run_until(at_ms(300));
  CHECK(peer.commands() == Lines{"140 ms version", "140 ms wtxidrelay", "140 ms verack", "160 ms ping",
                                 "160 ms sendheaders", "160 ms getheaders", "160 ms feefilter", "170 ms pong"});
  CHECK(pong_nonces(peer) == std::vector<std::uint64_t>{3});
}

TEST_CASE("a second version and a second verack are ignored") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  peer.says(at_ms(100), ScriptedPeer::version());
  peer.says(at_ms(100), Verack{});
  story.run_until(at_ms(300));
  CHECK(peer.commands(at_ms(100)).empty());
  CHECK_FALSE(peer.was_closed());
}

TEST_CASE("a peer below protocol version 31800 is disconnected, one at it is not") {
  const bool obsolete = GENERATE(true, false);
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"}, Manners::mute);
  Version version = ScriptedPeer::version();
  version.protocol_version = obsolete ? 31799 : 31800;
  peer.says(at_ms(100), version);
  story.run_until(at_ms(300));
  CHECK(peer.was_closed() == obsolete);
  CHECK(story.verdicts("alice").size() == (obsolete ? 1 : 0));
  if (obsolete) CHECK(story.verdicts("alice")[0] == Misbehaviour::obsolete_version);
  CHECK(peer.all<Version>().size() == (obsolete ? 0 : 1));
}

TEST_CASE("a node that dials itself notices by its nonce and hangs up") {
  BitcoinStory story;
  story.node("alice", {"alice"});
  story.run_until(at_ms(300));
  CHECK(story.verdicts("alice") == std::vector<Misbehaviour>{Misbehaviour::self_connection});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("an echo of the dialler's own nonce by the peer is no self-connection: only who is dialled checks") {
  BitcoinStory story;
  story.node("alice", {"peer"});
  ScriptedPeer& peer = story.peer("peer", {}, Manners::mute);
  peer.at(at_ms(40), [&](Context& context) {
    const std::uint64_t nonce = peer.all<Version>().at(0).second.nonce;
    context.send(0, story.protocol().make(ScriptedPeer::version(nonce)));
  });
  story.run_until(at_ms(300));
  CHECK(story.verdicts("alice").empty());
  CHECK(peer.all<Verack>().size() == 1);
}

TEST_CASE("a pong echoes the nonce of its ping") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  peer.says(at_ms(100), Ping{0x1122334455667788});
  peer.says(at_ms(101), Ping{0});
  story.run_until(at_ms(300));
  CHECK(pong_nonces(peer) == std::vector<std::uint64_t>{0x1122334455667788, 0});
}

TEST_CASE("answered pings follow one another every two minutes") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  story.run_until(SimTime{} + minutes(7));
  CHECK(ping_seconds(peer) == std::vector<std::int64_t>{0, 120, 240, 360});
  CHECK(peer.all<Ping>().at(1).first - peer.all<Ping>().at(0).first == minutes(2));
}

TEST_CASE("a ping that nobody answers costs the connection after 20 minutes, and no further ping is sent") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  peer.ignores_pings();
  story.run_until(SimTime{} + minutes(21));
  CHECK(ping_seconds(peer) == std::vector<std::int64_t>{0});
  REQUIRE(peer.happened().size() == 2);
  // The ping left at 50 ms; the FIN is there d after the timeout.
  CHECK(peer.happened()[1].what == "closed");
  CHECK(peer.happened()[1].time == at_ms(50) + minutes(20) + milliseconds(kDelayMs));
  CHECK(story.verdicts("alice").empty());
}

TEST_CASE("a pong with another nonce does not count as an answer") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  peer.ignores_pings();
  peer.says(at_ms(100), Pong{12345});
  story.run_until(SimTime{} + minutes(21));
  CHECK(peer.was_closed());
}

TEST_CASE("the ping after a late answer goes out with that answer") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  peer.ignores_pings();
  peer.at(SimTime{} + minutes(5),
          [&](Context& context) { context.send(0, story.protocol().make(Pong{peer.all<Ping>().at(0).second.nonce})); });
  // The new ping counts from then: unanswered, it costs the connection 25 min after the start, not 20.
  story.run_until(SimTime{} + minutes(24));
  CHECK(ping_seconds(peer) == std::vector<std::int64_t>{0, 300});
  CHECK_FALSE(peer.was_closed());
  story.run_until(SimTime{} + minutes(26));
  CHECK(peer.was_closed());
}

TEST_CASE("a timeout shorter than the interval between pings is kept") {
  BitcoinStory story;
  BitcoinParameters parameters;
  parameters.ping_interval = minutes(10);
  parameters.ping_timeout = seconds(30);
  story.node("alice", {}, parameters);
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  peer.ignores_pings();
  story.run_until(SimTime{} + seconds(31));
  CHECK(peer.was_closed());
}

TEST_CASE("a node with a short timeout still pings at its interval") {
  BitcoinStory story;
  BitcoinParameters parameters;
  parameters.ping_interval = minutes(10);
  parameters.ping_timeout = seconds(30);
  story.node("alice", {}, parameters);
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  story.run_until(SimTime{} + minutes(21));
  CHECK(ping_seconds(peer) == std::vector<std::int64_t>{0, 600, 1200});
}

TEST_CASE("a node whose inbound slots are taken refuses, and accepts again when one is free") {
  BitcoinStory story;
  BitcoinParameters parameters;
  parameters.inbound_slots = 1;
  story.node("alice", {}, parameters);
  ScriptedPeer& first = story.peer("first", {"alice"});
  ScriptedPeer& second = story.peer("second");
  second.at(at_ms(100), [](Context& context) { context.connect(BitcoinStory::endpoint("alice")); });
  first.closes(at_ms(200));
  second.at(at_ms(300), [](Context& context) { context.connect(BitcoinStory::endpoint("alice")); });
  story.run_until(at_ms(500));
  CHECK(first.count("connected") == 1);
  CHECK(second.count("refused") == 1);
  CHECK(second.count("connected") == 1);
  CHECK_FALSE(second.was_closed());
}

TEST_CASE("peers that dial at the same instant do not get more inbound slots than there are") {
  // All five SYNs arrive before any connection is complete. As with Bitcoin Core, whose kernel accepts before it does,
  // a surplus peer sees its connection open and close.
  BitcoinStory story;
  BitcoinParameters parameters;
  parameters.inbound_slots = 2;
  story.node("alice", {}, parameters);
  std::vector<ScriptedPeer*> peers;
  for (const char* name : {"a", "b", "c", "d", "e"}) peers.push_back(&story.peer(name, {"alice"}));
  story.run_until(at_ms(500));
  std::size_t served = 0;
  std::size_t closed = 0;
  for (const ScriptedPeer* peer : peers) {
    served += peer->all<Verack>().size();
    closed += peer->count("closed");
  }
  CHECK(served == 2);
  CHECK(closed == 3);
}

TEST_CASE("outbound connections take no inbound slot") {
  BitcoinStory story;
  BitcoinParameters parameters;
  parameters.inbound_slots = 1;
  story.node("alice", {"other"}, parameters);
  story.peer("other");
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  story.run_until(at_ms(500));
  CHECK(peer.all<Verack>().size() == 1);
  CHECK_FALSE(peer.was_closed());
}

TEST_CASE("unknown commands, bad checksums and payloads that do not parse are dropped without consequence") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  const std::vector<std::uint8_t> nonce = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<std::uint8_t> stub = {1, 2, 3};
  peer.says(at_ms(100), Raw{"nonsense", nonce, bitcoin::payload_checksum(nonce), {}, {}});
  peer.says(at_ms(110), Raw{"ping", nonce, {0, 0, 0, 0}, {}, {}});
  peer.says(at_ms(120), Raw{"ping", stub, bitcoin::payload_checksum(stub), {}, {}});
  peer.says(at_ms(130), Raw{"ping", nonce, bitcoin::payload_checksum(nonce), {}, {}});
  story.run_until(at_ms(300));
  CHECK(peer.commands(at_ms(100)) == Lines{"150 ms pong"});
  CHECK(pong_nonces(peer) == std::vector<std::uint64_t>{0x0807060504030201});
  CHECK_FALSE(peer.was_closed());
}

TEST_CASE("a raw message before the handshake gets no further than a typed one") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"}, Manners::mute);
  const std::vector<std::uint8_t> nonce = {1, 2, 3, 4, 5, 6, 7, 8};
  peer.says(at_ms(100), Raw{"ping", nonce, bitcoin::payload_checksum(nonce), {}, {}});
  story.run_until(at_ms(300));
  CHECK(peer.heard().empty());
}

TEST_CASE("a message above 4,000,000 bytes costs the connection") {
  BitcoinStory story;
  story.node("alice");
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  peer.says(at_ms(100), Raw{"ping", std::vector<std::uint8_t>(4'000'001), {}, {}, {}});
  story.run_until(at_ms(300));
  CHECK(peer.was_closed());
  CHECK(story.verdicts("alice") == std::vector<Misbehaviour>{Misbehaviour::stream_lost});
}

}  // namespace hearsay::test
