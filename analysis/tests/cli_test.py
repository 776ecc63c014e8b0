"""The command line: the files it writes, equal to the byte for equal input; one line for each mistake."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from synthetic import uniform

from hearsay_analysis import cli, load, style

PACKAGE = Path(cli.__file__).resolve().parents[1]


def filled(file, runs=3, branches=("main",)):
    number = 0
    for branch in branches:
        for world in range(1, runs + 1):
            number += 1
            file.add_run(number, branch=branch, world=world)
            file.add_block(number, "a", uniform(100 * world, 1000 * world))
            file.add_block(number, "b", uniform(50, 900))
            file.add_traffic(number, "block", 10, 10_000_000)
            file.add_traffic(number, "inv", 1000 * world, 37_000)
    return file.close()


def plot(*arguments, code=0):
    try:
        status = cli.main(["plot", *map(str, arguments)])
    except SystemExit as exit_:
        status = exit_.code
    assert status == code


def refused(capsys, *arguments):
    """The one line that a mistake gives."""
    plot(*arguments, code=2)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_files_are_written_beside_the_results_and_named(results_file, tmp_path, capsys):
    path = filled(results_file("my.results.sqlite"))
    plot(path)
    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert written == [
        tmp_path / f"my.results-{kind}.{suffix}" for kind in ("propagation", "traffic") for suffix in ("png", "svg")
    ]
    assert all(file.stat().st_size > 1000 for file in written)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ((), "r-propagation"),
        (("--objects", "transactions"), "r-propagation-transactions"),
        (("--objects", "transactions", "--stage", "header"), "r-propagation-transactions"),
        (("--objects", "blocks"), "r-propagation-blocks"),
        (("--objects", "blocks", "--stage", "header"), "r-propagation-blocks-header"),
        (("--stage", "header"), "r-propagation-header"),
    ],
)
def test_figures_of_different_objects_and_stages_have_different_names(results_file, tmp_path, options, name):
    file = results_file()
    file.add_run(1)
    for stage in ("received", "header"):
        file.add_block(1, "a", uniform(100, 300), stage=stage)
    file.add_transactions(1, [uniform(100, 300)])
    plot("propagation", file.close(), *options)
    assert sorted(path.name for path in tmp_path.glob("*.svg")) == [f"{name}.svg"]


def test_unknown_objects(results_file, capsys):
    assert "invalid choice: 'coins'" in refused(capsys, filled(results_file()), "--objects", "coins")


@pytest.mark.parametrize(("width", "inches"), [("column", 3.5), ("full", 7.16)])
def test_a_figure_has_the_width_asked_for(results_file, tmp_path, width, inches):
    path = filled(results_file())
    plot("propagation", path, "--width", width, "--out", tmp_path / "new" / "folder")
    png = (tmp_path / "new" / "folder" / "r-propagation.png").read_bytes()
    assert int.from_bytes(png[16:20], "big") == round(inches * 200)


def test_equal_input_gives_equal_bytes_in_another_process_and_locale(results_file, tmp_path):
    file = results_file(warnings=["something to know"])
    for run in range(1, 7):
        file.add_transactions(run, [uniform(1000 * run, 9000), uniform(2000, 9000 + run)])
    path = filled(file, branches=("main", "control"))
    digests = []
    for number, extra in enumerate(({}, {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"})):
        directory = tmp_path / str(number)
        subprocess.run(
            [sys.executable, "-m", "hearsay_analysis", "plot", path, "--out", directory],
            check=True, cwd=PACKAGE, stdout=subprocess.DEVNULL, env={**os.environ, **extra},
        )  # fmt: skip
        files = sorted(directory.iterdir())
        digests.append([(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files])
    assert len(digests[0]) == 6  # propagation of both branches together, traffic of each
    assert digests[0] == digests[1]


def test_the_stamp_says_what_is_needed_to_repeat_the_figure(results_file, tmp_path):
    path = filled(results_file(tree_dirty="1", warnings=["2 runs are incomplete"]), runs=5)
    plot("propagation", path)
    svg = (tmp_path / "r-propagation.svg").read_text().replace("\N{NO-BREAK SPACE}", " ")
    for part in ("quickstart", "1a2b3c4d5e6f", "world 1..5", "hearsay 0.1.0 fedcba987654 (changed since)"):
        assert part in svg
    assert "1a2b3c4d5e6f7" not in svg
    assert "Warning: 2 runs are incomplete" in svg
    assert "95 % t interval over runs" in svg
    assert "mining" not in svg  # derived seeds are noise to a reader


def test_seeds_that_the_scenario_names_are_stamped(results_file):
    file = results_file()
    for run in (1, 2, 4):
        file.add_run(run, mining=3)
    assert load.open_results(file.close()).seeds() == "world 1..2, 4, mining 3"


def test_a_single_run_with_a_single_block(results_file, tmp_path):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", uniform(100, 300))
    plot("propagation", file.close())
    svg = (tmp_path / "r-propagation.svg").read_text()
    assert "1 run (1 block)" in svg and "50 %: 200 ms" in svg and "90 %: 280 ms" in svg
    assert "interval" not in svg and "min..max" not in svg


def test_what_is_not_reached_is_said(results_file, tmp_path):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", uniform(100, 300, reached_percent=80), nodes=1000, reached=800)
    plot("propagation", file.close())
    svg = (tmp_path / "r-propagation.svg").read_text()
    assert "20 % of nodes not reached" in svg and "90 %: not reached" in svg


def test_no_text_is_smaller_than_seven_points():
    assert min(value for key, value in style.SETTINGS.items() if key.endswith("size")) >= 7


def test_branches_are_never_averaged_together(results_file, tmp_path):
    path = filled(results_file(), branches=("main", "control"))
    plot("propagation", path)
    svg = (tmp_path / "r-propagation.svg").read_text()
    assert "control: 50 %" in svg and "main: 50 %" in svg
    plot("propagation", path, "--branch", "control")
    assert "mean of 3 runs" in (tmp_path / "r-propagation.svg").read_text()


def test_a_missing_file(tmp_path, capsys):
    assert "none.sqlite: no such file" in refused(capsys, tmp_path / "none.sqlite")


def test_a_directory(tmp_path, capsys):
    assert "is a directory" in refused(capsys, tmp_path)


def test_a_text_file(tmp_path, capsys):
    (tmp_path / "x.sqlite").write_text("question: what?\n" * 10)
    assert "not a hearsay results file" in refused(capsys, tmp_path / "x.sqlite")


def test_a_damaged_database(results_file, capsys):
    path = filled(results_file())
    content = bytearray(path.read_bytes())
    content[100:4096] = bytes(3996)
    path.write_bytes(content)
    assert "cannot be read" in refused(capsys, path)


def test_another_database(tmp_path, capsys):
    connection = sqlite3.connect(tmp_path / "x.sqlite")
    connection.execute("CREATE TABLE a(b)")
    connection.close()
    assert "not a hearsay results file" in refused(capsys, tmp_path / "x.sqlite")


def test_another_schema_version(results_file, capsys):
    path = filled(results_file(schema_version="1"))
    assert "schema version 1, but this program reads version 3" in refused(capsys, path)


def test_no_run(results_file, capsys):
    assert "holds no finished run" in refused(capsys, results_file().close())


def test_no_blocks(results_file, capsys):
    file = results_file()
    file.add_run(1)
    assert "no blocks" in refused(capsys, "propagation", file.close())


def test_no_block_reached_anyone(results_file, capsys):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", lambda percent: None, reached=0)
    assert "no block reached any node" in refused(capsys, "propagation", file.close())


def test_no_such_branch(results_file, capsys):
    line = refused(capsys, filled(results_file()), "--branch", "contrl")
    assert "no run of branch contrl; there are: main" in line


def test_an_unknown_kind(results_file, capsys):
    assert "invalid choice: 'propagatoin'" in refused(capsys, "propagatoin", filled(results_file()))


def test_a_place_that_cannot_be_written(results_file, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert "file" in refused(capsys, filled(results_file()), "--out", tmp_path / "file")


def test_all_figures_are_those_there_is_something_for(results_file, capsys):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", uniform(100, 300))
    plot(file.close())
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 2
    assert "no traffic was recorded" in captured.err
