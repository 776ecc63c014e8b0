// What a scenario may set of the chain that a network starts with.
#pragma once

#include <vector>

#include "sim/core/parameter.hpp"

namespace hearsay::chain {

// Keys of `chain`.
struct ChainStartParameters {
  std::int64_t premined_blocks = 200;
};

inline const std::vector<Parameter<ChainStartParameters>>& describe_chain_start() {
  using P = ChainStartParameters;
  static const std::vector<Parameter<P>> list = {
      {"premined_blocks", &P::premined_blocks, "blocks that all nodes have at the start, the last one dated then",
       "ours: more than the 100 of coinbase maturity", 1, 100'000},
  };
  return list;
}

}  // namespace hearsay::chain
