"""Statistics of propagation: the share of nodes that an object has reached, by time since its birth.

The replicate is the run: a run's curve is the mean over its objects, and spread is spread between runs. Nodes that were
never reached stay in the denominator, so a curve may end below 100 %. Blocks are in the file one by one (here);
transactions are in it as a summary of each run (transactions.py).
"""

from dataclasses import dataclass

import numpy
import pandas
from scipy import stats

from .load import ResultsError

PERCENTS = numpy.arange(101)
CONFIDENCE = 0.95
RUNS_FOR_AN_INTERVAL = 3


def delay_rows(quantiles):
    """Frame of (run, object, percent, delay_ms) -> (run of each block, delays in ms: one row a block, one column a
    percent; infinite where not reached)."""
    table = quantiles.pivot(index=["run", "object"], columns="percent", values="delay_ms").reindex(columns=PERCENTS)
    delays = table.astype(float).fillna(numpy.inf).to_numpy()
    with numpy.errstate(invalid="ignore"):
        falls = (numpy.diff(delays, axis=1) < 0).any(axis=1)
    if falls.any():
        run, block = table.index[falls.argmax()]
        raise ResultsError(f"run {run}: the delays of block {block} do not grow with the percentage of nodes")
    return table.index.get_level_values("run").to_numpy(), delays


def share_at(delays, times, percents=PERCENTS):
    """Share of nodes in percent, one row a row of delays, one column a time: between two quantiles it grows evenly."""
    times = numpy.asarray(times, dtype=float)
    last = len(percents) - 1
    shares = numpy.zeros((len(delays), len(times)))
    for row, of_row in enumerate(delays):
        passed = numpy.searchsorted(of_row, times, side="right")  # quantiles that lie at or before each time
        before = numpy.clip(passed - 1, 0, last)
        after = numpy.clip(passed, 0, last)
        growing = (passed > 0) & (passed <= last) & numpy.isfinite(of_row[after])
        growth = numpy.zeros(len(times))
        low, high = before[growing], after[growing]
        part = (times[growing] - of_row[low]) / (of_row[high] - of_row[low])
        growth[growing] = part * (percents[high] - percents[low])
        shares[row] = numpy.where(passed > 0, percents[before] + growth, 0.0)
    return shares


@dataclass(frozen=True)
class Propagation:
    """The curves of one set of replicates, of one kind of objects: blocks or transactions."""

    runs: numpy.ndarray  # the runs, ascending
    run_of_row: numpy.ndarray
    delays: numpy.ndarray  # ms, one row a block (or a run, if the file sums up its objects), one column a percent
    percents: numpy.ndarray  # of nodes, ascending
    ceilings: numpy.ndarray  # percent of nodes that each row does not exceed
    objects: int
    unreached_percent: float  # of the nodes that could have been reached: mean over runs of the mean over objects

    def run_curves(self, times):
        """One row a run: the mean over its objects of the share reached by each time."""
        shares = numpy.minimum(share_at(self.delays, times, self.percents), self.ceilings[:, None])
        return numpy.array([shares[self.run_of_row == run].mean(axis=0) for run in self.runs])

    def first_ms(self):
        """The earliest delay that is not zero."""
        positive = self.delays[(self.delays > 0) & numpy.isfinite(self.delays)]
        return positive.min() if len(positive) else None

    def last_ms(self):
        finite = self.delays[numpy.isfinite(self.delays)]
        return finite.max() if len(finite) else None

    def time_of(self, percent):
        """When the mean over runs reaches this share, in ms; None if it never does."""
        last = self.last_ms()
        if last is None or self._mean_at(last) < percent:
            return None
        if self._mean_at(0.0) >= percent:
            return 0.0
        low, high = 0.0, last
        # The curve may jump, so this closes in on the first instant at which the share is there.
        while high - low > 1e-9 * high:
            middle = (low + high) / 2
            if self._mean_at(middle) < percent:
                low = middle
            else:
                high = middle
        return high

    def _mean_at(self, time):
        # Rounded, so that a share that is exactly there is not missed by the last bit of a mean.
        return round(self.run_curves([time]).mean(), 9)


def propagation(quantiles, reach):
    """Curves from the frames of Results.block_quantiles and Results.block_reach, restricted to one set of runs."""
    if quantiles.empty:
        raise ResultsError("no blocks to draw")
    run_of_block, delays = delay_rows(quantiles)
    return Propagation(
        runs=numpy.unique(run_of_block), run_of_row=run_of_block, delays=delays, percents=PERCENTS,
        ceilings=numpy.full(len(delays), 100.0), objects=len(delays), unreached_percent=unreached_percent(reach),
    )  # fmt: skip


def unreached_percent(reach):
    counted = reach[reach["nodes"] > 0]
    if counted.empty:
        return 0.0
    share = pandas.Series(
        (100.0 * (counted["nodes"] - counted["reached"]) / counted["nodes"]).to_numpy(), index=counted["run"].to_numpy()
    )
    return float(share.groupby(level=0).mean().mean())


def band(values):
    """(low, high, its name) over the rows of `values`, one row a run; None for a single run."""
    count = len(values)
    if count < 2:
        return None
    if count < RUNS_FOR_AN_INTERVAL:
        return values.min(axis=0), values.max(axis=0), "min..max over runs"
    half = stats.t.ppf((1 + CONFIDENCE) / 2, count - 1) * values.std(axis=0, ddof=1) / numpy.sqrt(count)
    mean = values.mean(axis=0)
    return mean - half, mean + half, "95 % t interval over runs"
