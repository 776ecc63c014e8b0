// A world in which links and nodes cost what they cost: large items, limited uplinks and downlinks, jitter, loss, nodes
// that take time, datagrams, and a rule that holds and delays.
#pragma once

#include "tests/determinism/determinism_checks.hpp"

namespace hearsay::test {

[[nodiscard]] std::unique_ptr<TestWorld> link_world(const Variant& variant);

}  // namespace hearsay::test
