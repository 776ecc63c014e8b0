#include "models/internet/hash_power.hpp"

#include <algorithm>

#include "models/internet/draws.hpp"

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

std::vector<double> simblock_hash_power(std::int64_t nodes) {
  constexpr double kMean = 400'000.0;
  constexpr double kDeviation = 100'000.0;
  std::vector<double> power;
  for (std::int64_t i = 0; i < nodes; ++i) {
    const double chance = (static_cast<double>(i) + 0.5) / static_cast<double>(nodes);
    power.push_back(std::max(1.0, kMean + kDeviation * normal_quantile(chance)));
  }
  return power;
}

}  // namespace hearsay::internet
