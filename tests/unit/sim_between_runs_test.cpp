// What may be added, asked and changed while a run stands still between two calls of run_until.
#include <catch2/catch.hpp>

#include "tests/unit/sim_lossy_path.hpp"
#include "tests/unit/sim_scripted_rule.hpp"

namespace hearsay::test {

namespace {

const std::vector<std::string> kLeaves = {"anna", "bert", "carl", "dora"};

// Holds, delays and drops by a law that knows time and hosts alone.
Rules rough_from(SimTime from) {
  const auto law = [from](const Passage& passage) -> std::uint64_t {
    if (passage.now < from) return 99;
    return fingerprint(passage.from.id.value, passage.to.id.value, passage.draw.number) % 10;
  };
  return {stream_rule([law](const Passage& passage) -> StreamFate {
            if (law(passage) == 0) return {StreamFate::Kind::hold, {}, nullptr};
            if (law(passage) == 1) return {StreamFate::Kind::delay, milliseconds(90), nullptr};
            return {};
          }),
          packet_rule([law](const Passage& passage) -> PacketFate {
            return {law(passage) < 5 ? PacketFate::Kind::drop : PacketFate::Kind::pass, {}};
          })};
}

// A star with traffic, and dials every 130 ms, of which some meet a host that is silent for a while, and the backlog of
// one that takes a single dial at a time.
class Busy {
 public:
  explicit Busy(unsigned ranks, const Rules& rules = {}) : story_(options(ranks, rules)) {
    dial_all(story_, kLeaves);
    for (std::uint64_t i = 0; i < 120; ++i) {
      const std::uint64_t draw = fingerprint(i, 5);
      const std::string& leaf = kLeaves[draw % kLeaves.size()];
      const SimTime when = at_ms(200 + static_cast<std::int64_t>(50 * i));
      story_[leaf].at(when, send_item(0, i, draw / 4 % 5 == 0 ? 60'000 : 300));
      if (i % 3 == 0) story_[leaf].at(when, dial(Story::endpoint(i % 2 == 0 ? "hub" : "gone")));
    }
    story_["gone"].when_started(dial(Story::endpoint("hub")));
    story_.stop("gone", StopKind::vanish, at_ms(1000));
    story_.start("gone", at_ms(3500));
  }
  Story& story() { return story_; }
  [[nodiscard]] std::uint64_t digest() {
    CHECK(conserves_throughout(story_, SimTime{} + minutes(1)));
    return story_.simulation().digest();
  }

 private:
  static StoryOptions options(unsigned ranks, const Rules& rules) {
    StoryOptions options = star(kLeaves);
    options.names.push_back("gone");
    options.path = std::make_shared<JitteryPath>();
    options.uplink = kEightMegabits;
    options.rules = rules;
    options.simulation.ranks = ranks;
    options.simulation.transport.backlog = 1;
    return options;
  }

  Story story_;
};

}  // namespace

TEST_CASE("a rule added during the run is one that let everything pass before") {
  const SimTime from = at_ms(2517);
  const std::uint64_t expected = Busy(1, rough_from(from)).digest();
  CHECK(expected != Busy(1).digest());
  for (const unsigned ranks : {1u, 2u, 3u}) {
    CHECK(Busy(ranks, rough_from(from)).digest() == expected);
    const Rules rules = rough_from(SimTime{});
    Busy between(ranks);
    between.story().run_until(from);
    for (const auto& rule : rules) between.story().simulation().add_rule(*rule);
    CHECK(between.digest() == expected);
    Busy by_control(ranks);
    by_control.story().control(from, [&rules](Simulation& simulation, SimTime) {
      for (const auto& rule : rules) simulation.add_rule(*rule);
    });
    CHECK(by_control.digest() == expected);
  }
}

TEST_CASE("a rule that lets everything pass changes nothing, whenever it is added") {
  const auto nothing = packet_rule([](const Passage&) -> PacketFate { return {}; });
  const std::uint64_t expected = Busy(1).digest();
  CHECK(Busy(1, {nothing}).digest() == expected);
  Busy later(1);
  later.story().run_until(at_ms(1111));
  later.story().simulation().add_rule(*nothing);
  CHECK(later.digest() == expected);
}

TEST_CASE("a control event added between two runs comes before all other events of its instant") {
  // The item arrives at 110 ms, where the run stands still: it is not handled yet, and never will be.
  const unsigned ranks = GENERATE(1u, 2u);
  StoryOptions options;
  options.simulation.ranks = ranks;
  Story story(options);
  connect_at_start(story);
  story["anna"].at(at_ms(100), send_item(0, 7));
  std::vector<int> order;
  story.control(at_ms(150), [&order](Simulation&, SimTime) { order.push_back(1); });
  story.run_until(at_ms(110));
  story.stop("bert", StopKind::crash, at_ms(110));
  story.control(at_ms(120), [&order](Simulation& simulation, SimTime now) {
    order.push_back(0);
    simulation.at(at_ms(150),
                  std::make_unique<ScriptedControl>([&order](Simulation&, SimTime) { order.push_back(3); }));
    simulation.at(now, std::make_unique<ScriptedControl>([&order](Simulation&, SimTime) { order.push_back(10); }));
  });
  story.control(at_ms(150), [&order](Simulation&, SimTime) { order.push_back(2); });
  CHECK_THROWS_AS(story.control(at_ms(109), [](Simulation&, SimTime) {}), CheckFailure);
  story.run_until(SimTime{} + seconds(1));
  CHECK(heard(story, "bert", 7) == SimTime::max());
  CHECK(order == std::vector<int>{0, 10, 1, 2, 3});
}

TEST_CASE("a node started between two runs is one started by a control event of that instant") {
  for (const unsigned ranks : {1u, 2u, 3u}) {
    Busy by_control(1);
    by_control.story().stop("gone", StopKind::clean, at_ms(300));
    by_control.story().start("gone", at_ms(600));
    Busy between(ranks);
    Simulation& simulation = between.story().simulation();
    const NodeId gone = between.story().number("gone");
    between.story().run_until(at_ms(300));
    simulation.stop(gone, StopKind::clean, at_ms(300));
    between.story().run_until(at_ms(600));
    simulation.start(gone, at_ms(600));
    CHECK(between.digest() == by_control.digest());
  }
}

TEST_CASE("connections are those that are open where they were dialled, and changes count both ends") {
  // A set-up opens the dialling end after 20 ms and the other after 30; an end is known 10 ms later.
  const unsigned ranks = GENERATE(1u, 2u, 3u);
  StoryOptions options;
  options.names = {"anna", "bert", "carl"};
  options.simulation.ranks = ranks;
  Story story(options);
  story["anna"].at(SimTime{}, dial(Story::endpoint("bert")));
  story["anna"].at(at_ms(40), close_slot(0));
  story["carl"].at(at_ms(100), dial(Story::endpoint("bert")));
  story["carl"].at(at_ms(100), dial(Story::endpoint("anna")));
  story["carl"].at(at_ms(100), dial(Story::endpoint("bert")));
  story["bert"].at(at_ms(100), dial(Story::endpoint("anna")));
  story.stop("bert", StopKind::vanish, at_ms(200));
  story.stop("anna", StopKind::clean, at_ms(300));
  Simulation& simulation = story.simulation();
  const auto number = [&story](const std::string& name) { return story.number(name); };
  const OpenConnection anna_bert{number("anna"), number("bert")};
  std::vector<OpenConnection> all = {{number("carl"), number("bert")},
                                     {number("carl"), number("anna")},
                                     {number("carl"), number("bert")},
                                     {number("bert"), number("anna")}};
  std::sort(all.begin(), all.end(), [&](const OpenConnection& a, const OpenConnection& b) {
    const auto id = [&](NodeId node) { return simulation.world().host(node).id; };
    return std::pair(id(a.dialler), id(a.dialled)) < std::pair(id(b.dialler), id(b.dialled));
  });
  const auto just_after = [](std::int64_t ms) { return at_ms(ms) + nanoseconds(1); };
  using Connections = std::vector<OpenConnection>;
  const auto check = [&](SimTime time, const Connections& connections, std::uint64_t changes) {
    story.run_until(time);
    CHECK(simulation.connections() == connections);
    CHECK(simulation.connection_changes() == changes);
  };
  check(at_ms(20), {}, 0);
  check(just_after(20), {anna_bert}, 1);
  check(just_after(30), {anna_bert}, 2);
  check(just_after(40), {}, 3);
  check(just_after(50), {}, 4);
  check(just_after(120), all, 8);
  check(just_after(130), all, 12);
  // Bert's three halves are gone at once; carl does not know, and anna's half of what bert dialled does not count.
  std::erase(all, OpenConnection{number("bert"), number("anna")});
  CHECK(simulation.is_online(number("bert")));
  check(just_after(200), all, 15);
  CHECK(!simulation.is_online(number("bert")));
  // Anna leaves with FIN on two connections, of which carl hears one.
  check(just_after(300), all, 17);
  std::erase(all, OpenConnection{number("carl"), number("anna")});
  check(just_after(310), all, 18);
  check(SimTime{} + seconds(20), all, 18);
}

}  // namespace hearsay::test
