#include "scenarios/app/results/run_rows.hpp"

#include <fmt/format.h>

#include <bit>
#include <limits>

namespace hearsay::app {
namespace {

// Exact up to 104 days; the quotient is the double next to the true one, so it is the same everywhere.
double seconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e9;
}
double milliseconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e6;
}

std::string hex(std::uint64_t value) {
  return fmt::format("{:016x}", value);
}
std::int64_t same_bits(std::uint64_t value) {
  return std::bit_cast<std::int64_t>(value);
}
std::int64_t zero_or_one(bool value) {
  return value ? 1 : 0;
}

void insert_digests(Database& database, const RunResult& result) {
  const std::int64_t run = result.key.run;
  Statement slice = database.prepare("INSERT INTO digest_slice VALUES (?, ?, ?)");
  std::int64_t number = 0;
  for (const std::uint64_t sum : result.digest_slices) slice.run(run, number++, hex(sum));
  Statement node = database.prepare("INSERT INTO node VALUES (?, ?, ?, ?, ?)");
  for (const NodeRow& row : result.node_digests) node.run(run, row.node, row.group, row.region, hex(row.digest));
}

void insert_blocks(Database& database, const RunResult& result) {
  Statement block = database.prepare("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  for (const BlockRow& row : result.blocks) {
    block.run(result.key.run, row.block, row.height, row.parent, row.miner, seconds(row.born_ns), row.size_bytes,
              zero_or_one(row.on_main_chain));
  }
}

void insert_propagation(Database& database, const RunResult& result) {
  const std::int64_t run = result.key.run;
  Statement propagation = database.prepare("INSERT INTO propagation VALUES (?, ?, ?, ?, ?)");
  Statement quantile = database.prepare("INSERT INTO propagation_quantile VALUES (?, ?, ?, ?, ?)");
  for (const PropagationRow& row : result.propagation) {
    propagation.run(run, row.object, row.stage, row.nodes, row.reached);
    std::int64_t percent = 0;
    for (const auto& delay : row.delay_ns) {
      quantile.with(run, row.object, row.stage, percent++);
      if (delay) {
        quantile.bind(5, milliseconds(*delay));
      } else {
        quantile.bind_null(5);
      }
      quantile.step();
    }
  }
}

void insert_transactions(Database& database, const RunResult& result) {
  Statement insert = database.prepare("INSERT INTO transaction_propagation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const TransactionPropagationRow& row : result.transactions) {
    insert.with(result.key.run, row.stage, row.percent, row.transactions, row.nodes, row.mean_reached,
                row.short_transactions);
    const auto bind = [&insert](int column, const auto& delay_ns) {
      if (delay_ns) {
        insert.bind(column, static_cast<double>(*delay_ns) / 1e6);
      } else {
        insert.bind_null(column);
      }
    };
    bind(8, row.mean_ns);
    bind(9, row.low_ns);
    bind(10, row.median_ns);
    bind(11, row.high_ns);
    insert.step();
  }
}

void insert_counts(Database& database, const RunResult& result) {
  const std::int64_t run = result.key.run;
  Statement traffic = database.prepare("INSERT INTO traffic VALUES (?, ?, ?, ?, ?, ?)");
  for (const TrafficRow& row : result.traffic) {
    traffic.run(run, row.message, row.messages, row.payload_bytes, row.header_bytes, row.tcp_ip_bytes);
  }
  Statement metric = database.prepare("INSERT INTO metric VALUES (?, ?, ?, ?)");
  for (const MetricRow& row : result.metrics) metric.run(run, row.metric, row.value, row.unit);
}

void insert_outcomes(Database& database, const RunResult& result) {
  constexpr double kCensored = std::numeric_limits<double>::quiet_NaN();  // is stored as NULL
  Statement outcome = database.prepare("INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const OutcomeRow& row : result.outcomes)
    outcome.run(result.key.run, row.outcome, seconds(row.watched_from_ns), seconds(row.watched_until_ns),
                row.first_ns ? seconds(*row.first_ns) : kCensored, seconds(row.true_for_ns),
                static_cast<std::int64_t>(row.true_at_end));
}

void insert_trace(Database& database, const RunResult& result) {
  Statement trace = database.prepare("INSERT INTO trace VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  std::int64_t entry = 0;
  for (const TraceRow& row : result.trace) {
    trace.run(result.key.run, ++entry, seconds(row.time_ns), row.time_ns, row.node, row.observation, hex(row.object),
              row.value);
  }
}

}  // namespace

void insert_run(Database& database, const RunResult& result) {
  insert_digests(database, result);
  insert_blocks(database, result);
  insert_propagation(database, result);
  insert_transactions(database, result);
  insert_counts(database, result);
  insert_outcomes(database, result);
  insert_trace(database, result);

  const RunKey& key = result.key;
  const WallClock& clock = result.wall_clock;
  const double events_per_s = clock.run_s > 0.0 ? static_cast<double>(result.events) / clock.run_s : 0.0;
  database.prepare("INSERT INTO wall_clock VALUES (?, ?, ?, ?, ?, ?)")
      .run(key.run, clock.build_s, clock.run_s, clock.cpu_s, clock.peak_memory_bytes, events_per_s);
  database.prepare("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)")
      .run(key.run, key.point, key.branch, same_bits(key.world_seed), same_bits(key.mining_seed),
           same_bits(key.workload_seed), same_bits(key.attack_seed), hex(result.digest), result.nodes, result.events,
           result.messages_sent, result.messages_delivered, result.messages_dropped, seconds(result.horizon_ns));
}

}  // namespace hearsay::app
