"""Draws the curves of a figure of propagation with their bands and marks, and says what they are for its legend."""

from dataclasses import dataclass

import numpy
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from . import style
from .labels import POINT, FreePlaces
from .propagation import Propagation, band

BLOCKS, TRANSACTIONS = "blocks", "transactions"
NAMES = {
    (BLOCKS, "announced"): "block{s} announced",
    (BLOCKS, "header"): "block header{s} received",
    (BLOCKS, "received"): "block{s} received",
    (BLOCKS, "best_tip"): "block{s} on top",
    (TRANSACTIONS, "accepted"): "transaction{s} accepted",
}
MARKERS = {BLOCKS: "o", TRANSACTIONS: "s"}
MARKED_PERCENTS = (50, 90)
BAND = {"alpha": 0.22, "linewidth": 0}


@dataclass(frozen=True)
class Series:
    """One bold curve: one kind of objects in one set of replicates."""

    kind: str
    stage: str
    group: str  # label of the set of replicates; empty for a lone one
    curves: Propagation
    colour: str
    dashes: object
    summary: str  # what stands for the objects of a run: their mean share by time, their mean or median delay by share

    def line(self):
        return Line2D([], [], color=self.colour, linestyle=self.dashes, linewidth=1.6)

    def counted(self, text):
        return f"{self.curves.objects:,} " + text.format(s="s" * (self.curves.objects != 1))

    def runs(self):
        count = len(self.curves.runs)
        return f"{count} run{'s' * (count > 1)}"


class Drawing:
    """Draws into the axes of a sheet whose width and height are settled. Curves first, then labels: a label avoids all
    curves, and goes into the legend where it cannot."""

    def __init__(self, sheet, axis, top_percent):
        self.sheet, self.axis, self.top_percent = sheet, axis, top_percent
        self.places = FreePlaces(sheet.axes_width, sheet.axes_inches)
        self.several_kinds = self.several_groups = False

    def draw(self, series):
        """Returns the entries of the legend: [(artist, text)]."""
        self.several_kinds = len({one.kind for one in series}) > 1
        self.several_groups = len({one.group for one in series}) > 1
        bands = [self._curve(one) for one in series]
        entries = []
        for one in series:
            entries += self._group_entries(one) if self.several_groups else self._entries(one)
        return entries + self._band_entries(series, bands) + self._common_entries(series, bands)

    @staticmethod
    def note(text):
        """An entry without a symbol."""
        return Line2D([], [], linestyle="none"), text

    def _curve(self, one):
        """Draws the curve; returns the name of its band, or None."""
        times = self.axis.times(one.curves)
        by_run = one.curves.run_curves(times)
        across, axes = times / self.axis.scale, self.sheet.axes
        spread = band(by_run)
        if spread is not None:
            low, high = (numpy.clip(edge, 0, 100) for edge in spread[:2])
            axes.fill_between(across, low, high, color=one.colour, **BAND)
            self._avoid(times, low)
            self._avoid(times, high)
            if not self.several_groups:
                for of_run in by_run:
                    axes.plot(across, of_run, color=one.colour, alpha=0.35, linewidth=0.5)
                    self._avoid(times, of_run)
        mean = by_run.mean(axis=0)
        axes.plot(across, mean, color=one.colour, linestyle=one.dashes, linewidth=1.6)
        self._avoid(times, mean)
        return None if spread is None else spread[2]

    def _avoid(self, times, shares):
        self.places.add_curve(*self._inches(times, shares))

    def _inches(self, times, shares):
        return self.axis.place(times) * self.sheet.axes_width, shares * self.sheet.axes_inches / self.top_percent

    def _marks(self, one):
        """A dot where the curve reaches each marked share; returns {percent: its time in ms, or None}."""
        marks = {percent: one.curves.time_of(percent) for percent in MARKED_PERCENTS}
        for percent, time in marks.items():
            if time is not None:
                self.sheet.axes.plot(
                    time / self.axis.scale, percent, marker=MARKERS[one.kind], markersize=3.5, color=one.colour,
                    markeredgecolor="white", markeredgewidth=0.5, zorder=5,
                )  # fmt: skip
        return marks

    def _label(self, one, percent, time):
        """Whether there was room for the label of a mark."""
        text = f"{percent} %: {self.axis.text(time)}"
        offset = self.places.take(*self._inches(time, percent), self.sheet.text_inches(text))
        if offset is None:
            return False
        self.sheet.axes.annotate(
            text, (time / self.axis.scale, percent), xytext=(offset[0] / POINT, offset[1] / POINT),
            textcoords="offset points", ha="left" if offset[0] > 0 else "right",
            va="top" if offset[1] < 0 else "bottom", fontsize=style.SMALL_POINTS,
            color=one.colour if self.several_kinds else "black",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.8}, zorder=6,
        )  # fmt: skip
        return True

    def _entries(self, one):
        """Of a lone set of replicates."""
        name, several_objects = self._name(one), one.curves.objects > 1
        if self.several_kinds:
            text = one.counted(NAMES[one.kind, one.stage])
            text += f": {one.summary}, " if several_objects else ": "
            text += f"mean of {one.runs()}" if len(one.curves.runs) > 1 else one.runs()
        else:
            objects = one.counted(one.kind[:-1] + "{s}")
            if one.kind == TRANSACTIONS and several_objects:
                objects = f"{one.summary} of {objects}"
            if len(one.curves.runs) > 1:
                text = f"mean of {one.runs()} ({objects})"
            else:
                mean_of = "mean of " * (one.kind == BLOCKS and several_objects)
                text = f"1 run ({mean_of}{objects})"
        entries = [(one.line(), text)]
        if one.curves.unreached_percent > 0:
            # A curve of medians may end elsewhere than the mean share does.
            average = " on average" if one.summary == "median delay" else ""
            percent = one.curves.unreached_percent
            share = "less than 0.01" if percent < 0.01 else f"{percent:.3g}"
            entries.append(self.note(f"{name}{share} % of nodes not reached{average}"))
        marks = self._marks(one)
        unlabelled = [
            f"{percent} %: {self.axis.text(time)}"
            for percent, time in marks.items()
            if time is not None and not self._label(one, percent, time)
        ]
        absent = ", ".join(f"{percent} %" for percent, time in marks.items() if time is None)
        unlabelled += [f"{absent}: not reached"] * bool(absent)
        if unlabelled:
            entries.append(self.note(name + ", ".join(unlabelled)))
        return entries

    def _name(self, one):
        return f"{one.kind}: " if self.several_kinds else ""

    def _group_entries(self, one):
        """Of one of several sets of replicates: one line."""
        marks = self._marks(one)
        times = ", ".join(f"{percent} %: {self.axis.text(time)}" for percent, time in marks.items())
        # Long names break the line, but never between a number and its unit.
        times = times.replace(" ", style.NO_BREAK).replace("," + style.NO_BREAK, ", ")
        kind = f", {one.kind}" if self.several_kinds else ""
        return [(one.line(), f"{one.group}{kind}: {times} ({one.runs()})")]

    def _band_entries(self, series, bands):
        drawn = [(one, name) for one, name in zip(series, bands) if name is not None]
        names = sorted({name for _, name in drawn})
        if len(series) > 1 and len(names) == 1:  # said once for all of them
            return [(Patch(color=style.QUIET, **BAND), names[0])]
        entries = []
        for name in names:
            of = [one for one, other in drawn if other == name]
            text = name if len(series) == 1 else f"{name}: {', '.join(self._title(one) for one in of)}"
            entries.append((Patch(color=of[0].colour if len(of) == 1 else style.QUIET, **BAND), text))
        return entries

    def _title(self, one):
        return ", ".join(part for part in (one.group, one.kind * self.several_kinds) if part)

    def _common_entries(self, series, bands):
        if self.several_groups:
            summaries = sorted({one.summary for one in series if one.kind == TRANSACTIONS})
            return [self.note(f"transactions: {summary} over those of a run") for summary in summaries]
        if not any(bands):
            return []
        colour = style.QUIET if self.several_kinds else series[0].colour
        which = f" (mean of its {BLOCKS})" if {one.kind for one in series} == {BLOCKS} else ""
        return [(Line2D([], [], color=colour, alpha=0.5, linewidth=0.6), f"one run{which}")]
