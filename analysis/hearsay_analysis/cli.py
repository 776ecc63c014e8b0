"""The command line: `plot [KIND] R.sqlite`. Every mistake of the user ends in one line on stderr and exit status 2."""

import argparse
import sys
from pathlib import Path

from . import propagation_figure, style, traffic_figure
from .load import STAGES, NothingToDraw, ResultsError, open_results

KINDS = ("propagation", "traffic")


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"{self.prog}: {message} (--help lists what there is)", file=sys.stderr)
        sys.exit(2)


def parser():
    top = _Parser(prog="hearsay", description="Draws figures from a hearsay results file.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    plot = commands.add_parser("plot", help="figures as PNG and SVG", description="Draws figures as PNG and SVG.")
    plot.add_argument(
        "kind", nargs="?", choices=("all", *KINDS), default="all", metavar="KIND",
        help="propagation: how fast blocks and transactions spread; traffic: bytes by message type; all (the default)",
    )  # fmt: skip
    plot.add_argument("results", metavar="R.sqlite", help="the results file")
    plot.add_argument("--out", metavar="DIR", help="where to write (default: beside the results file)")
    plot.add_argument(
        "--width", choices=tuple(style.WIDTHS_INCHES), default="column",
        help="one column of a paper (3.5 in, the default) or the full page (7.16 in)",
    )  # fmt: skip
    plot.add_argument(
        "--stage", choices=STAGES, default="received", help="what a node must have of a block (default: received)"
    )
    plot.add_argument(
        "--objects", choices=propagation_figure.OBJECTS, default=propagation_figure.BOTH,
        help="whose propagation: blocks, transactions, or both (the default: what there is of them)",
    )  # fmt: skip
    plot.add_argument("--point", type=int, help="only this combination of swept values")
    plot.add_argument("--branch", help="only this branch")
    return top


def plot(arguments):
    """Draws what was asked for; yields the path of each file as it is written."""
    results = open_results(arguments.results).restricted(arguments.point, arguments.branch)
    directory = Path(arguments.out) if arguments.out else results.path.parent
    directory.mkdir(parents=True, exist_ok=True)
    stem = directory / results.path.name.removesuffix(".sqlite")
    kinds = KINDS if arguments.kind == "all" else (arguments.kind,)
    absent = []
    for kind in kinds:
        try:
            with style.settings():
                yield from DRAW[kind](results, stem, arguments)
        except NothingToDraw as error:
            absent.append(error)
    # Asked for one kind, its absence is a mistake; asked for all there is, there may be nothing.
    if absent and arguments.kind != "all":
        raise absent[0]
    for error in absent:
        print(f"hearsay plot: {error}", file=sys.stderr)


def _propagation(results, stem, arguments):
    stage, objects = arguments.stage, arguments.objects
    sheet = propagation_figure.draw(results, stage, arguments.width, objects)
    parts = [stem.name, "propagation"]
    if objects != propagation_figure.BOTH:
        parts.append(objects)
    if stage != "received" and objects != propagation_figure.TRANSACTIONS:
        parts.append(stage)
    yield from sheet.save(stem.with_name("-".join(parts)))


def _traffic(results, stem, arguments):
    # Bars of different points or branches would be unreadable in one picture: one figure each.
    for label, runs in results.groups():
        one = results.restricted(int(runs["point"].iloc[0]), runs["branch"].iloc[0])
        suffix = "-" + label.replace(", ", "-").replace(" ", "-") if label else ""
        yield from traffic_figure.draw(one, arguments.width).save(stem.with_name(f"{stem.name}-traffic{suffix}"))


DRAW = {"propagation": _propagation, "traffic": _traffic}


def main(argv):
    arguments = parser().parse_args(argv)
    try:
        for path in plot(arguments):
            print(path)
    except ResultsError as error:
        print(f"hearsay plot: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        print(f"hearsay plot: {error.filename or arguments.results}: {what}", file=sys.stderr)
        return 2
    return 0
