// What a scenario may set of a node's orphanage. Defaults are those of Bitcoin Core 31 ("core-31").
#pragma once

#include <string>
#include <vector>

#include "sim/core/parameter.hpp"

namespace hearsay::chain {

struct OrphanageParameters {
  std::string orphans = "per_peer";
  std::int64_t orphan_score = 3'000;
  std::int64_t orphan_weight_per_peer = 404'000;
  std::int64_t orphan_count = 100;
  Duration orphan_expiry = minutes(20);
};

inline const std::vector<Parameter<OrphanageParameters>>& describe_orphanage_parameters() {
  using P = OrphanageParameters;
  static const std::vector<Parameter<P>> list = {
      {"orphans",
       &P::orphans,
       "what bounds orphans: per_peer (the peer that uses most of its share loses its oldest), count (a random one "
       "goes)",
       "per_peer: Bitcoin Core node/txorphanage.cpp, from 30.0; count: 0.10 to 29",
       0,
       0,
       {"per_peer", "count"}},
      {"orphan_score", &P::orphan_score,
       "per_peer: announcements, and one more for ten inputs of each orphan, of all peers together",
       "DEFAULT_MAX_ORPHANAGE_LATENCY_SCORE, Bitcoin Core node/txorphanage.h", 1, 1e9},
      {"orphan_weight_per_peer", &P::orphan_weight_per_peer, "per_peer: weight units of orphans reserved for each peer",
       "DEFAULT_RESERVED_ORPHAN_WEIGHT_PER_PEER, Bitcoin Core node/txorphanage.h", 1, 1e12},
      {"orphan_count", &P::orphan_count, "count: orphans kept",
       "DEFAULT_MAX_ORPHAN_TRANSACTIONS, Bitcoin Core net_processing.h (before 30.0)", 0, 1e6},
      {"orphan_expiry", &P::orphan_expiry, "count: an orphan that is still one after so long is dropped",
       "ORPHAN_TX_EXPIRE_TIME, Bitcoin Core txorphanage.cpp (before 30.0)", 1e9, 365 * 86'400e9},
  };
  return list;
}

}  // namespace hearsay::chain
