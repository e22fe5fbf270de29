"""Replications on threads: the kernel in slices, so that a run can be watched and stopped."""

# ruff: noqa: PLC0415  # the compiler is imported when something runs

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where
from transcaspian.events.log import Events
from transcaspian.events.tally import concat
from transcaspian.simulation.model.compile import Model, compile_model, drawn_model
from transcaspian.simulation.run.cluster import Cluster, run_on_cluster
from transcaspian.simulation.run.outcome import Luck, Outcome, Run

if TYPE_CHECKING:
    import numpy as np

    from transcaspian.simulation.arrays import State, Sums, Tables

SLICE = 1_000_000
LOG_RECORDS = 1 << 20
WATCH_S = 0.2
LOADING = threading.Lock()
KERNEL = ("kernel.drain", "kernel.draws", "kernel.loop", "run.deadlock", "run.frames", "run.state")
MOST_SEED, MOST_REPLICATIONS, MOST_THREADS = 2**63 - 1, 1_000_000, 1024
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Task:
    """One replication."""

    model: Model
    luck: Luck
    number: int
    log: bool
    stop: threading.Event


def simulate(
    corridor: Corridor,
    *,
    replications: int | range = 1,
    seed: int | Luck = 1,
    threads: int | Cluster | None = None,
    log: bool = False,
    progress: Progress | None = None,
) -> Run:
    """One counted year of a corridor, several times.

    Runs are named r0001 and on. The same corridor and seed give the same result at any number of
    threads. Of a fitted corridor each replication takes the next of its draws, so that the spread
    of the runs holds the doubt about what was fitted beside the luck of the year.

    Errors: those of `compile_model`; S104.
    """
    model = compile_model(corridor)
    return run_model(
        model,
        replications=replications,
        seed=seed,
        threads=threads,
        log=log,
        progress=progress,
    )


def run_model(  # the options of a run
    model: Model,
    *,
    replications: int | range = 1,
    seed: int | Luck = 1,
    threads: int | Cluster | None = None,
    log: bool = False,
    progress: Progress | None = None,
) -> Run:
    """The runs of a compiled corridor; a range of replications is some of those of a larger run.

    They run on so many threads, by default one a core, or on a cluster.

    Errors: S104; S106 of a cluster; S105 for a seed, a count or threads out of range.
    """
    _in_range(replications, seed, threads)
    began = time.perf_counter()
    luck = seed if isinstance(seed, Luck) else Luck(seed)
    stop = threading.Event()
    numbers = replications if isinstance(replications, range) else range(replications)
    if isinstance(threads, Cluster):
        outcomes = run_on_cluster(threads, model, luck, numbers, log=log, progress=progress)
    else:
        tasks = [_Task(model, luck, number, log, stop) for number in numbers]
        with _compiled():
            outcomes = _spread(tasks, threads or os.cpu_count() or 1, stop, progress=progress)
    return Run(
        concat([each.tally for each in outcomes]),
        _joined([each.events for each in outcomes]),
        model,
        time.perf_counter() - began,
        sum(each.happened for each in outcomes),
        sum(each.records for each in outcomes),
    )


def _in_range(replications: int | range, seed: int | Luck, threads: int | Cluster | None) -> None:
    number = seed.seed if isinstance(seed, Luck) else seed
    count = replications if isinstance(replications, int) else len(replications)
    for what, value, most in (
        ("seed", number, MOST_SEED),
        ("replications", count, MOST_REPLICATIONS),
        ("threads", threads if isinstance(threads, int) else 1, MOST_THREADS),
    ):
        least = 0 if what == "seed" else 1
        if not least <= value <= most:
            raise Fault(
                "S105",
                f"{what} is {value}",
                where=Where(),
                expected=f"a whole number from {least} to {most}",
            )


def _spread(
    tasks: list[_Task], threads: int, stop: threading.Event, *, progress: Progress | None
) -> list[Outcome]:
    """The outcomes in order; an interruption stops every thread at its next slice."""
    with ThreadPoolExecutor(max_workers=min(threads, len(tasks)) or 1) as pool:
        futures = [pool.submit(_replicate, task) for task in tasks]
        try:
            return [_watched(future, futures, progress) for future in futures]
        except BaseException:
            stop.set()
            for future in futures:
                future.cancel()
            raise


def _watched(
    future: Future[Outcome], futures: list[Future[Outcome]], progress: Progress | None
) -> Outcome:
    while True:
        try:
            future.result(timeout=WATCH_S)
        except NotYet:
            if future.done():
                raise
        if progress is not None:
            progress(sum(each.done() for each in futures), len(futures))
        if future.done():
            return future.result()


def _joined(logs: list[Events | None]) -> Events | None:
    found = [log for log in logs if log is not None]
    if len(found) <= 1:
        return found[0] if found else None
    names = ("trips", "steps", "payments", "readings", "witnesses")
    return Events(*(pl.concat([getattr(log, name) for log in found]) for name in names))


def replicate(model: Model, luck: Luck, number: int, *, log: bool) -> Outcome:
    """One replication, by itself."""
    return _replicate(_Task(model, luck, number, log, threading.Event()))


def _replicate(task: _Task) -> Outcome:
    import numpy as np

    from transcaspian.simulation.kernel.draws import MIRRORED
    from transcaspian.simulation.run import log as logging
    from transcaspian.simulation.run import state as states
    from transcaspian.simulation.run.deadlock import find_deadlock
    from transcaspian.simulation.run.frames import tally_of

    run = f"r{task.number + 1:04d}"
    number, second = divmod(task.number, 2) if task.luck.antithetic else (task.number, 0)
    fitted = task.model.corridor.fitted is not None
    task = replace(task, model=drawn_model(task.model, number))
    with np.errstate(over="ignore"):  # the generator wraps around, also where it is interpreted
        mirror = MIRRORED if second else 0
        tables = states.tables_of(task.model, states.seed_of(task.luck.seed, number), mirror=mirror)
        size = LOG_RECORDS if task.log else states.RECORDS
        state = states.state_of(task.model, records=size, mirror=mirror)
        sums = states.sums_of(task.model, len(state.entities))
        state, sums, blocks = _drive(task, tables, state, sums)
    find_deadlock(task.model, state)
    capacity = states.capacity_us(task.model, tables)
    tally = tally_of(task.model, state, sums, run=run, capacity=capacity, drawn=fitted)
    events = None
    if task.log:
        steps = logging.steps_of(task.model, blocks, len(state.entities))
        events = logging.events_of_run(task.model, steps, run=run)
    from transcaspian.simulation.arrays import EVENTS, WRITTEN

    return Outcome(tally, events, int(state.register[EVENTS]), int(state.register[WRITTEN]))


def _drive(
    task: _Task, tables: Tables, state: State, sums: Sums
) -> tuple[State, Sums, list[np.ndarray]]:
    """The end of a run, and its records when they are to be kept."""
    from transcaspian.simulation import arrays as a
    from transcaspian.simulation.kernel import drain, loop
    from transcaspian.simulation.run import state as states

    loop.depart(tables, state)
    blocks: list[np.ndarray] = []
    while not task.stop.is_set():
        if task.log:
            why = drain.run_kept(tables, state, sums, SLICE)
            blocks.append(state.records[: state.register[a.FILLED]].copy())
            state.register[a.FILLED] = 0
        else:
            why = drain.run_drained(tables, state, sums, SLICE)
        if why == a.GROW:
            state = states.grown(state)
            sums = states.widened(sums, len(state.entities))
        elif why == a.DONE:
            break
    return state, sums, blocks


def _loaded() -> Any:  # noqa: ANN401  # a module of the compiler's own
    """The compiler's events, once it is there with the kernel: two threads that brought it in at
    the same time would wait for each other for ever.
    """
    with LOADING:
        for name in KERNEL:
            import_module(f"transcaspian.simulation.{name}")
        return import_module("numba.core.event")


@contextmanager
def _compiled() -> Generator[None]:
    """Nothing; the first compilation is announced."""
    event = _loaded()
    event.Listener.register(_Announcement)  # a listener by shape
    told = _Announcement()
    event.register("numba:compile", told)
    try:
        yield
    finally:
        event.unregister("numba:compile", told)


class _Announcement:
    """Says once that the kernel is being compiled."""

    def __init__(self) -> None:
        self._told = False

    def notify(self, _event: object) -> None:
        """Nothing; one line on standard error at the first compilation."""
        if self._told:
            return
        self._told = True
        sys.stderr.write("compiling the kernel for this machine, once; it is kept for later runs\n")
