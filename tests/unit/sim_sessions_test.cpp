// Nodes that come and go by a session law. Between all hosts lie 10 ms; a set-up needs 20 ms at the dialling end.
#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <set>

#include "tests/unit/sim_calls.hpp"

namespace hearsay::test {

namespace {

// Sessions and pauses of fixed lengths. What is left of the first is fixed too.
class FixedSessions final : public SessionLaw {
 public:
  bool online = true;
  Duration first = milliseconds(1000);
  Duration session_length = milliseconds(3000);
  Duration pause_length = milliseconds(500);
  StopKind end = StopKind::clean;

  [[nodiscard]] bool begins_online(RandomStream&) const override { return online; }
  [[nodiscard]] Session first_session(RandomStream&) const override { return {first, end}; }
  [[nodiscard]] Absence first_pause(RandomStream&) const override { return {first, end}; }
  [[nodiscard]] Session session(RandomStream&) const override { return {session_length, end}; }
  [[nodiscard]] Duration pause(RandomStream&) const override { return pause_length; }
};

std::shared_ptr<const SessionLaw> fixed(const FixedSessions& law = {}) {
  return std::make_shared<FixedSessions>(law);
}

// Exponential sessions and pauses, ended in three ways: the state at the beginning is a stationary draw.
class DrawnSessions final : public SessionLaw {
 public:
  [[nodiscard]] bool begins_online(RandomStream& stream) const override { return stream.chance({2.0 / 3}); }
  [[nodiscard]] Session session(RandomStream& stream) const override {
    const Duration length = stream.exponential(seconds(4));
    return {length, static_cast<StopKind>(stream.below(3))};
  }
  [[nodiscard]] Duration pause(RandomStream& stream) const override { return stream.exponential(seconds(2)); }
};

Calls starts(Story& story, const std::string& name) {
  Calls calls;
  for (const Call& call : story[name].calls())
    if (call.what.starts_with("started")) calls.push_back(call);
  return calls;
}

const std::vector<std::string> kNames = {"anna", "bert", "carl", "dora", "emil"};

// Five nodes that dial one another, talk, spend time and come and go. Each draws from its own streams.
class Churn {
 public:
  Churn(std::uint64_t seed, unsigned ranks, bool with_guest) : story_(options(seed, ranks, with_guest)) {
    for (std::size_t self = 0; self < kNames.size(); ++self) prepare(self);
    const auto law = std::make_shared<DrawnSessions>();
    for (const std::string& name : kNames) story_.simulation().set_sessions(story_.number(name), law, SimTime{});
    if (with_guest) story_.simulation().set_sessions(story_.number("guest"), law, SimTime{});
    // Control events that do what a session has done already, or will do.
    for (std::int64_t i = 0; i < 20; ++i)
      story_.control(at_ms(2001 + 1999 * i), [id = story_.number("carl")](Simulation& simulation, SimTime now) {
        if (simulation.is_online(id)) return simulation.stop(id, StopKind::crash, now);
        simulation.start(id, now);
      });
  }
  Story& story() { return story_; }

 private:
  static StoryOptions options(std::uint64_t seed, unsigned ranks, bool with_guest) {
    StoryOptions options;
    options.names = kNames;
    if (with_guest) options.names.insert(options.names.begin(), "guest");
    options.world_seed = seed;
    options.uplink = kEightMegabits;
    options.downlink = kEightMegabits;
    options.simulation.ranks = ranks;
    return options;
  }

  void prepare(std::size_t self) {
    ScriptedNode& node = story_[kNames[self]];
    node.when_started([this, self](Context& context) {
      open_[self].clear();
      draws_[self].emplace(context.stream(SeedDomain::world, Purpose("test driver")));
      context.set_timer(0, context.now());
    });
    node.when_connected([this, self](Context&, ConnectionSlot slot) { open_[self].insert(slot); });
    node.when_closed([this, self](Context&, ConnectionSlot slot) { open_[self].erase(slot); });
    node.when_message([this, self](Context& context, ConnectionSlot, std::uint64_t) {
      if (draws_[self]->below(3) == 0) context.spend(draws_[self]->uniform({}, milliseconds(20)));
    });
    node.when_timer([this, self](Context& context, TimerSlot) {
      RandomStream& draws = *draws_[self];
      context.set_timer(0, context.now() + draws.exponential(milliseconds(30)));
      if (open_[self].size() < 4 && draws.below(5) == 0)
        return static_cast<void>(context.connect(Story::endpoint(kNames[draws.below(kNames.size())])));
      if (open_[self].empty()) return;
      auto chosen = open_[self].begin();
      std::advance(chosen, static_cast<std::ptrdiff_t>(draws.below(open_[self].size())));
      const std::uint32_t bytes = draws.below(12) == 0 ? 100'000 : 400;
      context.send(*chosen, make_message<flood::Item>(draws() >> 8, bytes));
    });
  }

  std::array<std::set<ConnectionSlot>, 5> open_;
  std::array<std::optional<RandomStream>, 5> draws_;
  Story story_;
};

}  // namespace

TEST_CASE("a node comes and goes at the instants of its law, each start a new incarnation") {
  // 1 s is left of the first session; then 0.5 s away, 3 s there, and so on.
  const unsigned ranks = GENERATE(1u, 2u);
  StoryOptions options;
  options.simulation.ranks = ranks;
  Story story(options);
  story.simulation().set_sessions(story.number("bert"), fixed(), SimTime{});
  story["anna"].when_connected([](Context&, ConnectionSlot) {});
  story["anna"].at(at_ms(500), dial(Story::endpoint("bert")));
  story["anna"].at(at_ms(1100), dial(Story::endpoint("bert")));
  story["anna"].at(at_ms(2000), dial(Story::endpoint("bert")));
  story["bert"].at(at_ms(100), [](Context& context) { context.set_timer(0, at_ms(1200)); });  // dies with its life
  story.run_until(at_ms(8000));
  CHECK(starts(story, "bert") ==
        Calls{{SimTime{}, "started 1"}, {at_ms(1500), "started 2"}, {at_ms(5000), "started 3"}});
  CHECK(story["anna"].calls_from(at_ms(1)) == Calls{{at_ms(520), "connected out 0"},
                                                    {at_ms(1010), "finished 0"},
                                                    {at_ms(1120), "refused 0"},
                                                    {at_ms(2020), "connected out 0"},
                                                    {at_ms(4510), "finished 0"}});
  CHECK(story["bert"].calls().size() == 3 + 2 * 2);  // timer 0 never fired
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a session ends as its law says") {
  FixedSessions law;
  law.end = GENERATE(StopKind::clean, StopKind::crash, StopKind::vanish);
  law.pause_length = hours(1);
  Story story;
  story.simulation().set_sessions(story.number("bert"), fixed(law), SimTime{});
  connect_at_start(story);
  story["anna"].at(at_ms(2000), dial(Story::endpoint("bert")));
  story.run_until(at_ms(10'000));
  Calls expected;
  if (law.end == StopKind::clean) expected = {{at_ms(1010), "finished 0"}, {at_ms(2020), "refused 0"}};
  if (law.end == StopKind::crash) expected = {{at_ms(2020), "refused 1"}};
  if (law.end == StopKind::vanish) expected = {{at_ms(7000), "timed out 1"}};
  CHECK(story["anna"].calls_from(at_ms(100)) == expected);
}

TEST_CASE("a node that is away when the run begins is not started, and its host is as it was left") {
  FixedSessions law;
  law.online = false;
  law.end = GENERATE(StopKind::clean, StopKind::vanish);
  Story story;
  story.simulation().set_sessions(story.number("bert"), fixed(law), SimTime{});
  story["anna"].at(at_ms(100), dial(Story::endpoint("bert")));
  story.run_until(at_ms(990));
  CHECK(story["bert"].calls().empty());
  CHECK(!story.simulation().is_online(story.number("bert")));
  // The host answers the dial; one that is silent is there from 1 s on, in time for the SYN that comes again.
  const bool there = law.end == StopKind::clean;
  story.run_until(at_ms(3000));
  CHECK(story["anna"].calls_from(at_ms(1)).front() ==
        (there ? Call{at_ms(120), "refused 0"} : Call{at_ms(1120), "connected out 0"}));
  CHECK(starts(story, "bert") == Calls{{at_ms(1000), "started 1"}});
}

TEST_CASE("a law may take over, change and end during the run, by control event or between two runs") {
  // From 2 s on bert is online for another second, then away for 0.5 s. From 5.2 s on (he is there since 3.5 s) another
  // law has him away for 1 s first. It ends in the pause from 9.2 s on.
  const bool ahead = GENERATE(false, true);
  Story story;
  Simulation& simulation = story.simulation();
  const NodeId bert = story.number("bert");
  FixedSessions other;
  other.online = false;
  other.end = StopKind::vanish;
  const std::vector<std::pair<SimTime, std::shared_ptr<const SessionLaw>>> laws = {
      {at_ms(2000), fixed()}, {at_ms(5200), fixed(other)}, {at_ms(9300), nullptr}};
  for (const auto& [from, law] : laws) {
    if (!ahead) story.run_until(from);
    simulation.set_sessions(bert, law, from);
  }
  story.run_until(SimTime{} + minutes(1));
  CHECK(starts(story, "bert") == Calls{{SimTime{}, "started 1"},
                                       {at_ms(3500), "started 2"},
                                       {at_ms(6200), "started 3"},
                                       {at_ms(9300), "started 4"}});
  CHECK(simulation.is_online(bert));
  CHECK_THROWS_AS(simulation.set_sessions(bert, nullptr, at_ms(59'999)), CheckFailure);
}

TEST_CASE("what control events do to a node holds until the next event of its sessions") {
  // There until 1 s, from 1.5 to 4.5 s, from 5 to 8 s.
  Story story;
  story.simulation().set_sessions(story.number("bert"), fixed(), SimTime{});
  story.start("bert", at_ms(1200));                   // the start at 1.5 s has nothing to do
  story.stop("bert", StopKind::crash, at_ms(4000));   // nor has the stop at 4.5 s
  story.stop("bert", StopKind::vanish, at_ms(6000));  // until 8.5 s
  story.run_until(at_ms(9000));
  CHECK(starts(story, "bert") == Calls{{SimTime{}, "started 1"},
                                       {at_ms(1200), "started 2"},
                                       {at_ms(5000), "started 3"},
                                       {at_ms(8500), "started 4"}});
}

TEST_CASE("a session without end ends never") {
  FixedSessions law;
  law.first = {std::numeric_limits<std::int64_t>::max()};
  Story story;
  story.run_until(at_ms(100));
  story.simulation().set_sessions(story.number("bert"), fixed(law), at_ms(100));
  story.run_until(SimTime{} + hours(1000));
  CHECK(starts(story, "bert").size() == 1);
}

TEST_CASE("under churn the books balance, whatever ends a session, the same on any ranks") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::uint64_t digest = 0;
    for (const unsigned ranks : {1u, 2u, 3u}) {
      if (ranks == 2 && seed > 5) continue;
      Churn churn(seed, ranks, false);
      CHECK(conserves_throughout(churn.story(), at_ms(40'000), milliseconds(97)));
      CHECK(churn.story().simulation().counters().delivered > 1000);
      std::size_t restarts = 0;
      for (const std::string& name : kNames) restarts += starts(churn.story(), name).size();
      CHECK(restarts > 20);  // five nodes, 40 s, 6 s a session and its pause: 33 on average
      if (digest == 0) digest = churn.story().simulation().digest();
      CHECK(churn.story().simulation().digest() == digest);
    }
  }
}

TEST_CASE("a further node with sessions of its own changes nobody else's") {
  Churn alone(7, 1, false);
  Churn visited(7, 1, true);
  alone.story().run_until(at_ms(40'000));
  visited.story().run_until(at_ms(40'000));
  CHECK(starts(visited.story(), "guest").size() > 2);
  for (const std::string& name : kNames) CHECK(alone.story()[name].calls() == visited.story()[name].calls());
}

}  // namespace hearsay::test
