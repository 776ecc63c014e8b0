// How connections open, carry and close, as stories of two or three scripted nodes 10 ms apart. Every expected time is
// a sum of one-way delays, written out.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/sim_story.hpp"

namespace hearsay::test {
namespace {

// Remembers which connections were asked for, and gives each the same delay.
class RecordingPath final : public PathModel {
 public:
  [[nodiscard]] Duration propagation(const Host&, const Host&, std::uint64_t connection) const override {
    asked_.push_back(connection);
    return milliseconds(10);
  }
  mutable std::vector<std::uint64_t> asked_;
};

// 100 ms for the first connection that anna dials, 10 ms for all others.
class SlowFirstPath final : public PathModel {
 public:
  [[nodiscard]] Duration propagation(const Host&, const Host&, std::uint64_t connection) const override {
    return milliseconds(connection == fingerprint(stable_id("anna").value, std::uint64_t{0}) ? 100 : 10);
  }
};

}  // namespace

TEST_CASE("a connection is set up after one, two and three one-way delays") {
  const unsigned ranks = GENERATE(1u, 2u);
  StoryOptions options;
  options.simulation.ranks = ranks;
  Story story(options);
  connect_at_start(story);
  story.run_until(SimTime{} + seconds(20));
  // SYN at 10 ms, SYN-ACK at 20 ms, ACK at 30 ms; and the dial's timeout does nothing.
  CHECK(story["anna"].calls() == Calls{{SimTime{}, "started 1"}, {at_ms(20), "connected out 0"}});
  CHECK(story["bert"].calls() == Calls{{SimTime{}, "started 1"}, {at_ms(10), "asked"}, {at_ms(30), "connected in 0"}});
  CHECK(story.simulation().halves_in_use() == 2);
  CHECK(story.simulation().counters().events == 3);
}

TEST_CASE("what the dialling node sends at once arrives with the end of the set-up, after it") {
  Story story;
  connect_at_start(story);
  story["anna"].when_connected([](Context& context, ConnectionSlot slot) { send_item(slot, 5)(context); });
  story.run_until(at_ms(100));
  CHECK(story["bert"].calls_from(at_ms(11)) == Calls{{at_ms(30), "connected in 0"}, {at_ms(30), "item 5 on 0"}});
}

TEST_CASE("a refusal is known after one round trip and leaves nothing behind") {
  Story story;
  connect_at_start(story);
  story["bert"].admit(Admission::refuse);
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(SimTime{1}) == Calls{{at_ms(20), "refused 0"}});
  CHECK(story["bert"].calls_from(SimTime{1}) == Calls{{at_ms(10), "asked"}});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a host whose process stopped refuses, a host that is not there says nothing") {
  const auto kind = GENERATE(StopKind::clean, StopKind::crash, StopKind::vanish);
  Story story;
  story.stop("bert", kind, at_ms(50));
  story["anna"].at(at_ms(100), dial(Story::endpoint("bert")));
  story.run_until(SimTime{} + seconds(20));
  const Call expected = kind == StopKind::vanish ? Call{at_ms(5100), "timed out 0"} : Call{at_ms(120), "refused 0"};
  CHECK(story["anna"].calls_from(SimTime{1}) == Calls{expected});
  CHECK(story["bert"].calls().size() == 1);
}

TEST_CASE("a dial to an endpoint that nobody owns times out after five seconds") {
  Story story;
  story["anna"].at(at_ms(100), dial(ipv4_endpoint(0x01010101, 8333)));
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(SimTime{1}) == Calls{{at_ms(5100), "timed out 0"}});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a dial to a node that was never started times out, and succeeds once it runs") {
  Story story;
  story.simulation().starts_offline(story.number("bert"));
  story.start("bert", SimTime{} + seconds(7));
  connect_at_start(story);
  story["anna"].at(SimTime{} + seconds(8), dial(Story::endpoint("bert")));
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(SimTime{1}) == Calls{{at_ms(5000), "timed out 0"}, {at_ms(8020), "connected out 0"}});
  CHECK(story["bert"].calls() ==
        Calls{{at_ms(7000), "started 1"}, {at_ms(8010), "asked"}, {at_ms(8030), "connected in 0"}});
}

TEST_CASE("an answer after the dial's timeout is reset, so that neither end keeps a half") {
  // 3 s one way: the SYN-ACK arrives after 6 s, the dial gave up after 5. Bert hears the reset at 9 s, while he still
  // waits for the end of the set-up: his node was never told of a connection.
  StoryOptions options;
  options.path = std::make_shared<ConstantPath>(seconds(3));
  Story story(options);
  connect_at_start(story);
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(SimTime{1}) == Calls{{at_ms(5000), "timed out 0"}});
  CHECK(story["bert"].calls_from(SimTime{1}) == Calls{{at_ms(3000), "asked"}});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("no delay is below the minimum latency") {
  StoryOptions options;
  options.path = std::make_shared<ConstantPath>(nanoseconds(1));
  options.simulation.minimum_latency = microseconds(100);
  Story story(options);
  connect_at_start(story);
  story["anna"].at(at_ms(1), send_item(0, 1));
  story.run_until(at_ms(10));
  const SimTime zero;
  CHECK(story["anna"].calls_from(SimTime{1}) == Calls{{zero + microseconds(200), "connected out 0"}});
  CHECK(story["bert"].calls_from(SimTime{1}) == Calls{{zero + microseconds(100), "asked"},
                                                      {zero + microseconds(300), "connected in 0"},
                                                      {zero + microseconds(1100), "item 1 on 0"}});
}

TEST_CASE("messages of one handler arrive in the order of sending") {
  // Without an uplink limit all arrive at one instant; with 1 Mbit/s each takes (32 + 40) * 8 = 576 us to leave.
  const std::int64_t rate = GENERATE(0, 1'000'000);
  StoryOptions options;
  options.uplink = {rate};
  Story story(options);
  connect_at_start(story);
  for (const std::uint64_t number : {9u, 2u, 7u, 1u, 8u}) story["anna"].at(at_ms(100), send_item(0, number));
  story.run_until(at_ms(200));
  const Calls calls = story["bert"].calls_from(at_ms(100));
  REQUIRE(calls.size() == 5);
  std::int64_t sent_before = 0;
  for (std::size_t i = 0; const std::uint64_t number : {9u, 2u, 7u, 1u, 8u}) {
    sent_before += rate == 0 ? 0 : 576;
    CHECK(calls[i++] == Call{at_ms(110) + microseconds(sent_before), "item " + std::to_string(number) + " on 0"});
  }
}

TEST_CASE("a close reaches the peer after the data sent before it, and once") {
  const std::int64_t rate = GENERATE(0, 1'000'000);
  StoryOptions options;
  options.uplink = {rate};
  Story story(options);
  connect_at_start(story);
  story["anna"].at(at_ms(100), send_item(0, 1, 10'000));
  story["anna"].at(at_ms(100), send_item(0, 2, 10));
  story["anna"].at(at_ms(100), close_slot(0));
  story.run_until(SimTime{} + seconds(20));
  const Calls calls = story["bert"].calls_from(at_ms(100));
  REQUIRE(calls.size() == 3);
  CHECK(calls[0].what == "item 1 on 0");
  CHECK(calls[1].what == "item 2 on 0");
  CHECK(calls[2].what == "finished 0");
  CHECK(story["anna"].calls_from(at_ms(100)).empty());
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("data in flight towards the end that closed is dropped and counted") {
  Story story;
  connect_at_start(story);
  story["anna"].at(at_ms(100), close_slot(0));
  story["bert"].at(at_ms(89), send_item(0, 1));   // arrives at 99 ms: before the close
  story["bert"].at(at_ms(105), send_item(0, 2));  // on its way when anna closes, or later: the FIN arrives at 110 ms
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(at_ms(90)) == Calls{{at_ms(99), "item 1 on 0"}});
  CHECK(story.simulation().counters().delivered == 1);
  CHECK(story.simulation().counters().dropped == 1);
}

TEST_CASE("the closing end has its slot back when the other end has closed too") {
  // Anna's FIN leaves at 100 ms, bert's answer is there at 120 ms. A dial at that instant or before takes slot 1.
  Story story;
  connect_at_start(story);
  std::vector<ConnectionSlot> slots;
  const auto dial_and_note = [&slots](Context& context) { slots.push_back(context.connect(Story::endpoint("bert"))); };
  story["anna"].at(at_ms(100), close_slot(0));
  story["anna"].at(at_ms(119), dial_and_note);
  story["anna"].at(at_ms(121), dial_and_note);
  story.run_until(SimTime{} + seconds(20));
  CHECK(slots == std::vector<ConnectionSlot>{1, 0});
  // Bert's slot is free at once: he closed when he heard of it.
  CHECK(story["bert"].calls_from(at_ms(125)).front() == Call{at_ms(129), "asked"});
  CHECK(story["bert"].calls_from(at_ms(139)) == Calls{{at_ms(149), "connected in 0"}, {at_ms(151), "connected in 1"}});
}

TEST_CASE("when both ends close at once neither is told and nothing is left") {
  Story story;
  connect_at_start(story);
  story["anna"].at(at_ms(100), close_slot(0));
  story["bert"].at(at_ms(100), close_slot(0));
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(at_ms(100)).empty());
  CHECK(story["bert"].calls_from(at_ms(100)).empty());
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a reset is heard by the peer, and what is in flight both ways is settled") {
  Story story;
  connect_at_start(story);
  story["anna"].at(at_ms(100), send_item(0, 1));
  story["anna"].at(at_ms(100), reset_slot(0));
  story["bert"].at(at_ms(105), send_item(0, 2));
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["bert"].calls_from(at_ms(100)) == Calls{{at_ms(110), "item 1 on 0"}, {at_ms(110), "reset 0"}});
  CHECK(story["anna"].calls_from(at_ms(100)).empty());
  CHECK(story.simulation().counters().dropped == 1);
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("late arrivals for an earlier connection do not reach the next one in the same slot") {
  // Anna's first connection is slow, 100 ms each way, her second one fast. Bert sends and closes on the first; at 400
  // ms anna resets it and dials again. Her slot 0 is open anew at 420 ms, when bert's item (490 ms) and FIN (495 ms)
  // come.
  StoryOptions options;
  options.path = std::make_shared<SlowFirstPath>();
  Story story(options);
  connect_at_start(story);
  story["bert"].at(at_ms(390), send_item(0, 1));
  story["bert"].at(at_ms(395), close_slot(0));
  story["anna"].at(at_ms(400), reset_slot(0));
  story["anna"].at(at_ms(400), dial(Story::endpoint("bert")));
  story["anna"].at(at_ms(600), send_item(0, 2));
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(at_ms(301)) == Calls{{at_ms(420), "connected out 0"}});
  CHECK(story["bert"].calls_from(at_ms(301)) ==
        Calls{{at_ms(410), "asked"}, {at_ms(430), "connected in 1"}, {at_ms(610), "item 2 on 1"}});
  CHECK(story.simulation().counters().dropped == 1);
  CHECK(story.simulation().halves_in_use() == 2);
}

TEST_CASE("a closed connection carries nothing more: sending on it is a mistake of the node") {
  for (const auto& action : {send_item(0, 1), close_slot(0), reset_slot(0)}) {
    Story story;
    connect_at_start(story);
    story["anna"].at(at_ms(100), close_slot(0));
    story["anna"].at(at_ms(100), action);
    CHECK_THROWS_AS(story.run_until(at_ms(200)), CheckFailure);
  }
}

TEST_CASE("a node can connect to itself") {
  Story story;
  connect_at_start(story, "anna", "anna");
  story["anna"].at(at_ms(100), send_item(0, 1));
  story["anna"].at(at_ms(100), send_item(1, 2));
  story["anna"].at(at_ms(200), close_slot(1));
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(SimTime{1}) == Calls{{at_ms(10), "asked"},
                                                      {at_ms(20), "connected out 0"},
                                                      {at_ms(30), "connected in 1"},
                                                      {at_ms(110), "item 1 on 1"},
                                                      {at_ms(110), "item 2 on 0"},
                                                      {at_ms(210), "finished 0"}});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("two connections between one pair are distinct") {
  // Two dials of anna and one of bert, who all succeed; what is said on one is heard on its other end only.
  auto path = std::make_shared<RecordingPath>();
  StoryOptions options;
  options.path = path;
  Story story(options);
  connect_at_start(story);
  connect_at_start(story);
  story["bert"].at(at_ms(50), dial(Story::endpoint("anna")));
  for (const ConnectionSlot slot : {2u, 0u, 1u}) story["anna"].at(at_ms(100 + slot), send_item(slot, slot));
  story["anna"].at(at_ms(200), close_slot(1));
  for (const ConnectionSlot slot : {0u, 2u}) story["bert"].at(at_ms(300 + slot), send_item(slot, slot));
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["bert"].calls_from(at_ms(100)) == Calls{{at_ms(110), "item 0 on 0"},
                                                      {at_ms(111), "item 1 on 1"},
                                                      {at_ms(112), "item 2 on 2"},
                                                      {at_ms(210), "finished 1"}});
  CHECK(story["anna"].calls_from(at_ms(100)) == Calls{{at_ms(310), "item 0 on 0"}, {at_ms(312), "item 2 on 2"}});
  std::sort(path->asked_.begin(), path->asked_.end());
  path->asked_.erase(std::unique(path->asked_.begin(), path->asked_.end()), path->asked_.end());
  CHECK(path->asked_.size() == 3);
}

TEST_CASE("the two directions of a connection, and two connections, do not look alike in a digest") {
  // The same item at the same time, heard by the accepting end, by the dialling end, or on another connection.
  const auto digest = [](const std::string& from, const std::string& to, ConnectionSlot slot) {
    Story story;
    connect_at_start(story);
    connect_at_start(story);
    story[from].at(at_ms(100), send_item(slot, 1));
    story.run_until(at_ms(200));
    return story.simulation().node_digest(story.number(to));
  };
  CHECK(digest("anna", "bert", 0) != digest("bert", "anna", 0));
  CHECK(digest("anna", "bert", 0) != digest("anna", "bert", 1));
  CHECK(digest("anna", "bert", 0) == digest("anna", "bert", 0));
}

TEST_CASE("a hundred connections of one pair at once are kept apart, and their slots filled from below") {
  // Slots lie in blocks of eight, and those of the first two are found by a shorter way: 100 needs both ways.
  Story story;
  for (int i = 0; i < 100; ++i) connect_at_start(story);
  for (ConnectionSlot slot = 0; slot < 100; ++slot) story["anna"].at(at_ms(100 + slot), send_item(slot, 1000 + slot));
  for (const ConnectionSlot slot : {90u, 3u, 20u}) story["anna"].at(at_ms(300), reset_slot(slot));
  std::vector<ConnectionSlot> slots;
  for (int i = 0; i < 4; ++i)
    story["anna"].at(at_ms(400),
                     [&slots](Context& context) { slots.push_back(context.connect(Story::endpoint("bert"))); });
  story.run_until(at_ms(1000));
  Calls expected;
  for (ConnectionSlot slot = 0; slot < 100; ++slot)
    expected.push_back({at_ms(110 + slot), "item " + std::to_string(1000 + slot) + " on " + std::to_string(slot)});
  Calls heard = story["bert"].calls_from(at_ms(100));
  heard.resize(100);
  CHECK(heard == expected);
  CHECK(slots == std::vector<ConnectionSlot>{3, 20, 90, 100});
}

TEST_CASE("a thousand connections, one after another, need the place of one") {
  // Every way to end one in turn: close by either end, by both, reset by either end, refusal, nobody there.
  Story story;
  std::uint32_t most = 0;
  for (std::int64_t i = 0; i < 1000; ++i) {
    const SimTime begin = at_ms(100 + 6000 * i);
    story["bert"].at(
        begin, [&story, i](Context&) { story["bert"].admit(i % 7 == 5 ? Admission::refuse : Admission::accept); });
    story["anna"].at(begin, [&most, i](Context& context) {
      const Endpoint target = i % 7 == 6 ? ipv4_endpoint(0x01010101, 8333) : Story::endpoint("bert");
      most = std::max(most, context.connect(target));
    });
    if (i % 7 == 0 || i % 7 == 2) story["anna"].at(begin + milliseconds(100), close_slot(0));
    if (i % 7 == 1 || i % 7 == 2) story["bert"].at(begin + milliseconds(100), close_slot(0));
    if (i % 7 == 3) story["anna"].at(begin + milliseconds(100), reset_slot(0));
    if (i % 7 == 4) story["bert"].at(begin + milliseconds(100), reset_slot(0));
  }
  story.run_until(SimTime{} + seconds(6100));
  CHECK(most == 0);
  CHECK(story.simulation().halves_in_use() == 0);
  // Anna hears her start, the result of each dial, and what bert alone ends (cases 1 and 4): 9 calls in each of 142
  // rounds of seven, 8 in the last six.
  CHECK(story["anna"].calls().size() == 1 + 142 * 9 + 8);
}

}  // namespace hearsay::test
