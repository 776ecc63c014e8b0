"""Draws block propagation: the share of nodes reached against the time since the block was born."""

import numpy
from matplotlib.patches import Patch
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from . import propagation as statistics
from . import style
from .load import NothingToDraw, ResultsError

STAGE_LABELS = {
    "announced": "Nodes that know of the block (%)",
    "header": "Nodes that have the header (%)",
    "received": "Nodes that have the block (%)",
    "best_tip": "Nodes with the block on top (%)",
}
MARKED_PERCENTS = (50, 90)
MOST_GROUPS = len(style.COLOURS)
# A linear axis shows a curve well while its start and its end are less than this factor apart.
LARGEST_LINEAR_SPREAD = 40
GRID_POINTS = 800


def draw(results, stage, width):
    """The figure as a Sheet, ready to be saved."""
    quantiles, reach = results.block_quantiles(stage), results.block_reach(stage)
    if quantiles.empty:
        raise NothingToDraw(f"{results.path}: no blocks with propagation of stage '{stage}'")
    groups = []
    for label, runs in results.groups():
        of_group = quantiles[quantiles["run"].isin(runs["run"])]
        if not of_group.empty:
            groups.append((label, statistics.propagation(of_group, reach[reach["run"].isin(runs["run"])])))
    if len(groups) > MOST_GROUPS:
        raise ResultsError(
            f"{results.path}: {len(groups)} points and branches do not fit one figure: choose with --point, --branch"
        )
    lasts = [curves.last_ms() for _, curves in groups if curves.last_ms() is not None]
    if not lasts:
        raise NothingToDraw(f"{results.path}: no block reached any node at stage '{stage}'")

    axis = _TimeAxis([curves for _, curves in groups])
    sheet = style.Sheet(width, axes_inches=1.9 if width == "column" else 2.7)
    entries = []
    for index, (label, curves) in enumerate(groups):
        entries += _draw_group(sheet.axes, axis, curves, label, index, alone=len(groups) == 1)
    bands = {label: artist for artist, label in entries if isinstance(artist, Patch)}
    if len(groups) > 1 and len(bands) == 1:  # said once for all of them
        entries = [(artist, label) for artist, label in entries if label not in bands]
        entries.append((Patch(color=style.QUIET, alpha=0.22, linewidth=0), *bands))
    axis.dress(sheet.axes)
    sheet.axes.set_ylim(0, 103)
    sheet.axes.set_yticks(range(0, 101, 20))
    sheet.axes.set_ylabel(STAGE_LABELS[stage])
    sheet.add_legend(entries)
    sheet.add_stamp(results)
    sheet.finish()
    return sheet


class _TimeAxis:
    """Decides unit, scale and range of the time axis for all the curves of a figure."""

    def __init__(self, groups):
        self.last = max(curves.last_ms() or 0.0 for curves in groups)
        self.unit, self.scale = style.time_unit(self.last)
        starts = [curves.time_of(5) for curves in groups]
        starts = [start for start in starts if start]
        self.logarithmic = bool(starts) and self.last / min(starts) > LARGEST_LINEAR_SPREAD
        if self.logarithmic:
            # Nothing is lost to the left of where the curves leave zero.
            risings = [curves.time_of(0.5) or curves.first_ms() for curves in groups if curves.first_ms() is not None]
            self.left = min(risings) / 1.3
            self.right = self.last * 1.3
            self.grid = numpy.geomspace(self.left, self.right, GRID_POINTS)
        else:
            self.left, self.right = 0.0, (self.last or 1.0) * 1.06
            self.grid = numpy.linspace(self.left, self.right, GRID_POINTS)

    def times(self, curves):
        """The grid, and where there are few quantiles also those: a jump is then drawn where it is."""
        known = numpy.unique(curves.delays[numpy.isfinite(curves.delays)])
        known = known[(known >= self.left) & (known <= self.right)]
        if len(known) > 4 * GRID_POINTS:
            return self.grid
        return numpy.unique(numpy.concatenate([self.grid, known, numpy.nextafter(known, 0.0)]))

    def place(self, time_ms):
        """Where on the axis a time lies, from 0 to 1."""
        if self.logarithmic:
            return numpy.log(max(time_ms, self.left) / self.left) / numpy.log(self.right / self.left)
        return time_ms / self.right

    def dress(self, axes):
        if self.logarithmic:
            axes.set_xscale("log")
            decades = numpy.log10(self.right / self.left)
            steps = (1.0, 2.0, 5.0) if decades < 2.2 else (1.0, 3.0) if decades < 3.2 else (1.0,)
            axes.xaxis.set_major_locator(LogLocator(base=10, subs=steps))
            plain = FuncFormatter(lambda value, _: f"{value:g}" if value < 1e4 else f"{value:,.0f}")
            axes.xaxis.set_major_formatter(plain)
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_minor_formatter(NullFormatter())
        else:
            axes.locator_params(axis="x", nbins=7)
        axes.set_xlim(self.left / self.scale, self.right / self.scale)
        axes.set_xlabel(f"Time since the block was born ({self.unit})")

    def text(self, time_ms):
        return "not reached" if time_ms is None else f"{style.three_digits(time_ms / self.scale)} {self.unit}"


def _draw_group(axes, axis, curves, label, index, alone):
    """Draws one set of replicates; returns its entries of the legend."""
    colour, dashes = style.COLOURS[index], style.LINE_STYLES[index]
    times = axis.times(curves)
    by_run = curves.run_curves(times)
    mean = by_run.mean(axis=0)
    horizontal = times / axis.scale
    spread = statistics.band(by_run)
    if spread is not None:
        low, high, name = spread
        axes.fill_between(
            horizontal, numpy.clip(low, 0, 100), numpy.clip(high, 0, 100), color=colour, alpha=0.22, linewidth=0
        )
        if alone:
            for of_run in by_run:
                axes.plot(horizontal, of_run, color=colour, alpha=0.35, linewidth=0.5)
    axes.plot(horizontal, mean, color=colour, linestyle=dashes, linewidth=1.6)
    marks = {percent: curves.time_of(percent) for percent in MARKED_PERCENTS}
    for percent, time in marks.items():
        if time is not None:
            _mark(axes, axis, percent, time, colour, f"{percent} %: {axis.text(time)}" if alone else None)

    blocks = f"{curves.blocks} block" + "s" * (curves.blocks > 1)
    count = len(curves.runs)
    line = Line2D([], [], color=colour, linestyle=dashes, linewidth=1.6)
    if not alone:
        text = ", ".join(f"{percent} %: {axis.text(time)}" for percent, time in marks.items())
        entries = [(line, f"{label}: {text} ({count} run{'s' * (count > 1)})")]
        if spread is not None:
            entries.append((Patch(color=colour, alpha=0.22, linewidth=0), spread[2]))
        return entries

    of_blocks = f"mean of {blocks}" if curves.blocks > 1 else blocks
    entries = [(line, f"mean of {count} runs ({blocks})" if count > 1 else f"1 run ({of_blocks})")]
    if spread is not None:
        entries.append((Patch(color=colour, alpha=0.22, linewidth=0), spread[2]))
        entries.append((Line2D([], [], color=colour, alpha=0.5, linewidth=0.6), "one run (mean of its blocks)"))
    nothing = Line2D([], [], linestyle="none")
    if curves.unreached_percent > 0:
        entries.append((nothing, f"{curves.unreached_percent:.3g} % of nodes not reached"))
    absent = ", ".join(f"{percent} %" for percent, time in marks.items() if time is None)
    if absent:
        entries.append((nothing, f"{absent}: not reached"))
    return entries


def _mark(axes, axis, percent, time, colour, text):
    """A dot on the bold curve, and its label where a rising curve cannot be: below right or above left."""
    at = (time / axis.scale, percent)
    axes.plot(*at, marker="o", markersize=3.5, color=colour, markeredgecolor="white", markeredgewidth=0.5, zorder=5)
    if text is None:
        return
    to_the_right = axis.place(time) < 0.6
    axes.annotate(
        text, at, xytext=(6, -4) if to_the_right else (-6, 4), textcoords="offset points",
        ha="left" if to_the_right else "right", va="top" if to_the_right else "bottom", fontsize=style.SMALL_POINTS,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.8}, zorder=6,
    )  # fmt: skip
