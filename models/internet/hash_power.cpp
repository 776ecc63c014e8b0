#include "models/internet/hash_power.hpp"

#include <algorithm>

namespace hearsay::internet {

const std::vector<HashPowerTable>& hash_power_tables() {
  static const std::vector<HashPowerTable> tables = {
      {"gervais-2016",
       "Gervais et al., \"On the Security and Performance of Proof of Work Blockchains\", CCS 2016: the 16 miners of "
       "the "
       "published Bitcoin-Simulator (bitcoin-test.cc)",
       {0.289, 0.196, 0.159, 0.133, 0.066, 0.054, 0.029, 0.016, 0.012, 0.012, 0.012, 0.009, 0.005, 0.005, 0.002,
        0.002}},
  };
  return tables;
}

const HashPowerTable* find_hash_power_table(std::string_view name) {
  const auto& tables = hash_power_tables();
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const auto& table) { return table.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

}  // namespace hearsay::internet
