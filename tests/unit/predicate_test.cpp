// What the words of a predicate become; what is said about wrong ones is in tests/fixtures/wrong.
#include "scenarios/app/predicate.hpp"

#include <catch2/catch.hpp>

namespace hearsay::app {
namespace {

Predicate parsed(const std::string& text) {
  config::Problems problems;
  Predicate predicate = parse_predicate(text, "when", config::mark_in("s.yaml"), problems);
  CAPTURE(text);
  CHECK(problems.empty());
  return predicate;
}

}  // namespace

TEST_CASE("a condition is a quantity, a comparison and a value") {
  const Condition lag = parsed("tip_lag >= 6 blocks").conditions.at(0);
  CHECK(lag.quantity == Quantity::tip_lag);
  CHECK(lag.comparison == Comparison::at_least);
  CHECK(lag.value == 6.0);
  const Condition one = parsed("tip_lag != 1 block").conditions.at(0);
  CHECK(one.comparison == Comparison::not_equal);
  CHECK(one.value == 1.0);
  const Condition share = parsed("share(east, on_best_tip_or_its_parent) < 99.5 %").conditions.at(0);
  CHECK(share.quantity == Quantity::share);
  CHECK(share.targets == std::vector<std::string>{"east"});
  CHECK(share.state == NodeState::on_best_tip_or_its_parent);
  CHECK(share.comparison == Comparison::less);
  CHECK(share.value == Approx(0.995));
}

TEST_CASE("connections are of a node, or between two targets") {
  CHECK(parsed("connections == 0").conditions.at(0).quantity == Quantity::connections);
  const Condition between = parsed("connections(east, west) > 0").conditions.at(0);
  CHECK(between.quantity == Quantity::connections_between);
  CHECK(between.targets == std::vector<std::string>{"east", "west"});
  CHECK(parsed("connections == 0").of_single_nodes());
  CHECK_FALSE(parsed("connections(east, west) > 0").of_single_nodes());
}

TEST_CASE("conditions are joined by and or by or, and may be turned around") {
  const Predicate both = parsed("tips >= 2 and not largest_component <= 50 %");
  CHECK(both.joined == Predicate::Joined::by_and);
  REQUIRE(both.conditions.size() == 2);
  CHECK_FALSE(both.conditions[0].negated);
  CHECK(both.conditions[1].negated);
  const Predicate either = parsed("tips == 1 or tips == 3");
  CHECK(either.joined == Predicate::Joined::by_or);
  CHECK(either.conditions.size() == 2);
}

}  // namespace hearsay::app
