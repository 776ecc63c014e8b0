"""Results files with known answers, written with the schema that the program writes."""

import json
import sqlite3

SCHEMA = """
CREATE TABLE experiment(key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE run(run INTEGER PRIMARY KEY, point INTEGER, branch TEXT, world_seed INTEGER, mining_seed INTEGER,
  workload_seed INTEGER, attack_seed INTEGER, digest TEXT, nodes INTEGER, events INTEGER, horizon_s REAL);
CREATE TABLE block(run INTEGER, block TEXT, height INTEGER, parent TEXT, miner TEXT, born_s REAL, size_bytes INTEGER,
  on_main_chain INTEGER, PRIMARY KEY(run, block));
CREATE TABLE propagation(run INTEGER, object TEXT, stage TEXT, nodes INTEGER, reached INTEGER,
  PRIMARY KEY(run, object, stage));
CREATE TABLE propagation_quantile(run INTEGER, object TEXT, stage TEXT, percent INTEGER, delay_ms REAL,
  PRIMARY KEY(run, object, stage, percent));
CREATE TABLE transaction_propagation(run INTEGER, stage TEXT, percent INTEGER, transactions INTEGER, nodes INTEGER,
  mean_reached REAL, short_transactions INTEGER, mean_ms REAL, p10_ms REAL, median_ms REAL, p90_ms REAL,
  PRIMARY KEY(run, stage, percent));
CREATE TABLE traffic(run INTEGER, message TEXT, messages INTEGER, payload_bytes INTEGER, header_bytes INTEGER,
  tcp_ip_bytes INTEGER, PRIMARY KEY(run, message));
"""

TRANSACTION_PERCENTS = (0, 1, *range(5, 100, 5), 98, 99, 100)

EXPERIMENT = {
    "schema_version": "3",
    "scenario": "quickstart",
    "question": "How fast do blocks reach 1,000 nodes?",
    "scenario_hash": "1a2b3c4d5e6f708192a3b4c5d6e7f809",
    "version": "0.1.0",
    "commit_hash": "fedcba9876543210fedcba9876543210fedcba98",
    "tree_dirty": "0",
    "warnings": "[]",
}


class ResultsFile:
    """Writes one results file, run by run."""

    def __init__(self, path, **experiment):
        self.path = path
        self.connection = sqlite3.connect(path)
        self.connection.executescript(SCHEMA)
        rows = {**EXPERIMENT, **experiment}
        rows["warnings"] = rows["warnings"] if isinstance(rows["warnings"], str) else json.dumps(rows["warnings"])
        self.connection.executemany("INSERT INTO experiment VALUES (?, ?)", rows.items())

    def add_run(self, run, point=0, branch="main", world=None, mining=-(2**62) + 1, horizon_s=7200.0):
        self.connection.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, '00', 1000, 1, ?)",
            (run, point, branch, run if world is None else world, mining, 2**62 + run, 2**61 + run, horizon_s),
        )

    def add_block(self, run, block, quantile, nodes=1000, reached=None, stage="received"):
        """quantile(percent) is the delay in ms, or None where not reached."""
        reached = nodes if reached is None else reached
        self.connection.execute(
            "INSERT OR IGNORE INTO block VALUES (?, ?, 1, '', 'pool[0]', 1.0, 1000000, 1)", (run, block)
        )
        self.connection.execute("INSERT INTO propagation VALUES (?, ?, ?, ?, ?)", (run, block, stage, nodes, reached))
        self.connection.executemany(
            "INSERT INTO propagation_quantile VALUES (?, ?, ?, ?, ?)",
            [(run, block, stage, percent, quantile(percent)) for percent in range(101)],
        )

    def add_transactions(self, run, delays, nodes=1000, stage="accepted"):
        """delays: for each transaction, percent -> ms, or None where not reached; summed up as the program does."""
        count = len(delays)
        reached = [max(percent for percent in range(101) if delay(percent) is not None) for delay in delays]
        for percent in TRANSACTION_PERCENTS:
            there = sorted(delay(percent) for delay in delays if delay(percent) is not None)
            mean = sum(there) / count if len(there) == count else None
            ranks = [max(1, -(-share * count // 100)) for share in (10, 50, 90)]
            quantiles = [there[rank - 1] if rank <= len(there) else None for rank in ranks]
            self.connection.execute(
                "INSERT INTO transaction_propagation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (run, stage, percent, count, nodes, nodes * sum(reached) / count / 100, count - len(there), mean,
                 *quantiles),
            )  # fmt: skip

    def add_traffic(self, run, message, messages, payload, header=None, tcp_ip=None):
        header = 24 * messages if header is None else header
        tcp_ip = 40 * messages if tcp_ip is None else tcp_ip
        self.connection.execute(
            "INSERT INTO traffic VALUES (?, ?, ?, ?, ?, ?)", (run, message, messages, payload, header, tcp_ip)
        )

    def close(self):
        self.connection.commit()
        self.connection.close()
        return self.path


def uniform(first_ms, last_ms, reached_percent=100):
    """Delays spread evenly: the share reached grows as a straight line from first to last."""
    return lambda percent: first_ms + (last_ms - first_ms) * percent / 100 if percent <= reached_percent else None
