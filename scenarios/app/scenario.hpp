// A resolved scenario: every default filled in, every reference checked. The
// only form in which a scenario travels on; nothing behind it sees YAML.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/chain/parameters.hpp"
#include "models/internet/degree_laws.hpp"
#include "models/internet/hash_power.hpp"
#include "models/internet/host_classes.hpp"
#include "models/internet/parameters.hpp"
#include "models/internet/regions.hpp"
#include "models/internet/site_table.hpp"
#include "models/internet/transport_settings.hpp"
#include "models/protocols/bitcoin/parameters.hpp"
#include "sim/core/parameter.hpp"
#include "sim/core/random.hpp"

namespace hearsay::app {

enum class Role : std::uint8_t { full, miner };

// Where the nodes of a group are and how they are connected, as far as the group says so itself.
struct PlaceSpec {
  std::vector<std::uint16_t> regions;  // one for all, or one for each member; empty: drawn
  std::optional<internet::HostMix> hosts;
  internet::AccessRates rates;  // zero: the world's law of bandwidth decides
};

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
  PlaceSpec place;

  // Of each member, itself included.
  [[nodiscard]] std::int64_t gateways() const { return role == Role::miner ? mining.gateways : 1; }
  [[nodiscard]] std::int64_t nodes() const { return count * gateways(); }
};

enum class LatencyModel : std::uint8_t {
  constant,
  uniform,
  region_matrix,
  rtt_matrix,
  coordinates,
  pareto_per_message,
  pareto_per_link,
  log_normal,
};
inline constexpr std::array<std::string_view, 8> kLatencyModels = {
    "constant",           "uniform",         "region_matrix", "rtt_matrix", "coordinates",
    "pareto_per_message", "pareto_per_link", "log_normal"};
enum class BandwidthModel : std::uint8_t { unlimited, constant, region, gervais_2016, classes };
inline constexpr std::array<std::string_view, 5> kBandwidthModels = {"unlimited", "constant", "region", "gervais-2016",
                                                                     "classes"};
enum class AddressModel : std::uint8_t { uniform, bitnodes_2019 };
inline constexpr std::array<std::string_view, 2> kAddressModels = {"uniform", "bitnodes-2019"};
inline constexpr std::array<std::string_view, 2> kSpaces = {"globe", "plane"};

// The places of the latency models `rtt_matrix` and `coordinates`.
struct SiteSpec {
  std::string file;  // rtt_matrix: from the folder of the scenario
  std::string fingerprint;
  internet::RttMatrixParameters rtt;
  internet::Space space = internet::Space::globe;
  std::vector<internet::Place> places;  // coordinates: sorted by name
  internet::CoordinateParameters coordinates;
  std::shared_ptr<const internet::SiteTable> table;  // null for other models
};

struct WorldSpec {
  const internet::RegionTable* regions = nullptr;  // null: one place
  bool regions_misnamed = false;                   // so that one mistake gives one message
  LatencyModel latency = LatencyModel::constant;
  internet::ConstantLatencyParameters constant;
  internet::UniformLatencyParameters uniform;
  internet::RegionMatrixParameters region_matrix;
  internet::LogNormalLatencyParameters log_normal;
  SiteSpec sites;
  BandwidthModel bandwidth = BandwidthModel::unlimited;
  internet::AccessRates rates;  // of bandwidth model constant
  internet::LinkParameters links;
  std::optional<internet::HostMix> hosts;  // of groups that say nothing themselves
  bool classed = false;                    // some group's hosts have classes
  internet::HostClassLaws host_classes = internet::published_host_classes();
  AddressModel addresses = AddressModel::uniform;
  internet::TransportSettings transport;

  [[nodiscard]] bool latency_uses_regions() const {
    return latency == LatencyModel::region_matrix || latency == LatencyModel::pareto_per_message ||
           latency == LatencyModel::pareto_per_link;
  }
  [[nodiscard]] bool bandwidth_uses_regions() const {
    return bandwidth == BandwidthModel::region || bandwidth == BandwidthModel::gervais_2016;
  }
  // Null: the hosts of the group are of no class.
  [[nodiscard]] const internet::HostMix* mix_of(const GroupSpec& group) const {
    if (group.place.hosts) return &*group.place.hosts;
    return hosts ? &*hosts : nullptr;
  }
};

enum class TopologyModel : std::uint8_t { random_outbound, edges, out_degree, bounded_degree };

struct TopologySpec {
  TopologyModel model = TopologyModel::random_outbound;
  internet::RandomOutboundParameters random_outbound;
  std::vector<std::pair<std::string, std::string>> edges;  // node names: who dials, whom
  const internet::OutDegreeLaw* out_degree = nullptr;
  const internet::DegreeBoundsLaw* bounded_degree = nullptr;  // miners are its core
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
  bool node_propagation = false;
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
