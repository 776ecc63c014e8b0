// What an outcome's `when` says: a few conditions on the state of the network at one instant.
//
//   when: share(online_honest, on_best_tip) >= 99 % and largest_component >= 95 %
//
// Conditions are joined by `and` or by `or`, never both, and may each be preceded by `not`. A quantity that is said of
// one node (connections, tip_lag) holds if it holds for every online node of the outcome's target, and at least one is
// online.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/app/config/problems.hpp"

namespace hearsay::app {

enum class Quantity : std::uint8_t {
  connections_between,  // of the nodes of one target with those of another, open ones
  connections,          // of a node
  outbound_connections,
  tip_lag,            // blocks between the best chain of the network and the tip of a node
  share,              // of the nodes of a target that are in a state
  largest_component,  // share of the online nodes that hang together
  tips,               // different tips that online nodes follow
};

enum class NodeState : std::uint8_t { online, on_best_tip, on_best_tip_or_its_parent };
inline constexpr std::array<std::string_view, 3> kNodeStates = {"online", "on_best_tip", "on_best_tip_or_its_parent"};

enum class Comparison : std::uint8_t { equal, not_equal, less, at_most, greater, at_least };

struct Condition {
  bool negated = false;
  Quantity quantity = Quantity::tips;
  std::vector<std::string> targets;  // arguments
  NodeState state = NodeState::online;
  Comparison comparison = Comparison::equal;
  double value = 0.0;  // a count, or a fraction
};

struct Predicate {
  enum class Joined : std::uint8_t { by_and, by_or };
  Joined joined = Joined::by_and;
  std::vector<Condition> conditions;

  [[nodiscard]] bool of_single_nodes() const;
};

// Nothing but problems, at `mark`, if the text says nothing.
[[nodiscard]] Predicate parse_predicate(std::string_view text, std::string_view path, const config::Mark& mark,
                                        config::Problems& problems);

// Of each quantity, for whoever writes a predicate: how it is written, its unit, what it is.
struct QuantityHelp {
  Quantity quantity;
  std::string_view name;
  std::string_view written;
  std::string_view unit;  // empty: a number; %: a percentage; blocks
  std::string_view help;
};
[[nodiscard]] const std::vector<QuantityHelp>& quantities();

}  // namespace hearsay::app
