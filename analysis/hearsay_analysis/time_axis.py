"""The time axis of a figure of propagation: its unit, scale and range, decided from all the curves."""

import numpy
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from . import style

# A linear axis shows a curve well while its start and its end are less than this factor apart,
LARGEST_LINEAR_SPREAD = 40
# and several curves while the ends of the fastest and of the slowest are.
LARGEST_LINEAR_RATIO = 8
GRID_POINTS = 800


class TimeAxis:
    def __init__(self, curves):
        ends = [one.last_ms() for one in curves if one.last_ms()]
        self.last = max(ends, default=0.0)
        self.unit, self.scale = style.time_unit(self.last)
        starts = [start for start in (one.time_of(5) for one in curves) if start]
        self.logarithmic = bool(starts) and (
            self.last / min(starts) > LARGEST_LINEAR_SPREAD or self.last / min(ends) > LARGEST_LINEAR_RATIO
        )
        if self.logarithmic:
            # Nothing is lost to the left of where the curves leave zero.
            risings = [one.time_of(0.5) or one.first_ms() for one in curves if one.first_ms() is not None]
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

    def place(self, times_ms):
        """Where on the axis times lie, from 0 to 1."""
        if self.logarithmic:
            return numpy.log(numpy.maximum(times_ms, self.left) / self.left) / numpy.log(self.right / self.left)
        return numpy.asarray(times_ms) / self.right

    def dress(self, axes, label):
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
        axes.set_xlabel(f"{label} ({self.unit})")

    def text(self, time_ms):
        return "not reached" if time_ms is None else f"{style.three_digits(time_ms / self.scale)} {self.unit}"
