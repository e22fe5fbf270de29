"""What holds exactly in every run: nobody is lost or made, and queues are queues."""

from __future__ import annotations

import numpy as np
import polars as pl

from transcaspian.simulation.run import Run, run_model
from transcaspian.simulation.verification.sketch import queue, tandem
from transcaspian.simulation.verification.theory import lindley_waits

SEED = 11


def exact_rows() -> list[dict[str, object]]:
    """The rows of what must hold to the microsecond, on two small corridors."""
    one = run_model(queue(5.0, 1, 0.15, shape="weibull", cv=0.7).model(), seed=SEED, log=True)
    model = tandem(5.0, 2, 0.3, 3).model()
    chain = run_model(model, seed=SEED, log=True)
    return [
        _row("waits: Lindley's recursion", _lindley(one)),
        _row("in = out + inside", _conserved(chain)),
        _row("Little's law", _little(chain)),
        _row("busy within duty", _busy(chain)),
        _row("1 thread = 2 threads", _threads(model)),
    ]


def _row(name: str, off: float) -> dict[str, object]:
    """A row whose estimate is by how much it is off, which must be nothing."""
    return {
        "case": "exactly, to the microsecond",
        "figure": name,
        "theory": 0.0,
        "estimate": off,
        "half_width": None,
        "width_share": None,
        "verdict": "green" if off == 0.0 else "red: misses",
    }


def _steps(run: Run) -> pl.DataFrame:
    if run.events is None:
        return pl.DataFrame()
    columns = [pl.col(name).dt.epoch("us") for name in ("arrived", "started", "ended")]
    return run.events.steps.select("trip", "step", *columns).sort("arrived", "trip")


def _lindley(run: Run) -> float:
    """The largest difference of a wait from the recursion on the same draws, in microseconds."""
    steps = _steps(run)
    came, began, ended = (steps[name].to_numpy() for name in ("arrived", "started", "ended"))
    waits = lindley_waits(came, ended - began)
    first = int(np.flatnonzero(began == came)[0])  # from the first who finds nobody
    waits = lindley_waits(came[first:], (ended - began)[first:])
    return float(np.abs(waits - (began - came)[first:]).max())


def _conserved(run: Run) -> float:
    """The trips of the log that are not among those counted."""
    trips = run.tally.trips
    counted = trips.select(pl.sum_horizontal("n", "lost", "unfinished").sum()).item()
    logged = 0 if run.events is None else run.events.trips.height
    return float(abs(counted - logged))


def _little(run: Run) -> float:
    """The area under the number inside less the sum of times, in microseconds, over stations."""
    off = 0
    for _, part in _steps(run).group_by("step"):
        came, left = part["arrived"].sort().to_numpy(), part["ended"].sort().to_numpy()
        instants = np.sort(np.concatenate([came, left]))
        inside = np.searchsorted(came, instants, side="right") - np.searchsorted(
            left, instants, side="right"
        )
        area = int((inside[:-1] * np.diff(instants)).sum())
        off += abs(area - int((part["ended"] - part["arrived"]).sum()))
    return float(off)


def _busy(run: Run) -> float:
    """The hours worked beyond those on duty."""
    resources = run.tally.resources
    return float((resources["busy_h"] - resources["capacity_h"]).clip(0.0).sum())


def _threads(model: object) -> float:
    """How many of the frames of a tally differ between one thread and two."""
    from transcaspian.events.tally import SCHEMAS  # noqa: PLC0415

    one, two = (
        run_model(model, replications=4, seed=SEED, threads=threads).tally  # type: ignore[arg-type]
        for threads in (1, 2)
    )
    return float(sum(not getattr(one, name).equals(getattr(two, name)) for name in SCHEMAS))
