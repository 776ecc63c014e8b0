// Nodes that go away and come back: what the others learn, and when; and that no message is ever lost from the books.
#include <catch2/catch.hpp>

#include "tests/unit/sim_story.hpp"

namespace hearsay::test {

TEST_CASE("a clean stop closes every connection") {
  StoryOptions options;
  options.names = {"anna", "bert", "carl"};
  Story story(options);
  connect_at_start(story, "anna", "bert");
  connect_at_start(story, "carl", "bert");
  story.stop("bert", StopKind::clean, at_ms(100));
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(at_ms(100)) == Calls{{at_ms(110), "finished 0"}});
  CHECK(story["carl"].calls_from(at_ms(100)) == Calls{{at_ms(110), "finished 0"}});
  CHECK(story["bert"].calls_from(at_ms(100)).empty());
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("after a crash the peers hear nothing until they send, and then a reset") {
  StoryOptions options;
  options.names = {"anna", "bert", "carl"};
  Story story(options);
  connect_at_start(story, "anna", "bert");
  connect_at_start(story, "carl", "bert");
  story["bert"].at(at_ms(95), send_item(0, 1));  // was sent before the crash, so it arrives
  story["bert"].at(at_ms(95), send_item(1, 2));
  story.stop("bert", StopKind::crash, at_ms(100));
  story["anna"].at(at_ms(5000), send_item(0, 3));  // at bert's at 5,010 ms; the reset is back at 5,020 ms
  story.run_until(SimTime{} + seconds(20));
  const auto heard = [&story](const std::string& name) { return story[name].calls_from(at_ms(95)); };
  CHECK(heard("anna").size() == 2);
  CHECK(heard("anna")[0].time == at_ms(105));
  CHECK(heard("anna")[1] == Call{at_ms(5020), "reset 0"});
  CHECK(heard("carl").size() == 1);
  CHECK(story.simulation().counters().dropped == 1);
  CHECK(story.simulation().halves_in_use() == 2);  // carl's, and bert's that will answer him
}

TEST_CASE("a close towards a crashed node is answered too, so the closing end gets its slot back") {
  Story story;
  connect_at_start(story);
  story.stop("bert", StopKind::crash, at_ms(100));
  story["anna"].at(at_ms(200), close_slot(0));
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(at_ms(100)).empty());
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a crash in the middle of a set-up is answered by a reset") {
  SECTION("of the accepting end: the ACK at 30 ms finds it gone, the dialling end knows at 40 ms") {
    Story story;
    connect_at_start(story);
    story.stop("bert", StopKind::crash, at_ms(15));
    story.run_until(SimTime{} + seconds(20));
    CHECK(story["anna"].calls_from(SimTime{1}) == Calls{{at_ms(20), "connected out 0"}, {at_ms(40), "reset 0"}});
    CHECK(story["bert"].calls_from(SimTime{1}) == Calls{{at_ms(10), "asked"}});
    CHECK(story.simulation().halves_in_use() == 0);
  }
  SECTION("of the dialling end: the SYN-ACK at 20 ms finds it gone, the accepting end forgets at 30 ms") {
    Story story;
    connect_at_start(story);
    story.stop("anna", StopKind::crash, at_ms(15));
    story.run_until(SimTime{} + seconds(20));
    CHECK(story["anna"].calls_from(SimTime{1}).empty());
    CHECK(story["bert"].calls_from(SimTime{1}) == Calls{{at_ms(10), "asked"}});
    CHECK(story.simulation().halves_in_use() == 0);
  }
}

TEST_CASE("of a vanished node nothing is heard; once it is back it resets the next retransmission") {
  // Nobody acknowledges the first item, which reaches the silent host at 1,010 ms. It is sent again 1 and 3 s later,
  // and bert is back at 4,000 ms: his host answers the one that arrives at 4,010 ms.
  Story story;
  connect_at_start(story);
  story.stop("bert", StopKind::vanish, at_ms(100));
  for (const std::int64_t second : {1, 2, 3}) story["anna"].at(at_ms(1000 * second), send_item(0, 1));
  story.start("bert", at_ms(4000));
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(at_ms(100)) == Calls{{at_ms(4020), "reset 0"}});
  CHECK(story["bert"].calls_from(at_ms(100)) == Calls{{at_ms(4000), "started 2"}});
  CHECK(story.simulation().counters().dropped == 3);
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("who sends to a vanished node gives up a quarter of an hour after the first contact") {
  Story story;
  connect_at_start(story);
  story.stop("bert", StopKind::vanish, at_ms(100));
  for (const std::int64_t second : {1, 2, 800}) story["anna"].at(at_ms(1000 * second), send_item(0, 1));
  story.run_until(SimTime{} + hours(1));
  CHECK(story["anna"].calls_from(at_ms(100)) == Calls{{at_ms(901'010), "timed out 0"}});
  CHECK(story.simulation().halves_in_use() == 1);  // bert's: a restart answers from it
}

TEST_CASE("a half that was closed towards a vanished node is given back within the hour") {
  Story story;
  connect_at_start(story);
  story.stop("bert", StopKind::vanish, at_ms(100));
  story["anna"].at(at_ms(200), close_slot(0));
  story.run_until(SimTime{} + hours(1));
  CHECK(story.simulation().halves_in_use() <= 1);  // bert's may stay: a restart answers from it
}

TEST_CASE("a half that was accepted for a node that vanished is given back within the hour") {
  Story story;
  connect_at_start(story);
  story.stop("anna", StopKind::vanish, at_ms(15));
  story.run_until(SimTime{} + hours(1));
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a connection of an earlier life is none of the next one") {
  // However anna stopped: in her second life slot 0 holds no open connection, so sending on it is a mistake.
  const auto kind = GENERATE(StopKind::clean, StopKind::crash, StopKind::vanish);
  Story story;
  connect_at_start(story);
  story["anna"].at(at_ms(600), send_item(0, 9));
  story.stop("anna", kind, at_ms(100));
  story.start("anna", at_ms(250));
  CHECK_THROWS_AS(story.run_until(SimTime{} + seconds(20)), CheckFailure);
  CHECK(story["anna"].calls_from(at_ms(100)) == Calls{{at_ms(250), "started 2"}});
}

TEST_CASE("timers of a new incarnation fire once, even where an old one would have fired") {
  Story story;
  story["anna"].at(at_ms(50), [](Context& context) {
    context.set_timer(0, at_ms(150));   // would come due while she is offline
    context.set_timer(1, at_ms(1000));  // would come due in her second life
    context.set_timer(2, at_ms(1500));  // which sets this one for the very same instant
  });
  story["anna"].at(at_ms(300), [](Context& context) { context.set_timer(2, at_ms(1500)); });
  story.stop("anna", StopKind::crash, at_ms(100));
  story.start("anna", at_ms(250));
  story.run_until(SimTime{} + seconds(20));
  CHECK(story["anna"].calls_from(at_ms(100)) == Calls{{at_ms(250), "started 2"}, {at_ms(1500), "timer 2"}});
}

TEST_CASE("a restarted node can dial again while its peer still keeps the old connection") {
  // The old half at bert's stays until he uses it; the new connection is another one, in his next slot.
  Story story;
  connect_at_start(story);
  story.stop("anna", StopKind::crash, at_ms(100));
  story.start("anna", at_ms(200));
  story["anna"].at(at_ms(300), dial(Story::endpoint("bert")));
  story["bert"].at(at_ms(400), send_item(0, 1));
  story["bert"].at(at_ms(400), send_item(1, 2));
  story.run_until(SimTime{} + seconds(20));
  const Calls bert = story["bert"].calls_from(at_ms(100));
  CHECK(bert == Calls{{at_ms(310), "asked"}, {at_ms(330), "connected in 1"}, {at_ms(420), "reset 0"}});
  const Calls anna = story["anna"].calls_from(at_ms(301));
  REQUIRE(anna.size() == 2);
  CHECK(anna[0].time == at_ms(320));
  CHECK(anna[1].time == at_ms(410));
  CHECK(anna[1].what.starts_with("item 2 "));
}

TEST_CASE("starting what runs and stopping what does not are mistakes") {
  Story twice;
  twice.start("anna", at_ms(10));
  CHECK_THROWS_AS(twice.run_until(at_ms(20)), CheckFailure);
  Story offline;
  offline.stop("anna", StopKind::crash, at_ms(10));
  offline.stop("anna", StopKind::clean, at_ms(11));
  CHECK_THROWS_AS(offline.run_until(at_ms(20)), CheckFailure);
}

TEST_CASE("at every instant what was sent is delivered, dropped or in flight") {
  // Three nodes that dial and talk all the time while they close, reset, crash, vanish and come back; looked at
  // every 1.7 ms, which is no multiple of anything in the story.
  const unsigned ranks = GENERATE(1u, 3u);
  const bool bytes = GENERATE(false, true);
  StoryOptions options;
  options.names = {"anna", "bert", "carl"};
  options.simulation.ranks = ranks;
  options.simulation.wire_bytes = bytes;
  options.uplink = {2'000'000};
  Story story(options);
  const auto next = [&options](const std::string& name) {
    return options.names[name == "anna" ? 1 : name == "bert" ? 2 : 0];
  };
  for (const std::string& name : options.names) {
    ScriptedNode& node = story[name];
    // A ping-pong with a growing item on each connection; every eleventh ends it, in one of two ways.
    node.when_connected([](Context& context, ConnectionSlot slot) { send_item(slot, 1)(context); });
    node.when_message([](Context& context, ConnectionSlot slot, std::uint64_t number) {
      if (number == 11) return context.close(slot);
      if (number == 12) return context.reset(slot);
      send_item(slot, number + 1, static_cast<std::uint32_t>(100 * number))(context);
      if (number % 3 == 0) send_item(slot, number + 2)(context);
    });
    node.when_started([](Context& context) { context.set_timer(0, context.now()); });
    node.when_timer([peer = next(name)](Context& context, TimerSlot timer) {
      context.connect(Story::endpoint(peer));
      context.set_timer(timer, context.now() + milliseconds(300));
    });
  }
  const std::vector<StopKind> kinds = {StopKind::crash, StopKind::vanish, StopKind::clean};
  for (std::int64_t i = 0; i < 9; ++i) {
    story.stop(options.names[static_cast<std::size_t>(i % 3)], kinds[static_cast<std::size_t>(i / 3)],
               at_ms(500 + 2000 * i));
    story.start(options.names[static_cast<std::size_t>(i % 3)], at_ms(1503 + 2000 * i));
  }
  bool conserved = true;
  std::size_t in_flight = 0;
  for (std::int64_t us = 1700; us < 20'000'000; us += 1700) {
    story.run_until(SimTime{} + microseconds(us));
    conserved = conserved && story.conserves_messages();
    in_flight += story.simulation().messages_in_flight();
  }
  CHECK(conserved);
  // The law must have been tried: many messages, some dropped, some in flight when we looked.
  CHECK(story.simulation().counters().delivered > 1000);
  CHECK(story.simulation().counters().dropped > 20);
  CHECK(in_flight > 1000);
}

TEST_CASE("nothing is received before it was sent, nor twice") {
  // Each message carries its sending time as its number; between any two nodes lie 10 ms.
  Story story;
  connect_at_start(story);
  std::vector<std::uint64_t> received;
  bool causal = true;
  story["bert"].when_message([&](Context& context, ConnectionSlot, std::uint64_t sent) {
    received.push_back(sent);
    causal = causal && context.now().ns == static_cast<std::int64_t>(sent) + 10'000'000;
  });
  for (std::int64_t i = 0; i < 1000; ++i) {
    story["anna"].at(SimTime{100'000'000 + i * i},
                     [](Context& context) { send_item(0, static_cast<std::uint64_t>(context.now().ns))(context); });
  }
  story.run_until(at_ms(200));
  CHECK(causal);
  CHECK(received.size() == 1000);
  CHECK(std::is_sorted(received.begin(), received.end()));
}

TEST_CASE("retransmissions to a silent host are at most two minutes apart") {
  // First contact at 1.01 s; again 1, 3, 7, 15, 31, 63, 127, 247 s later. Bert is back at 201 s.
  Story story;
  connect_at_start(story);
  story.stop("bert", StopKind::vanish, at_ms(100));
  story["anna"].at(at_ms(1000), send_item(0, 1));
  story.start("bert", SimTime{} + seconds(201));
  story.run_until(SimTime{} + hours(1));
  CHECK(story["anna"].calls_from(at_ms(100)) == Calls{{at_ms(248'020), "reset 0"}});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a host that comes back when its peer has given up answers nobody") {
  // SYN, SYN-ACK and ACK are all that was ever sent without payload.
  Story story;
  connect_at_start(story);
  story.stop("bert", StopKind::vanish, at_ms(100));
  story["anna"].at(at_ms(1000), send_item(0, 1));
  story.start("bert", SimTime{} + seconds(2000));
  story.run_until(SimTime{} + hours(1));
  CHECK(story["anna"].calls_from(at_ms(100)) == Calls{{at_ms(901'010), "timed out 0"}});
  CHECK(story.simulation().traffic(0).messages == 3);
  CHECK(story.simulation().halves_in_use() == 0);
}

}  // namespace hearsay::test
