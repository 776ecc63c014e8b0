// How fast transactions spread: births and first arrivals in a run, summarised over its transactions.
//
// A run may have far more transactions than anybody looks at one by one, so what is kept of one that has reached every
// node is its delay at some percentages of the nodes; what a result file gets is their distribution over transactions.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/app/results/run_result.hpp"
#include "sim/observe/observation.hpp"

namespace hearsay::app {

inline constexpr std::size_t kTransactionStages = 2;
inline constexpr std::array<const char*, kTransactionStages> kTransactionStageNames = {"announced", "accepted"};

// Percentages of nodes at which delays are kept.
inline constexpr std::array<int, 24> kTransactionPercents = {0,  1,  5,  10, 15, 20, 25, 30, 35, 40, 45, 50,
                                                             55, 60, 65, 70, 75, 80, 85, 90, 95, 98, 99, 100};

class TransactionProbe final : public Probe {
 public:
  // `nodes`: how many arrivals complete a transaction at this probe; zero keeps every arrival, which several ranks
  // need.
  explicit TransactionProbe(std::int64_t nodes = 0) : nodes_(nodes) {}
  void on_observation(SimTime now, NodeId node, const Observation& observation) override;

  // Arrivals of one transaction at one stage, in the order of time; of a complete one, those at kTransactionPercents.
  struct Arrivals {
    std::vector<std::int64_t> times_ns;
    std::vector<bool> nodes;  // that are counted already; dropped once complete
    bool complete = false;
  };
  struct Seen {
    std::int64_t born_ns = -1;  // negative: not by a node of this rank
    std::array<Arrivals, kTransactionStages> stages;
  };
  [[nodiscard]] const std::map<std::uint64_t, Seen>& seen() const { return seen_; }
  [[nodiscard]] std::int64_t rejected() const { return rejected_; }
  [[nodiscard]] std::int64_t starved() const { return starved_; }
  // Transactions that a block took out of some mempool.
  [[nodiscard]] const std::map<std::uint64_t, std::int64_t>& first_confirmed_ns() const { return first_confirmed_; }

 private:
  std::int64_t nodes_;
  std::int64_t rejected_ = 0;
  std::int64_t starved_ = 0;
  std::map<std::uint64_t, Seen> seen_;
  std::map<std::uint64_t, std::int64_t> first_confirmed_;
};

// Rank of the node that completes a percentage: 1 for 0 %.
[[nodiscard]] std::int64_t rank_at(std::int64_t percent, std::int64_t nodes);

// Of the transactions born up to `last_birth_ns`.
[[nodiscard]] std::vector<TransactionPropagationRow> summarise_transactions(const std::vector<TransactionProbe>& probes,
                                                                            std::int64_t nodes,
                                                                            std::int64_t last_birth_ns);

// transactions, confirmed, their median delay until then, rejections, starved senders.
[[nodiscard]] std::vector<MetricRow> transaction_metrics(const std::vector<TransactionProbe>& probes);

}  // namespace hearsay::app
