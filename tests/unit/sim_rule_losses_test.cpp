// Losses that a delivery rule adds to those of the path: the same law decides what becomes of them.
#include <catch2/catch.hpp>

#include "tests/unit/sim_lossy_path.hpp"
#include "tests/unit/sim_scripted_rule.hpp"

namespace hearsay::test {

namespace {

// Each segment of what leaves in that time may be lost.
std::shared_ptr<const DeliveryRule> loses(double share, SimTime from = {}, SimTime until = SimTime::max()) {
  return stream_rule([=](const Passage& passage) -> StreamFate {
    return {StreamFate::Kind::pass, {}, nullptr, {is_between(passage.now, from, until) ? share : 0.0}};
  });
}

struct Setting {
  double path_loss = 0.0;
  Rules rules;
  unsigned ranks = 1;
  std::int64_t uplink = 8'000'000;
};

// Items of three sizes in both directions, until a FIN. All calls of both nodes.
std::vector<Calls> calls_of(const Setting& setting) {
  StoryOptions options;
  if (setting.path_loss > 0.0) options.path = std::make_shared<LossyPath>(milliseconds(10), setting.path_loss);
  options.rules = setting.rules;
  options.uplink = {setting.uplink};
  options.simulation.ranks = setting.ranks;
  Story story(options);
  connect_at_start(story);
  for (std::uint64_t i = 0; i < 400; ++i) {
    const std::uint64_t draw = fingerprint(i);
    const std::uint32_t bytes = draw / 2 % 29 == 0 ? 200'000 : draw / 64 % 2 == 0 ? 9'000 : 200;
    story[draw % 2 == 0 ? "anna" : "bert"].at(at_us(1'000'000 + static_cast<std::int64_t>(97'003 * i)),
                                              send_item(0, i, bytes));
  }
  story["anna"].at(at_ms(45'000), close_slot(0));
  CHECK(conserves_throughout(story, SimTime{} + minutes(2), milliseconds(97)));
  REQUIRE(story["anna"].calls_from(at_ms(1)).front().time < at_ms(21));  // its SYN passed
  return {story["anna"].calls(), story["bert"].calls()};
}

}  // namespace

TEST_CASE("a rule that loses one segment in a hundred makes every path such a path, to the nanosecond") {
  // Draws of losses are keyed by the direction of the connection, whoever says how likely they are.
  const std::int64_t uplink = GENERATE(0, 8'000'000);
  const std::vector<Calls> expected = calls_of({0.01, {}, 1, uplink});
  CHECK(expected != calls_of({0.0, {}, 1, uplink}));
  for (const unsigned ranks : {1u, 2u}) CHECK(calls_of({0.0, {loses(0.01)}, ranks, uplink}) == expected);
}

TEST_CASE("losses of the path and of several rules combine as independent ones") {
  // 1 - (1 - 0.01) (1 - 0.02)
  const std::vector<Calls> expected = calls_of({0.0298, {}});
  CHECK(calls_of({0.01, {loses(0.02)}}) == expected);
  CHECK(calls_of({0.0, {loses(0.01), loses(0.02)}}) == expected);
}

TEST_CASE("a rule that loses nothing changes nothing") {
  const double path_loss = GENERATE(0.0, 0.01);
  CHECK(calls_of({path_loss, {loses(0.0)}}) == calls_of({path_loss, {}}));
}

TEST_CASE("a burst of losses is over when it is over") {
  // From 10 to 20 s every fifth segment. Before, all is as without; small messages that leave 30 s later take 10 ms.
  const std::vector<Calls> calm = calls_of({0.0, {}, 1, 0});
  const std::vector<Calls> burst = calls_of({0.0, {loses(0.2, at_ms(10'000), at_ms(20'000))}, 1, 0});
  for (const std::size_t node : {0u, 1u}) {
    std::size_t late = 0;
    REQUIRE(calm[node].size() == burst[node].size());
    for (std::size_t i = 0; i < calm[node].size(); ++i) {
      CHECK(calm[node][i].what == burst[node][i].what);
      if (calm[node][i].time < at_ms(10'000)) CHECK(calm[node][i].time == burst[node][i].time);
      if (burst[node][i].time > calm[node][i].time) ++late;
    }
    CHECK(late > 10);
    CHECK(calm[node].back() == burst[node].back());
  }
}

TEST_CASE("a rule that loses everything is refused") {
  StoryOptions options;
  options.rules = {loses(1.0)};
  Story story(options);
  connect_at_start(story);
  story["anna"].at(at_ms(100), send_item(0, 1));
  CHECK_THROWS_AS(story.run_until(at_ms(200)), CheckFailure);
}

}  // namespace hearsay::test
