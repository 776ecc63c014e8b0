// Published distributions of hash power over miners or pools.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace hearsay::internet {

struct HashPowerTable {
  std::string_view name;
  std::string_view source;
  std::vector<double> shares;  // need not sum to 1: normalised by the user
};

[[nodiscard]] const std::vector<HashPowerTable>& hash_power_tables();
[[nodiscard]] const HashPowerTable* find_hash_power_table(std::string_view name);

// SimBlock (Aoki et al. 2019): every node mines, with a power from a normal law of mean 400,000 and standard deviation
// 100,000, at least 1. Here the nodes have the law's even quantiles in turn, so that no seed is needed.
inline constexpr std::string_view kSimBlockHash = "simblock";
[[nodiscard]] std::vector<double> simblock_hash_power(std::int64_t nodes);

}  // namespace hearsay::internet
