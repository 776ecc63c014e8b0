// A small Bitcoin world under fire, for the checks of determinism: 16 nodes with transactions and miners, and 4 peers
// that answer what they hear with damaged copies of it, as Raw messages. Edges are the same whatever the seed and
// whoever else exists.
#pragma once

#include "tests/determinism/determinism_checks.hpp"

namespace hearsay::test {

[[nodiscard]] NamedWorld bitcoin_offence_world();

}  // namespace hearsay::test
