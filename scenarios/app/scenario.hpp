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
#include "scenarios/app/fault_spec.hpp"
#include "scenarios/app/predicate.hpp"
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

// Which nodes a target means. Pools and nodes add up; a complement says so and nothing else.
struct PoolSelection {
  Share hash{1.0};                     // together, as nearly as the pools allow
  std::vector<std::string> groups;     // empty: all that mine
  std::vector<std::uint16_t> regions;  // empty: all
};
enum class RankBy : std::uint8_t { nothing, degree, betweenness };
struct NodeSelection {
  std::vector<std::string> groups;     // empty: all that do not mine
  std::vector<std::uint16_t> regions;  // empty: all
  std::vector<std::string> ids;        // these alone, by name
  std::optional<Share> share;          // of all that do not mine, from those that the other keys leave
  std::optional<std::int64_t> count;   // likewise
  RankBy rank = RankBy::nothing;       // the highest first, by the connections of the beginning; nothing: drawn
};
struct TargetSpec {
  std::string name;
  std::optional<PoolSelection> pools;  // each with its gateways
  std::optional<NodeSelection> nodes;
  std::string complement_of;  // empty, or a target that is no complement itself
};

// Targets that every scenario has. Nobody is dishonest yet.
inline constexpr std::string_view kEverybody = "all";
inline constexpr std::string_view kHonest = "online_honest";

// Something that happens, or does not: a predicate that is true at sample instants for long enough.
struct OutcomeSpec {
  std::string name;
  std::string of;    // a target or group; empty: the whole network
  std::string when;  // as written
  Predicate predicate;
  Duration lasts;         // true at every sample for so long
  std::string after;      // as written; empty: from the beginning
  Duration watched_from;  // what that means, from the end of the warm-up
};

struct IntervalMeasure {
  std::string name;
  std::string from;  // as written: a time, `fault.begin`, `fault.end` or an outcome
  std::string to;    // an outcome
  Duration begins;   // what `from` means unless it is an outcome
  bool from_outcome = false;
};

struct MeasureSpec {
  bool propagation = false;
  Duration settle = minutes(2);  // objects born later than this before the end
                                 // are left out: they would be cut off
  bool node_propagation = false;
  bool stale_rate = false;
  bool traffic = false;
  bool busy_share = false;
  bool wasted_work = false;
  bool reorg_depth = false;
  bool by_target = false;                  // of reorg_depth
  std::vector<IntervalMeasure> intervals;  // by name
};

struct Scenario;

// A variant forks from the unbranched scenario (called main) at that time.
struct BranchSpec {
  std::string name;
  std::shared_ptr<const Scenario> scenario;
};

struct Scenario {
  std::string name;
  std::string question;
  Duration warm_up;  // before the horizon begins; the times of faults, outcomes and branches count from its end
  Duration horizon;
  std::string stop_when;  // an outcome that ends the run; empty: none
  WorldSpec world;
  chain::ChainStartParameters chain;
  std::vector<GroupSpec> groups;  // in the order of their names
  TopologySpec topology;
  bitcoin::BlockWorkload blocks;
  TransactionSpec transactions;
  std::vector<TargetSpec> targets;                       // by name
  std::vector<std::shared_ptr<const FaultSpec>> faults;  // by name
  std::vector<OutcomeSpec> outcomes;                     // by name
  Duration sample_every = seconds(1);
  Duration branch_at;
  std::vector<BranchSpec> branches;  // by name, without main
  MeasureSpec measure;
  bool wire_bytes = false;
  // First and last seed of each domain that the scenario or the command line
  // names. World is always there.
  std::map<SeedDomain, std::pair<std::uint64_t, std::uint64_t>> seeds;

  [[nodiscard]] SimTime origin() const { return SimTime{} + warm_up; }
  [[nodiscard]] SimTime end() const { return origin() + horizon; }
  // Of a run's branch: this one, or a variant of it.
  [[nodiscard]] const Scenario& branch(std::string_view branch_name) const {
    for (const BranchSpec& variant : branches)
      if (variant.name == branch_name) return *variant.scenario;
    return *this;
  }

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
