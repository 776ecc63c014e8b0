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
  // One probe listens to all ranks. `nodes`: how many arrivals complete a transaction; zero keeps every arrival, as
  // several ranks need, whose arrivals do not come in the order of time.
  explicit TransactionProbe(std::int64_t nodes = 0) : nodes_(nodes) {}
  void on_observation(SimTime now, NodeId node, const Observation& observation) override;

  // Arrivals of one transaction at one stage, in the order of time; of a complete one, those at kTransactionPercents.
  struct Arrivals {
    std::vector<std::int64_t> times_ns;
    std::vector<bool> nodes;  // that are counted already; dropped once complete
    bool complete = false;
  };
  struct Seen {
    std::int64_t born_ns = -1;
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
  std::map<std::uint64_t, std::uint64_t> wtxids_;  // by txid, where the two differ
};

// Rank of the node that completes a percentage: 1 for 0 %.
[[nodiscard]] std::int64_t rank_at(std::int64_t percent, std::int64_t nodes);

// Of the transactions born from `first_birth_ns` up to `last_birth_ns`.
[[nodiscard]] std::vector<TransactionPropagationRow> summarise_transactions(const TransactionProbe& probe,
                                                                            std::int64_t nodes,
                                                                            std::int64_t first_birth_ns,
                                                                            std::int64_t last_birth_ns);

// Of the transactions born from `first_birth_ns` on, zero or later: transactions, confirmed, the time until half of all
// were (none if that many were not), refusals, starved senders.
[[nodiscard]] std::vector<MetricRow> transaction_metrics(const TransactionProbe& probe, std::int64_t first_birth_ns);

}  // namespace hearsay::app
