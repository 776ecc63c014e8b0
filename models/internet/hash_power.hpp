// Published distributions of hash power over miners or pools.
#pragma once

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

}  // namespace hearsay::internet
