// What a scenario may set of a node's mempool. Defaults are those of Bitcoin Core 31 ("core-31"); what older versions
// had is said in the description, so that a profile can set it.
#pragma once

#include <string>
#include <vector>

#include "sim/core/parameter.hpp"

namespace hearsay::chain {

struct MempoolParameters {
  ByteCount size_limit{300'000'000};
  Duration expiry = hours(336);
  std::int64_t minimum_relay_fee = 100;
  std::int64_t incremental_fee = 100;
  std::string replacement = "full";
  std::string package_limit = "cluster";
  std::int64_t cluster_count = 64;
  ByteCount cluster_size{101'000};
  std::int64_t ancestor_count = 25;
  std::int64_t descendant_count = 25;
  ByteCount ancestor_size{101'000};
  ByteCount descendant_size{101'000};
};

inline const std::vector<Parameter<MempoolParameters>>& describe_mempool_parameters() {
  using P = MempoolParameters;
  static const std::vector<Parameter<P>> list = {
      {"size_limit", &P::size_limit,
       "virtual bytes of unconfirmed transactions kept; above, those that pay least are evicted (Bitcoin Core counts "
       "the "
       "memory of its own structures, several times as much)",
       "DEFAULT_MAX_MEMPOOL_SIZE_MB, Bitcoin Core kernel/mempool_options.h", 1'000, 1e12},
      {"expiry", &P::expiry, "a transaction that is still unconfirmed after so long is dropped",
       "DEFAULT_MEMPOOL_EXPIRY_HOURS, Bitcoin Core kernel/mempool_options.h (72 h in 0.12 and 0.13)", 1e9,
       365 * 86'400e9},
      {"minimum_relay_fee", &P::minimum_relay_fee, "satoshis per 1,000 virtual bytes below which nothing is accepted",
       "DEFAULT_MIN_RELAY_TX_FEE, Bitcoin Core policy/policy.h (1,000 before 30.0)", 0, 1e9},
      {"incremental_fee", &P::incremental_fee,
       "satoshis per 1,000 virtual bytes that a replacement adds, and by which eviction raises the minimum",
       "DEFAULT_INCREMENTAL_RELAY_FEE, Bitcoin Core policy/policy.h (1,000 before 30.0)", 0, 1e9},
      {"replacement",
       &P::replacement,
       "which transactions a conflicting one that pays more may replace: full (any), opt_in (those that signal it), "
       "off",
       "full: default from Bitcoin Core 28.0; opt_in: BIP 125, 0.12 to 27",
       0,
       0,
       {"full", "opt_in", "off"}},
      {"package_limit",
       &P::package_limit,
       "what bounds unconfirmed chains: cluster (all that hang together), ancestors (those above and those below each)",
       "cluster: Bitcoin Core 31; ancestors: before",
       0,
       0,
       {"cluster", "ancestors"}},
      {"cluster_count", &P::cluster_count, "transactions in a cluster",
       "DEFAULT_CLUSTER_LIMIT, Bitcoin Core policy/policy.h", 1, 10'000},
      {"cluster_size", &P::cluster_size, "virtual bytes of a cluster",
       "DEFAULT_CLUSTER_SIZE_LIMIT_KVB, Bitcoin Core policy/policy.h", 1'000, 1e9},
      {"ancestor_count", &P::ancestor_count, "a transaction and its unconfirmed ancestors, in number",
       "DEFAULT_ANCESTOR_LIMIT, Bitcoin Core policy/policy.h", 1, 10'000},
      {"descendant_count", &P::descendant_count, "a transaction and its unconfirmed descendants, in number",
       "DEFAULT_DESCENDANT_LIMIT, Bitcoin Core policy/policy.h", 1, 10'000},
      {"ancestor_size", &P::ancestor_size, "virtual bytes of a transaction and its unconfirmed ancestors",
       "DEFAULT_ANCESTOR_SIZE_LIMIT_KVB, Bitcoin Core policy/policy.h", 1'000, 1e9},
      {"descendant_size", &P::descendant_size, "virtual bytes of a transaction and its unconfirmed descendants",
       "DEFAULT_DESCENDANT_SIZE_LIMIT_KVB, Bitcoin Core policy/policy.h", 1'000, 1e9},
  };
  return list;
}

}  // namespace hearsay::chain
