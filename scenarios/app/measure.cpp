#include "scenarios/app/measure.hpp"

#include <algorithm>
#include <optional>

#include "models/protocols/bitcoin/observations.hpp"

namespace hearsay::app {

namespace {

std::optional<std::size_t> stage_of(ObservationKind kind) {
  switch (kind) {
    case bitcoin::observed::kBlockAnnounced:
      return 0;
    case bitcoin::observed::kHeaderAccepted:
      return 1;
    case bitcoin::observed::kBlockReceived:
      return 2;
    case bitcoin::observed::kBestTip:
      return 3;
    default:
      return std::nullopt;
  }
}

}  // namespace

void BlockProbe::on_observation(SimTime now, NodeId node, const Observation& observation) {
  if (observation.kind == bitcoin::observed::kBlockBorn) births_[observation.object] = {now, node};
  if (observation.kind == bitcoin::observed::kReorganised) {
    reorganisations_.push_back({now, node, observation.value});
    deepest_ = std::max(deepest_, observation.value);
  }
  const auto stage = stage_of(observation.kind);
  if (!stage) return;
  if (observation.kind == bitcoin::observed::kBestTip) {
    // A node that returns to a branch joins its blocks again; only the first time is an arrival.
    std::vector<bool>& nodes = followed_[observation.object];
    if (node >= nodes.size()) nodes.resize(node + 1);
    if (nodes[node]) return;
    nodes[node] = true;
  }
  arrivals_[observation.object][*stage].push_back({now.ns, node});
}

PropagationRow summarise(std::string object, std::string stage, std::int64_t born_ns, std::int64_t nodes,
                         std::vector<std::int64_t> arrivals_ns) {
  PropagationRow row;
  row.object = std::move(object);
  row.stage = std::move(stage);
  row.nodes = nodes;
  std::sort(arrivals_ns.begin(), arrivals_ns.end());
  row.reached = static_cast<std::int64_t>(arrivals_ns.size());
  for (std::int64_t percent = 0; percent <= 100; ++percent) {
    const std::int64_t rank = std::max<std::int64_t>(1, (percent * nodes + 99) / 100);
    if (rank <= row.reached)
      row.delay_ns[static_cast<std::size_t>(percent)] = arrivals_ns[static_cast<std::size_t>(rank - 1)] - born_ns;
  }
  return row;
}

void mark_main_chain(std::vector<BlockRow>& blocks) {
  std::map<std::string, BlockRow*> by_hash;
  BlockRow* tip = nullptr;
  for (BlockRow& block : blocks) {
    by_hash[block.block] = &block;
    // All blocks of one chain have the same difficulty, so height says which chain has more work.
    const bool better =
        tip == nullptr || block.height > tip->height || (block.height == tip->height && block.born_ns < tip->born_ns);
    if (better) tip = &block;
  }
  while (tip != nullptr) {
    tip->on_main_chain = true;
    const auto parent = by_hash.find(tip->parent);
    tip = parent == by_hash.end() ? nullptr : parent->second;
  }
}

}  // namespace hearsay::app
