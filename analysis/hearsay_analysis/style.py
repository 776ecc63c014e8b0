"""What every figure shares: sizes, fonts, colours, the stamp, and files that are equal to the byte for equal input."""

import matplotlib
from matplotlib import style as matplotlib_style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

WIDTHS_INCHES = {"column": 3.5, "full": 7.16}  # of a two-column page
DOTS_PER_INCH = 200
FONT_POINTS = 8
SMALL_POINTS = 7  # the smallest size that is legible in print
RIGHT_INCHES = 0.12  # between the axes and the edge
LINE_INCHES = SMALL_POINTS * 1.3 / 72

# Okabe and Ito, "Color Universal Design" (2008): told apart with any common colour blindness.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINE_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
QUIET = "#595959"
NO_BREAK = "\N{NO-BREAK SPACE}"

SETTINGS = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same everywhere
    "font.size": FONT_POINTS,
    "axes.labelsize": FONT_POINTS,
    "xtick.labelsize": SMALL_POINTS,
    "ytick.labelsize": SMALL_POINTS,
    "legend.fontsize": SMALL_POINTS,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.5,
    "text.usetex": False,
    "svg.hashsalt": "hearsay",
    "svg.fonttype": "path",
    "path.simplify": True,
}


def settings():
    """The context to draw in: nothing of the user's own matplotlib settings gets through."""
    return matplotlib_style.context(["default", SETTINGS])


class Sheet:
    """A figure laid out in inches from the bottom up: stamp, axis label, axes, legend. Nothing can overlap, because the
    height grows with what is to be shown."""

    def __init__(self, width, axes_inches, left_inches=0.5):
        self.width = WIDTHS_INCHES[width]
        self.axes_inches = axes_inches
        self.left = left_inches
        self.figure = Figure(figsize=(self.width, axes_inches), dpi=DOTS_PER_INCH)
        self.canvas = FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes([0, 0, 1, 1])
        self.legend = None
        self.stamp_lines = []

    def add_legend(self, entries):
        """entries: [(artist, label)]. In as many columns as fit the width; what is too long for one is broken."""
        handle_inches = 0.4
        room = self.width - handle_inches
        entries = [
            (artist, "\n".join(self._wrapped([label], room)).replace(NO_BREAK, " ")) for artist, label in entries
        ]
        for columns in range(min(len(entries), 4), 0, -1):
            if self.legend is not None:
                self.legend.remove()
            self.legend = self.figure.legend(
                [artist for artist, _ in entries], [label for _, label in entries], loc="upper left", ncol=columns,
                frameon=False, borderaxespad=0, borderpad=0, handlelength=1.8, columnspacing=1.2, labelspacing=0.3,
                bbox_to_anchor=(0.06 / self.width, 1.0),
            )  # fmt: skip
            if self.legend.get_window_extent(self.canvas.get_renderer()).width / DOTS_PER_INCH <= self.width - 0.1:
                return

    def add_stamp(self, results):
        self.stamp_lines = [
            line.strip(" \N{MIDDLE DOT}") for line in self._wrapped(stamp_parts(results), self.width - 0.12)
        ]

    @property
    def axes_width(self):
        """In inches."""
        return self.width - self.left - RIGHT_INCHES

    def text_inches(self, text, points=SMALL_POINTS):
        return self._text_width(text, points) / DOTS_PER_INCH

    def _text_width(self, text, points):
        properties = matplotlib.font_manager.FontProperties(family="DejaVu Sans", size=points)
        return self.canvas.get_renderer().get_text_width_height_descent(text, properties, False)[0]

    def _wrapped(self, parts, inches):
        """Words in lines that fit so many inches; a new line for each part of the list."""
        room = inches * DOTS_PER_INCH
        lines = []
        for part in parts:
            line = ""
            for word in (piece for word in part.split(" ") for piece in self._pieces(word, room)):
                longer = f"{line} {word}" if line else word
                if line and self._text_width(longer, SMALL_POINTS) > room:
                    lines.append(line)
                    line = word
                else:
                    line = longer
            lines.append(line)
        return lines

    def _pieces(self, word, room):
        while len(word) > 1 and self._text_width(word, SMALL_POINTS) > room:
            fits = max(n for n in range(1, len(word)) if n == 1 or self._text_width(word[:n], SMALL_POINTS) <= room)
            yield word[:fits]
            word = word[fits:]
        yield word

    def finish(self):
        """Gives every part its place. Call when all is drawn."""
        legend_inches = 0.0
        if self.legend is not None:
            legend_inches = self.legend.get_window_extent(self.canvas.get_renderer()).height / DOTS_PER_INCH + 0.06
        stamp = len(self.stamp_lines) * LINE_INCHES + 0.06
        bottom = stamp + 0.40
        top = legend_inches + 0.10
        height = round(bottom + self.axes_inches + top, 2)
        self.figure.set_size_inches(self.width, height)
        self.axes.set_position(
            [self.left / self.width, bottom / height, self.axes_width / self.width, self.axes_inches / height]
        )  # fmt: skip
        self.axes.xaxis.set_label_coords(0.5, -0.27 / self.axes_inches)
        if self.legend is not None:
            self.legend.set_bbox_to_anchor((0.06 / self.width, 1 - 0.04 / height))
        for index, line in enumerate(reversed(self.stamp_lines)):
            self.figure.text(
                0.06 / self.width, (0.05 + index * LINE_INCHES) / height, line, fontsize=SMALL_POINTS, color=QUIET,
                va="bottom", ha="left", parse_math=False,
            )  # fmt: skip

    def save(self, stem):
        """Writes stem.png and stem.svg; returns their paths."""
        paths = [stem.with_name(stem.name + suffix) for suffix in (".png", ".svg")]
        self.figure.savefig(paths[0], dpi=DOTS_PER_INCH, metadata={"Software": None})
        self.figure.savefig(paths[1], metadata={"Date": None, "Creator": None})
        return paths


def stamp_parts(results):
    """What a reader needs to repeat the figure."""
    experiment = results.experiment
    version = f"hearsay {experiment.get('version') or '?'}"
    commit = str(experiment.get("commit_hash") or "")[:12]
    if commit:
        version += f" {commit}"
    if str(experiment.get("tree_dirty") or "0").lower() in {"1", "true", "yes"}:
        version += " (changed since)"
    identity = [
        str(experiment.get("scenario") or "unnamed scenario"),
        str(experiment.get("scenario_hash") or "")[:12],
        results.seeds(),
        version,
    ]
    # No break inside a part where a space would allow it, so that a seed stays with its domain.
    first = " \N{MIDDLE DOT} ".join(part.replace(" ", NO_BREAK) for part in identity if part)
    return [first] + [f"Warning: {' '.join(warning.split())}" for warning in results.warnings]


def time_unit(largest_ms):
    """(unit, milliseconds in it) that keeps the numbers of an axis short."""
    return ("s", 1000.0) if largest_ms >= 2000 else ("ms", 1.0)


def byte_unit(largest_bytes):
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if largest_bytes >= size:
            return unit, size
    return "B", 1.0


def byte_text(count):
    """1234567 -> '1.23 MB'."""
    unit, size = byte_unit(count)
    return f"{three_digits(count / size)} {unit}"


def three_digits(value):
    """12.34 -> '12.3', 1234.5 -> '1,234', 0.5 -> '0.500'."""
    return "0" if value == 0 else f"{value:,.0f}" if abs(value) >= 99.95 else f"{value:#.3g}"
