// Connections that end, and nodes that stop, in the middle of large messages: everything that was taken for them is
// given back, and what comes later is as fast as if they had never been.
#include <catch2/catch.hpp>

#include "tests/unit/sim_calls.hpp"

namespace hearsay::test {

namespace {

constexpr std::uint32_t kLarge = 1'500'000;

StoryOptions three() {
  StoryOptions options = without_windows();
  options.names = {"anna", "bert", "carl"};
  options.uplink = kEightMegabits;
  options.downlink = kEightMegabits;
  return options;
}

// Anna sends bert two large messages from 1 s on; they need until 4.09 s. Carl is connected to both.
void begin(Story& story) {
  story["anna"].at(at_ms(0), dial(Story::endpoint("bert")));    // slot 0 of both
  story["anna"].at(at_ms(100), dial(Story::endpoint("carl")));  // slot 1 of hers, 0 of his
  story["carl"].at(at_ms(200), dial(Story::endpoint("bert")));  // slot 1 of both
  story["anna"].at(at_ms(1000), [](Context& context) {
    send_item(0, 1, kLarge)(context);
    send_item(0, 2, kLarge)(context);
  });
}

// A small message takes its bytes on each of two equal links: 2 * 1,040 us and 10 ms.
constexpr Duration kIdle = microseconds(12'080);

}  // namespace

TEST_CASE("a connection that ends in the middle of a large message gives all back") {
  const std::string who = GENERATE("anna", "bert");
  const bool by_reset = GENERATE(false, true);
  Story story(three());
  begin(story);
  story[who].at(at_ms(1503), by_reset ? reset_slot(0) : close_slot(0));
  story["anna"].at(at_ms(9000), send_item(1, 8, 1000));  // to carl, past the uplink that was shared
  story["carl"].at(at_ms(9000), send_item(1, 9, 1000));  // to bert, past the downlink that was shared
  CHECK(conserves_throughout(story, SimTime{} + seconds(20)));
  CHECK(heard(story, "carl", 8) == at_ms(9000) + kIdle);
  CHECK(heard(story, "bert", 9) == at_ms(9000) + kIdle);
  CHECK(story.simulation().messages_in_flight() == 0);
  CHECK(story.simulation().halves_in_use() == 4);
  const bool all_first = who == "anna" && !by_reset;  // her FIN leaves behind both
  CHECK(heard(story, "bert", 2) == (all_first ? at_us(1'010'000 + 2 * 1'541'440 + 1488) : SimTime::max()));
  CHECK(story.simulation().counters().dropped == (all_first ? 0 : 2));
}

TEST_CASE("a sender that stops in the middle of a large message leaves nothing on the links") {
  // Until its peer learns of it: he counts the large message as arriving for as long as he keeps the connection.
  const auto kind = GENERATE(StopKind::clean, StopKind::crash, StopKind::vanish);
  Story story(three());
  begin(story);
  story.stop("anna", kind, at_ms(1503));
  story.start("anna", at_ms(8000));
  if (kind != StopKind::clean) story["bert"].at(at_ms(8500), send_item(0, 5));  // is answered by a reset
  story["carl"].at(at_ms(9000), send_item(1, 9, 1000));
  story["bert"].at(at_ms(9100), send_item(1, 10, 1000));
  CHECK(conserves_throughout(story, SimTime{} + seconds(20)));
  // What a clean stop had given to the kernel still goes out.
  CHECK((heard(story, "bert", 2) != SimTime::max()) == (kind == StopKind::clean));
  CHECK(heard(story, "bert", 9) == at_ms(9000) + kIdle);
  CHECK(heard(story, "carl", 10) == at_ms(9100) + kIdle);
  CHECK(story.simulation().messages_in_flight() == 0);
}

TEST_CASE("a receiver that stops in the middle of a large message stops its sender") {
  // After a vanishing nobody tells her: what she sends goes nowhere, until she gives up a quarter of an hour after the
  // first part that nobody acknowledged.
  const auto kind = GENERATE(StopKind::clean, StopKind::crash, StopKind::vanish);
  Story story(three());
  begin(story);
  story.stop("bert", kind, at_ms(1503));
  story["anna"].at(at_ms(9000), send_item(1, 8, 1000));
  CHECK(conserves_throughout(story, SimTime{} + hours(1), milliseconds(707)));
  CHECK(heard(story, "carl", 8) == at_ms(9000) + kIdle);
  CHECK(story.simulation().counters().dropped == 2);
  CHECK(story.simulation().messages_in_flight() == 0);
  const Calls told = story["anna"].calls_from(at_ms(1503));
  REQUIRE(told.size() == 1);
  if (kind == StopKind::vanish) {
    CHECK(told[0].what == "timed out 0");
    CHECK(told[0].time > SimTime{} + seconds(901));
    CHECK(told[0].time < SimTime{} + seconds(902));
  } else {
    CHECK(told[0].what == (kind == StopKind::clean ? "finished 0" : "reset 0"));
    CHECK(told[0].time < at_ms(1503 + 130));  // a quantum of 97 ms and a round trip
  }
}

TEST_CASE("a node that vanishes after a close sends nothing of what was still queued") {
  Story story(three());
  begin(story);
  story["anna"].at(at_ms(1400), close_slot(0));
  story.stop("anna", StopKind::vanish, at_ms(1503));
  story["bert"].at(at_ms(8000), send_item(0, 5));
  CHECK(conserves_throughout(story, SimTime{} + hours(1), milliseconds(707)));
  CHECK(heard(story, "bert", 1) == SimTime::max());
  // Nobody acknowledges his item, which met the silent host at 8,010 ms.
  const Calls told = story["bert"].calls_from(at_ms(1503));
  REQUIRE(told.size() == 1);
  CHECK(told[0].what == "timed out 0");
  CHECK(story.simulation().messages_in_flight() == 0);
}

TEST_CASE("a crashed node's large messages do not come back in its next life") {
  Story story(three());
  begin(story);
  story.stop("anna", StopKind::crash, at_ms(1503));
  story.start("anna", at_ms(1504));
  story["anna"].at(at_ms(1505), dial(Story::endpoint("bert")));
  story["anna"].at(at_ms(1700), send_item(2, 7, kLarge));
  CHECK(conserves_throughout(story, SimTime{} + seconds(20)));
  CHECK(items_heard(story, "bert") == std::vector<std::uint64_t>{7});
}

TEST_CASE("a sender whose peer takes nothing more learns of its crash") {
  // Bert is busy and his inbox full. TCP probes a window that stays shut (RFC 9293, 3.8.6.1): his host answers by RST.
  StoryOptions options = three();
  options.simulation.transport.receive_buffer = {1'000'000};
  Story story(options);
  begin(story);
  story["anna"].at(at_ms(1001), send_item(0, 3, kLarge));
  story["anna"].at(at_ms(1001), send_item(0, 4, kLarge));
  story["bert"].at(at_ms(1100), [](Context& context) { context.spend(seconds(100)); });
  story.stop("bert", StopKind::crash, at_ms(9000));
  CHECK(conserves_throughout(story, SimTime{} + seconds(30)));
  const Calls told = story["anna"].calls_from(at_ms(1503));
  REQUIRE(told.size() == 1);
  CHECK(told[0].what == "reset 0");
  CHECK(story.simulation().messages_in_flight() == 0);
}

TEST_CASE("who closes a connection hears nothing more on it, not even what had arrived") {
  // Bert is busy from 1,000 to 1,100 ms and closes then; two messages wait.
  Story story;
  connect_at_start(story);
  story["anna"].at(at_ms(1010), send_item(0, 1));
  story["anna"].at(at_ms(1011), send_item(0, 2));
  story["bert"].at(at_ms(1000), [](Context& context) {
    context.set_timer(0, at_ms(1050));
    context.spend(milliseconds(100));
  });
  story["bert"].when_timer([](Context& context, TimerSlot) { context.close(0); });
  CHECK(conserves_throughout(story, SimTime{} + seconds(10)));
  CHECK(items_heard(story, "bert").empty());
  CHECK(story.simulation().counters().dropped == 2);
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a connection whose inbox runs empty and fills again has one turn a pass") {
  // Until 1.75 s anna's messages come one by one, about as fast as she has turns: a pass is 3 ms. Then hundreds of hers
  // wait too; of the next 90 messages 30 are hers.
  const std::int64_t phase = GENERATE(500, 1500, 2500);
  const std::vector<std::string> leaves = {"anna", "carl", "dora"};
  Story story(star(leaves));
  std::vector<std::uint64_t> turns;
  story["hub"].when_message([&turns](Context& context, ConnectionSlot, std::uint64_t number) {
    if (context.now() > at_ms(1766)) turns.push_back(number);
    context.spend(milliseconds(1));
  });
  all_dial(story, leaves);
  for (std::uint64_t i = 1; i < 3; ++i)
    for (int k = 0; k < 800; ++k) story[leaves[i]].at(at_ms(1000), send_item(0, i));
  for (int k = 0; k < 250; ++k) story["anna"].at(at_us(1'000'000 + phase + 3000 * k), send_item(0, 0));
  for (int k = 0; k < 300; ++k) story["anna"].at(at_ms(1755), send_item(0, 0));
  story.run_until(SimTime{} + seconds(10));
  REQUIRE(turns.size() > 90);
  turns.resize(90);
  for (std::uint64_t i = 0; i < 3; ++i) {
    CHECK(std::count(turns.begin(), turns.end(), i) >= 29);
    CHECK(std::count(turns.begin(), turns.end(), i) <= 31);
  }
}

TEST_CASE("a FIN counts once, also when both ends close while data waits") {
  // Anna's item needs until 2,541 ms. Bert's FIN leaves at once, behind 100,000 B (in 103 ms), behind as much as hers,
  // or after her FIN has found his data waiting. SYN, SYN-ACK, ACK, and two FINs, 40 B each.
  const std::uint32_t bytes = GENERATE(0u, 100'000u, kLarge, 2 * kLarge);
  StoryOptions options = without_windows();
  options.uplink = kEightMegabits;
  Story story(options);
  connect_at_start(story);
  story["anna"].at(at_ms(1000), send_item(0, 1, kLarge));
  story["anna"].at(at_ms(1000), close_slot(0));
  if (bytes > 0) story["bert"].at(at_ms(1000), send_item(0, 2, bytes));
  story["bert"].at(at_ms(1000), close_slot(0));
  CHECK(conserves_throughout(story, SimTime{} + seconds(20)));
  CHECK(story.simulation().traffic(0).messages == 5);
  CHECK(story.simulation().traffic(0).tcp_ip_bytes == 5 * 40);
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a quantum that leaves when its connection has ended is none of the next one in its place") {
  // The first quantum (96,720 B) of item 1 leaves until 1,096.72 ms; its connection ends at 1,010 ms, and before 1,040
  // ms another one is open in its slot. RST, SYN and ACK, 40 B each, pass between the quanta. Then items 3 and 2 share
  // the uplink, a quantum each.
  StoryOptions options = without_windows();
  options.names = {"anna", "bert", "carl"};
  options.uplinks = {{"anna", kEightMegabits}};
  Story story(options);
  connect_at_start(story, "anna", "bert");
  connect_at_start(story, "anna", "carl");
  story["anna"].at(at_ms(1000), send_item(0, 1, kLarge));
  story["anna"].at(at_ms(1000), send_item(1, 3, kLarge));
  story["anna"].at(at_ms(1010), reset_slot(0));
  story["anna"].at(at_ms(1010), dial(Story::endpoint("bert")));
  story["anna"].at(at_ms(1040), send_item(0, 2, kLarge));
  CHECK(conserves_throughout(story, SimTime{} + seconds(20)));
  const std::int64_t from = 1'010'000 + 96'720 + 3 * 40;
  CHECK(heard(story, "carl", 3) == at_us(from + 2 * 1'541'440 - 90'640));
  CHECK(heard(story, "bert", 2) == at_us(from + 2 * 1'541'440));
}

TEST_CASE("a crash in the middle of a set-up takes no place in the backlog of the next life") {
  StoryOptions options;
  options.names = {"anna", "bert", "carl"};
  options.simulation.transport.backlog = 1;
  Story story(options);
  connect_at_start(story, "anna", "bert");
  story.stop("bert", StopKind::crash, at_ms(15));
  story.start("bert", at_ms(100));
  story["carl"].at(at_ms(200), dial(Story::endpoint("bert")));
  story.run_until(SimTime{} + minutes(2));
  CHECK(story["carl"].calls_from(at_ms(1)) == Calls{{at_ms(220), "connected out 0"}});
}

}  // namespace hearsay::test
