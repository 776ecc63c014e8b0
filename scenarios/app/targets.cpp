#include "scenarios/app/targets.hpp"

#include <algorithm>
#include <cmath>

#include "sim/core/check.hpp"

namespace hearsay::app {

namespace {

template <class T>
bool fits(const std::vector<T>& wanted, const T& found) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), found) != wanted.end();
}

void sort_by_stable_id(std::vector<NodeId>& nodes, const World& world) {
  std::sort(nodes.begin(), nodes.end(),
            [&](NodeId left, NodeId right) { return world.host(left).id < world.host(right).id; });
}

RandomStream draws_of(const Seeds& seeds, const TargetSpec& target, std::string_view purpose) {
  return {seeds, SeedDomain::world, Purpose(purpose), stable_id("targets." + target.name)};
}

}  // namespace

Targets::Targets(const Scenario& scenario, const Seeds& seeds, const World& world, const Edges& edges) {
  std::vector<NodeId> everybody;
  std::size_t position = 0;
  for (const GroupSpec& group : scenario.groups) {
    std::vector<NodeId>& members = members_[group.name];
    for (std::int64_t member = 0; member < group.nodes(); ++member, ++position) {
      const NodeId node = world.node_at(position);
      members.push_back(node);
      everybody.push_back(node);
      if (group.role != Role::miner) {
        nodes_.push_back({node, &group, -1});
      } else if (member % group.gateways() == 0) {
        pools_.push_back({&group, {node}, group.hash_shares[static_cast<std::size_t>(member / group.gateways())]});
      } else {
        pools_.back().nodes.push_back(node);
      }
    }
    sort_by_stable_id(members, world);
  }
  // Draws must not depend on the order of the list.
  std::sort(nodes_.begin(), nodes_.end(), [&](const Candidate& left, const Candidate& right) {
    return world.host(left.node).id < world.host(right.node).id;
  });
  std::sort(pools_.begin(), pools_.end(), [&](const Pool& left, const Pool& right) {
    return world.host(left.nodes[0]).id < world.host(right.nodes[0]).id;
  });
  sort_by_stable_id(everybody, world);
  for (const std::string_view name : {kEverybody, kHonest}) members_[std::string(name)] = everybody;
  for (const TargetSpec& target : scenario.targets)
    if (target.complement_of.empty()) members_[target.name] = select(target, seeds, world, edges);
  for (const TargetSpec& target : scenario.targets) {
    if (target.complement_of.empty()) continue;
    const std::vector<NodeId>& without = members(target.complement_of);
    std::vector<NodeId>& rest = members_[target.name];
    for (const NodeId node : everybody)
      if (std::find(without.begin(), without.end(), node) == without.end()) rest.push_back(node);
  }
  for (const auto& [name, members] : members_)
    for (const Pool& pool : pools_)
      if (std::find(members.begin(), members.end(), pool.nodes[0]) != members.end()) hash_[name] += pool.hash;
}

const std::vector<NodeId>& Targets::members(std::string_view name) const {
  const auto found = members_.find(name);
  SIM_CHECK(found != members_.end(), "targets were checked when the scenario was read");
  return found->second;
}

double Targets::hash_share(std::string_view name) const {
  const auto found = hash_.find(name);
  return found == hash_.end() ? 0.0 : found->second;
}

std::vector<NodeId> Targets::select(const TargetSpec& target, const Seeds& seeds, const World& world,
                                    const Edges& edges) const {
  std::vector<NodeId> selected;
  if (target.pools) select_pools(target, seeds, world, selected);
  if (target.nodes) select_nodes(target, seeds, world, edges, selected);
  sort_by_stable_id(selected, world);
  selected.erase(std::unique(selected.begin(), selected.end()), selected.end());
  return selected;
}

// In a drawn order, every pool that still fits, and perhaps one more if that comes nearer; of several orders the first
// that comes near enough, else the nearest.
void Targets::select_pools(const TargetSpec& target, const Seeds& seeds, const World& world,
                           std::vector<NodeId>& selected) const {
  constexpr int kOrders = 200;
  constexpr double kNearEnough = 0.001;
  constexpr double kRounding = 1e-9;
  const double wanted = target.pools->hash.fraction;
  std::vector<const Pool*> order;
  for (const Pool& pool : pools_)
    if (fits(target.pools->groups, pool.group->name) && fits(target.pools->regions, world.host(pool.nodes[0]).region))
      order.push_back(&pool);
  RandomStream draws = draws_of(seeds, target, "pools");
  std::vector<const Pool*> best;
  double distance = 2.0;
  for (int tried = 0; tried < kOrders && distance > kNearEnough; ++tried) {
    draws.shuffle(order);
    std::vector<const Pool*> fitting;
    const Pool* next = nullptr;  // the smallest of those that did not fit
    double sum = 0.0;
    for (const Pool* pool : order) {
      if (sum + pool->hash <= wanted + kRounding) {
        sum += pool->hash;
        fitting.push_back(pool);
      } else if (next == nullptr || pool->hash < next->hash) {
        next = pool;
      }
    }
    if (next != nullptr && (fitting.empty() || sum + next->hash - wanted < wanted - sum)) {
      sum += next->hash;
      fitting.push_back(next);
    }
    if (std::abs(sum - wanted) >= distance) continue;
    distance = std::abs(sum - wanted);
    best = std::move(fitting);
  }
  for (const Pool* pool : best) selected.insert(selected.end(), pool->nodes.begin(), pool->nodes.end());
}

void Targets::select_nodes(const TargetSpec& target, const Seeds& seeds, const World& world, const Edges& edges,
                           std::vector<NodeId>& selected) const {
  const NodeSelection& wanted = *target.nodes;
  std::vector<NodeId> order;
  if (!wanted.ids.empty()) {
    for (NodeId node = 0; node < world.size(); ++node)
      if (fits(wanted.ids, world.name(node))) selected.push_back(node);
    return;
  }
  for (const Candidate& candidate : nodes_)
    if (fits(wanted.groups, candidate.group->name) && fits(wanted.regions, world.host(candidate.node).region))
      order.push_back(candidate.node);
  std::size_t count = order.size();
  if (wanted.share)
    count = static_cast<std::size_t>(std::llround(wanted.share->fraction * static_cast<double>(nodes_.size())));
  if (wanted.count) count = static_cast<std::size_t>(*wanted.count);
  draws_of(seeds, target, "nodes").shuffle(order);
  if (wanted.rank != RankBy::nothing) {
    const std::vector<double> rank =
        wanted.rank == RankBy::degree ? degrees(world.size(), edges) : betweenness(world.size(), edges);
    std::stable_sort(order.begin(), order.end(), [&](NodeId left, NodeId right) { return rank[left] > rank[right]; });
  }
  order.resize(std::min(count, order.size()));
  selected.insert(selected.end(), order.begin(), order.end());
}

}  // namespace hearsay::app
