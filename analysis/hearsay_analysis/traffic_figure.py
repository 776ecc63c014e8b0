"""Draws what was sent, by message type: payload, protocol header, and TCP/IP, as a mean over runs."""

import numpy
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from . import style
from .load import NothingToDraw
from .propagation import band

PARTS = (("payload_bytes", "payload"), ("header_bytes", "protocol header"), ("tcp_ip_bytes", "TCP/IP"))
PART_COLOURS = ("#0072B2", "#E69F00", "#999999")
MOST_BARS = 15
# Beyond this many bars, the smallest are put together while they are less than this share of all bytes.
FEW_BARS = 8
TINY_SHARE = 0.01


def bars_shown(totals):
    """How many of the messages, largest first, have a bar of their own; the others, at least two, share one."""
    count = len(totals)
    together = totals[::-1].cumsum()[::-1]  # of each message and all the smaller ones
    tiny = int((together < TINY_SHARE * totals.sum()).sum())
    shown = max(count - tiny, FEW_BARS - 1)
    shown = min(shown, MOST_BARS - 1)
    return shown if count > FEW_BARS and count - shown > 1 else min(count, MOST_BARS)


def bytes_by_message(traffic, runs):
    """(message names, bytes[run, message, part]), largest mean first; the smallest are put together if many."""
    columns = [column for column, _ in PARTS]
    # A message type that a run never sent counts as zero in that run.
    table = traffic.set_index(["run", "message"])[columns].unstack("message").reindex(runs).fillna(0.0)
    names = sorted(traffic["message"].unique())
    cube = numpy.stack([table[column][names].to_numpy(dtype=float) for column in columns], axis=2)
    order = sorted(range(len(names)), key=lambda index: (-cube[:, index].sum(), names[index]))
    names, cube = [names[index] for index in order], cube[:, order]
    shown = bars_shown(cube.sum(axis=(0, 2)))
    if shown < len(names):
        rest = cube[:, shown:].sum(axis=1, keepdims=True)
        names = names[:shown] + [f"{len(names) - shown} others"]
        cube = numpy.concatenate([cube[:, :shown], rest], axis=1)
    return names, cube


def draw(results, width):
    """The figure as a Sheet; the results must hold one set of replicates only."""
    traffic = results.traffic()
    if traffic.empty:
        raise NothingToDraw(f"{results.path}: no traffic was recorded")
    runs = results.runs["run"].to_numpy()
    names, cube = bytes_by_message(traffic, runs)
    means = cube.mean(axis=0)
    totals = cube.sum(axis=2)
    unit, size = style.byte_unit(totals.mean(axis=0).max())

    label_inches = 0.16
    sheet = style.Sheet(width, axes_inches=max(0.6, 0.17 * len(names) + 0.1))
    sheet.left = max(sheet.text_inches(name) for name in names) + label_inches
    axes = sheet.axes
    rows = numpy.arange(len(names))
    start = numpy.zeros(len(names))
    entries = []
    for part, ((_, label), colour) in enumerate(zip(PARTS, PART_COLOURS)):
        axes.barh(rows, means[:, part] / size, left=start / size, height=0.72, color=colour, linewidth=0)
        start = start + means[:, part]
        entries.append((Patch(color=colour, linewidth=0), label))

    ends = totals.mean(axis=0)
    spread = band(totals)
    if spread is not None:
        low, high, name = spread
        axes.hlines(rows, numpy.clip(low, 0, None) / size, high / size, color="black", linewidth=0.8)
        entries.append((Line2D([], [], color="black", linewidth=0.8), f"{name} (total)"))
        ends = numpy.maximum(ends, high)
    texts = [style.byte_text(total) for total in totals.mean(axis=0)]
    for row, (end, text) in enumerate(zip(ends, texts)):
        axes.annotate(
            text, (end / size, row), xytext=(3, 0), textcoords="offset points", va="center_baseline", ha="left",
            fontsize=style.SMALL_POINTS,
        )  # fmt: skip
    # Room for the number behind the longest bar.
    inches = sheet.axes_width
    room = max(0.3, 1 - (max(sheet.text_inches(text) for text in texts) + 0.08) / inches)
    axes.set_xlim(0, (ends.max() or 1.0) / size / room)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks(rows, names)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.locator_params(axis="x", nbins=6)
    count = len(runs)
    axes.set_xlabel(f"Sent in a run ({unit})" + (f", mean of {count} runs" if count > 1 else ""))
    sheet.add_legend(entries)
    sheet.add_stamp(results)
    sheet.finish()
    return sheet
