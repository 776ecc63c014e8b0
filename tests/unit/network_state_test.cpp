// Tips as of an instant: a busy node tells of them with the time at which it is done.
#include "scenarios/app/network_state.hpp"

#include <catch2/catch.hpp>

#include "models/protocols/bitcoin/observations.hpp"
#include "tests/unit/story_time.hpp"

namespace hearsay::app {
namespace {

using test::at_ms;

constexpr NodeId kNode = 3;

std::uint64_t tip_at(TipChanges& changes, std::int64_t ms) {
  const TipChanges::Change* change = changes.latest(kNode, at_ms(ms));
  return change == nullptr ? 0 : change->hash;
}

TipChanges changes_at(const std::vector<std::int64_t>& times_ms) {
  TipChanges changes;
  std::uint64_t hash = 100;
  for (const std::int64_t ms : times_ms) {
    ++hash;
    changes.on_observation(at_ms(ms), kNode,
                           {bitcoin::observed::kBestTip, hash, static_cast<std::int64_t>(hash - 100)});
  }
  return changes;
}

}  // namespace

TEST_CASE("a node that goes from block to block without a pause still changes its tip with each") {
  // All three are told of at once, by a node that validates one after the other.
  TipChanges changes = changes_at({10, 20, 30});
  CHECK(changes.count() == 3);
  CHECK(tip_at(changes, 9) == 0);
  CHECK(tip_at(changes, 10) == 101);
  CHECK(tip_at(changes, 19) == 101);
  CHECK(changes.more_to_come(kNode, at_ms(19)));
  CHECK(tip_at(changes, 20) == 102);
  CHECK(tip_at(changes, 35) == 103);
  CHECK_FALSE(changes.more_to_come(kNode, at_ms(35)));
  CHECK(tip_at(changes, 40) == 103);
  CHECK(changes.latest(kNode, at_ms(40))->height == 3);
}

TEST_CASE("of tips between two looks the last one counts, and other nodes and observations do not") {
  TipChanges changes = changes_at({10, 20, 30});
  changes.on_observation(at_ms(25), kNode, {bitcoin::observed::kBlockReceived, 500, 1});
  changes.on_observation(at_ms(25), kNode + 1, {bitcoin::observed::kBestTip, 600, 1});
  CHECK(tip_at(changes, 28) == 102);
  CHECK(changes.latest(kNode + 1, at_ms(28))->hash == 600);
  CHECK(changes.latest(kNode + 2, at_ms(28)) == nullptr);
  CHECK_FALSE(changes.more_to_come(kNode + 2, at_ms(0)));
}

}  // namespace hearsay::app
