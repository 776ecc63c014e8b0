// Turns the observations of a run into the rows of its result. Probes listen, one a rank; after the run they are
// merged and summarised. Nothing here touches the simulation while it runs.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/app/results/run_result.hpp"
#include "scenarios/app/scenario.hpp"
#include "sim/engine/simulation.hpp"

namespace hearsay::app {

// Stages of a block at a node, in the order of the observations that mark them.
inline constexpr std::size_t kStages = 4;
inline constexpr std::array<const char*, kStages> kStageNames = {"announced", "header", "received", "best_tip"};
inline constexpr std::size_t kReceivedStage = 2;

// Births of blocks, and when which node passed which stage.
class BlockProbe final : public Probe {
 public:
  void on_observation(SimTime now, NodeId node, const Observation& observation) override;

  struct Birth {
    SimTime time;
    NodeId miner = 0;
  };
  [[nodiscard]] const std::map<std::uint64_t, Birth>& births() const { return births_; }
  struct Arrival {
    std::int64_t time_ns = 0;
    NodeId node = 0;
    friend bool operator==(const Arrival&, const Arrival&) = default;
  };
  // First arrivals by object, for each stage; unordered within an object.
  using Arrivals = std::array<std::vector<Arrival>, kStages>;
  [[nodiscard]] const std::map<std::uint64_t, Arrivals>& arrivals() const { return arrivals_; }
  // Most blocks disconnected in one reorganisation at any node, and all reorganisations.
  [[nodiscard]] std::int64_t deepest_reorganisation() const { return deepest_; }
  struct Reorganisation {
    SimTime time;
    NodeId node = 0;
    std::int64_t depth = 0;  // blocks disconnected
  };
  [[nodiscard]] const std::vector<Reorganisation>& reorganisations() const { return reorganisations_; }

 private:
  std::map<std::uint64_t, Birth> births_;
  std::map<std::uint64_t, Arrivals> arrivals_;
  std::map<std::uint64_t, std::vector<bool>> followed_;  // by object and node: it was on the node's best chain before
  std::int64_t deepest_ = 0;
  std::vector<Reorganisation> reorganisations_;
};

// Everything that was observed, for `--trace`.
class TraceProbe final : public Probe {
 public:
  void on_observation(SimTime now, NodeId node, const Observation& observation) override {
    entries_.push_back({now, node, observation});
  }
  struct Entry {
    SimTime time;
    NodeId node;
    Observation observation;
  };
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

// Delay by percentage of `nodes`: the least delay within which at least that share was reached (0 %: the first one).
[[nodiscard]] PropagationRow summarise(std::string object, std::string stage, std::int64_t born_ns, std::int64_t nodes,
                                       std::vector<std::int64_t> arrivals_ns);

// Marks the chain with the most work (of equal work, the one whose tip was born first) among `blocks`.
void mark_main_chain(std::vector<BlockRow>& blocks);

}  // namespace hearsay::app
