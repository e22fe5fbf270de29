"""Where is the time lost on a freight corridor, and what would give it back?"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "2026.11.0"

_HOME = {
    "Corridor": "corridor.corridor",
    "Patch": "corridor.patch",
    "apply": "corridor.apply",
    "diff": "corridor.diff",
    "in_words": "corridor.diff",
    "statuses": "corridor.provenance",
    "Fault": "errors",
    "Faults": "errors",
    "Events": "events.log",
    "Tally": "events.tally",
    "observe": "events.observe",
    "tally": "events.reduce",
    "read_corridor": "readers.folder",
    "read_events": "readers.log",
    "write_events": "readers.log",
    "itineraries": "network",
    "simulate": "simulation",
    "INDICATORS": "indicators",
    "with_without": "appraisal",
    "run_study": "appraisal",
    "write_report": "report",
}

__all__ = ["__version__", *sorted(_HOME)]  # pyright: ignore[reportUnsupportedDunderAll]  # noqa: PLE0604  # the names come from the table above


def __getattr__(name: str) -> Any:  # noqa: ANN401  # any public name
    """A public name, its module imported when first asked for."""
    if name not in _HOME:
        message = f"module 'transcaspian' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"transcaspian.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
