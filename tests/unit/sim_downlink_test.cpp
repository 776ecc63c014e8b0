// A downlink that several senders fill: it is never idle while bytes wait, keeps the order of each connection, and lets
// small messages of other connections pass. Sizes and times as in sim_links_test.cpp.
#include <catch2/catch.hpp>

#include "tests/unit/sim_calls.hpp"

namespace hearsay::test {

namespace {

constexpr std::uint32_t kLarge = 1'500'000;
constexpr std::int64_t kLargeWire = 1'541'440;
constexpr std::int64_t kLastQuantum = 90'640;

const std::vector<std::string> kFive = {"anna", "bert", "carl", "dora", "emil"};

// Five unlimited senders to a hub of 8 Mbit/s.
StoryOptions five_to_one() {
  StoryOptions options = star(kFive);
  options.downlinks = {{"hub", kEightMegabits}};
  return options;
}

}  // namespace

TEST_CASE("large messages of several senders fill a downlink without a gap") {
  // All begin to arrive at 1,010 ms, each at the full rate of the link; so four take four times as long, and what waits
  // when the last parts arrive together is through one last part after another.
  Story story(five_to_one());
  all_dial(story, kFive);
  for (std::uint64_t i = 0; i < 4; ++i) story[kFive[i]].at(at_ms(1000), send_item(0, i, kLarge));
  CHECK(conserves_throughout(story, SimTime{} + seconds(20)));
  const Calls calls = story["hub"].calls_from(at_ms(1000));
  REQUIRE(calls.size() == 4);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(calls[i].time == at_us(1'010'000 + 4 * kLargeWire - (3 - static_cast<std::int64_t>(i)) * kLastQuantum));
}

TEST_CASE("a small message waits for a segment of each large one that has not come through yet") {
  // At 1.5 s three large ones arrive. By 3 s all their bytes have left their senders, but the link needs until 5.63 s.
  // Three segments and its own 1,040 B: 5,504 us after it could have arrived. The large ones are later by its bytes.
  const std::int64_t sent = GENERATE(1500, 3000, 4000);
  Story story(five_to_one());
  all_dial(story, kFive);
  for (std::uint64_t i = 0; i < 3; ++i) story[kFive[i]].at(at_ms(1000), send_item(0, i, kLarge));
  story["emil"].at(at_ms(sent), send_item(0, 9, 1000));
  story.run_until(SimTime{} + seconds(20));
  CHECK(heard(story, "hub", 9) == at_us(1000 * sent + 10'000 + 3 * 1488 + 1040));
  const Calls calls = story["hub"].calls_from(at_ms(5000));
  REQUIRE(!calls.empty());
  const bool before_last_parts = sent == 1500;  // those were given their places in the queue at 2.55 s
  CHECK(calls.back().time == at_us(1'010'000 + 3 * kLargeWire + (before_last_parts ? 1040 : 0)));
}

TEST_CASE("small messages beside a large one are no faster than without it") {
  // Four of 10,280 us arrive together while a large one does: one after another, behind one segment.
  Story story(five_to_one());
  all_dial(story, kFive);
  story["emil"].at(at_ms(1000), send_item(0, 9, kLarge));
  for (std::uint64_t i = 0; i < 4; ++i) story[kFive[i]].at(at_ms(1500), send_item(0, i, 10'000));
  story.run_until(SimTime{} + seconds(20));
  const Calls calls = story["hub"].calls_from(at_ms(1500));
  REQUIRE(calls.size() == 5);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(calls[i].time == at_us(1'510'000 + 1488 + 10'280 * (static_cast<std::int64_t>(i) + 1)));
  CHECK(calls[4].time == at_us(1'010'000 + kLargeWire + 4 * 10'280));
}

TEST_CASE("two small messages of one connection keep their order when a large one begins between them") {
  // Dora's first waits behind sixty others of 10,280 us each. Then emil's large one begins, and her second might pass.
  Story story(five_to_one());
  all_dial(story, kFive);
  for (std::uint64_t i = 0; i < 3; ++i)
    for (int k = 0; k < 20; ++k) story[kFive[i]].at(at_ms(1000), send_item(0, 100, 10'000));
  story["dora"].at(at_ms(1050), send_item(0, 1));
  story["emil"].at(at_ms(1000), send_item(0, 9, kLarge));
  story["dora"].at(at_ms(1200), send_item(0, 2));
  story.run_until(SimTime{} + seconds(20));
  CHECK(heard(story, "hub", 1) > at_ms(1600));
  CHECK(heard(story, "hub", 1) < heard(story, "hub", 2));
}

TEST_CASE("what ends a connection waits at the downlink behind what was sent on it") {
  const bool by_reset = GENERATE(false, true);
  Story story(five_to_one());
  all_dial(story, kFive);
  for (std::uint64_t i = 0; i < 4; ++i) story[kFive[i]].at(at_ms(1000), send_item(0, i, 10'000));
  for (std::uint64_t i = 0; i < 4; ++i) {
    story[kFive[i]].at(at_ms(1000), send_item(0, 10 + i, 1000));
    story[kFive[i]].at(at_ms(1000), by_reset ? reset_slot(0) : close_slot(0));
  }
  CHECK(conserves_throughout(story, SimTime{} + seconds(20)));
  CHECK(items_heard(story, "hub").size() == 8);
  CHECK(story.simulation().counters().dropped == 0);
  CHECK(story.simulation().halves_in_use() == 2);  // emil's connection
}

TEST_CASE("messages of several segments that wait behind a large one are charged to the downlink once") {
  // Both of the hub's peers send at the pace of its link; all bytes together: 2 * 1,541,440 + 2 * 20 * 10,280.
  Story story(five_to_one());
  all_dial(story, kFive);
  for (std::uint64_t i = 0; i < 2; ++i)
    story[kFive[i]].at(at_ms(1000), [](Context& context) {
      send_item(0, 0, kLarge)(context);
      for (std::uint64_t k = 1; k <= 20; ++k) send_item(0, k, 10'000)(context);
    });
  story.run_until(SimTime{} + seconds(20));
  const Calls calls = story["hub"].calls_from(at_ms(1000));
  REQUIRE(calls.size() == 42);
  CHECK(calls.back().time == at_us(1'010'000 + 2 * kLargeWire + 40 * 10'280));
}

TEST_CASE("every connection into a full downlink keeps its order") {
  Story story(five_to_one());
  all_dial(story, kFive);
  std::map<ConnectionSlot, std::uint64_t> next;
  bool in_order = true;
  story["hub"].when_message(
      [&](Context&, ConnectionSlot slot, std::uint64_t number) { in_order = in_order && number == next[slot]++; });
  for (std::uint64_t i = 0; i < 5; ++i)
    for (std::uint64_t k = 0; k < 60; ++k) {
      const std::uint64_t draw = (k * 7 + i * 13) % 11;
      const std::uint32_t bytes = draw == 0 ? 300'000 : draw < 4 ? 9'000 : 100;
      story[kFive[i]].at(at_us(1'000'000 + static_cast<std::int64_t>((k * 83 + i * 17) * 997)), send_item(0, k, bytes));
    }
  // Times above ascend with k, so numbers do too.
  CHECK(conserves_throughout(story, SimTime{} + minutes(1)));
  CHECK(in_order);
  CHECK(story.simulation().counters().delivered == 300);
}

TEST_CASE("a FIN that arrives at the instant at which what was sent before it is through the link comes after it") {
  // Both messages arrive at 1,011,040 us; the second is through at 1,012,080. Then both FINs arrive, which left at
  // 1,002,040 us: 10 ms and 40 B. Which message is the second, and which event is the first, depends on the seed.
  const std::uint64_t seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{9}));
  StoryOptions options = star({"anna", "bert"});
  options.downlinks = {{"hub", kEightMegabits}};
  options.world_seed = seed;
  Story story(options);
  all_dial(story, {"anna", "bert"});
  for (const std::string name : {"anna", "bert"}) {
    story[name].at(at_ms(1000), send_item(0, 1, 1000));
    story[name].at(at_us(1'002'040), close_slot(0));
  }
  story.run_until(SimTime{} + seconds(20));
  const SimTime through = at_us(1'012'080);
  const Calls calls = story["hub"].calls_from(at_ms(1000));
  REQUIRE(calls.size() == 4);
  CHECK(calls[0].time == at_us(1'011'040));
  CHECK(calls[0].what.starts_with("item 1 on "));
  const auto call_at = [&calls](const std::string& what) {
    const auto found = std::find_if(calls.begin(), calls.end(), [&](const Call& call) { return call.what == what; });
    REQUIRE(found != calls.end());
    return found;
  };
  for (const std::string slot : {"0", "1"}) {
    const auto item = call_at("item 1 on " + slot);
    const auto end = call_at("finished " + slot);
    CHECK(item < end);
    CHECK((end->time == through || end->time == through + nanoseconds(1)));
  }
  CHECK(story.simulation().counters().dropped == 0);
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("large messages that are through the downlink hold up nobody any more") {
  // The last parts of three wait for one another at the end, at some 5.6 s.
  Story story(five_to_one());
  all_dial(story, kFive);
  for (std::uint64_t i = 0; i < 3; ++i) story[kFive[i]].at(at_ms(1000), send_item(0, i, kLarge));
  story["emil"].at(at_ms(9000), send_item(0, 9, 1000));
  story.run_until(SimTime{} + seconds(20));
  CHECK(heard(story, "hub", 9) == at_us(9'010'000 + 1040));
}

}  // namespace hearsay::test
