// What one run hands over: everything that goes into the results file, in plain values. Made by the process that
// simulates, read by the one that writes. No SQLite, no YAML, no engine types here.
//
// All but `wall_clock` is a pure function of (resolved scenario, seeds, version). Times are nanoseconds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hearsay::app {

// Which run of an experiment this is: its place in the plan, and the seeds by domain.
struct RunKey {
  std::int64_t run = 0;    // 1, 2, 3, ... in the order of the plan
  std::int64_t point = 0;  // combination of swept values; 0 while there are no sweeps
  std::string branch = "main";
  std::uint64_t world_seed = 1;
  std::uint64_t mining_seed = 0;
  std::uint64_t workload_seed = 0;
  std::uint64_t attack_seed = 0;
};

struct BlockRow {
  std::string block;  // hash as displayed, 64 hex digits
  std::int64_t height = 0;
  std::string parent;  // hash
  std::string miner;   // node name
  std::int64_t born_ns = 0;
  std::int64_t size_bytes = 0;
  bool on_main_chain = false;  // of the chain with the most work at the end of the run
  friend bool operator==(const BlockRow&, const BlockRow&) = default;
};

// One object at one stage: how many of `nodes` it reached, and after which delay each percentage of them.
struct PropagationRow {
  std::string object;      // block hash
  std::string stage;       // announced, header, received, best_tip
  std::int64_t nodes = 0;  // online from birth until receipt or the end of the run
  std::int64_t reached = 0;
  std::array<std::optional<std::int64_t>, 101> delay_ns;  // by percent of nodes, 0 to 100; nothing: not reached
  friend bool operator==(const PropagationRow&, const PropagationRow&) = default;
};

// The transactions of a run at one stage: the distribution over them of the delay until `percent` of the nodes had one.
struct TransactionPropagationRow {
  std::string stage;  // announced, accepted
  std::int64_t percent = 0;
  std::int64_t transactions = 0;
  std::int64_t nodes = 0;               // that one could reach
  double mean_reached = 0.0;            // nodes, mean over transactions
  std::int64_t short_transactions = 0;  // that did not get so far
  std::optional<double> mean_ns;        // none if one did not get there
  std::optional<std::int64_t> low_ns;   // 10 % of the transactions were not slower
  std::optional<std::int64_t> median_ns;
  std::optional<std::int64_t> high_ns;  // 90 %
  friend bool operator==(const TransactionPropagationRow&, const TransactionPropagationRow&) = default;
};

struct TrafficRow {
  std::string message;
  std::int64_t messages = 0;
  std::int64_t payload_bytes = 0;
  std::int64_t header_bytes = 0;
  std::int64_t tcp_ip_bytes = 0;
  friend bool operator==(const TrafficRow&, const TrafficRow&) = default;
};

struct MetricRow {
  std::string metric;
  double value = 0.0;
  std::string unit;
};

// Times count from the end of the warm-up.
struct OutcomeRow {
  std::string outcome;
  std::int64_t watched_from_ns = 0;
  std::int64_t watched_until_ns = 0;     // the end of the run; if it has not happened by then it is censored
  std::optional<std::int64_t> first_ns;  // it began to be true, and stayed so for long enough
  std::int64_t true_for_ns = 0;          // altogether, by samples
  bool true_at_end = false;
  friend bool operator==(const OutcomeRow&, const OutcomeRow&) = default;
};

struct NodeRow {
  std::string node;  // name: group[index]
  std::string group;
  std::string region;
  std::uint64_t digest = 0;
  friend bool operator==(const NodeRow&, const NodeRow&) = default;
};

// One observation, in the order (time, node name, order at the node).
struct TraceRow {
  std::int64_t time_ns = 0;
  std::string node;
  std::string observation;
  std::uint64_t object = 0;
  std::int64_t value = 0;
};

struct WallClock {
  double build_s = 0.0;  // making the world
  double run_s = 0.0;    // simulating
  double cpu_s = 0.0;    // of the whole process; a warm-up that was shared is in none
  std::int64_t peak_memory_bytes = 0;
};

struct RunResult {
  RunKey key;
  std::uint64_t digest = 0;
  std::array<std::uint64_t, 256> digest_slices{};  // sums of event fingerprints by 1/256 of the horizon
  std::int64_t horizon_ns = 0;
  std::int64_t nodes = 0;
  std::int64_t events = 0;
  std::int64_t messages_sent = 0;
  std::int64_t messages_delivered = 0;
  std::int64_t messages_dropped = 0;
  std::vector<BlockRow> blocks;
  std::vector<PropagationRow> propagation;
  std::vector<TransactionPropagationRow> transactions;
  std::vector<TrafficRow> traffic;
  std::vector<MetricRow> metrics;
  std::vector<OutcomeRow> outcomes;
  std::vector<NodeRow> node_digests;
  std::vector<TraceRow> trace;  // empty unless asked for
  WallClock wall_clock;
};

}  // namespace hearsay::app
