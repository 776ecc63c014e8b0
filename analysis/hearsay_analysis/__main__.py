"""`python3 -m hearsay_analysis plot ...`."""

import sys


def start():
    try:
        from .cli import main
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in {"numpy", "scipy", "pandas", "matplotlib"}:
            raise
        print(
            f"hearsay plot: this Python ({sys.executable}) has no {error.name}; figures need numpy, scipy, pandas and "
            "matplotlib (HEARSAY_PYTHON names another interpreter)",
            file=sys.stderr,
        )
        return 2
    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(start())
