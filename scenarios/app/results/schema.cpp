#include "scenarios/app/results/schema.hpp"

namespace hearsay::app {
namespace {

// With the key as the order of storage, the rows of a run lie together, and the key is stored once.
constexpr std::string_view kByKey = "STRICT, WITHOUT ROWID";
constexpr std::string_view kByRun = "STRICT";  // an INTEGER PRIMARY KEY is the order of storage already

}  // namespace

std::string Table::create() const {
  std::string sql = "CREATE TABLE ";
  sql.append(name).append("(").append(columns).append(", PRIMARY KEY(").append(key).append(")) ").append(storage);
  return sql;
}

std::string Table::ordered() const {
  return "SELECT * FROM " + std::string(name) + " ORDER BY " + std::string(key);
}

std::string Table::ordered_run() const {
  return "SELECT * FROM " + std::string(name) + " WHERE run = ?1 ORDER BY " + std::string(key);
}

const Table& experiment_table() {
  static const Table kTable{"experiment", "key", "key TEXT NOT NULL, value TEXT NOT NULL", kByKey};
  return kTable;
}

const std::vector<Table>& run_tables() {
  static const std::vector<Table> kTables{
      {"digest_slice", "run, slice", "run INTEGER NOT NULL, slice INTEGER NOT NULL, sum TEXT NOT NULL", kByKey},
      {"node", "run, node",
       "run INTEGER NOT NULL, node TEXT NOT NULL, node_group TEXT NOT NULL, region TEXT NOT NULL, digest TEXT NOT NULL",
       kByKey},
      {"block", "run, block",
       "run INTEGER NOT NULL, block TEXT NOT NULL, height INTEGER NOT NULL, parent TEXT NOT NULL, miner TEXT NOT NULL,"
       " born_s REAL NOT NULL, size_bytes INTEGER NOT NULL, on_main_chain INTEGER NOT NULL",
       kByKey},
      {"propagation", "run, object, stage",
       "run INTEGER NOT NULL, object TEXT NOT NULL, stage TEXT NOT NULL, nodes INTEGER NOT NULL,"
       " reached INTEGER NOT NULL",
       kByKey},
      // delay_ms is NULL where that percentage of the nodes was never reached.
      {"propagation_quantile", "run, object, stage, percent",
       "run INTEGER NOT NULL, object TEXT NOT NULL, stage TEXT NOT NULL, percent INTEGER NOT NULL, delay_ms REAL",
       kByKey},
      // Delays are NULL where too few transactions got so far: mean_ms unless all did, the others as quantiles.
      {"transaction_propagation", "run, stage, percent",
       "run INTEGER NOT NULL, stage TEXT NOT NULL, percent INTEGER NOT NULL, transactions INTEGER NOT NULL,"
       " nodes INTEGER NOT NULL, mean_reached REAL NOT NULL, short_transactions INTEGER NOT NULL, mean_ms REAL,"
       " p10_ms REAL, median_ms REAL, p90_ms REAL",
       kByKey},
      {"traffic", "run, message",
       "run INTEGER NOT NULL, message TEXT NOT NULL, messages INTEGER NOT NULL, payload_bytes INTEGER NOT NULL,"
       " header_bytes INTEGER NOT NULL, tcp_ip_bytes INTEGER NOT NULL",
       kByKey},
      // value is NULL where a run has no such number.
      {"metric", "run, metric", "run INTEGER NOT NULL, metric TEXT NOT NULL, value REAL, unit TEXT NOT NULL", kByKey},
      // Times from the end of the warm-up. first_s is NULL, and censored at watched_until_s, if it has not happened.
      {"outcome", "run, outcome",
       "run INTEGER NOT NULL, outcome TEXT NOT NULL, watched_from_s REAL NOT NULL, watched_until_s REAL NOT NULL,"
       " first_s REAL, true_for_s REAL NOT NULL, true_at_end INTEGER NOT NULL",
       kByKey},
      // time_s is for people; time_ns is exact.
      {"trace", "run, entry",
       "run INTEGER NOT NULL, entry INTEGER NOT NULL, time_s REAL NOT NULL, time_ns INTEGER NOT NULL,"
       " node TEXT NOT NULL, observation TEXT NOT NULL, object TEXT NOT NULL, value INTEGER NOT NULL",
       kByKey},
      {"wall_clock", "run",
       "run INTEGER NOT NULL, build_s REAL NOT NULL, run_s REAL NOT NULL, cpu_s REAL NOT NULL,"
       " peak_memory_bytes INTEGER NOT NULL, events_per_s REAL NOT NULL",
       kByRun, Nature::wall_clock},
      // Runs that failed at their last attempt. A run that is finished is not here.
      {"failed_run", "run", "run INTEGER NOT NULL, reason TEXT NOT NULL, command TEXT NOT NULL", kByRun,
       Nature::wall_clock},
      // Seeds have 64 bits without a sign: those from 2^63 on are stored as the negative number with the same bits.
      {"run", "run",
       "run INTEGER NOT NULL, point INTEGER NOT NULL, branch TEXT NOT NULL, world_seed INTEGER NOT NULL,"
       " mining_seed INTEGER NOT NULL, workload_seed INTEGER NOT NULL, attack_seed INTEGER NOT NULL,"
       " digest TEXT NOT NULL, nodes INTEGER NOT NULL, events INTEGER NOT NULL, messages_sent INTEGER NOT NULL,"
       " messages_delivered INTEGER NOT NULL, messages_dropped INTEGER NOT NULL, horizon_s REAL NOT NULL,"
       " complete INTEGER NOT NULL",
       kByRun},
  };
  return kTables;
}

}  // namespace hearsay::app
