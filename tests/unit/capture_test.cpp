// What a capture shows of stories whose every packet can be written down: two hosts 10 ms apart, uplinks either
// unlimited or 8 Mbit/s (a byte takes one microsecond; a full segment with its 40 bytes of headers 1,488).
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <numeric>
#include <set>

#include "sim/core/random.hpp"
#include "sim/engine/rank.hpp"
#include "tests/unit/capture_story.hpp"

namespace hearsay::app {
namespace {

using test::at_ms;
using test::Story;
using test::StoryOptions;
using Lines = std::vector<std::pair<std::int64_t, std::string>>;

constexpr auto kIn = PacketDirection::inbound;
constexpr auto kOut = PacketDirection::outbound;

StoryOptions with_uplink() {
  StoryOptions options;
  options.uplink = BitRate{8'000'000};
  return options;
}

std::vector<KeptPacket> with_payload(const std::vector<KeptPacket>& packets) {
  std::vector<KeptPacket> some;
  for (const KeptPacket& packet : packets)
    if (!packet.payload.empty()) some.push_back(packet);
  return some;
}

}  // namespace

TEST_CASE("a capture at both ends shows set-up, message and end, sent here and received 10 ms later there") {
  CapturedStory captured({}, {"anna", "bert"});
  Story& story = captured.story;
  test::connect_at_start(story);
  story["anna"].at(at_ms(100), send_pattern(0, 1, 500));
  story["bert"].at(at_ms(105), send_pattern(0, 2, 70));
  story["anna"].at(at_ms(200), test::close_slot(0));
  captured.run_until(at_ms(1000));
  CHECK(captured.seen("anna", kOut) ==
        Lines{{0, "SYN"}, {20'000'000, "ACK"}, {100'000'000, "PSH ACK 500"}, {200'000'000, "FIN ACK"}});
  CHECK(captured.seen("bert", kIn) ==
        Lines{{10'000'000, "SYN"}, {30'000'000, "ACK"}, {110'000'000, "PSH ACK 500"}, {210'000'000, "FIN ACK"}});
  CHECK(captured.seen("bert", kOut) ==
        Lines{{10'000'000, "SYN ACK"}, {105'000'000, "PSH ACK 70"}, {210'000'000, "FIN ACK"}});
  CHECK(captured.seen("anna", kIn) ==
        Lines{{20'000'000, "SYN ACK"}, {115'000'000, "PSH ACK 70"}, {220'000'000, "FIN ACK"}});
}

TEST_CASE("the host that is not tapped has no packets, and the tapped one has all of its own") {
  CapturedStory captured({}, {"bert"});
  test::connect_at_start(captured.story);
  captured.story["anna"].at(at_ms(100), send_pattern(0, 1, 500));
  captured.run_until(at_ms(1000));
  CHECK(captured.seen("anna", kOut).empty());
  CHECK(captured.seen("anna", kIn).empty());
  CHECK(captured.seen("bert", kIn) == Lines{{10'000'000, "SYN"}, {30'000'000, "ACK"}, {110'000'000, "PSH ACK 500"}});
  CHECK(captured.seen("bert", kOut) == Lines{{10'000'000, "SYN ACK"}});
}

TEST_CASE("a message is cut into segments of 1,448 bytes, the last one pushed, no byte lost or moved") {
  const auto bytes = GENERATE(1u, 1447u, 1448u, 1449u, 2895u, 2896u, 2897u, 4343u, 4344u, 4345u);
  CapturedStory captured({}, {"anna", "bert"});
  test::connect_at_start(captured.story);
  captured.story["anna"].at(at_ms(100), send_pattern(0, 1, bytes));
  captured.run_until(at_ms(1000));
  for (const NodeId host : {captured.story.number("anna"), captured.story.number("bert")}) {
    const auto direction = host == captured.story.number("anna") ? kOut : kIn;
    const auto packets = with_payload(captured.keeper.at(host, direction));
    REQUIRE(packets.size() == (bytes + 1447) / 1448);
    std::vector<std::uint8_t> stream;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      const bool last = i + 1 == packets.size();
      CHECK(packets[i].payload.size() == (last ? bytes - 1448 * i : 1448));
      CHECK(packets[i].is(kTcpPsh) == last);
      CHECK(packets[i].segment.sequence == packets[0].segment.sequence + 1448 * i);
      stream.insert(stream.end(), packets[i].payload.begin(), packets[i].payload.end());
    }
    std::vector<std::uint8_t> expected;
    Pattern(1, bytes).encode(expected);
    CHECK(stream == expected);
  }
}

TEST_CASE("segments leave one after the other as the uplink sends them, and arrive as far apart") {
  CapturedStory captured(with_uplink(), {"anna", "bert"});
  test::connect_at_start(captured.story);
  captured.story["anna"].at(at_ms(100), send_pattern(0, 1, 3000));  // 1,448 + 1,448 + 104
  captured.story["anna"].at(at_ms(100), send_pattern(0, 2, 60));    // waits for the first
  captured.run_until(at_ms(1000));
  const Lines sent = captured.seen("anna", kOut);
  REQUIRE(sent.size() == 6);
  CHECK(Lines(sent.begin() + 2, sent.end()) == Lines{{101'488'000, "ACK 1448"},
                                                     {102'976'000, "ACK 1448"},
                                                     {103'120'000, "PSH ACK 104"},
                                                     {103'220'000, "PSH ACK 60"}});
  const Lines received = captured.seen("bert", kIn);
  REQUIRE(received.size() == 6);
  CHECK(Lines(received.begin() + 2, received.end()) == Lines{{111'488'000, "ACK 1448"},
                                                             {112'976'000, "ACK 1448"},
                                                             {113'120'000, "PSH ACK 104"},
                                                             {113'220'000, "PSH ACK 60"}});
}

TEST_CASE("an answer in the middle of a message acknowledges the segments that are there") {
  CapturedStory captured(with_uplink(), {"bert"});
  test::connect_at_start(captured.story);
  captured.story["anna"].at(at_ms(100), send_pattern(0, 1, 3000));
  // Handed over at 112.9 ms, gone with its 40 bytes of headers at 112.99: 14 us after the second segment arrived.
  captured.story["bert"].at(SimTime{} + microseconds(112'900), send_pattern(0, 2, 50));
  captured.run_until(at_ms(1000));
  const NodeId bert = captured.story.number("bert");
  const KeptPacket answer = with_payload(captured.keeper.at(bert, kOut)).at(0);
  const KeptPacket first = with_payload(captured.keeper.at(bert, kIn)).at(0);
  CHECK(answer.time == SimTime{} + microseconds(112'990));
  CHECK(answer.segment.acknowledgement == first.segment.sequence + 2 * 1448);
  CHECK(answer.segment.timestamp_echo == with_payload(captured.keeper.at(bert, kIn)).at(1).segment.timestamp);
}

TEST_CASE("an answer at the very instant of an arrival comes after it and acknowledges it, whoever answers") {
  // Both directions: one of the two hosts has the smaller stable id.
  const bool anna_asks = GENERATE(true, false);
  const std::string asking = anna_asks ? "anna" : "bert";
  const std::string answering = anna_asks ? "bert" : "anna";
  CapturedStory captured({}, {"anna", "bert"});
  test::connect_at_start(captured.story);
  captured.story[asking].at(at_ms(100), send_pattern(0, 1, 500));
  captured.story[answering].when_message(
      [](Context& context, ConnectionSlot slot, std::uint64_t) { context.send(slot, make_message<Pattern>(2U, 70U)); });
  captured.run_until(at_ms(1000));
  std::vector<KeptPacket> at_answer;
  for (const KeptPacket& packet : captured.keeper.packets())
    if (packet.time == at_ms(110)) at_answer.push_back(packet);
  REQUIRE(at_answer.size() == 2);
  CHECK(PacketKeeper::describe(at_answer[0]) == "PSH ACK 500");
  CHECK(PacketKeeper::describe(at_answer[1]) == "PSH ACK 70");
  CHECK(at_answer[1].segment.acknowledgement == at_answer[0].segment.sequence + 500);
}

TEST_CASE("what is on the wire at the end of a capture is not in it") {
  CapturedStory captured(with_uplink(), {"anna", "bert"});
  test::connect_at_start(captured.story);
  captured.story["anna"].at(at_ms(100), send_pattern(0, 1, 3000));
  captured.run_until(SimTime{} + microseconds(111'488));  // the first segment is just not there yet
  CHECK(with_payload(captured.keeper.at(captured.story.number("anna"), kOut)).size() == 3);
  CHECK(with_payload(captured.keeper.at(captured.story.number("bert"), kIn)).empty());
  captured.run_until(SimTime{} + microseconds(111'489));
  CHECK(with_payload(captured.keeper.at(captured.story.number("bert"), kIn)).size() == 1);
}

TEST_CASE("a refused dial is a SYN and a reset without a stream") {
  CapturedStory captured({}, {"anna", "bert"});
  test::connect_at_start(captured.story);
  captured.story["bert"].admit(Admission::refuse);
  captured.run_until(at_ms(1000));
  CHECK(captured.seen("anna", kOut) == Lines{{0, "SYN"}});
  CHECK(captured.seen("bert", kOut) == Lines{{10'000'000, "RST ACK"}});
  const auto syn = captured.keeper.packets().front().segment;
  const auto refusal = captured.keeper.at(captured.story.number("anna"), kIn).at(0).segment;
  CHECK(refusal.sequence == 0);
  CHECK(refusal.acknowledgement == syn.sequence + 1);
  CHECK(refusal.options == TcpOptions::none);
  CHECK(refusal.source == syn.destination);
  CHECK(refusal.destination == syn.source);
}

TEST_CASE("a dial that nobody can hear is a SYN at the host that dials alone") {
  const bool vanished = GENERATE(true, false);  // or nobody owns the endpoint
  CapturedStory captured({}, {"anna", "bert"});
  const Endpoint nobody = ipv4_endpoint(0x01010101, 8333);
  captured.story.stop("bert", StopKind::vanish, at_ms(50));
  captured.story["anna"].at(at_ms(100), test::dial(vanished ? Story::endpoint("bert") : nobody));
  captured.run_until(at_ms(7000));
  // Sent again after 1 and 3 s, with the same number; where there is no host at all, one is shown.
  Lines expected = {{100'000'000, "SYN"}};
  if (vanished) expected.insert(expected.end(), {{1'100'000'000, "SYN"}, {3'100'000'000, "SYN"}});
  CHECK(captured.seen("anna", kOut) == expected);
  CHECK(captured.keeper.packets().size() == expected.size());
  const TcpSegment& first = captured.keeper.packets().front().segment;
  CHECK(first.destination == (vanished ? Story::endpoint("bert") : nobody));
  for (const KeptPacket& packet : captured.keeper.packets()) CHECK(packet.segment.sequence == first.sequence);
}

TEST_CASE("a vanished host hears again when it is back") {
  CapturedStory captured({}, {"bert"});
  captured.story.stop("bert", StopKind::vanish, at_ms(50));
  captured.story.start("bert", at_ms(150));
  captured.story["anna"].at(at_ms(100), test::dial(Story::endpoint("bert")));
  captured.story["anna"].at(at_ms(200), test::dial(Story::endpoint("bert")));
  captured.run_until(at_ms(215));
  CHECK(captured.seen("bert", kIn) == Lines{{210'000'000, "SYN"}});
}

TEST_CASE("a crashed host answers by a reset that goes on where its stream was") {
  CapturedStory captured({}, {"anna"});
  test::connect_at_start(captured.story);
  captured.story["bert"].at(at_ms(100), send_pattern(0, 2, 30));
  captured.story.stop("bert", StopKind::crash, at_ms(150));
  captured.story["anna"].at(at_ms(200), send_pattern(0, 1, 500));
  captured.run_until(at_ms(1000));
  const auto heard = captured.keeper.at(captured.story.number("anna"), kIn);
  REQUIRE(heard.size() == 3);
  CHECK(PacketKeeper::describe(heard[2]) == "RST ACK");
  CHECK(heard[2].time == at_ms(220));
  CHECK(heard[2].segment.sequence == heard[1].segment.sequence + 30);
}

TEST_CASE("the initiator dials from an ephemeral port, another one for each connection to the same endpoint") {
  CapturedStory captured({}, {"anna"});
  for (int i = 0; i < 40; ++i) captured.story["anna"].at(at_ms(100 * i), test::dial(Story::endpoint("bert")));
  captured.run_until(at_ms(10'000));
  std::set<std::uint16_t> ports;
  for (const KeptPacket& packet : captured.keeper.at(captured.story.number("anna"), kOut)) {
    CHECK(packet.segment.destination == Story::endpoint("bert"));
    CHECK(packet.segment.source.port >= 49'152);
    if (packet.is(kTcpSyn)) CHECK(ports.insert(packet.segment.source.port).second);
  }
  CHECK(ports.size() == 40);
}

namespace {

// Six hosts that dial one another, talk at random in sizes up to five segments, hang up, break off, stop in all ways
// and come back.
class BusyStory {
 public:
  explicit BusyStory(std::uint64_t seed, unsigned ranks) : captured_(options(seed, ranks), names()) {
    for (const std::string& name : names()) prepare(name, seed);
    Story& story = captured_.story;
    story.stop("berta", StopKind::clean, at_ms(4'000));
    story.start("berta", at_ms(9'000));
    story.stop("carl", StopKind::crash, at_ms(5'000));
    story.start("carl", at_ms(8'000));
    story.stop("dora", StopKind::vanish, at_ms(6'000));
    story.start("dora", at_ms(13'000));
  }

  CapturedStory& run() {
    // In unequal steps: where a run pauses must not matter.
    for (std::int64_t ms = 7; ms < 20'000; ms += ms / 3 + 1) captured_.run_until(at_ms(ms));
    captured_.run_until(at_ms(20'000));
    return captured_;
  }
  static std::vector<std::string> names() { return {"anna", "berta", "carl", "dora", "emil", "fred"}; }

 private:
  static StoryOptions options(std::uint64_t seed, unsigned ranks) {
    StoryOptions options = with_uplink();
    options.names = names();
    options.world_seed = seed;
    options.simulation.ranks = ranks;
    return options;
  }

  void prepare(const std::string& name, std::uint64_t seed) {
    test::ScriptedNode& node = captured_.story[name];
    auto draws = std::make_shared<RandomStream>(Seeds(seed), SeedDomain::world, Purpose("busy"), stable_id(name));
    auto open = std::make_shared<std::set<ConnectionSlot>>();
    node.when_started([open](Context&) { open->clear(); });
    const auto say = [draws](Context& context, ConnectionSlot slot) {
      const auto bytes = static_cast<std::uint32_t>(8 + draws->below(5 * kSegmentBytes));
      context.send(slot, make_message<Pattern>((*draws)(), bytes));
    };
    node.when_connected([=](Context& context, ConnectionSlot slot) {
      open->insert(slot);
      say(context, slot);
    });
    node.when_closed([=](Context&, ConnectionSlot slot) { open->erase(slot); });
    node.when_message([=](Context& context, ConnectionSlot slot, std::uint64_t) {
      if (open->contains(slot) && draws->below(10) < 8) say(context, slot);
    });
    for (std::int64_t ms = 0; ms < 19'000; ms += 250) {
      node.at(at_ms(ms), [=](Context& context) {
        const std::uint64_t act = draws->below(10);
        const auto all = names();
        const std::string& peer = all[draws->below(all.size())];
        if (act < 5) {
          context.connect(Story::endpoint(peer));  // perhaps its own
        } else if (!open->empty()) {
          const ConnectionSlot slot =
              *std::next(open->begin(), static_cast<std::ptrdiff_t>(draws->below(open->size())));
          if (act < 8) return say(context, slot);
          open->erase(slot);
          act == 8 ? context.close(slot) : context.reset(slot);
        }
      });
    }
  }

  CapturedStory captured_;
};

}  // namespace

TEST_CASE("whatever hosts do, every stream is whole and every acknowledgement is what was received") {
  const auto seed = GENERATE(1u, 2u, 3u, 4u, 5u);
  BusyStory busy(seed, 1);
  CapturedStory& captured = busy.run();
  std::map<NodeId, HostView> views;
  std::map<std::string, std::size_t> kinds;
  for (const KeptPacket& packet : captured.keeper.packets()) {
    INFO(packet.time.ns << " ns, " << captured.story.simulation().world().name(packet.host));
    // What reached dora while she was silent is lost for good: nothing is retransmitted.
    const auto losses =
        packet.host == captured.story.number("dora") ? HostView::Losses::possible : HostView::Losses::none;
    REQUIRE(views[packet.host].follow(packet, losses) == "");
    ++kinds[packet.payload.empty() ? PacketKeeper::describe(packet) : "data"];
  }
  CHECK(captured.story.conserves_messages());
  CHECK(kinds["data"] > 1000);
  CHECK(kinds["SYN"] > 50);
  CHECK(kinds["FIN ACK"] > 10);
  CHECK(kinds["RST ACK"] > 10);
}

TEST_CASE("what leaves all hosts is what the simulation counts") {
  // No dials to oneself, nothing on the wire at the end: then no byte is missing.
  CapturedStory captured(with_uplink(), {"anna", "bert"});
  test::connect_at_start(captured.story);
  for (std::int64_t i = 0; i < 200; ++i)
    captured.story[i % 3 == 0 ? "anna" : "bert"].at(
        at_ms(100 + 2 * i),
        send_pattern(0, static_cast<std::uint64_t>(i), static_cast<std::uint32_t>(1 + i * 37 % 4000)));
  captured.run_until(at_ms(5000));
  std::uint64_t payload = 0;
  std::uint64_t segments = 0;
  for (const KeptPacket& packet : captured.keeper.packets()) {
    if (packet.direction != kOut || packet.payload.empty()) continue;
    payload += packet.payload.size();
    ++segments;
  }
  const Traffic traffic = captured.story.simulation().traffic(flood::kItemType);
  CHECK(traffic.messages == 200);
  CHECK(payload == traffic.payload_bytes + traffic.header_bytes);
  CHECK(segments * kTcpIpHeaderBytes == traffic.tcp_ip_bytes);
}

TEST_CASE("a capture listens and never steers, and ranks do not change it") {
  const auto seed = GENERATE(1u, 2u);
  BusyStory reference(seed, 1);
  CapturedStory& expected = reference.run();
  for (const unsigned ranks : {2u, 3u, 6u}) {
    BusyStory busy(seed, ranks);
    CapturedStory& captured = busy.run();
    CHECK(captured.story.simulation().digest() == expected.story.simulation().digest());
    REQUIRE(captured.keeper.packets().size() == expected.keeper.packets().size());
    for (std::size_t i = 0; i < expected.keeper.packets().size(); ++i) {
      const KeptPacket& ours = captured.keeper.packets()[i];
      const KeptPacket& theirs = expected.keeper.packets()[i];
      std::vector<std::uint8_t> our_frame;
      std::vector<std::uint8_t> their_frame;
      write_frame(ours.segment, ours.payload, our_frame);
      write_frame(theirs.segment, theirs.payload, their_frame);
      const bool same = ours.time == theirs.time && ours.host == theirs.host && ours.direction == theirs.direction &&
                        our_frame == their_frame;
      if (!same) FAIL("packet " << i << " differs with " << ranks << " ranks");
    }
  }
}

}  // namespace hearsay::app
