// Timers: one deadline a slot, never at the current instant; and the order of timers, messages and control events that
// meet at one instant.
#include <catch2/catch.hpp>

#include "tests/unit/sim_story.hpp"

namespace hearsay::test {
namespace {

ScriptedNode::Action arm(TimerSlot timer, SimTime deadline) {
  return [=](Context& context) { context.set_timer(timer, deadline); };
}

ScriptedNode::Action cancel(TimerSlot timer) {
  return [=](Context& context) { context.cancel_timer(timer); };
}

StoryOptions alone() {
  StoryOptions options;
  options.names = {"anna"};
  return options;
}

// When anna's timers fired, her script being `script`, within 10 s.
Calls timers_of(const std::vector<std::pair<SimTime, ScriptedNode::Action>>& script) {
  Story story(alone());
  for (const auto& [time, action] : script) story["anna"].at(time, action);
  story.run_until(SimTime{} + seconds(10));
  return story["anna"].calls_from(SimTime{1});
}

}  // namespace

TEST_CASE("a timer fires at its deadline, to the nanosecond") {
  const SimTime deadline = GENERATE(SimTime{1}, SimTime{123'456'789}, at_ms(2000));
  CHECK(timers_of({{SimTime{}, arm(0, deadline)}}) == Calls{{deadline, "timer 0"}});
}

TEST_CASE("a deadline of now or before now becomes the next nanosecond") {
  const SimTime deadline = GENERATE(at_ms(100), at_ms(50), SimTime{}, SimTime{-1});
  CHECK(timers_of({{at_ms(100), arm(0, deadline)}}) == Calls{{at_ms(100) + nanoseconds(1), "timer 0"}});
}

TEST_CASE("a timer that is set again fires at the new deadline only") {
  SECTION("later") {
    CHECK(timers_of({{SimTime{}, arm(0, at_ms(100))}, {at_ms(50), arm(0, at_ms(300))}}) ==
          Calls{{at_ms(300), "timer 0"}});
  }
  SECTION("earlier") {
    CHECK(timers_of({{SimTime{}, arm(0, at_ms(300))}, {at_ms(50), arm(0, at_ms(100))}}) ==
          Calls{{at_ms(100), "timer 0"}});
  }
  SECTION("earlier, then back to where it was") {
    CHECK(timers_of(
              {{SimTime{}, arm(0, at_ms(300))}, {at_ms(50), arm(0, at_ms(100))}, {at_ms(60), arm(0, at_ms(300))}}) ==
          Calls{{at_ms(300), "timer 0"}});
  }
  SECTION("again for the old deadline, after it fired at an earlier one") {
    CHECK(timers_of(
              {{SimTime{}, arm(0, at_ms(300))}, {at_ms(50), arm(0, at_ms(100))}, {at_ms(200), arm(0, at_ms(300))}}) ==
          Calls{{at_ms(100), "timer 0"}, {at_ms(300), "timer 0"}});
  }
}

TEST_CASE("a cancelled timer does not fire, and can be set again") {
  CHECK(timers_of({{SimTime{}, arm(0, at_ms(100))}, {at_ms(50), cancel(0)}}).empty());
  CHECK(timers_of({{SimTime{}, arm(0, at_ms(100))}, {at_ms(50), cancel(0)}, {at_ms(60), arm(0, at_ms(100))}}) ==
        Calls{{at_ms(100), "timer 0"}});
  CHECK(timers_of({{SimTime{}, arm(0, at_ms(100))}, {at_ms(50), cancel(0)}, {at_ms(60), arm(0, at_ms(80))}}) ==
        Calls{{at_ms(80), "timer 0"}});
  CHECK(timers_of({{SimTime{}, cancel(3)}}).empty());
}

TEST_CASE("each slot has its own deadline, and those of one instant fire in the order of slots") {
  CHECK(
      timers_of({{SimTime{}, arm(2, at_ms(100))}, {SimTime{}, arm(0, at_ms(200))}, {SimTime{}, arm(1, at_ms(100))}}) ==
      Calls{{at_ms(100), "timer 1"}, {at_ms(100), "timer 2"}, {at_ms(200), "timer 0"}});
  CHECK_THROWS_AS(timers_of({{SimTime{}, arm(kTimerSlots, at_ms(1))}}), CheckFailure);
}

TEST_CASE("a timer that sets itself again fires once a period") {
  Story story(alone());
  story["anna"].at(SimTime{}, arm(0, at_ms(10)));
  story["anna"].when_timer(
      [](Context& context, TimerSlot timer) { context.set_timer(timer, context.now() + milliseconds(10)); });
  story.run_until(at_ms(1000));
  const Calls calls = story["anna"].calls_from(SimTime{1});
  REQUIRE(calls.size() == 99);  // 10, 20 ... 990 ms: the limit itself is not executed
  for (std::size_t i = 0; i < calls.size(); ++i) CHECK(calls[i].time == at_ms(10 * static_cast<std::int64_t>(i + 1)));
}

TEST_CASE("timers that were moved or cancelled are no events") {
  // Every event of anna: the script runs at 50 ms (one event), and what is named beside each case.
  const auto events = [](std::vector<ScriptedNode::Action> at_start, std::vector<ScriptedNode::Action> at_50_ms) {
    Story story(alone());
    for (const auto& action : at_start) story["anna"].at(SimTime{}, action);
    for (const auto& action : at_50_ms) story["anna"].at(at_ms(50), action);
    story.run_until(SimTime{} + seconds(10));
    return story.simulation().counters().events;
  };
  const auto idle = [](Context&) {};
  REQUIRE(events({}, {idle}) == 1);
  CHECK(events({arm(0, at_ms(100))}, {idle}) == 2);                // it fires
  CHECK(events({arm(0, at_ms(300))}, {arm(0, at_ms(100))}) == 2);  // it fires once, earlier
  CHECK(events({arm(0, at_ms(100))}, {arm(0, at_ms(300))}) == 2);  // it fires once, later
  CHECK(events({arm(0, at_ms(100))}, {cancel(0)}) == 1);           // it does not fire
}

TEST_CASE("a timer and a message of one instant come in the order of their sources") {
  // At bert's instant, the timer's source is bert himself and the message's is anna: the lower number goes first. Some
  // of 20 world seeds give anna the lower one, some bert (all the same: 2^-19).
  int message_first = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    StoryOptions options;
    options.world_seed = seed;
    Story story(options);
    connect_at_start(story);
    story["anna"].at(at_ms(100), send_item(0, 7));
    story["bert"].at(at_ms(50), arm(0, at_ms(110)));
    story.run_until(at_ms(200));
    const Calls calls = story["bert"].calls_from(at_ms(100));
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].time == at_ms(110));
    CHECK(calls[1].time == at_ms(110));
    const bool is_message = calls[0].what == "item 7 on 0";
    CHECK(is_message == (story.number("anna") < story.number("bert")));
    message_first += is_message ? 1 : 0;
  }
  CHECK(message_first > 0);
  CHECK(message_first < 20);
}

TEST_CASE("a node hears itself before its own timer of that instant") {
  // Destination and source are the same; timers have the highest sequences.
  Story story;
  connect_at_start(story, "anna", "anna");
  story["anna"].at(at_ms(100), arm(0, at_ms(110)));
  story["anna"].at(at_ms(100), send_item(0, 7));
  story.run_until(at_ms(200));
  CHECK(story["anna"].calls_from(at_ms(100)) == Calls{{at_ms(110), "item 7 on 1"}, {at_ms(110), "timer 0"}});
}

TEST_CASE("a control event comes before all other events of its instant") {
  // What bert would handle at 110 ms, a message and a timer, finds him stopped.
  Story story;
  connect_at_start(story);
  story["anna"].at(at_ms(100), send_item(0, 7));
  story["bert"].at(at_ms(50), arm(0, at_ms(110)));
  story.stop("bert", StopKind::crash, at_ms(110));
  story.run_until(at_ms(200));
  CHECK(story["bert"].calls_from(at_ms(100)).empty());
  CHECK(story.simulation().counters().dropped == 1);
}

TEST_CASE("one nanosecond later the control event finds everything done") {
  Story story;
  connect_at_start(story);
  story["anna"].at(at_ms(100), send_item(0, 7));
  story.stop("bert", StopKind::crash, at_ms(110) + nanoseconds(1));
  story.run_until(at_ms(200));
  CHECK(story["bert"].calls_from(at_ms(100)) == Calls{{at_ms(110), "item 7 on 0"}});
}

TEST_CASE("control events come by time, those of one instant in the order of adding") {
  const unsigned ranks = GENERATE(1u, 2u);
  StoryOptions options;
  options.simulation.ranks = ranks;
  Story story(options);
  std::vector<int> order;
  const std::vector<std::pair<SimTime, int>> added = {{at_ms(20), 4}, {at_ms(10), 1}, {at_ms(20), 5},
                                                      {at_ms(10), 2}, {SimTime{}, 0}, {at_ms(10), 3}};
  for (const auto& [time, name] : added)
    story.control(time, [&order, time = time, name = name](Simulation&, SimTime now) {
      CHECK(now == time);
      order.push_back(name);
    });
  story.run_until(at_ms(10));
  CHECK(order == std::vector<int>{0});  // a limit excludes its own instant
  story.run_until(at_ms(30));
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5});
  CHECK_THROWS_AS(story.control(at_ms(29), [](Simulation&, SimTime) {}), CheckFailure);
}

TEST_CASE("a run cut into pieces is the run in one piece") {
  const auto run = [](std::int64_t step_ns) {
    Story story;
    connect_at_start(story);
    for (std::int64_t i = 0; i < 20; ++i) {
      story["anna"].at(at_ms(40 + 3 * i), send_item(0, static_cast<std::uint64_t>(i)));
      story["bert"].at(at_ms(40 + 7 * i), arm(0, at_ms(45 + 7 * i)));
    }
    for (std::int64_t ns = step_ns; ns < 300'000'000; ns += step_ns) story.run_until(SimTime{ns});
    story.run_until(at_ms(300));
    return std::pair(story.simulation().digest(), story["bert"].calls());
  };
  CHECK(run(1'000'000) == run(300'000'000));
  CHECK(run(777'777) == run(300'000'000));
}

}  // namespace hearsay::test
