// The transport of published simulators: whole messages, one after another. Anna and bert are 10 ms apart; at 8 kbit/s
// a byte takes a millisecond. Every expected time is a sum of those, written out. Connections are set up while the
// queues are empty; set-up messages count as messages of 40 bytes.
#include <catch2/catch.hpp>

#include "tests/unit/sim_calls.hpp"

namespace hearsay::test {
namespace {

constexpr BitRate kSlow{8'000};    // a byte a millisecond
constexpr BitRate kSlower{4'000};  // two
constexpr std::uint32_t kBytes = 1'000;

StoryOptions serial(SerialRate rate) {
  StoryOptions options;
  options.simulation.horizon = minutes(10);
  options.simulation.transport.model = TransportModel::serial;
  options.simulation.transport.serial_rate = rate;
  options.simulation.transport.serial_pass = {100};
  return options;
}

// Anna dials bert at the start, and at 1 s sends items 1 and 2 of 1,000 bytes and item 3 of 32.
Calls heard_by_bert(const StoryOptions& options) {
  Story story(options);
  connect_at_start(story);
  story["anna"].at(at_ms(1'000), [](Context& context) {
    send_item(0, 1, kBytes)(context);
    send_item(0, 2, kBytes)(context);
  });
  story.run_until(at_ms(60'000));
  CHECK(story.conserves_messages());
  return story["bert"].calls_from(at_ms(1'000));
}

}  // namespace

TEST_CASE("serial: the uplink takes one message after another, without TCP/IP headers") {
  StoryOptions options = serial(SerialRate::uplink);
  options.uplinks["anna"] = kSlow;
  options.downlinks["bert"] = kSlower;  // is not asked
  CHECK(heard_by_bert(options) == Calls{{at_ms(2'010), "item 1 on 0"}, {at_ms(3'010), "item 2 on 0"}});
}

TEST_CASE("serial, narrower: the lower of the two rates counts once") {
  StoryOptions options = serial(SerialRate::narrower);
  options.uplinks["anna"] = kSlow;
  options.downlinks["bert"] = kSlower;
  CHECK(heard_by_bert(options) == Calls{{at_ms(3'010), "item 1 on 0"}, {at_ms(5'010), "item 2 on 0"}});
}

TEST_CASE("serial, next at arrival: the journey of a message keeps the uplink too") {
  StoryOptions options = serial(SerialRate::narrower);
  options.simulation.transport.serial_next = SerialNext::arrival;
  options.uplinks["anna"] = kSlow;
  CHECK(heard_by_bert(options) == Calls{{at_ms(2'010), "item 1 on 0"}, {at_ms(3'020), "item 2 on 0"}});
}

TEST_CASE("serial, both ends: from its first byte on a message takes the downlink's queue at the lower rate") {
  StoryOptions options = serial(SerialRate::both_ends);
  options.uplinks["anna"] = kSlow;
  SECTION("a slower downlink: the second waits for it") {
    options.downlinks["bert"] = kSlower;
    // First bytes leave at 1 s and 2 s; the downlink takes 2 s for each.
    CHECK(heard_by_bert(options) == Calls{{at_ms(3'010), "item 1 on 0"}, {at_ms(5'010), "item 2 on 0"}});
  }
  SECTION("a faster downlink: the uplink's rate counts, once") {
    options.downlinks["bert"] = {80'000};
    CHECK(heard_by_bert(options) == Calls{{at_ms(2'010), "item 1 on 0"}, {at_ms(3'010), "item 2 on 0"}});
  }
  SECTION("a downlink without limit") {
    CHECK(heard_by_bert(options) == Calls{{at_ms(2'010), "item 1 on 0"}, {at_ms(3'010), "item 2 on 0"}});
  }
}

TEST_CASE("serial: small messages pass by the queues, a little later if asked") {
  StoryOptions options = serial(SerialRate::both_ends);
  options.names = {"anna", "bert", "carl"};
  options.uplink = options.downlink = kSlow;
  options.simulation.transport.serial_pass_delay = milliseconds(7);
  Story story(options);
  connect_at_start(story);
  story["carl"].at(at_ms(500), dial(Story::endpoint("anna")));
  story["anna"].at(at_ms(1'000), send_item(0, 1, kBytes));
  story["anna"].at(at_ms(1'001), send_item(1, 2, 32));
  story.run_until(at_ms(60'000));
  CHECK(story["bert"].calls_from(at_ms(1'000)) == Calls{{at_ms(2'010), "item 1 on 0"}});
  CHECK(story["carl"].calls_from(at_ms(1'000)) == Calls{{at_ms(1'018), "item 2 on 0"}});
}

TEST_CASE("what passes by the queues does not overtake what is through the queue at that very instant") {
  // 10,000 B on 8 Mbit/s, from the arrival of their first byte at 1,010 ms on: until 1,020 ms, when item 2 arrives.
  // Which event is the first depends on the seed.
  const std::uint64_t seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{9}));
  StoryOptions options = serial(SerialRate::both_ends);
  options.uplinks = {{"anna", kEightMegabits}};
  options.downlinks = {{"bert", kEightMegabits}};
  options.world_seed = seed;
  Story story(options);
  connect_at_start(story);
  story["anna"].at(at_ms(1000), send_item(0, 1, 10'000));
  story["anna"].at(at_ms(1010), send_item(0, 2, 100));
  story.run_until(at_ms(2000));
  CHECK(items_heard(story, "bert") == std::vector<std::uint64_t>{1, 2});
  CHECK(heard(story, "bert", 1) == at_ms(1020));
  CHECK(heard(story, "bert", 2) <= at_ms(1020) + nanoseconds(1));
  CHECK(story.conserves_messages());
}

}  // namespace hearsay::test
