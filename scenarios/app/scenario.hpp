// A resolved scenario: every default filled in, every reference checked. The
// only form in which a scenario travels on; nothing behind it sees YAML.
#pragma once

#include <algorithm>
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
  bool reachable = true;  // others may dial its nodes
  bitcoin::BitcoinParameters parameters;
  bitcoin::MiningParameters mining;
  std::string hash;                 // miners: `equal` or a table of hash power
  std::vector<double> hash_shares;  // miners: by index, of the hash power of all
                                    // groups; sums to 1 over them

  // Of each member, itself included.
  [[nodiscard]] std::int64_t gateways() const { return role == Role::miner ? mining.gateways : 1; }
  [[nodiscard]] std::int64_t nodes() const { return count * gateways(); }
};

enum class LatencyModel : std::uint8_t { constant, uniform, region_matrix };
enum class BandwidthModel : std::uint8_t { unlimited, region };

struct WorldSpec {
  const internet::RegionTable* regions = nullptr;  // null: one place
  LatencyModel latency = LatencyModel::constant;
  internet::ConstantLatencyParameters constant;
  internet::UniformLatencyParameters uniform;
  BandwidthModel bandwidth = BandwidthModel::unlimited;
  internet::LinkParameters links;
};

enum class TopologyModel : std::uint8_t { random_outbound, edges };

struct TopologySpec {
  TopologyModel model = TopologyModel::random_outbound;
  internet::RandomOutboundParameters random_outbound;
  std::vector<std::pair<std::string, std::string>> edges;  // node names: who dials, whom
};

// Transactions that nodes make. A rate of zero: none.
struct TransactionSpec {
  bitcoin::TransactionWorkload law;
  std::string size = "gervais-2016";  // a published law, or a size
  std::int64_t mean_millibytes = 0;   // what that means: thousandths of a byte

  std::vector<std::string> sources;  // groups whose nodes make them; empty: all

  [[nodiscard]] bool any() const { return law.rate.per_second > 0.0; }
  [[nodiscard]] bool sends(const GroupSpec& group) const {
    return any() && (sources.empty() || std::find(sources.begin(), sources.end(), group.name) != sources.end());
  }
};

struct MeasureSpec {
  bool propagation = false;
  Duration settle = minutes(2);  // objects born later than this before the end
                                 // are left out: they would be cut off
  bool stale_rate = false;
  bool traffic = false;
  bool busy_share = false;
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
  TransactionSpec transactions;
  MeasureSpec measure;
  bool wire_bytes = false;
  // First and last seed of each domain that the scenario or the command line
  // names. World is always there.
  std::map<SeedDomain, std::pair<std::uint64_t, std::uint64_t>> seeds;

  [[nodiscard]] std::int64_t nodes() const {
    std::int64_t sum = 0;
    for (const GroupSpec& group : groups) sum += group.nodes();
    return sum;
  }
};

[[nodiscard]] inline std::string node_name(const GroupSpec& group, std::int64_t index) {
  return group.name + "[" + std::to_string(index) + "]";
}

// Gateway 0 is the member itself.
[[nodiscard]] inline std::string node_name(const GroupSpec& group, std::int64_t index, std::int64_t gateway) {
  const std::string name = node_name(group, index);
  return gateway == 0 ? name : name + ".gateways[" + std::to_string(gateway) + "]";
}

// Of all nodes of a group: each member before its gateways.
[[nodiscard]] inline std::vector<std::string> node_names(const GroupSpec& group) {
  std::vector<std::string> names;
  for (std::int64_t member = 0; member < group.nodes(); ++member)
    names.push_back(node_name(group, member / group.gateways(), member % group.gateways()));
  return names;
}

[[nodiscard]] inline std::string_view seed_domain_name(SeedDomain domain) {
  constexpr std::array<std::string_view, kSeedDomains> kNames = {"world", "mining", "workload", "attack"};
  return kNames[static_cast<std::size_t>(domain)];
}

}  // namespace hearsay::app
