"""Makes the package and the synthetic files importable from wherever pytest is started."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]


@pytest.fixture
def results_file(tmp_path):
    """Creates empty results files: results_file(**experiment) -> ResultsFile."""
    from synthetic import ResultsFile

    return lambda name="r.sqlite", **experiment: ResultsFile(tmp_path / name, **experiment)
