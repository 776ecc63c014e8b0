// Access links in closed form: how long small and large messages take, alone and beside others. The congestion window
// must not matter here: paths are lossless, and a window that limits would only make large messages later.
//
// A byte takes 1 us at 8 Mbit/s and 4 us at 2 Mbit/s. A message of n bytes has ceil(n / 1,448) segments of 40 header
// bytes each; a full segment is 1,488 bytes. 1,000 B are 1,040 on the wire, 3,000 B 3,120, and 1,500,000 B 1,036
// segments: 1,541,440. The latter leaves as 15 quanta of 65 segments (96,720 B) and one of 61 (88,200 + 2,440 =
// 90,640 B).
#include <catch2/catch.hpp>

#include "tests/unit/sim_calls.hpp"

namespace hearsay::test {

namespace {

constexpr std::uint32_t kLarge = 1'500'000;
constexpr std::int64_t kLargeWire = 1'541'440;
constexpr std::int64_t kLastQuantum = 90'640;

const std::vector<std::string> kFour = {"anna", "bert", "carl", "dora"};

StoryOptions linked(BitRate uplink, BitRate downlink) {
  StoryOptions options = without_windows();
  options.uplinks = {{"anna", uplink}};
  options.downlinks = {{"bert", downlink}};
  return options;
}

// When bert hears one message that anna sends him at 1 s, less the path's 10 ms: time on the links alone.
std::int64_t link_microseconds(const StoryOptions& options, std::uint32_t bytes) {
  Story story(options);
  connect_at_start(story);
  story["anna"].at(at_ms(1000), send_item(0, 1, bytes));
  story.run_until(SimTime{} + minutes(1));
  CHECK(story.conserves_messages());
  return (heard(story, "bert", 1) - at_ms(1010)).ns / 1000;
}

}  // namespace

TEST_CASE("a small message alone takes its bytes at the slower rate and a segment at the faster one") {
  CHECK(link_microseconds(linked({}, {}), 3000) == 0);
  CHECK(link_microseconds(linked(kEightMegabits, {}), 3000) == 3120);
  CHECK(link_microseconds(linked({}, kEightMegabits), 3000) == 3120);
  // 3,120 * 4 + 1,488 * 1, whichever is the slower one.
  CHECK(link_microseconds(linked(kEightMegabits, kTwoMegabits), 3000) == 13'968);
  CHECK(link_microseconds(linked(kTwoMegabits, kEightMegabits), 3000) == 13'968);
  CHECK(link_microseconds(linked(kEightMegabits, kEightMegabits), 3000) == 3120 + 1488);
  // Less than a segment is stored and forwarded whole: 1,040 * 4 + 1,040 * 1.
  CHECK(link_microseconds(linked(kEightMegabits, kTwoMegabits), 1000) == 5200);
}

TEST_CASE("a large message alone takes as long as one whole message would") {
  CHECK(link_microseconds(linked({}, {}), kLarge) == 0);
  CHECK(link_microseconds(linked(kEightMegabits, {}), kLarge) == kLargeWire);
  CHECK(link_microseconds(linked({}, kEightMegabits), kLarge) == kLargeWire);
  CHECK(link_microseconds(linked(kEightMegabits, kEightMegabits), kLarge) == kLargeWire + 1488);
  CHECK(link_microseconds(linked(kEightMegabits, kTwoMegabits), kLarge) == 4 * kLargeWire + 1488);
  CHECK(link_microseconds(linked(kTwoMegabits, kEightMegabits), kLarge) == 4 * kLargeWire + 1488);
}

TEST_CASE("the step from small to large messages is not felt on an idle link") {
  // 14,480 B are the ten segments of the initial window, 14,481 B leave in quanta.
  CHECK(link_microseconds(linked(kEightMegabits, {}), 14'480) == 14'880);
  CHECK(link_microseconds(linked(kEightMegabits, {}), 14'481) == 14'481 + 11 * 40);
  CHECK(link_microseconds(linked({}, kEightMegabits), 14'480) == 14'880);
  CHECK(link_microseconds(linked({}, kEightMegabits), 14'481) == 14'481 + 11 * 40);
}

TEST_CASE("small messages queue at the uplink in the order of sending") {
  // Five of 1,040 us each, to four peers and once more to the first.
  StoryOptions options = star(kFour);
  options.uplinks = {{"hub", kEightMegabits}};
  Story story(options);
  dial_all(story, kFour);
  story["hub"].at(at_ms(1000), [](Context& context) {
    for (std::uint32_t i = 0; i < 5; ++i) send_item(i % 4, i, 1000)(context);
  });
  story.run_until(at_ms(2000));
  for (std::uint32_t i = 0; i < 5; ++i) CHECK(heard(story, kFour[i % 4], i) == at_us(1'010'000 + 1040 * (i + 1)));
}

TEST_CASE("small messages queue at the downlink in the order of arrival") {
  // All four arrive at once, after 1,040 us on the idle link; the k-th is through k - 1 messages later.
  StoryOptions options = star(kFour);
  options.downlinks = {{"hub", kEightMegabits}};
  Story story(options);
  all_dial(story, kFour);
  for (std::uint64_t i = 0; i < 4; ++i) story[kFour[i]].at(at_ms(1000), send_item(0, i, 1000));
  story.run_until(at_ms(2000));
  const Calls calls = story["hub"].calls_from(at_ms(1000));
  REQUIRE(calls.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(calls[i].time == at_us(1'011'040 + 1040 * static_cast<std::int64_t>(i)));
}

TEST_CASE("large messages share an uplink: a quantum of each in turn, and no instant is wasted") {
  // Four of one size end one last quantum apart, the last one when all bytes have left.
  StoryOptions options = star(kFour);
  options.uplinks = {{"hub", kEightMegabits}};
  Story story(options);
  dial_all(story, kFour);
  story["hub"].at(at_ms(1000), [](Context& context) {
    for (std::uint32_t i = 0; i < 4; ++i) send_item(i, i, kLarge)(context);
  });
  CHECK(conserves_throughout(story, SimTime{} + seconds(20)));
  for (std::uint32_t i = 0; i < 4; ++i)
    CHECK(heard(story, kFour[i], i) == at_us(1'010'000 + 4 * kLargeWire - (3 - i) * kLastQuantum));
}

TEST_CASE("large messages of different sizes and peers that join later: the uplink never rests") {
  StoryOptions options = star(kFour);
  options.uplinks = {{"hub", kEightMegabits}};
  Story story(options);
  dial_all(story, kFour);
  std::int64_t wire = 0;
  for (std::uint32_t i = 0; i < 12; ++i) {
    const std::uint32_t bytes = 100'000 + 77'777 * i;
    wire += bytes + (bytes + 1447) / 1448 * 40;
    story["hub"].at(at_ms(1000 + 100 * i), send_item(i % 4, i, bytes));
  }
  story.run_until(SimTime{} + minutes(1));
  SimTime last;
  for (std::uint32_t i = 0; i < 12; ++i) last = std::max(last, heard(story, kFour[i % 4], i));
  CHECK(last == at_us(1'010'000 + wire));
  for (const std::string& name : kFour) {
    const auto items = items_heard(story, name);
    CHECK(items.size() == 3);
    CHECK(std::is_sorted(items.begin(), items.end()));
  }
}

TEST_CASE("a small message waits for one segment of each large one, which are later by its bytes") {
  const unsigned bulks = GENERATE(1u, 3u);
  StoryOptions options = star(kFour);
  options.uplinks = {{"hub", kEightMegabits}};
  Story story(options);
  dial_all(story, kFour);
  story["hub"].at(at_ms(1000), [bulks](Context& context) {
    for (std::uint32_t i = 0; i < bulks; ++i) send_item(i, i, kLarge)(context);
  });
  story["hub"].at(at_ms(1500), send_item(3, 9, 1000));
  story.run_until(SimTime{} + minutes(1));
  CHECK(heard(story, "dora", 9) == at_us(1'510'000 + bulks * 1488 + 1040));
  CHECK(heard(story, kFour[bulks - 1], bulks - 1) == at_us(1'010'000 + bulks * kLargeWire + 1040));
}

TEST_CASE("small messages that go between the quanta of a large one do not go at once") {
  // Ten of 1,040 us: each behind the one before it.
  StoryOptions options = star(kFour);
  options.uplinks = {{"hub", kEightMegabits}};
  Story story(options);
  dial_all(story, kFour);
  story["hub"].at(at_ms(1000), send_item(0, 0, kLarge));
  story["hub"].at(at_ms(1500), [](Context& context) {
    for (std::uint32_t i = 1; i <= 10; ++i) send_item(1 + i % 3, i, 1000)(context);
  });
  story.run_until(SimTime{} + minutes(1));
  for (std::uint32_t i = 1; i <= 10; ++i)
    CHECK(heard(story, kFour[1 + i % 3], i) == at_us(1'510'000 + 1488 + 1040 * i));
  CHECK(heard(story, "anna", 0) == at_us(1'010'000 + kLargeWire + 10 * 1040));
}

TEST_CASE("a small message does not overtake those that wait at the uplink since before the large one") {
  // A hundred of 10,280 us wait when the large one comes: it starts after them, and so does the small one behind it.
  StoryOptions options = star(kFour);
  options.uplinks = {{"hub", kEightMegabits}};
  Story story(options);
  dial_all(story, kFour);
  story["hub"].at(at_ms(1000), [](Context& context) {
    for (std::uint32_t i = 0; i < 100; ++i) send_item(1, 100 + i, 10'000)(context);
    send_item(0, 0, kLarge)(context);
    send_item(2, 1, 1000)(context);
  });
  story.run_until(SimTime{} + minutes(1));
  CHECK(heard(story, "bert", 199) == at_us(1'010'000 + 100 * 10'280));
  CHECK(heard(story, "carl", 1) >= at_us(1'010'000 + 100 * 10'280 + 1040));
  CHECK(heard(story, "anna", 0) == at_us(1'010'000 + 100 * 10'280 + kLargeWire + 1040));
}

TEST_CASE("a small message behind a large one on the same connection comes after it") {
  const BitRate downlink = GENERATE(BitRate{}, kTwoMegabits);
  Story story(linked(kEightMegabits, downlink));
  connect_at_start(story);
  story["anna"].at(at_ms(1000), send_item(0, 1, kLarge));
  story["anna"].at(at_ms(1500), send_item(0, 2, 1000));
  story["anna"].at(at_ms(1600), send_item(0, 3, 8000));
  story["anna"].at(at_ms(1700), send_item(0, 4, kLarge));
  story["anna"].at(at_ms(1700), close_slot(0));
  CHECK(conserves_throughout(story, SimTime{} + minutes(1)));
  CHECK(items_heard(story, "bert") == std::vector<std::uint64_t>{1, 2, 3, 4});
  if (downlink == BitRate{}) {
    // 8,000 B are six segments: 8,240 B; FIN takes 40 us.
    CHECK(heard(story, "bert", 1) == at_us(1'010'000 + kLargeWire));
    CHECK(heard(story, "bert", 2) == at_us(1'010'000 + kLargeWire + 1040));
    CHECK(heard(story, "bert", 3) == at_us(1'010'000 + kLargeWire + 1040 + 8240));
    CHECK(heard(story, "bert", 4) == at_us(1'010'000 + 2 * kLargeWire + 1040 + 8240));
    CHECK(story["bert"].calls().back() == Call{at_us(1'010'000 + 2 * kLargeWire + 1040 + 8240 + 40), "finished 0"});
  } else {
    // All bytes at 4 us; a message of several segments has one of them on the uplink too.
    const std::int64_t bytes = 2 * kLargeWire + 1040 + 8240;
    CHECK(heard(story, "bert", 4) == at_us(1'010'000 + 4 * bytes + 1488));
    CHECK(story["bert"].calls().back().what == "finished 0");
  }
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a sender without limit is paced by the receiver's downlink") {
  // It sends to two receivers at the pace of each: 1 and 4 us a byte.
  StoryOptions options = star({"anna", "bert"});
  options.downlinks = {{"anna", kEightMegabits}, {"bert", kTwoMegabits}};
  Story story(options);
  dial_all(story, {"anna", "bert"});
  story["hub"].at(at_ms(1000), [](Context& context) {
    for (const ConnectionSlot slot : {0u, 1u}) send_item(slot, 1, kLarge)(context);
    for (const ConnectionSlot slot : {0u, 1u}) send_item(slot, 2, kLarge)(context);
  });
  CHECK(conserves_throughout(story, SimTime{} + minutes(1)));
  CHECK(heard(story, "anna", 1) == at_us(1'010'000 + kLargeWire));
  CHECK(heard(story, "anna", 2) == at_us(1'010'000 + 2 * kLargeWire));
  CHECK(heard(story, "bert", 1) == at_us(1'010'000 + 4 * kLargeWire));
  CHECK(heard(story, "bert", 2) == at_us(1'010'000 + 8 * kLargeWire));
}

TEST_CASE("a small message does not overtake those that came while the large one waited for its window") {
  // The window lets the first 65 segments go in rounds of 10, 20 and more, so they start late, and a hundred messages
  // of 10,280 us go first. At 1.5 s the quantum waits for the link, and so does what comes then.
  StoryOptions options = star(kFour);
  options.simulation.transport.congestion = CongestionControl::new_reno;
  options.uplinks = {{"hub", kEightMegabits}};
  Story story(options);
  dial_all(story, kFour);
  story["hub"].at(at_ms(1000), [](Context& context) {
    send_item(0, 0, kLarge)(context);
    for (std::uint32_t i = 0; i < 100; ++i) send_item(1, 100 + i, 10'000)(context);
  });
  story["hub"].at(at_ms(1500), send_item(2, 1, 1000));
  story.run_until(SimTime{} + minutes(1));
  CHECK(heard(story, "bert", 199) == at_us(1'010'000 + 100 * 10'280));
  CHECK(heard(story, "carl", 1) == at_us(1'010'000 + 100 * 10'280 + 1040));
}

TEST_CASE("a small message behind the last part of a large one on the same connection takes its own time") {
  // The last quantum leaves from 2,450.8 to 2,541.44 ms.
  Story story(linked(kEightMegabits, {}));
  connect_at_start(story);
  story["anna"].at(at_ms(1000), send_item(0, 1, kLarge));
  story["anna"].at(at_ms(2500), send_item(0, 2, 1000));
  CHECK(conserves_throughout(story, SimTime{} + minutes(1)));
  CHECK(heard(story, "bert", 1) == at_us(1'010'000 + kLargeWire));
  CHECK(heard(story, "bert", 2) == at_us(1'010'000 + kLargeWire + 1040));
}

}  // namespace hearsay::test
