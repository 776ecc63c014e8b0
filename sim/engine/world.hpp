// The static part of a simulated world, the same on every rank: which hosts exist, where they are, who owns which
// endpoint, and the order of tie ranks. Fixed at build; nothing here changes during a run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/ids.hpp"
#include "sim/core/random.hpp"
#include "sim/net/host.hpp"
#include "sim/net/path_model.hpp"

namespace hearsay {

// A node before it is numbered. The name is its path in the scenario.
struct NodeSpec {
  std::string name;
  Endpoint endpoint;
  std::uint16_t region = 0;
  BitRate uplink;
  BitRate downlink{};
  std::uint32_t site = 0;
  Duration access_delay{};
};

class World {
 public:
  // Numbers the nodes by tie rank. Throws CheckFailure if two names share a stable id, or two nodes an endpoint.
  World(const Seeds& seeds, std::vector<NodeSpec> nodes, std::unique_ptr<PathModel> path);

  [[nodiscard]] std::size_t size() const { return hosts_.size(); }
  [[nodiscard]] const Host& host(NodeId node) const { return hosts_[node]; }
  [[nodiscard]] const std::string& name(NodeId node) const { return names_[node]; }
  // The number given to the i-th node of the list that the world was made from.
  [[nodiscard]] NodeId node_at(std::size_t position) const { return by_position_[position]; }
  [[nodiscard]] std::optional<NodeId> owner(const Endpoint& endpoint) const;
  // Numbers in the order of stable ids: the order in which digests combine.
  [[nodiscard]] std::vector<NodeId> by_stable_id() const;
  [[nodiscard]] Duration propagation(NodeId from, NodeId to, std::uint64_t connection) const {
    return path_->propagation(hosts_[from], hosts_[to], connection);
  }

  [[nodiscard]] bool lossy() const { return path_->lossy(); }
  [[nodiscard]] bool redraws() const { return path_->redraws(); }
  [[nodiscard]] Duration redrawn(NodeId from, NodeId to, Duration usual, const PathDraw& draw) const {
    return path_->redrawn(hosts_[from], hosts_[to], usual, draw);
  }
  [[nodiscard]] Share loss(NodeId from, NodeId to) const { return path_->loss(hosts_[from], hosts_[to]); }

 private:
  std::vector<Host> hosts_;         // by number
  std::vector<std::string> names_;  // by number
  std::vector<NodeId> by_position_;
  std::vector<std::pair<Endpoint, NodeId>> owners_;  // sorted
  std::unique_ptr<PathModel> path_;
};

}  // namespace hearsay
