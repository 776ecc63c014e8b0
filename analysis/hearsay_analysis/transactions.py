"""Statistics of transaction propagation, from what a results file holds: for each run, at some percentages of the
nodes, how the delay until then is distributed over the run's transactions.

A run's curve is here the mean delay until each share of nodes (of blocks, which are in the file one by one, it is the
mean share at each time). Where a transaction fell short of a share of nodes, no mean delay exists; the curves are then
those of the median, throughout and in all runs: a curve that changed from one to the other could run backwards, and an
average over runs would mix the two. A transaction that fell short counts as infinitely late in a median, and nodes that
were never reached stay in the denominator: no curve rises above the mean share that was reached in the end.
"""

import numpy

from .load import ResultsError
from .propagation import Propagation

MEAN, MEDIAN = "mean", "median"


def statistic(rows):
    """MEAN if every transaction of these runs got to every share of nodes, or else MEDIAN."""
    return MEDIAN if rows["mean_ms"].isna().any() else MEAN


def short_transactions(rows):
    """How many did not get to all nodes."""
    return int(rows.groupby("run")["short_transactions"].max().sum())


def propagation(rows, which):
    """Curves of `which` statistic from the frame of Results.transactions, restricted to one set of runs."""
    if rows.empty:
        raise ResultsError("no transactions to draw")
    table = rows.pivot(index="run", columns="percent", values=f"{which}_ms").sort_index(axis=1)
    delays = table.astype(float).fillna(numpy.inf).to_numpy()
    with numpy.errstate(invalid="ignore"):
        falls = (numpy.diff(delays, axis=1) < 0).any(axis=1)
    if falls.any():
        raise ResultsError(
            f"run {table.index[falls.argmax()]}: the delays of transactions do not grow with the percentage of nodes"
        )
    runs = table.index.to_numpy()
    of_run = rows.groupby("run").first().loc[runs]
    nodes = of_run["nodes"].to_numpy(dtype=float)
    # Without nodes to reach, nothing was missed.
    reached = numpy.divide(100.0 * of_run["mean_reached"], nodes, out=numpy.full(len(runs), 100.0), where=nodes > 0)
    return Propagation(
        runs=runs, run_of_row=runs, delays=delays, percents=table.columns.to_numpy(dtype=float),
        ceilings=numpy.asarray(reached), objects=int(of_run["transactions"].sum()),
        unreached_percent=float(100.0 - numpy.mean(reached)),
    )  # fmt: skip


def short_text(rows):
    """'3 of 753 transactions did not reach every node'."""
    count = int(rows.groupby("run")["transactions"].first().sum())
    return f"{short_transactions(rows):,} of {count:,} transactions did not reach every node"
