"""Replications on a cluster: blocks of them, each of which may be run anywhere and again.

A block is a compiled corridor, a luck and some numbers of replications. Its outcome is a function
of these alone, so a worker that dies costs time and nothing else, and the result is that of threads
on one machine, bit for bit.
"""

# ruff: noqa: PLC0415  # the optional extra is imported when it is asked for

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from transcaspian.errors import Fault, Where

if TYPE_CHECKING:
    from transcaspian.simulation.model.compile import Model
    from transcaspian.simulation.run.outcome import Luck, Outcome

BLOCK_S = 1.0
CONNECT_S = 10.0
WATCH_S = 0.5
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Dask scheduler, `tcp://host:port`, and how long to wait for a worker that is not there."""

    address: str
    patience_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Block:
    """Some replications, and what a worker must be and hold to run them."""

    version: str
    corridor: str
    luck: Luck
    numbers: tuple[int, ...]
    log: bool


def run_on_cluster(
    cluster: Cluster,
    model: Model,
    luck: Luck,
    numbers: Sequence[int],
    *,
    log: bool,
    progress: Progress | None,
) -> list[Outcome]:
    """The outcomes of replications in order, run by the workers of a cluster.

    The first replication is timed, and the others travel in blocks of a second of work or more.

    Errors: S106.
    """
    client = _connected(cluster)
    try:
        _staffed(cluster, client)
        shipped = client.scatter(model, broadcast=True, hash=False)
        began = time.perf_counter()
        first = _gathered(
            cluster, client, shipped, _blocks(model, luck, numbers[:1], log=log, size=1)
        )
        size = max(1, math.ceil(BLOCK_S / max(time.perf_counter() - began, 1e-3)))
        rest = _blocks(model, luck, numbers[1:], log=log, size=size)

        def told(done: int) -> None:
            if progress is not None:
                progress(1 + done, len(numbers))

        return first + _gathered(cluster, client, shipped, rest, told=told)
    finally:
        client.close(timeout=CONNECT_S)


def _connected(cluster: Cluster) -> Any:  # noqa: ANN401  # Dask's own
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise Fault(
            "S106",
            "Dask is not installed",
            where=Where(),
            expected="the extra of that name",
            hint="pip install 'transcaspian[cluster]'",
        ) from error
    try:
        return Client(cluster.address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise Fault(
            "S106",
            f"no scheduler answers at {cluster.address}",
            where=Where(),
            expected="the address of a running Dask scheduler, as tcp://127.0.0.1:8786",
            hint="dask scheduler, then dask worker ADDRESS on each machine",
        ) from error


def _blocks(
    model: Model, luck: Luck, numbers: Sequence[int], *, log: bool, size: int
) -> list[Block]:
    from transcaspian import __version__

    return [
        Block(__version__, model.corridor.hash, luck, tuple(numbers[at : at + size]), log)
        for at in range(0, len(numbers), size)
    ]


def run_block(model: Model, block: Block) -> list[Outcome]:
    """The outcomes of a block, on a worker.

    Errors: S106 when the worker is of another version or holds another corridor.
    """
    from transcaspian import __version__
    from transcaspian.simulation.run.replicate import replicate

    for what, ours, theirs in (
        ("runs transcaspian", __version__, block.version),
        ("holds the corridor", model.corridor.hash, block.corridor),
    ):
        if ours != theirs:
            raise Fault(
                "S106",
                f"a worker {what} {ours}",
                where=Where(),
                expected=theirs,
                hint="the same version on every machine of the cluster",
            )
    return [replicate(model, block.luck, number, log=block.log) for number in block.numbers]


def _gathered(
    cluster: Cluster,
    client: Any,  # noqa: ANN401  # Dask's own
    model: Any,  # noqa: ANN401  # a future of the model
    blocks: Sequence[Block],
    *,
    told: Callable[[int], None] | None = None,
) -> list[Outcome]:
    """The outcomes of blocks in order; interrupted, or with no worker left, all are cancelled."""
    futures = [client.submit(run_block, model, block, pure=False, retries=2) for block in blocks]
    seen = time.monotonic()
    try:
        while not all(future.done() for future in futures):
            time.sleep(WATCH_S if seen < time.monotonic() - WATCH_S else 0.02)
            if client.scheduler_info(n_workers=-1)["workers"]:
                seen = time.monotonic()
            elif time.monotonic() - seen > cluster.patience_s:
                _deserted(cluster)
            if told is not None:
                told(_finished(futures, blocks))
        return [outcome for future in futures for outcome in future.result()]
    except BaseException:
        client.cancel(futures, force=True)
        raise


def _staffed(cluster: Cluster, client: Any) -> None:  # noqa: ANN401  # Dask's own
    """Nothing; there is a worker, or after a while a fault."""
    try:
        client.wait_for_workers(1, timeout=cluster.patience_s)
    except TimeoutError:
        _deserted(cluster)


def _deserted(cluster: Cluster) -> NoReturn:
    raise Fault(
        "S106",
        f"no worker at {cluster.address} for {cluster.patience_s:g} s",
        where=Where(),
        expected="one worker or more",
        hint=f"dask worker {cluster.address}",
    )


def _finished(futures: Sequence[Any], blocks: Sequence[Block]) -> int:
    """The replications that are done."""
    pairs = zip(futures, blocks, strict=True)
    return sum(len(block.numbers) for future, block in pairs if future.done())
