#include "sim/engine/world.hpp"

#include <algorithm>
#include <numeric>

#include "sim/core/check.hpp"
#include "sim/core/planted_bug.hpp"

namespace hearsay {

World::World(const Seeds& seeds, std::vector<NodeSpec> nodes, std::unique_ptr<PathModel> path)
    : path_(std::move(path)) {
  const std::uint64_t key = random_bits(seeds[SeedDomain::world], Purpose("tie rank").id(), 0);
  struct Tied {
    std::uint64_t tie;
    StableId id;
    std::size_t position;
  };
  std::vector<Tied> tied;
  tied.reserve(nodes.size());
  for (std::size_t position = 0; position < nodes.size(); ++position) {
    const StableId id = stable_id(nodes[position].name);
    const bool skip = kPlantedBug == PlantedBug::skipped_tie_rank;
    tied.push_back({skip ? position : random_bits(key, id.value, 0), id, position});
  }
  std::sort(tied.begin(), tied.end(),
            [](const Tied& a, const Tied& b) { return std::pair(a.tie, a.id) < std::pair(b.tie, b.id); });

  by_position_.resize(nodes.size());
  hosts_.reserve(nodes.size());
  names_.reserve(nodes.size());
  for (const Tied& node : tied) {
    NodeSpec& spec = nodes[node.position];
    const auto number = static_cast<NodeId>(hosts_.size());
    by_position_[node.position] = number;
    hosts_.push_back({node.id, spec.endpoint, spec.region, spec.site, spec.access_delay, spec.uplink, spec.downlink});
    names_.push_back(std::move(spec.name));
    owners_.emplace_back(spec.endpoint, number);
  }
  std::sort(owners_.begin(), owners_.end());
  for (std::size_t i = 1; i < owners_.size(); ++i)
    SIM_CHECK(owners_[i - 1].first != owners_[i].first, "two nodes own one endpoint");
  const std::vector<NodeId> order = by_stable_id();
  for (std::size_t i = 1; i < order.size(); ++i)
    SIM_CHECK(hosts_[order[i - 1]].id != hosts_[order[i]].id, "two node names have one stable id");
}

std::optional<NodeId> World::owner(const Endpoint& endpoint) const {
  const auto found = std::lower_bound(owners_.begin(), owners_.end(), endpoint,
                                      [](const auto& entry, const Endpoint& wanted) { return entry.first < wanted; });
  if (found == owners_.end() || found->first != endpoint) return std::nullopt;
  return found->second;
}

std::vector<NodeId> World::by_stable_id() const {
  std::vector<NodeId> order(hosts_.size());
  std::iota(order.begin(), order.end(), NodeId{0});
  std::sort(order.begin(), order.end(), [this](NodeId a, NodeId b) { return hosts_[a].id < hosts_[b].id; });
  return order;
}

}  // namespace hearsay
