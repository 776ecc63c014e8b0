// From a resolved scenario to a built network.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "models/internet/regions.hpp"
#include "scenarios/app/simulate.hpp"
#include "sim/net/topology.hpp"

namespace hearsay::app {

namespace {

// Nodes get IPv4 addresses from 1.0.0.0 to 223.255.255.255, as their stable ids
// say: addresses travel in messages, so an added node must not move the others.
// Of two with one address, the larger id takes the next free one.
constexpr std::uint32_t kFirstAddress = 0x01000000;
constexpr std::uint32_t kLastAddress = 0xdfffffff;

void give_addresses(std::vector<NodeSpec>& nodes) {
  std::vector<std::pair<StableId, NodeSpec*>> order;
  for (NodeSpec& node : nodes) order.emplace_back(stable_id(node.name), &node);
  std::sort(order.begin(), order.end());
  std::set<std::uint32_t> taken;
  for (const auto& [id, node] : order) {
    std::uint32_t address = kFirstAddress + static_cast<std::uint32_t>(id.value % (kLastAddress - kFirstAddress + 1));
    while (!taken.insert(address).second) address = address == kLastAddress ? kFirstAddress : address + 1;
    node->endpoint = ipv4_endpoint(address, chain::regtest_params().default_port);
  }
}

std::unique_ptr<PathModel> make_path(const WorldSpec& world) {
  if (world.latency == LatencyModel::region_matrix) return std::make_unique<internet::RegionMatrixPath>(*world.regions);
  return std::make_unique<ConstantPath>(world.constant.delay);
}

std::vector<NodeSpec> list_nodes(const Scenario& scenario, const Seeds& seeds) {
  std::vector<NodeSpec> nodes;
  for (const GroupSpec& group : scenario.groups) {
    for (std::int64_t index = 0; index < group.count; ++index) {
      NodeSpec node;
      node.name = node_name(group, index);
      if (scenario.world.regions != nullptr) {
        RandomStream stream(seeds, SeedDomain::world, Purpose("region"), stable_id(node.name));
        node.region = internet::draw_region(*scenario.world.regions, stream);
        if (scenario.world.bandwidth == BandwidthModel::region)
          node.uplink = {scenario.world.regions->upload_bits_per_second[node.region]};
      }
      nodes.push_back(std::move(node));
    }
  }
  give_addresses(nodes);
  return nodes;
}

Topology make_topology(const TopologySpec& spec, const std::vector<NodeSpec>& nodes, const Seeds& seeds) {
  if (spec.model == TopologyModel::random_outbound) {
    std::vector<StableId> ids;
    ids.reserve(nodes.size());
    for (const NodeSpec& node : nodes) ids.push_back(stable_id(node.name));
    return random_outbound(seeds, ids, static_cast<std::uint32_t>(spec.random_outbound.outbound));
  }
  std::map<std::string_view, std::uint32_t> position;
  for (std::uint32_t i = 0; i < nodes.size(); ++i) position[nodes[i].name] = i;
  Topology topology{std::vector<std::vector<std::uint32_t>>(nodes.size())};
  for (const auto& [from, to] : spec.edges) topology.dials[position.at(from)].push_back(position.at(to));
  return topology;
}

}  // namespace

Network::Network(const Scenario& scenario, const Seeds& seeds, const SimulateOptions& options) : scenario_(scenario) {
  const std::vector<NodeSpec> nodes = list_nodes(scenario, seeds);
  const Topology topology = make_topology(scenario.topology, nodes, seeds);
  SimulationOptions engine;
  engine.horizon = scenario.horizon;
  engine.minimum_latency = scenario.world.links.minimum_latency;
  engine.ranks = options.ranks;
  engine.wire_bytes = scenario.wire_bytes;
  simulation_ = std::make_unique<Simulation>(seeds, engine, World(seeds, nodes, make_path(scenario.world)));

  for (unsigned rank = 0; rank < simulation_->ranks(); ++rank)
    protocols_.push_back(std::make_unique<bitcoin::BitcoinProtocol>(
        chain::regtest_params(), static_cast<std::uint32_t>(scenario.chain.premined_blocks)));

  std::size_t position = 0;
  for (const GroupSpec& group : scenario.groups) {
    const auto parameters = std::make_shared<const bitcoin::BitcoinParameters>(group.parameters);
    for (std::int64_t index = 0; index < group.count; ++index, ++position) {
      std::vector<Endpoint> dials;
      for (const std::uint32_t peer : topology.dials[position]) dials.push_back(nodes[peer].endpoint);
      bitcoin::MinerSettings mining;
      if (group.role == Role::miner) {
        const double share = group.hash_shares[static_cast<std::size_t>(index)];
        mining.mean_interval = Duration{std::llround(static_cast<double>(scenario.blocks.interval.ns) / share)};
        mining.block_size = scenario.blocks.size;
      }
      const NodeId node = simulation_->world().node_at(position);
      simulation_->install(node, std::make_unique<bitcoin::BitcoinNode>(*protocols_[simulation_->rank_of(node)],
                                                                        parameters, std::move(dials), mining));
    }
  }

  if (options.probes) block_probes_.resize(simulation_->ranks());
  if (options.trace) trace_probes_.resize(simulation_->ranks());
  for (unsigned rank = 0; rank < block_probes_.size(); ++rank) simulation_->add_probe(rank, block_probes_[rank]);
  for (unsigned rank = 0; rank < trace_probes_.size(); ++rank) simulation_->add_probe(rank, trace_probes_[rank]);
}

std::string_view Network::region(NodeId node) const {
  if (scenario_.world.regions == nullptr) return "";
  return scenario_.world.regions->regions[simulation_->world().host(node).region];
}

}  // namespace hearsay::app
