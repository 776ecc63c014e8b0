"""Draws propagation: the share of nodes reached by blocks, by transactions or by both, against the time since birth."""

from . import propagation as statistics
from . import style, transactions
from .load import NothingToDraw, ResultsError
from .propagation_curves import BLOCKS, TRANSACTIONS, Drawing, Series
from .time_axis import TimeAxis

STAGE_LABELS = {
    "announced": "Nodes that know of the block (%)",
    "header": "Nodes that have the header (%)",
    "received": "Nodes that have the block (%)",
    "best_tip": "Nodes with the block on top (%)",
}
BOTH = "both"
OBJECTS = (BLOCKS, TRANSACTIONS, BOTH)
TRANSACTION_STAGE = "accepted"  # into the mempool: the node has it, as with a block that is received
TRANSACTION_LABEL = "Nodes that have the transaction (%)"
TOP_PERCENT = 103  # of the axis
MOST_GROUPS = len(style.COLOURS)


def draw(results, stage, width, objects=BOTH):
    """The figure as a Sheet, ready to be saved. `stage` is that of blocks."""
    wanted = [kind for kind in (BLOCKS, TRANSACTIONS) if objects in (kind, BOTH)]
    rows = results.transactions(TRANSACTION_STAGE)
    # One statistic for all the curves, or they could not be compared.
    summary = transactions.statistic(rows)
    groups = curves_by_group(results, stage, rows, summary, wanted)
    kinds = [kind for kind in wanted if any(kind in curves for _, curves in groups)]
    if not kinds:
        missing = " and ".join(f"no {kind} with propagation of stage '{_stage(kind, stage)}'" for kind in wanted)
        raise NothingToDraw(f"{results.path}: {missing}")
    if len(groups) > MOST_GROUPS:
        raise ResultsError(
            f"{results.path}: {len(groups)} points and branches do not fit one figure: choose with --point, --branch"
        )
    series = dressed(groups, kinds, stage, summary)
    if all(one.curves.last_ms() is None for one in series):
        missing = " and ".join(f"no {kind[:-1]} reached any node at stage '{_stage(kind, stage)}'" for kind in kinds)
        raise NothingToDraw(f"{results.path}: {missing}")

    axis = TimeAxis([one.curves for one in series])
    sheet = style.Sheet(width, axes_inches=1.9 if width == "column" else 2.7)
    sheet.axes.set_ylim(0, TOP_PERCENT)
    sheet.axes.set_yticks(range(0, 101, 20))
    entries = Drawing(sheet, axis, TOP_PERCENT).draw(series)
    if TRANSACTIONS in kinds and summary == transactions.MEDIAN:
        entries.append(Drawing.note(f"median: {transactions.short_text(rows)}"))
    if len(kinds) > 1:
        axis.dress(sheet.axes, "Time since birth")
        sheet.axes.set_ylabel("Nodes reached (%)")
    else:
        axis.dress(sheet.axes, f"Time since the {kinds[0][:-1]} was born")
        sheet.axes.set_ylabel(STAGE_LABELS[stage] if kinds[0] == BLOCKS else TRANSACTION_LABEL)
    sheet.add_legend(entries)
    sheet.add_stamp(results)
    sheet.finish()
    return sheet


def curves_by_group(results, stage, rows, summary, wanted):
    """[(label of a set of replicates, {kind: its curves})], without what there is nothing of."""
    quantiles, reach = results.block_quantiles(stage), results.block_reach(stage)
    found = []
    for label, runs in results.groups():
        blocks, of_runs = (frame[frame["run"].isin(runs["run"])] for frame in (quantiles, rows))
        curves = {}
        if BLOCKS in wanted and not blocks.empty:
            curves[BLOCKS] = statistics.propagation(blocks, reach[reach["run"].isin(runs["run"])])
        if TRANSACTIONS in wanted and not of_runs.empty:
            curves[TRANSACTIONS] = transactions.propagation(of_runs, summary)
        if curves:
            found.append((label, curves))
    return found


def dressed(groups, kinds, stage, summary):
    """A Series for each curve. Colours tell groups apart, or kinds in a lone group; dashes kinds, or else groups."""
    series = []
    for index, (label, curves) in enumerate(groups):
        for kind, of_kind in curves.items():
            colour = index if len(groups) > 1 else (BLOCKS, TRANSACTIONS).index(kind)
            dashes = kinds.index(kind) if len(kinds) > 1 else index
            series.append(
                Series(
                    kind, _stage(kind, stage), label, of_kind, colour=style.COLOURS[colour],
                    dashes=style.LINE_STYLES[dashes], summary="mean share" if kind == BLOCKS else f"{summary} delay",
                )  # fmt: skip
            )
    return series


def _stage(kind, block_stage):
    return block_stage if kind == BLOCKS else TRANSACTION_STAGE
