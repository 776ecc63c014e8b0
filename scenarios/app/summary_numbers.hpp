// The numbers of a summary, read from a results file: by set of replicates, as means over runs. No text, no layout.
//
// Runs that differ only in their seeds are replicates; others are never averaged. An object that did not reach a
// percentage of the nodes has no delay there: then there is no mean either, but the number of such objects.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/app/results/store.hpp"
#include "scenarios/app/statistics.hpp"

namespace hearsay::app {

inline constexpr std::array<int, 4> kSummaryPercents = {10, 50, 90, 99};

struct DelayNumbers {
  std::optional<Estimate> ms;      // nothing if an object did not get there
  std::int64_t short_objects = 0;  // that did not get there
};

struct StageNumbers {
  std::string stage;
  std::int64_t objects = 0;  // blocks or transactions, of all runs
  Estimate nodes;            // that could be reached
  Estimate reached;
  Estimate share_percent;  // mean over objects of reached / nodes
  std::array<DelayNumbers, kSummaryPercents.size()> delays;
};

struct MetricNumbers {
  std::string metric;
  std::string unit;
  std::int64_t runs_without = 0;  // a number
  std::int64_t censored = 0;      // of these: it was asked for, and did not come before the end
  std::optional<Estimate> value;  // nothing if any is censored: a mean of those that came would be too small
};

struct OutcomeNumbers {
  std::string outcome;
  std::int64_t happened = 0;  // in so many of the runs; the others are censored at their end
  std::int64_t runs = 0;
  double watched_from_s = 0.0;  // of the last run, as is the next
  double watched_until_s = 0.0;
  std::optional<double> first_s;   // the earliest
  std::optional<double> median_s;  // over all runs: nothing if it did not happen in half of them
  double true_for_s = 0.0;         // mean over runs
};

struct TrafficNumbers {
  std::string message;
  double messages = 0.0;  // all of them means over runs; a run that sent none counts as zero
  double payload_bytes = 0.0;
  double header_bytes = 0.0;
  double tcp_ip_bytes = 0.0;
  double total_bytes() const { return payload_bytes + header_bytes + tcp_ip_bytes; }
};

struct ReplicateNumbers {
  std::int64_t point = 0;
  std::string branch;
  std::string seeds;
  std::int64_t runs = 0;
  std::int64_t fewest_nodes = 0;
  std::int64_t most_nodes = 0;
  double horizon_s = 0.0;  // the longest
  double events = 0.0;     // means over runs, as are the next
  double messages_sent = 0.0;
  double messages_delivered = 0.0;
  double messages_dropped = 0.0;
  std::int64_t blocks = 0;  // of all runs, as is the next
  std::int64_t main_chain_blocks = 0;
  std::vector<StageNumbers> stages;  // of blocks: announced, header, received, best_tip, then others by name
  std::vector<StageNumbers> transaction_stages;  // announced, accepted
  std::int64_t transactions = 0;                 // of all runs; only some of them may be in the stages
  // How delays are summarised over the transactions of a run: as means, or, if one did not get everywhere, as medians.
  std::string transaction_statistic = "mean";
  std::vector<OutcomeNumbers> outcomes;
  std::vector<MetricNumbers> metrics;
  std::vector<TrafficNumbers> traffic;  // most bytes first
};

// Points in order, branches as the plan has them.
std::vector<ReplicateNumbers> summary_numbers(ResultsFile& results);

}  // namespace hearsay::app
