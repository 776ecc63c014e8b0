// Three small gossip worlds for the checks of determinism. Each has the same explicit list of edges, whatever the seed
// and whoever else exists.
#pragma once

#include "tests/determinism/determinism_checks.hpp"

namespace hearsay::test {

// Flooding over equal links: nearly every arrival ties with others, so the run depends on who breaks the ties.
[[nodiscard]] std::unique_ptr<TestWorld> tie_world(const Variant& variant);
// Flooding over unequal links and slow uplinks: the run depends on queueing at the sender.
[[nodiscard]] std::unique_ptr<TestWorld> uplink_world(const Variant& variant);
// Random delays, random hang-ups, outages of all three kinds: the run depends on draws, timers and the life of
// connections.
[[nodiscard]] std::unique_ptr<TestWorld> trickle_world(const Variant& variant);

[[nodiscard]] std::vector<NamedWorld> gossip_worlds();

}  // namespace hearsay::test
