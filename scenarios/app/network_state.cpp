#include "scenarios/app/network_state.hpp"

#include <algorithm>
#include <map>

#include "models/protocols/bitcoin/observations.hpp"
#include "sim/core/check.hpp"

namespace hearsay::app {

namespace {

bool compare(double left, Comparison comparison, double right) {
  switch (comparison) {
    case Comparison::equal:
      return left == right;
    case Comparison::not_equal:
      return left != right;
    case Comparison::less:
      return left < right;
    case Comparison::at_most:
      return left <= right;
    case Comparison::greater:
      return left > right;
    case Comparison::at_least:
      return left >= right;
  }
  return false;
}

}  // namespace

void TipChanges::on_observation(SimTime time, NodeId node, const Observation& observation) {
  if (observation.kind != bitcoin::observed::kBestTip) return;
  ++count_;
  if (node >= changes_.size()) changes_.resize(node + 1);
  changes_[node].push_back({time, observation.object, observation.value});
}

const TipChanges::Change* TipChanges::latest(NodeId node, SimTime now) {
  if (node >= changes_.size()) return nullptr;
  std::vector<Change>& changes = changes_[node];
  const auto later = std::find_if(changes.begin(), changes.end(), [&](const Change& one) { return one.time > now; });
  if (later == changes.begin()) return nullptr;
  changes.erase(changes.begin(), later - 1);
  return &changes.front();
}

bool TipChanges::more_to_come(NodeId node, SimTime now) const {
  return node < changes_.size() && !changes_[node].empty() && changes_[node].back().time > now;
}

NetworkState::NetworkState(const Simulation& simulation, const Targets& targets,
                           const std::vector<std::unique_ptr<bitcoin::BitcoinProtocol>>& protocols,
                           std::vector<TipChanges>& tip_changes)
    : simulation_(simulation),
      targets_(targets),
      protocols_(protocols),
      tip_changes_(tip_changes),
      tips_(simulation.world().size()),
      read_blocks_(protocols.size(), 0),
      online_(simulation.world().size()),
      degree_(simulation.world().size()),
      outbound_(simulation.world().size()) {
  for (NodeId node = 0; node < simulation.world().size(); ++node)
    nodes_.push_back(&dynamic_cast<const bitcoin::BitcoinNode&>(simulation.node(node)));
  // Nothing has happened yet: all have the tip that they begin with.
  for (NodeId node = 0; node < nodes_.size(); ++node) {
    const chain::IndexedBlock& tip = protocols_[simulation.rank_of(node)]->index()[nodes_[node]->tree().tip()];
    tips_[node] = {chain::short_id64(tip.hash), chain::short_id64(tip.header.parent), tip.height};
  }
}

bool NetworkState::refresh(SimTime now) {
  std::uint64_t changes = simulation_.connection_changes() + simulation_.presence_changes();
  for (const TipChanges& rank : tip_changes_) changes += rank.count();
  if (read_ && changes == seen_ && !tip_to_come_) return false;
  seen_ = changes;
  connections_.clear();
  for (const OpenConnection& connection : simulation_.connections())
    connections_.emplace_back(connection.dialler, connection.dialled);
  std::fill(degree_.begin(), degree_.end(), 0);
  std::fill(outbound_.begin(), outbound_.end(), 0);
  for (const auto& [from, to] : connections_) {
    ++degree_[from];
    ++degree_[to];
    ++outbound_[from];
  }
  read_tips(now);
  read_ = true;
  choose_best_tip();
  return true;
}

void NetworkState::read_new_blocks() {
  for (std::size_t rank = 0; rank < protocols_.size(); ++rank) {
    const chain::BlockIndex& index = protocols_[rank]->index();
    for (chain::BlockRef& block = read_blocks_[rank]; block < index.size(); ++block)
      parents_[chain::short_id64(index[block].hash)] = chain::short_id64(index[block].header.parent);
  }
}

void NetworkState::read_tips(SimTime now) {
  read_new_blocks();
  tip_to_come_ = false;
  for (NodeId node = 0; node < nodes_.size(); ++node) {
    online_[node] = simulation_.is_online(node);
    TipChanges& changes = tip_changes_[simulation_.rank_of(node)];
    tip_to_come_ |= changes.more_to_come(node, now);
    if (const TipChanges::Change* change = changes.latest(node, now))
      tips_[node] = {change->hash, parents_.at(change->hash), change->height};
  }
}

// Blocks of one chain all have the same difficulty, so height says which has more work.
void NetworkState::choose_best_tip() {
  std::map<std::uint64_t, std::pair<std::size_t, Tip>> followers;
  highest_ = 0;
  for (NodeId node = 0; node < nodes_.size(); ++node) {
    if (!online_[node]) continue;
    auto& entry = followers[tips_[node].hash];
    ++entry.first;
    entry.second = tips_[node];
    highest_ = std::max(highest_, tips_[node].height);
  }
  different_tips_ = followers.size();
  std::size_t most = 0;
  for (const auto& [hash, entry] : followers) {
    if (entry.second.height < highest_ || entry.first <= most) continue;
    most = entry.first;
    best_ = entry.second;
  }
}

bool NetworkState::holds(const Predicate& predicate, std::string_view of) const {
  const auto true_one = [&](const Condition& condition) { return holds(condition, of) != condition.negated; };
  if (predicate.joined == Predicate::Joined::by_or)
    return std::any_of(predicate.conditions.begin(), predicate.conditions.end(), true_one);
  return std::all_of(predicate.conditions.begin(), predicate.conditions.end(), true_one);
}

bool NetworkState::holds(const Condition& condition, std::string_view of) const {
  switch (condition.quantity) {
    case Quantity::connections:
    case Quantity::outbound_connections:
    case Quantity::tip_lag:
      return holds_at_each(condition, of);
    default:
      return compare(measure(condition), condition.comparison, condition.value);
  }
}

bool NetworkState::holds_at_each(const Condition& condition, std::string_view of) const {
  bool anybody = false;
  for (const NodeId node : targets_.members(of)) {
    if (!online_[node]) continue;
    anybody = true;
    double value = 0.0;
    if (condition.quantity == Quantity::connections) value = degree_[node];
    if (condition.quantity == Quantity::outbound_connections) value = outbound_[node];
    if (condition.quantity == Quantity::tip_lag) value = static_cast<double>(highest_ - tips_[node].height);
    if (!compare(value, condition.comparison, condition.value)) return false;
  }
  return anybody;
}

double NetworkState::measure(const Condition& condition) const {
  switch (condition.quantity) {
    case Quantity::connections_between:
      return connections_between(condition);
    case Quantity::share:
      return share(condition);
    case Quantity::largest_component: {
      const auto online = std::count(online_.begin(), online_.end(), true);
      const auto largest = static_cast<double>(hearsay::largest_component(online_, connections_));
      return online == 0 ? 0.0 : largest / static_cast<double>(online);
    }
    default:
      return static_cast<double>(different_tips_);
  }
}

double NetworkState::share(const Condition& condition) const {
  const std::vector<NodeId>& members = targets_.members(condition.targets[0]);
  std::size_t whole = 0;
  std::size_t part = 0;
  for (const NodeId node : members) {
    if (condition.state == NodeState::online) {
      ++whole;
      part += online_[node] ? 1 : 0;
      continue;
    }
    if (!online_[node]) continue;
    ++whole;
    const bool on_parent = condition.state == NodeState::on_best_tip_or_its_parent && tips_[node].hash == best_.parent;
    part += on_parent || tips_[node].hash == best_.hash ? 1 : 0;
  }
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

double NetworkState::connections_between(const Condition& condition) const {
  std::vector<std::uint8_t> part(nodes_.size());
  for (std::size_t i = 0; i < 2; ++i)
    for (const NodeId node : targets_.members(condition.targets[i])) part[node] |= static_cast<std::uint8_t>(1 << i);
  const auto connects = [&](const auto& connection) {
    const int from = part[connection.first];
    const int to = part[connection.second];
    return ((from & 1) != 0 && (to & 2) != 0) || ((from & 2) != 0 && (to & 1) != 0);
  };
  return static_cast<double>(std::count_if(connections_.begin(), connections_.end(), connects));
}

}  // namespace hearsay::app
