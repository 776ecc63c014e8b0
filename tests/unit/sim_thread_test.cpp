// The message thread of a node: what a handler that spends time does to the node, to what waits, and to its peers.
#include <catch2/catch.hpp>

#include "tests/unit/sim_calls.hpp"

namespace hearsay::test {

namespace {

// A node that spends `busy` on each item before it passes it on to `slot`.
void passes_on(ScriptedNode& node, Duration busy, ConnectionSlot slot) {
  node.when_message([=](Context& context, ConnectionSlot, std::uint64_t number) {
    context.spend(busy);
    send_item(slot, number)(context);
  });
}

StoryOptions three() {
  StoryOptions options;
  options.names = {"anna", "bert", "carl"};
  return options;
}

}  // namespace

TEST_CASE("what is sent after spending leaves when the time is spent") {
  // Sent at 100 ms, at bert's at 110 ms, 25 ms of work, 10 ms to carl: 145 ms.
  Story story(three());
  connect_at_start(story, "anna", "bert");
  connect_at_start(story, "bert", "carl");
  passes_on(story["bert"], milliseconds(25), 0);
  story["anna"].at(at_ms(100), send_item(0, 7));
  story.run_until(SimTime{} + seconds(1));
  const Calls carl = story["carl"].calls_from(at_ms(100));
  REQUIRE(carl.size() == 1);
  CHECK(carl[0] == Call{at_ms(145), "item 7 on 0"});
  CHECK(story.conserves_messages());
}

TEST_CASE("before spending it leaves at once, and between two spendings between them") {
  Story story;
  connect_at_start(story);
  story["anna"].at(at_ms(100), [](Context& context) {
    send_item(0, 1)(context);
    context.spend(milliseconds(3));
    CHECK(context.now() == at_ms(103));
    send_item(0, 2)(context);
    context.spend(milliseconds(4));
    send_item(0, 3)(context);
    context.close(0);
  });
  story.run_until(SimTime{} + seconds(1));
  CHECK(story["bert"].calls_from(at_ms(100)) == Calls{{at_ms(110), "item 1 on 0"},
                                                      {at_ms(113), "item 2 on 0"},
                                                      {at_ms(117), "item 3 on 0"},
                                                      {at_ms(117), "finished 0"}});
  CHECK(story.simulation().halves_in_use() == 0);
  CHECK(story.conserves_messages());
}

TEST_CASE("a busy node hears nothing until it is free, and then due timers first") {
  // Items 1 to 3 arrive at 110, 115 and 120 ms; each takes 50 ms. A timer of 130 ms fires at 160 ms, before item 2.
  Story story;
  connect_at_start(story);
  for (std::int64_t i = 0; i < 3; ++i)
    story["anna"].at(at_ms(100 + 5 * i), send_item(0, static_cast<std::uint64_t>(i + 1)));
  story["bert"].when_message([](Context& context, ConnectionSlot, std::uint64_t) { context.spend(milliseconds(50)); });
  story["bert"].at(at_ms(90), [](Context& context) { context.set_timer(0, at_ms(130)); });
  story.run_until(SimTime{} + seconds(1));
  CHECK(story["bert"].calls_from(at_ms(100)) == Calls{{at_ms(110), "item 1 on 0"},
                                                      {at_ms(160), "timer 0"},
                                                      {at_ms(160), "item 2 on 0"},
                                                      {at_ms(210), "item 3 on 0"}});
  CHECK(story.conserves_messages());
}

TEST_CASE("a timer that is moved or cancelled while the node is busy obeys") {
  Story story;
  story["anna"].at(at_ms(100), [](Context& context) {
    context.set_timer(0, at_ms(110));
    context.set_timer(1, at_ms(110));
    context.set_timer(2, at_ms(120));
    context.spend(milliseconds(50));  // the handler goes on at 150 ms
    context.set_timer(0, at_ms(170));
    context.cancel_timer(1);
  });
  story.run_until(SimTime{} + seconds(1));
  CHECK(story["anna"].calls_from(at_ms(1)) == Calls{{at_ms(150), "timer 2"}, {at_ms(170), "timer 0"}});
}

TEST_CASE("one message of each connection a pass") {
  // Ten peers send three items each while the hub is busy: whatever the order within a pass, the k-th items of all
  // come before any (k+1)-th.
  StoryOptions options;
  options.names = {"hub"};
  for (int i = 0; i < 10; ++i) options.names.push_back("leaf" + std::to_string(i));
  Story story(options);
  for (int i = 0; i < 10; ++i) {
    const std::string name = "leaf" + std::to_string(i);
    connect_at_start(story, name, "hub");
    for (std::uint64_t k = 1; k <= 3; ++k) story[name].at(at_ms(100), send_item(0, 10 * k + 1));
  }
  std::vector<std::uint64_t> heard;
  std::vector<ConnectionSlot> first_pass;
  story["hub"].at(at_ms(105), [](Context& context) { context.spend(milliseconds(50)); });
  story["hub"].when_message([&](Context& context, ConnectionSlot slot, std::uint64_t number) {
    context.spend(milliseconds(1));
    heard.push_back(number / 10);
    if (number / 10 == 1) first_pass.push_back(slot);
  });
  story.run_until(SimTime{} + seconds(1));
  REQUIRE(heard.size() == 30);
  CHECK(std::is_sorted(heard.begin(), heard.end()));
  CHECK(!std::is_sorted(first_pass.begin(), first_pass.end()));  // drawn: 1 in 10! would be sorted
}

TEST_CASE("a ping behind a busy node is late by what it was busy for") {
  Story story;
  connect_at_start(story);
  story["bert"].when_message([](Context& context, ConnectionSlot slot, std::uint64_t number) {
    if (number == 1) context.spend(milliseconds(400));
    if (number == 2) send_item(slot, 3)(context);
  });
  story["anna"].at(at_ms(100), send_item(0, 1));
  story["anna"].at(at_ms(101), send_item(0, 2));
  story.run_until(SimTime{} + seconds(1));
  CHECK(story["anna"].calls_from(at_ms(101)) == Calls{{at_ms(520), "item 3 on 0"}});
}

TEST_CASE("a slow node takes that many times as long, until it is told otherwise, and over restarts") {
  // Each ping arrives 10 ms after it was sent, costs 40 ms of work, times 2.5: 100 ms, and its answer takes 10 ms.
  const unsigned ranks = GENERATE(1u, 2u);
  StoryOptions options;
  options.simulation.ranks = ranks;
  Story story(options);
  story["bert"].when_message([](Context& context, ConnectionSlot slot, std::uint64_t number) {
    context.spend(milliseconds(40));
    send_item(slot, number + 100)(context);
  });
  const auto slow = [&](SimTime time, double factor) {
    story.control(time, [id = story.number("bert"), factor](Simulation& simulation, SimTime now) {
      simulation.slow(id, {factor}, now);
    });
  };
  connect_at_start(story);
  story["anna"].at(at_ms(1000), send_item(0, 1));
  slow(at_ms(1500), 2.5);
  story["anna"].at(at_ms(2000), send_item(0, 2));
  story["anna"].at(at_ms(2001), send_item(0, 3));  // waits for the one before: 2,110 ms, then another 100 ms
  story.stop("bert", StopKind::crash, at_ms(3000));
  story.start("bert", at_ms(3100));
  story["anna"].at(at_ms(3500), reset_slot(0));
  story["anna"].at(at_ms(4000), dial(Story::endpoint("bert")));
  story["anna"].at(at_ms(4100), send_item(0, 4));
  slow(at_ms(5000), 0.5);
  story["anna"].at(at_ms(5100), send_item(0, 5));
  slow(at_ms(6000), 1.0);
  story["anna"].at(at_ms(6100), send_item(0, 6));
  story.run_until(SimTime{} + seconds(10));
  CHECK(heard(story, "anna", 101) == at_ms(1060));
  CHECK(heard(story, "anna", 102) == at_ms(2120));
  CHECK(heard(story, "anna", 103) == at_ms(2220));
  CHECK(heard(story, "anna", 104) == at_ms(4220));
  CHECK(heard(story, "anna", 105) == at_ms(5140));
  CHECK(heard(story, "anna", 106) == at_ms(6160));
}

TEST_CASE("slowness is kept in millionths and rounds to the nearest nanosecond") {
  CHECK(Slowness({1.0}).is_usual());
  CHECK(Slowness({1.5}).of(nanoseconds(3)) == nanoseconds(5));  // 4.5
  CHECK(Slowness({1.4}).of(nanoseconds(1)) == nanoseconds(1));
  CHECK(Slowness({1.0 / 3}).of(seconds(3)) == nanoseconds(999'999'000));  // 0.333333
  CHECK(Slowness({2.5}).of(hours(1)) == minutes(150));
  CHECK(Slowness({1'000'000.0}).of(milliseconds(1)) == seconds(1000));
  CHECK(Slowness({0.000001}).of(seconds(1) + nanoseconds(499'999)) == microseconds(1));
  CHECK_THROWS_AS(Slowness({0.0}), CheckFailure);
  CHECK_THROWS_AS(Slowness({2'000'000.0}), CheckFailure);
}

TEST_CASE("who spends time stalls neither its uplink nor the set-up of connections") {
  // Bert's kernel answers the SYN at once, although his process is busy from 100 to 600 ms.
  Story story(three());
  connect_at_start(story);
  story["bert"].at(at_ms(100), [](Context& context) { context.spend(milliseconds(500)); });
  story["carl"].at(at_ms(200), dial(Story::endpoint("bert")));
  story.run_until(SimTime{} + seconds(1));
  CHECK(story["carl"].calls_from(at_ms(200)) == Calls{{at_ms(220), "connected out 0"}});
}

TEST_CASE("what a busy node has not handled when it stops is dropped") {
  const auto kind = GENERATE(StopKind::clean, StopKind::crash, StopKind::vanish);
  Story story;
  connect_at_start(story);
  story["bert"].when_message([](Context& context, ConnectionSlot slot, std::uint64_t number) {
    context.spend(milliseconds(50));
    send_item(slot, number + 10)(context);
  });
  for (std::uint64_t i = 1; i <= 3; ++i) story["anna"].at(at_ms(100), send_item(0, i));
  story.stop("bert", kind, at_ms(120));
  story.start("bert", at_ms(300));
  story.run_until(SimTime{} + hours(1));
  CHECK(story["bert"].calls_from(at_ms(111)) == Calls{{at_ms(300), "started 2"}});
  CHECK(story.simulation().counters().delivered == 1);
  CHECK(story.simulation().counters().dropped == 3);  // two items and the answer to the first
  CHECK(story.conserves_messages());
}

TEST_CASE("a full inbox withdraws credit, the sender's buffer fills, and its node stops listening") {
  // Bert is busy for 100 s. Anna sends 40 items of 0.5 MB: 10 arrive and fill his inbox of 5 MB with the eleventh; what
  // was on its way when the news came still arrives. Then her buffer fills, and she hears bert no more.
  StoryOptions options;
  options.simulation.transport.receive_buffer = {5'000'000};
  options.simulation.transport.send_buffer = {1'000'000};
  Story story(options);
  connect_at_start(story);
  bool busy = true;
  story["bert"].at(at_ms(95), [&busy](Context& context) {
    send_item(0, 99)(context);
    context.spend(seconds(100));
    busy = false;
  });
  for (std::int64_t i = 0; i < 40; ++i)
    story["anna"].at(at_ms(200 + 200 * i), send_item(0, static_cast<std::uint64_t>(i), 500'000));
  story.run_until(SimTime{} + seconds(50));
  CHECK(story.simulation().counters().delivered == 1);
  CHECK(story.conserves_messages());
  std::size_t listened = 0;
  story["anna"].when_message([&](Context&, ConnectionSlot, std::uint64_t) { ++listened; });
  story.run_until(SimTime{} + seconds(200));
  CHECK(story.simulation().counters().delivered == 41);
  Calls items = story["bert"].calls_from(at_ms(96));
  for (std::size_t i = 0; i < items.size(); ++i)
    CHECK(items[i].what == "item " + std::to_string(i) + " on 0");  // in order, none lost, none twice
  CHECK(items.size() == 40);
}

TEST_CASE("a node does not hear a peer to which too much waits to be sent") {
  // Anna queues 20 MB for bert on 8 Mbit/s: some 20 s. His item arrives at 110 ms and is heard when 1 MB is left: at
  // about 19 s. Carl's is heard at once.
  StoryOptions options = three();
  options.uplink = {8'000'000};
  options.simulation.transport.send_buffer = {1'000'000};
  Story story(options);
  connect_at_start(story, "anna", "bert");
  connect_at_start(story, "carl", "anna");
  story["anna"].at(at_ms(90), [](Context& context) {
    for (std::uint64_t i = 0; i < 20; ++i) send_item(0, i, 1'000'000)(context);
  });
  story["bert"].at(at_ms(100), send_item(0, 1));
  story["carl"].at(at_ms(100), send_item(0, 2));
  story.run_until(SimTime{} + seconds(60));
  const Calls heard = story["anna"].calls_from(at_ms(90));
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].time < at_ms(112));
  CHECK(heard[1].what == "item 1 on 0");
  CHECK(heard[1].time > at_ms(18'500));
  CHECK(heard[1].time < at_ms(20'500));
}

TEST_CASE("a quantum that withdrawn credit holds up counts once in its window") {
  // Bert is busy from 1,005 ms on. Item 1 reaches him at 1,010 ms, fills his inbox of 100 B, and anna learns of it at
  // 1,020 ms. Item 2 has 30 segments in quanta of two: ten leave at 1,005 ms, the window lets the sixth quantum go at
  // 1,025 ms, and it waits. When anna hears that he is free again, 10 ms after he is, the round of 20 that opened at
  // 1,025 ms holds all that is left. If the sixth quantum counted twice, the last two segments would wait for the next
  // round: until 1,045 ms, if that has not come yet.
  const std::int64_t busy = GENERATE(25, 30, 45);
  StoryOptions options;
  options.simulation.transport.receive_buffer = {100};
  Story story(options);
  connect_at_start(story);
  story["bert"].at(at_ms(1005), [busy](Context& context) { context.spend(milliseconds(busy)); });
  story["anna"].at(at_ms(1000), send_item(0, 1, 200));
  story["anna"].at(at_ms(1005), send_item(0, 2, 30 * 1448));
  story.run_until(SimTime{} + seconds(5));
  CHECK(story["bert"].calls_from(at_ms(1000)) ==
        Calls{{at_ms(1005 + busy), "item 1 on 0"}, {at_ms(1005 + busy + 20), "item 2 on 0"}});
  CHECK(story.conserves_messages());
}

TEST_CASE("a timer that is due when the node is free again fires then, before what waits") {
  // Busy from 100 to 150 ms. Alone the timer is that instant's event; else the thread has woken up for the item.
  const bool item = GENERATE(false, true);
  Story story;
  connect_at_start(story);
  if (item) story["anna"].at(at_ms(110), send_item(0, 1));
  story["bert"].at(at_ms(100), [](Context& context) {
    context.set_timer(0, at_ms(150));
    context.spend(milliseconds(50));
  });
  story.run_until(SimTime{} + seconds(1));
  Calls expected = {{at_ms(150), "timer 0"}};
  if (item) expected.push_back({at_ms(150), "item 1 on 0"});
  CHECK(story["bert"].calls_from(at_ms(100)) == expected);
}

TEST_CASE("of two timers that wait the second fires when what the first spends is over") {
  Story story;
  story["anna"].at(at_ms(100), [](Context& context) {
    context.set_timer(0, at_ms(120));
    context.set_timer(1, at_ms(130));
    context.spend(milliseconds(50));
  });
  story["anna"].when_timer([](Context& context, TimerSlot) { context.spend(milliseconds(50)); });
  story.run_until(SimTime{} + seconds(1));
  CHECK(story["anna"].calls_from(at_ms(1)) == Calls{{at_ms(150), "timer 0"}, {at_ms(200), "timer 1"}});
}

TEST_CASE("a small message waits too while the peer takes nothing") {
  // Item 1 fills bert's inbox at 1,010 ms, and anna knows at 1,020 ms. He hears it at 1,050 ms; she knows at 1,060 ms.
  StoryOptions options;
  options.simulation.transport.receive_buffer = {100};
  Story story(options);
  connect_at_start(story);
  story["bert"].at(at_ms(1005), [](Context& context) { context.spend(milliseconds(45)); });
  story["anna"].at(at_ms(1000), send_item(0, 1, 200));
  story["anna"].at(at_ms(1025), send_item(0, 2, 200));
  story.run_until(SimTime{} + seconds(5));
  CHECK(story["bert"].calls_from(at_ms(1000)) == Calls{{at_ms(1050), "item 1 on 0"}, {at_ms(1070), "item 2 on 0"}});
}

TEST_CASE("what a handler sends on a connection that ends before it leaves is dropped, whoever has the slot then") {
  // Anna is busy from 100 to 200 ms. Bert's reset reaches her at 115 ms, and carl's dial is open at 160 ms, in the
  // slot.
  Story story(three());
  connect_at_start(story);
  story["anna"].at(at_ms(100), [](Context& context) {
    context.spend(milliseconds(100));
    send_item(0, 1)(context);
  });
  story["bert"].at(at_ms(105), reset_slot(0));
  story["carl"].at(at_ms(130), dial(Story::endpoint("anna")));
  story.run_until(SimTime{} + seconds(5));
  CHECK(story["anna"].calls_from(at_ms(101)) ==
        Calls{{at_ms(115), "reset 0"}, {at_ms(140), "asked"}, {at_ms(160), "connected in 0"}});
  CHECK(story["carl"].calls_from(at_ms(1)) == Calls{{at_ms(150), "connected out 0"}});
  CHECK(story.simulation().counters().dropped == 1);
}

TEST_CASE("a connection that was closed in time that is still to be spent ends with the process") {
  // The FIN would leave at 150 ms; the process ends at 120 ms, and its kernel sends the FIN then.
  const auto kind = GENERATE(StopKind::clean, StopKind::crash);
  Story story;
  connect_at_start(story);
  story["anna"].at(at_ms(100), [](Context& context) {
    context.spend(milliseconds(50));
    context.close(0);
  });
  story.stop("anna", kind, at_ms(120));
  story.run_until(SimTime{} + seconds(5));
  CHECK(story["bert"].calls_from(at_ms(100)) == Calls{{at_ms(130), "finished 0"}});
  CHECK(story.simulation().halves_in_use() == 0);
}

}  // namespace hearsay::test
