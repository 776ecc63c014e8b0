// The state of a network at one instant, as predicates ask for it: who is online, connected, and on which tip.
//
// It reads the nodes between two events and changes nothing. What did not change since the last look is not read again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "models/protocols/bitcoin/bitcoin_node.hpp"
#include "scenarios/app/predicate.hpp"
#include "scenarios/app/targets.hpp"
#include "sim/engine/simulation.hpp"

namespace hearsay::app {

// Which tips the nodes of one rank follow from when on. A node that is busy tells of a tip with the time at which it is
// done with it, which may be later than now.
class TipChanges final : public Probe {
 public:
  struct Change {
    SimTime time;
    std::uint64_t hash = 0;
    std::int64_t height = 0;
  };

  void on_observation(SimTime time, NodeId node, const Observation& observation) override;
  [[nodiscard]] std::uint64_t count() const { return count_; }

  // The last one until now; what was before it is forgotten. Null: none.
  [[nodiscard]] const Change* latest(NodeId node, SimTime now);
  [[nodiscard]] bool more_to_come(NodeId node, SimTime now) const;

 private:
  std::uint64_t count_ = 0;
  std::vector<std::vector<Change>> changes_;  // by number, as far as any changed; in the order of their times
};

class NetworkState {
 public:
  // All by reference, and must outlive the state. `protocols` and `tip_changes`: by rank.
  NetworkState(const Simulation& simulation, const Targets& targets,
               const std::vector<std::unique_ptr<bitcoin::BitcoinProtocol>>& protocols,
               std::vector<TipChanges>& tip_changes);

  // Reads what changed; true if anything did. A tip that a busy node will have later is not there yet.
  bool refresh(SimTime now);
  [[nodiscard]] bool holds(const Predicate& predicate, std::string_view of) const;

 private:
  struct Tip {
    std::uint64_t hash = 0;
    std::uint64_t parent = 0;
    std::int64_t height = 0;
    friend bool operator==(const Tip&, const Tip&) = default;
  };
  [[nodiscard]] bool holds(const Condition& condition, std::string_view of) const;
  [[nodiscard]] bool holds_at_each(const Condition& condition, std::string_view of) const;
  [[nodiscard]] double measure(const Condition& condition) const;
  [[nodiscard]] double share(const Condition& condition) const;
  [[nodiscard]] double connections_between(const Condition& condition) const;
  void read_tips(SimTime now);
  void read_new_blocks();
  void choose_best_tip();

  const Simulation& simulation_;
  const Targets& targets_;
  const std::vector<std::unique_ptr<bitcoin::BitcoinProtocol>>& protocols_;
  std::vector<TipChanges>& tip_changes_;
  std::vector<const bitcoin::BitcoinNode*> nodes_;  // by number
  std::vector<Tip> tips_;                           // by number
  std::map<std::uint64_t, std::uint64_t> parents_;  // of blocks, as short ids
  std::vector<chain::BlockRef> read_blocks_;        // of the index of each rank
  std::vector<bool> online_;
  Edges connections_;
  std::vector<std::uint32_t> degree_;
  std::vector<std::uint32_t> outbound_;
  std::int64_t highest_ = 0;
  Tip best_;
  std::size_t different_tips_ = 0;
  std::uint64_t seen_ = 0;  // changes
  bool read_ = false;
  bool tip_to_come_ = false;  // some node is busy, and will change its tip
};

}  // namespace hearsay::app
