"""A corridor set in motion."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transcaspian.simulation.model.compile import Model, compile_model
    from transcaspian.simulation.run import Cluster, Luck, Run, run_model, simulate

__all__ = ["Cluster", "Luck", "Model", "Run", "compile_model", "run_model", "simulate"]
_HOMES = {
    "Model": "model.compile",
    "compile_model": "model.compile",
    "Cluster": "run",
    "Luck": "run",
    "Run": "run",
    "run_model": "run",
    "simulate": "run",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # whatever the name stands for
    """A name of this package, imported when it is asked for."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
