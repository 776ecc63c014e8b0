// What the digest of a run is made of, and where in time its slices put it.
#include <catch2/catch.hpp>

#include "tests/unit/sim_story.hpp"

namespace hearsay::test {
namespace {

ScriptedNode::Action observe(std::uint64_t object, std::int64_t value = 0, ObservationKind kind = 1) {
  return [=](Context& context) { context.observe({kind, object, value}); };
}

// The slices that are not empty, of a run of 256 s: slice n is the n-th second.
std::vector<std::size_t> used_slices(const Simulation& simulation) {
  const DigestSlices slices = simulation.slices();
  std::vector<std::size_t> used;
  for (std::size_t slice = 0; slice < kDigestSlices; ++slice)
    if (slices[slice] != 0) used.push_back(slice);
  return used;
}

StoryOptions of_256_seconds() {
  StoryOptions options;
  options.simulation.horizon = seconds(256);
  return options;
}

}  // namespace

TEST_CASE("an observation and a message fall into the slice of their time") {
  Story story(of_256_seconds());
  connect_at_start(story);
  story["anna"].at(at_ms(9'999), observe(1));
  story["anna"].at(at_ms(20'000), observe(2));
  story["anna"].at(at_ms(30'995), send_item(0, 3));  // heard at 31,005 ms
  story["bert"].at(at_ms(255'999), observe(4));
  story.run_until(SimTime{} + seconds(256));
  CHECK(used_slices(story.simulation()) == std::vector<std::size_t>{9, 20, 31, 255});
}

TEST_CASE("what a node observes when it is started again falls into the slice of that time") {
  // Nothing else happens near 100 s, on any rank: only the instant itself can name the slice.
  StoryOptions options = of_256_seconds();
  options.simulation.ranks = GENERATE(1u, 2u);
  Story story(options);
  story["bert"].when_started(observe(5));
  story.simulation().starts_offline(story.number("bert"));
  story.start("bert", SimTime{} + seconds(100));
  story.run_until(SimTime{} + seconds(256));
  CHECK(used_slices(story.simulation()) == std::vector<std::size_t>{100});
}

TEST_CASE("every part of an observation enters the digest, and so does the order of two") {
  const auto digest = [](const std::vector<ScriptedNode::Action>& actions, SimTime time) {
    Story story;
    for (const auto& action : actions) story["anna"].at(time, action);
    story.run_until(at_ms(500));
    return story.simulation().digest();
  };
  const std::vector<std::uint64_t> digests = {
      digest({}, at_ms(100)),
      digest({observe(1, 2, 3)}, at_ms(100)),
      digest({observe(9, 2, 3)}, at_ms(100)),
      digest({observe(1, 9, 3)}, at_ms(100)),
      digest({observe(1, 2, 9)}, at_ms(100)),
      digest({observe(1, 2, 3)}, at_ms(101)),
      digest({observe(1), observe(2)}, at_ms(100)),
      digest({observe(2), observe(1)}, at_ms(100)),
  };
  for (std::size_t a = 0; a < digests.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) CHECK(digests[a] != digests[b]);
}

TEST_CASE("every part of a message enters the digest") {
  const auto digest = [](std::uint64_t number, std::uint32_t bytes, SimTime time) {
    Story story;
    connect_at_start(story);
    story["anna"].at(time, send_item(0, number, bytes));
    story.run_until(at_ms(500));
    return story.simulation().digest();
  };
  const std::uint64_t plain = digest(1, 32, at_ms(100));
  CHECK(plain == digest(1, 32, at_ms(100)));
  CHECK(plain != digest(2, 32, at_ms(100)));
  CHECK(plain != digest(1, 33, at_ms(100)));
  CHECK(plain != digest(1, 32, at_ms(101)));
}

TEST_CASE("the digest of a node depends on what it did, not on what others did") {
  const auto digest = [](bool bert_is_busy, const std::string& of) {
    Story story;
    story["anna"].at(at_ms(100), observe(1));
    if (bert_is_busy) story["bert"].at(at_ms(50), observe(2));
    story.run_until(at_ms(500));
    return story.simulation().node_digest(story.number(of));
  };
  CHECK(digest(false, "anna") == digest(true, "anna"));
  CHECK(digest(false, "bert") != digest(true, "bert"));
}

TEST_CASE("a message that meets a closed connection is in no digest") {
  const auto digest = [](bool late_message) {
    Story story;
    connect_at_start(story);
    story["anna"].at(at_ms(100), reset_slot(0));
    if (late_message) story["bert"].at(at_ms(105), send_item(0, 1));
    story.run_until(at_ms(500));
    return std::pair(story.simulation().digest(), story.simulation().counters().dropped);
  };
  CHECK(digest(true).first == digest(false).first);
  CHECK(digest(true).second == 1);
}

}  // namespace hearsay::test
