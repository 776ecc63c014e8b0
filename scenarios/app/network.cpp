// From a resolved scenario to a built network.
#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "scenarios/app/network_hosts.hpp"
#include "scenarios/app/simulate.hpp"
#include "sim/net/topology.hpp"

namespace hearsay::app {

namespace {

using Positions = std::vector<std::vector<std::uint32_t>>;

// Whom each node dials whatever the topology, and again if it loses it: a pool is connected to its gateways. Where the
// topology has one of them dial the other, that connection serves.
Positions fixed_dials(const Scenario& scenario, const Topology& topology) {
  const auto dials = [&topology](std::uint32_t from, std::uint32_t to) {
    return std::find(topology.dials[from].begin(), topology.dials[from].end(), to) != topology.dials[from].end();
  };
  Positions fixed(topology.dials.size());
  std::uint32_t position = 0;
  for (const GroupSpec& group : scenario.groups) {
    for (std::int64_t member = 0; member < group.nodes(); ++member, ++position) {
      const auto gateway = static_cast<std::uint32_t>(member % group.gateways());
      if (gateway == 0) continue;
      const std::uint32_t pool = position - gateway;
      if (dials(pool, position) && !dials(position, pool))
        fixed[pool].push_back(position);
      else
        fixed[position].push_back(pool);
    }
  }
  return fixed;
}

std::vector<Endpoint> endpoints_of(const std::vector<std::uint32_t>& positions, const std::vector<NodeSpec>& nodes) {
  std::vector<Endpoint> endpoints;
  endpoints.reserve(positions.size());
  for (const std::uint32_t position : positions) endpoints.push_back(nodes[position].endpoint);
  return endpoints;
}

// Whom a node may dial in the place of a peer that it has lost. Null where edges say who dials whom.
std::shared_ptr<const std::vector<Endpoint>> reachable_endpoints(const Scenario& scenario,
                                                                 const std::vector<NodeSpec>& nodes) {
  if (scenario.topology.model == TopologyModel::edges) return nullptr;
  auto reachable = std::make_shared<std::vector<Endpoint>>();
  std::size_t position = 0;
  for (const GroupSpec& group : scenario.groups)
    for (std::int64_t member = 0; member < group.nodes(); ++member, ++position)
      if (group.reachable) reachable->push_back(nodes[position].endpoint);
  std::sort(reachable->begin(), reachable->end());
  return reachable;
}

// Miners are the core; their gateways are ordinary nodes.
Topology bounded_degree(const Scenario& scenario, const std::vector<StableId>& ids, const Seeds& seeds) {
  const internet::DegreeBoundsLaw& law = *scenario.topology.bounded_degree;
  std::vector<DegreeBounds> bounds;
  std::vector<std::uint32_t> core;
  for (const GroupSpec& group : scenario.groups)
    for (std::int64_t member = 0; member < group.nodes(); ++member) {
      const auto position = static_cast<std::uint32_t>(bounds.size());
      const bool mines = group.role == Role::miner && member % group.gateways() == 0;
      if (mines) core.push_back(position);
      bounds.push_back(mines ? law.of_miners : internet::draw_degree_bounds(law, ids[position], seeds));
    }
  return bounded_degrees(seeds, ids, bounds, core);
}

Topology make_topology(const Scenario& scenario, const std::vector<NodeSpec>& nodes, const Seeds& seeds) {
  const TopologySpec& spec = scenario.topology;
  std::vector<StableId> ids;
  ids.reserve(nodes.size());
  for (const NodeSpec& node : nodes) ids.push_back(stable_id(node.name));
  if (spec.out_degree != nullptr)
    return random_outbound(seeds, ids, internet::deal_out_degrees(*spec.out_degree, ids, seeds));
  if (spec.bounded_degree != nullptr) return bounded_degree(scenario, ids, seeds);
  if (spec.model == TopologyModel::random_outbound) {
    std::vector<Reachable> reachable;
    for (const GroupSpec& group : scenario.groups)
      reachable.insert(reachable.end(), static_cast<std::size_t>(group.nodes()),
                       group.reachable ? Reachable::yes : Reachable::no);
    return random_outbound(seeds, ids, static_cast<std::uint32_t>(spec.random_outbound.outbound), reachable);
  }
  std::map<std::string_view, std::uint32_t> position;
  for (std::uint32_t i = 0; i < nodes.size(); ++i) position[nodes[i].name] = i;
  Topology topology{std::vector<std::vector<std::uint32_t>>(nodes.size())};
  for (const auto& [from, to] : spec.edges) topology.dials[position.at(from)].push_back(position.at(to));
  return topology;
}

bitcoin::MinerSettings mining_of(const Scenario& scenario, const GroupSpec& group, std::int64_t index) {
  bitcoin::MinerSettings mining;
  const double share = group.hash_shares[static_cast<std::size_t>(index)];
  mining.mean_interval = Duration{std::llround(static_cast<double>(scenario.blocks.interval.ns) / share)};
  mining.block_size = scenario.blocks.size;
  mining.job_delay = group.mining.job_delay;
  mining.template_refresh = group.mining.template_refresh;
  mining.form = scenario.chain.form();
  return mining;
}

Edges edges_of(const Topology& topology, const Simulation& simulation) {
  Edges edges;
  for (std::size_t position = 0; position < topology.size(); ++position)
    for (const std::uint32_t peer : topology.dials[position])
      edges.emplace_back(simulation.world().node_at(position), simulation.world().node_at(peer));
  return edges;
}

// What each node sends, by position. The premined coins are dealt out in turn, in the order of the senders' stable ids.
std::vector<bitcoin::TransactionSourceSettings> deal_coins(const Scenario& scenario, const std::vector<NodeSpec>& nodes,
                                                           const std::vector<chain::Funding>& coins) {
  std::vector<bitcoin::TransactionSourceSettings> sources(nodes.size());
  std::vector<std::pair<StableId, std::size_t>> senders;
  std::size_t position = 0;
  for (const GroupSpec& group : scenario.groups)
    for (std::int64_t member = 0; member < group.nodes(); ++member, ++position)
      if (scenario.transactions.sends(group)) senders.emplace_back(stable_id(nodes[position].name), position);
  if (senders.empty()) return sources;
  std::sort(senders.begin(), senders.end());
  const double mean_seconds = static_cast<double>(senders.size()) / scenario.transactions.law.rate.per_second;
  for (const auto& [id, sender] : senders) {
    bitcoin::TransactionSourceSettings& source = sources[sender];
    source.mean_interval = Duration{std::llround(mean_seconds * 1e9)};
    if (scenario.transactions.law.until > Duration{})
      source.until = scenario.origin() + scenario.transactions.law.until;
    source.mean_millibytes = scenario.transactions.mean_millibytes;
    source.least_fee_rate = scenario.transactions.law.least_fee_rate;
    source.most_fee_rate = scenario.transactions.law.most_fee_rate;
    source.form = scenario.chain.form();
  }
  for (std::size_t i = 0; i < coins.size(); ++i) sources[senders[i % senders.size()].second].coins.push_back(coins[i]);
  return sources;
}

}  // namespace

Network::Network(const Scenario& scenario, const Seeds& seeds, const SimulateOptions& options) : scenario_(scenario) {
  const Hosts hosts = place_hosts(scenario, seeds);
  const std::vector<NodeSpec>& nodes = hosts.nodes;
  const Topology topology = make_topology(scenario, nodes, seeds);
  const Positions fixed = fixed_dials(scenario, topology);
  const auto reachable = reachable_endpoints(scenario, nodes);
  SimulationOptions engine;
  engine.horizon = scenario.warm_up + scenario.horizon;
  engine.minimum_latency = scenario.world.links.minimum_latency;
  engine.ranks = options.ranks;
  engine.wire_bytes = scenario.wire_bytes;
  engine.transport = scenario.world.transport.parameters();
  simulation_ =
      std::make_unique<Simulation>(seeds, engine, World(seeds, nodes, make_path(scenario.world, seeds, hosts.losses)));

  for (unsigned rank = 0; rank < simulation_->ranks(); ++rank)
    protocols_.push_back(std::make_unique<bitcoin::BitcoinProtocol>(
        chain::chain_params(scenario.chain), static_cast<std::uint32_t>(scenario.chain.premined_blocks),
        static_cast<std::uint32_t>(scenario.chain.spendable_outputs), scenario.chain.form()));
  std::vector<bitcoin::TransactionSourceSettings> sources =
      deal_coins(scenario, nodes, protocols_.front()->spendable());

  std::size_t position = 0;
  for (const GroupSpec& group : scenario.groups) {
    const auto parameters = std::make_shared<const bitcoin::BitcoinParameters>(group.parameters);
    for (std::int64_t member = 0; member < group.nodes(); ++member, ++position) {
      bitcoin::MinerSettings mining;
      if (group.role == Role::miner && member % group.gateways() == 0)
        mining = mining_of(scenario, group, member / group.gateways());
      const NodeId node = simulation_->world().node_at(position);
      simulation_->install(
          node, std::make_unique<bitcoin::BitcoinNode>(
                    *protocols_[simulation_->rank_of(node)], parameters, endpoints_of(topology.dials[position], nodes),
                    mining, std::move(sources[position]),
                    bitcoin::PeerSupply{reachable, endpoints_of(fixed[position], nodes)}));
    }
  }

  targets_ = std::make_unique<const Targets>(scenario, seeds, simulation_->world(), edges_of(topology, *simulation_));
  if (!scenario.outcomes.empty()) tip_changes_.resize(simulation_->ranks());
  for (unsigned rank = 0; rank < tip_changes_.size(); ++rank) simulation_->add_probe(rank, tip_changes_[rank]);
  if (options.probes) block_probes_.resize(simulation_->ranks());
  // On one rank, a transaction is complete when every node has it.
  if (simulation_->ranks() == 1) transaction_probe_ = TransactionProbe(scenario.nodes());
  if (options.trace) trace_probes_.resize(simulation_->ranks());
  for (unsigned rank = 0; rank < block_probes_.size(); ++rank) simulation_->add_probe(rank, block_probes_[rank]);
  if (options.probes && scenario.transactions.any())
    for (unsigned rank = 0; rank < simulation_->ranks(); ++rank) simulation_->add_probe(rank, transaction_probe_);
  for (unsigned rank = 0; rank < trace_probes_.size(); ++rank) simulation_->add_probe(rank, trace_probes_[rank]);
}

// What targets are is drawn, so only now it shows whether the parts of a fault between two of them are two.
void Network::expect_apart(const FaultSpec& fault) const {
  const std::vector<TargetName> parts = fault.targets();
  if (parts.size() != 2) return;
  const World& world = simulation_->world();
  for (const NodeId node : targets_->members(parts[0].name))
    for (const NodeId other : targets_->members(parts[1].name))
      if (node == other)
        throw ImpossibleDraw(fault.path(), "`" + fault.path() + ".between`: `" + parts[0].name + "` and `" +
                                               parts[1].name + "` have nodes in common, " + world.name(node) +
                                               " for one");
}

void Network::install_faults(const Scenario& scenario, Duration from, Duration until) {
  for (const auto& fault : scenario.faults) {
    const Duration begins = std::max(fault->earliest(), Duration{});
    if (begins < from || begins >= until) continue;
    expect_apart(*fault);
    faults_.push_back(fault->make());
    faults_.back()->install(faults::Site(*simulation_, fault->path(), scenario.origin(), scenario.end(), *targets_));
  }
}

std::string_view Network::region(NodeId node) const {
  if (scenario_.world.regions == nullptr) return "";
  return scenario_.world.regions->regions[simulation_->world().host(node).region];
}

}  // namespace hearsay::app
