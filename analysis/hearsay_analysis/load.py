"""Reads a results file into frames. Knows the schema, and nothing of statistics or drawing.

A results file holds the runs of one scenario. Runs that differ only in their seeds are replicates; they share a point
(one combination of swept values) and a branch, and only replicates may be averaged.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pandas

SCHEMA_VERSION = 3
STAGES = ("announced", "header", "received", "best_tip")
TRANSACTION_STAGES = ("announced", "accepted")
SEED_DOMAINS = ("world", "mining", "workload", "attack")
# A seed that the scenario does not name is derived from the world seed, by a 64-bit hash: it says nothing to a reader.
LARGEST_NAMED_SEED = 2**32


class ResultsError(Exception):
    """What is wrong with a results file or with what was asked of it, in one line for its user."""


class NothingToDraw(ResultsError):
    """The file is sound, but holds nothing of this kind."""


@dataclass(frozen=True)
class Results:
    path: Path
    experiment: dict
    warnings: list
    runs: pandas.DataFrame  # one row a run, in the order of the runs

    def groups(self):
        """The sets of replicates: [(label, runs of this point and branch)], points in order, branches as the plan has them.
        The label of a lone one is ''."""
        keys = self.runs[["point", "branch"]].drop_duplicates().sort_values("point", kind="stable")
        several_points, several_branches = keys["point"].nunique() > 1, keys["branch"].nunique() > 1
        found = []
        for point, branch in keys.itertuples(index=False):
            label = [f"point {point}"] * several_points + [str(branch)] * several_branches
            found.append((", ".join(label), self.runs.query("point == @point and branch == @branch")))
        return found

    def restricted(self, point=None, branch=None):
        """The same results with only the runs of one point, or of one branch, or both."""
        runs = self.runs
        for column, wanted in (("point", point), ("branch", branch)):
            if wanted is None:
                continue
            there = ", ".join(str(value) for value in sorted(runs[column].unique()))
            runs = runs[runs[column] == wanted]
            if runs.empty:
                raise ResultsError(f"{self.path}: no run of {column} {wanted}; there are: {there}")
        return Results(self.path, self.experiment, self.warnings, runs)

    def seeds(self):
        """What the runs were seeded with, for a reader: 'world 1..5, mining 1..3'."""
        parts = []
        for domain in SEED_DOMAINS:
            values = self.runs[f"{domain}_seed"]
            named = values.notna().all() and values.between(0, LARGEST_NAMED_SEED).all()
            if domain == "world" or (named and not (values == self.runs["world_seed"]).all()):
                parts.append(f"{domain} {ranges(values.astype('int64'))}")
        return ", ".join(parts)

    def frame(self, query, parameters=()):
        with _connect(self.path) as connection:
            return _read(connection, self.path, query, parameters)

    def block_quantiles(self, stage):
        """Delay of every block by percent of nodes: run, object, percent, delay_ms (not a number: not reached)."""
        quantiles = self.frame(
            "SELECT q.run, q.object, q.percent, q.delay_ms FROM propagation_quantile q"
            " JOIN block b ON b.run = q.run AND b.block = q.object"
            " WHERE q.stage = ? ORDER BY q.run, q.object, q.percent",
            (stage,),
        )
        return quantiles[quantiles["run"].isin(self.runs["run"])]

    def block_reach(self, stage):
        """Nodes that each block could have reached, and how many it did: run, object, nodes, reached."""
        reach = self.frame(
            "SELECT p.run, p.object, p.nodes, p.reached FROM propagation p"
            " JOIN block b ON b.run = p.run AND b.block = p.object WHERE p.stage = ? ORDER BY p.run, p.object",
            (stage,),
        )
        return reach[reach["run"].isin(self.runs["run"])]

    def transactions(self, stage):
        """How fast transactions spread, one row a run and percent of nodes: run, percent, transactions, nodes,
        mean_reached (nodes, over all transactions), short_transactions (that never got to this percent), and over the
        transactions the delay until then: mean_ms (not a number: not all got there), p10_ms, median_ms, p90_ms (not a
        number: too few got there)."""
        rows = self.frame(
            "SELECT run, percent, transactions, nodes, mean_reached, short_transactions, mean_ms, p10_ms, median_ms,"
            " p90_ms FROM transaction_propagation WHERE stage = ? ORDER BY run, percent",
            (stage,),
        )
        # A column without any number comes as objects.
        delays = ["mean_ms", "p10_ms", "median_ms", "p90_ms"]
        rows[delays] = rows[delays].astype(float)
        return rows[rows["run"].isin(self.runs["run"])]

    def traffic(self):
        """Bytes by run and message type: run, message, messages, payload_bytes, header_bytes, tcp_ip_bytes."""
        traffic = self.frame(
            "SELECT run, message, messages, payload_bytes, header_bytes, tcp_ip_bytes FROM traffic"
            " ORDER BY run, message"
        )
        return traffic[traffic["run"].isin(self.runs["run"])]


def open_results(path):
    path = Path(path)
    if path.is_dir():
        raise ResultsError(f"{path}: is a directory, not a results file")
    try:
        with open(path, "rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise ResultsError(f"{path}: not a hearsay results file (it is no SQLite database)")
    except OSError as error:
        raise ResultsError(f"{path}: {(error.strerror or str(error)).lower()}") from error

    with _connect(path) as connection:
        rows = _read(connection, path, "SELECT key, value FROM experiment")
        experiment = dict(zip(rows["key"], rows["value"]))
        version = experiment.get("schema_version")
        if version is None:
            raise ResultsError(f"{path}: not a hearsay results file (no schema version)")
        if str(version) != str(SCHEMA_VERSION):
            raise ResultsError(
                f"{path}: results of schema version {version}, but this program reads version {SCHEMA_VERSION}"
            )
        runs = _read(
            connection,
            path,
            "SELECT run, point, branch, world_seed, mining_seed, workload_seed, attack_seed FROM run ORDER BY run",
        )
    if runs.empty:
        raise ResultsError(f"{path}: holds no finished run")
    return Results(path, experiment, _warnings(experiment), runs)


def ranges(numbers):
    """1, 2, 3, 7 -> '1..3, 7'."""
    parts = []
    for number in sorted(set(int(number) for number in numbers)):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}..{last}" for first, last in parts)


def _warnings(experiment):
    text = experiment.get("warnings") or "[]"
    try:
        listed = json.loads(text)
    except ValueError:
        return [str(text)]
    return [str(warning) for warning in listed] if isinstance(listed, list) else [str(listed)]


def _connect(path):
    return closing(sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True))


def _read(connection, path, query, parameters=()):
    try:
        cursor = connection.execute(query, parameters)
        return pandas.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])
    except sqlite3.OperationalError as error:
        missing = str(error)
        if missing.startswith(("no such table", "no such column")):
            raise ResultsError(f"{path}: not a hearsay results file ({missing})") from error
        raise ResultsError(f"{path}: cannot be read ({missing})") from error
    except sqlite3.DatabaseError as error:
        raise ResultsError(f"{path}: cannot be read ({error})") from error
