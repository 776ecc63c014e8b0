// Ties decide races between blocks, so they must favour nobody: which of two messages of one instant is handled first
// depends on the world seed alone, not on the order in which a scenario lists the nodes.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/unit/sim_story.hpp"

namespace hearsay::test {
namespace {

// Anna and bert are equally far from carl, and send him an item at the same instant. Who is handled first?
std::string winner(std::uint64_t world_seed, const std::vector<std::string>& listing) {
  StoryOptions options;
  options.world_seed = world_seed;
  options.names = listing;
  Story story(options);
  connect_at_start(story, "anna", "carl");
  connect_at_start(story, "bert", "carl");
  story["anna"].at(at_ms(100), send_item(0, 1));
  story["bert"].at(at_ms(100), send_item(0, 2));
  story.run_until(at_ms(200));
  const Calls calls = story["carl"].calls_from(at_ms(100));
  REQUIRE(calls.size() == 2);
  REQUIRE(calls[0].time == at_ms(110));
  REQUIRE(calls[1].time == at_ms(110));
  return calls[0].what.starts_with("item 1 ") ? "anna" : "bert";
}

}  // namespace

TEST_CASE("of two messages of one instant each is first in half of the worlds") {
  // 400 fair coins show 200 heads with standard deviation sqrt(400) / 2 = 10; beyond four of them (160 to 240) lies
  // less than 1 of 15,000 sets of seeds. An order by list or by name would show 0 or 400.
  int anna = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) anna += winner(seed, {"anna", "bert", "carl"}) == "anna" ? 1 : 0;
  CHECK(anna >= 160);
  CHECK(anna <= 240);
}

TEST_CASE("the place in the list does not decide a tie") {
  // Were it the list, the winner would change with it; 30 worlds agree by chance with probability 2^-30.
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const std::string first = winner(seed, {"anna", "bert", "carl"});
    CHECK(winner(seed, {"bert", "anna", "carl"}) == first);
    CHECK(winner(seed, {"carl", "bert", "anna"}) == first);
  }
}

TEST_CASE("a node that is added last does not turn the ties of others") {
  for (std::uint64_t seed = 0; seed < 30; ++seed)
    CHECK(winner(seed, {"anna", "bert", "carl", "dora"}) == winner(seed, {"anna", "bert", "carl"}));
}

TEST_CASE("worlds refuse two nodes of one name or one endpoint") {
  const auto world = [](std::vector<NodeSpec> specs) {
    return World(Seeds(1), std::move(specs), std::make_unique<ConstantPath>(milliseconds(1)));
  };
  CHECK_NOTHROW(world({{"a", ipv4_endpoint(1, 1), 0, {}}, {"b", ipv4_endpoint(1, 2), 0, {}}}));
  CHECK_THROWS_AS(world({{"a", ipv4_endpoint(1, 1), 0, {}}, {"a", ipv4_endpoint(2, 1), 0, {}}}), CheckFailure);
  CHECK_THROWS_AS(world({{"a", ipv4_endpoint(1, 1), 0, {}}, {"b", ipv4_endpoint(1, 1), 0, {}}}), CheckFailure);
}

TEST_CASE("numbers follow tie ranks, so an added node shifts the others but keeps their order") {
  std::vector<NodeSpec> specs;
  for (std::uint32_t i = 0; i < 50; ++i) specs.push_back({"n" + std::to_string(i), ipv4_endpoint(i, 1), 0, {}});
  const World fewer(Seeds(1), specs, std::make_unique<ConstantPath>(milliseconds(1)));
  specs.push_back({"added", ipv4_endpoint(1000, 1), 0, {}});
  const World more(Seeds(1), specs, std::make_unique<ConstantPath>(milliseconds(1)));
  for (std::size_t a = 0; a < 50; ++a)
    for (std::size_t b = 0; b < 50; ++b)
      REQUIRE((fewer.node_at(a) < fewer.node_at(b)) == (more.node_at(a) < more.node_at(b)));
}

}  // namespace hearsay::test
