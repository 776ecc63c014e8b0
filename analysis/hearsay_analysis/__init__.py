"""Figures from a hearsay results file: load (frames), statistics by topic, style (what every figure shares), cli."""

__all__ = ["ResultsError", "open_results"]


def __getattr__(name):
    # Loaded late, so that the command line can say in one line which library is missing.
    if name in __all__:
        from . import load

        return getattr(load, name)
    raise AttributeError(name)
