// A resolved scenario: every default filled in, every reference checked. The
// only form in which a scenario travels on; nothing behind it sees YAML.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/chain/parameters.hpp"
#include "models/internet/hash_power.hpp"
#include "models/internet/parameters.hpp"
#include "models/internet/regions.hpp"
#include "models/protocols/bitcoin/parameters.hpp"
#include "sim/core/parameter.hpp"
#include "sim/core/random.hpp"

namespace hearsay::app {

enum class Role : std::uint8_t { full, miner };

struct GroupSpec {
  std::string name;
  std::int64_t count = 0;
  Role role = Role::full;
  std::string profile = "core-31";
  bitcoin::BitcoinParameters parameters;
  std::string hash;                 // miners: `equal` or a table of hash power
  std::vector<double> hash_shares;  // miners: by index, of the hash power of all
                                    // groups; sums to 1 over them
};

enum class LatencyModel : std::uint8_t { constant, region_matrix };
enum class BandwidthModel : std::uint8_t { unlimited, region };

struct WorldSpec {
  const internet::RegionTable* regions = nullptr;  // null: one place
  LatencyModel latency = LatencyModel::constant;
  internet::ConstantLatencyParameters constant;
  BandwidthModel bandwidth = BandwidthModel::unlimited;
  internet::LinkParameters links;
};

enum class TopologyModel : std::uint8_t { random_outbound, edges };

struct TopologySpec {
  TopologyModel model = TopologyModel::random_outbound;
  internet::RandomOutboundParameters random_outbound;
  std::vector<std::pair<std::string, std::string>> edges;  // node names: who dials, whom
};

struct MeasureSpec {
  bool propagation = false;
  Duration settle = minutes(2);  // objects born later than this before the end
                                 // are left out: they would be cut off
  bool stale_rate = false;
  bool traffic = false;
};

struct Scenario {
  std::string name;
  std::string question;
  Duration horizon;
  WorldSpec world;
  chain::ChainStartParameters chain;
  std::vector<GroupSpec> groups;  // in the order of their names
  TopologySpec topology;
  bitcoin::BlockWorkload blocks;
  MeasureSpec measure;
  bool wire_bytes = false;
  // First and last seed of each domain that the scenario or the command line
  // names. World is always there.
  std::map<SeedDomain, std::pair<std::uint64_t, std::uint64_t>> seeds;

  [[nodiscard]] std::int64_t nodes() const {
    std::int64_t sum = 0;
    for (const GroupSpec& group : groups) sum += group.count;
    return sum;
  }
};

[[nodiscard]] inline std::string node_name(const GroupSpec& group, std::int64_t index) {
  return group.name + "[" + std::to_string(index) + "]";
}

[[nodiscard]] inline std::string_view seed_domain_name(SeedDomain domain) {
  constexpr std::array<std::string_view, kSeedDomains> kNames = {"world", "mining", "workload", "attack"};
  return kNames[static_cast<std::size_t>(domain)];
}

}  // namespace hearsay::app
