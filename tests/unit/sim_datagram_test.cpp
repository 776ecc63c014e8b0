// Messages outside any connection: they arrive or get lost, alone.
#include <catch2/catch.hpp>

#include "tests/unit/sim_lossy_path.hpp"
#include "tests/unit/sim_scripted_rule.hpp"

namespace hearsay::test {

namespace {

ScriptedNode::Action send_to(const std::string& name, std::uint64_t number, std::uint32_t bytes = 32) {
  return
      [=](Context& context) { context.send_datagram(Story::endpoint(name), make_message<flood::Item>(number, bytes)); };
}

}  // namespace

TEST_CASE("a datagram arrives after the path's delay, and its bytes take their time on the uplink") {
  // 972 B and 28 of headers: 1 ms at 8 Mbit/s. The second one waits for the first.
  const bool bytes = GENERATE(false, true);
  const unsigned ranks = GENERATE(1u, 2u);
  StoryOptions options;
  options.uplinks = {{"anna", kEightMegabits}};
  options.simulation.wire_bytes = bytes;
  options.simulation.ranks = ranks;
  Story story(options);
  story["anna"].at(at_ms(100), send_to("bert", 1, 972));
  story["anna"].at(at_ms(100), send_to("bert", 2, 972));
  story["bert"].at(at_ms(100), send_to("anna", 3));
  CHECK(conserves_throughout(story, at_ms(1000)));
  CHECK(story["bert"].calls_from(at_ms(1)) == Calls{{at_ms(111), "datagram 1"}, {at_ms(112), "datagram 2"}});
  CHECK(story["anna"].calls_from(at_ms(1)) == Calls{{at_ms(110), "datagram 3"}});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a datagram waits for one segment of each large message under way") {
  StoryOptions options = without_windows();
  options.uplinks = {{"anna", kEightMegabits}};
  Story story(options);
  connect_at_start(story);
  story["anna"].at(at_ms(1000), send_item(0, 1, 1'500'000));
  story["anna"].at(at_ms(1500), send_to("bert", 2, 972));
  story.run_until(SimTime{} + seconds(10));
  CHECK(story["bert"].calls_from(at_ms(1000)) ==
        Calls{{at_us(1'512'488), "datagram 2"}, {at_us(1'010'000 + 1'541'440 + 1'000), "item 1 on 0"}});
}

TEST_CASE("a datagram is at most one packet") {
  Story fits;
  fits["anna"].at(at_ms(100), send_to("bert", 1, 1448));
  fits.run_until(at_ms(200));
  CHECK(fits.simulation().counters().delivered == 1);
  Story large;
  large["anna"].at(at_ms(100), send_to("bert", 1, 1449));
  CHECK_THROWS_AS(large.run_until(at_ms(200)), CheckFailure);
}

TEST_CASE("datagrams to nobody, to the unborn, to the stopped and to the vanished are dropped") {
  StoryOptions options;
  options.names = {"anna", "bert", "carl", "dora"};
  Story story(options);
  story.simulation().starts_offline(story.number("bert"));
  story.stop("carl", StopKind::crash, at_ms(50));
  story.stop("dora", StopKind::vanish, at_ms(50));
  for (const std::string name : {"bert", "carl", "dora"}) story["anna"].at(at_ms(100), send_to(name, 1));
  story["anna"].at(at_ms(100), send_to("nobody", 1));
  story.start("bert", at_ms(109));  // is there when it arrives
  CHECK(conserves_throughout(story, at_ms(1000)));
  CHECK(story.simulation().counters().sent == 4);
  CHECK(story.simulation().counters().dropped == 3);
  CHECK(story["bert"].calls_from(at_ms(110)) == Calls{{at_ms(110), "datagram 1"}});
  CHECK(story["anna"].calls_from(at_ms(1)).empty());  // and nobody is told
}

TEST_CASE("the share of lost datagrams is that of the path") {
  // 10,000 at a loss of 10 %: 1,000 +/- 4 standard deviations of 30. The same ones on any ranks.
  std::uint64_t digest = 0;
  for (const unsigned ranks : {1u, 2u}) {
    StoryOptions options;
    options.path = std::make_shared<LossyPath>(milliseconds(10), 0.1);
    options.simulation.ranks = ranks;
    Story story(options);
    for (std::uint64_t i = 0; i < 10'000; ++i)
      story["anna"].at(at_us(1'000'000 + static_cast<std::int64_t>(i)), send_to("bert", i));
    CHECK(conserves_throughout(story, at_ms(1100), microseconds(503)));
    CHECK(story.simulation().counters().dropped > 880);
    CHECK(story.simulation().counters().dropped < 1120);
    if (digest == 0) digest = story.simulation().digest();
    CHECK(story.simulation().digest() == digest);
  }
}

TEST_CASE("each datagram has a delay of its own, drawn by its sender's counter") {
  // So they may overtake one another, and who else sends changes nothing.
  StoryOptions options;
  options.names = {"anna", "bert", "carl"};
  options.path = std::make_shared<JitteryPath>();
  Story story(options);
  std::vector<std::uint64_t> order;
  story["bert"].when_datagram([&order](Context& context, std::uint64_t number) {
    if (number >= 100) return;
    order.push_back(number);
    CHECK(context.now() == at_ms(100) + JitteryPath::drawn({stable_id("anna").value, number}));
  });
  for (std::uint64_t i = 0; i < 20; ++i) {
    story["anna"].at(at_ms(100), send_to("bert", i));
    story["carl"].at(at_ms(100), send_to("bert", 100 + i));
  }
  story.run_until(at_ms(200));
  CHECK(order.size() == 20);
  CHECK(!std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("rules drop and delay datagrams") {
  StoryOptions options;
  options.rules = {packet_rule([](const Passage& passage) -> PacketFate {
    if (is_item(passage, 2)) return {PacketFate::Kind::drop, {}};
    if (is_item(passage, 3)) return {PacketFate::Kind::delay, milliseconds(50)};
    return {};
  })};
  Story story(options);
  for (std::uint64_t i = 1; i <= 4; ++i) story["anna"].at(at_ms(100), send_to("bert", i));
  CHECK(conserves_throughout(story, at_ms(1000)));
  CHECK(story["bert"].calls_from(at_ms(1)) ==
        Calls{{at_ms(110), "datagram 1"}, {at_ms(110), "datagram 4"}, {at_ms(160), "datagram 3"}});
}

TEST_CASE("a busy node hears datagrams when it is free, as many as its socket holds") {
  // 212,992 B hold 212 of 1,000 B. Each takes a millisecond, and then the node is busy again.
  Story story;
  for (std::uint64_t i = 0; i < 300; ++i) story["anna"].at(at_ms(100), send_to("bert", i, 1000));
  story["bert"].at(at_ms(50), [](Context& context) { context.spend(milliseconds(150)); });
  story["bert"].when_datagram([](Context& context, std::uint64_t) { context.spend(milliseconds(1)); });
  CHECK(conserves_throughout(story, SimTime{} + seconds(3)));
  const Calls calls = story["bert"].calls_from(at_ms(51));
  REQUIRE(calls.size() == 212);
  for (std::size_t i = 0; i < calls.size(); ++i)
    CHECK(calls[i] == Call{at_ms(200 + static_cast<std::int64_t>(i)), "datagram " + std::to_string(i)});
  CHECK(story.simulation().counters().dropped == 88);
}

TEST_CASE("datagrams that wait for a node that stops are dropped") {
  const auto kind = GENERATE(StopKind::clean, StopKind::crash, StopKind::vanish);
  Story story;
  for (std::uint64_t i = 0; i < 10; ++i) story["anna"].at(at_ms(100), send_to("bert", i));
  story["bert"].at(at_ms(50), [](Context& context) { context.spend(milliseconds(150)); });
  story.stop("bert", kind, at_ms(150));
  story.start("bert", at_ms(160));
  CHECK(conserves_throughout(story, SimTime{} + seconds(3)));
  CHECK(story["bert"].calls_from(at_ms(51)) == Calls{{at_ms(160), "started 2"}});
  CHECK(story.simulation().counters().dropped == 10);
}

}  // namespace hearsay::test
