// Small Bitcoin worlds for the checks of determinism: 60 nodes in six regions with their latencies and uplinks, four
// miners so fast that forks are common, two outages; one world for each way of block relay. Edges and regions are the
// same whatever the seed and whoever else exists.
#pragma once

#include "tests/determinism/determinism_checks.hpp"

namespace hearsay::test {

[[nodiscard]] std::vector<NamedWorld> bitcoin_worlds();
// The same where nodes take time to validate, some a hundred times as long as others.
[[nodiscard]] NamedWorld validating_bitcoin_world();

}  // namespace hearsay::test
