"""Replications on a real scheduler with worker processes, on loopback: the same as on threads."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from models import queue
from polars.testing import assert_frame_equal
from test_queueing import everything

import transcaspian
from transcaspian.errors import Fault, render
from transcaspian.events.tally import SCHEMAS
from transcaspian.simulation import Cluster, run_model
from transcaspian.simulation.run.cluster import Block, run_block
from transcaspian.simulation.run.outcome import Luck

pytest.importorskip("distributed")
SOURCE = Path(transcaspian.__file__).parents[1]


def started(*arguments):
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": f"{SOURCE}:{here}", "DASK_DISTRIBUTED__ADMIN": ""}
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@contextmanager
def cluster(folder, *, workers):
    """A scheduler and workers, each a process of its own; ended by their own ids."""
    file = folder / "scheduler.json"
    processes = [
        started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
                "--no-dashboard", "--scheduler-file", str(file))
    ]  # fmt: skip
    try:
        address = told(file)
        processes += [
            started("distributed.cli.dask_worker", address, "--no-nanny",
                    "--no-dashboard", "--nthreads", "1", "--host", "127.0.0.1",
                    "--local-directory", str(folder))
            for _ in range(workers)
        ]  # fmt: skip
        until(address, workers)
        yield address, processes[1:]
    finally:
        for process in reversed(processes):  # a worker takes its leave of the scheduler
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=30)


def told(file):
    """The scheduler's address, once its file is whole: it is there, empty, before it is written."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError, json.JSONDecodeError):
            return json.loads(file.read_text())["address"]
        time.sleep(0.05)
    pytest.fail("the scheduler has not told its address")


def until(address, workers):
    from distributed import Client

    with Client(address, timeout=30, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=60)


def same(one, two):
    for name in SCHEMAS:
        assert_frame_equal(getattr(one.tally, name), getattr(two.tally, name))


def test_a_cluster_gives_what_threads_give_and_a_worker_may_die(tmp_path):
    model = everything().model()
    local = run_model(model, replications=6, seed=5, log=True)
    with cluster(tmp_path, workers=2) as (address, workers):
        told = []
        away = run_model(model, replications=6, seed=5, log=True, threads=Cluster(address),
                         progress=lambda done, total: told.append((done, total)))  # fmt: skip
        same(local, away)
        assert_frame_equal(local.events.steps, away.events.steps)
        assert told[-1][1] == 6

        long = queue(60.0, 3, 0.04).model()
        here = run_model(long, replications=40, seed=2)

        def kill():
            time.sleep(1.0)
            os.kill(workers[0].pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        there = run_model(long, replications=40, seed=2, threads=Cluster(address))
        killer.join()
        assert workers[0].wait(timeout=30) == -signal.SIGKILL
        same(here, there)

        os.kill(workers[1].pid, signal.SIGKILL)
        workers[1].wait(timeout=30)
        with pytest.raises(Fault, match=r"no worker at .* for 2 s"):
            run_model(long, replications=3, seed=2, threads=Cluster(address, patience_s=2.0))


def test_a_scheduler_that_does_not_answer(monkeypatch):
    from transcaspian.simulation.run import cluster as module

    monkeypatch.setattr(module, "CONNECT_S", 0.5)
    with pytest.raises(Fault) as caught:
        run_model(queue(1.0, 1, 0.1).model(), threads=Cluster("tcp://127.0.0.1:9"))
    text = render(caught.value)
    assert "S106" in text
    assert "no scheduler answers at tcp://127.0.0.1:9" in text


def test_a_worker_of_another_version_or_corridor_refuses():
    model = queue(1.0, 1, 0.1).model()
    for version, corridor in (("0.0", model.corridor.hash), (transcaspian.__version__, "other")):
        block = Block(version, corridor, Luck(1), (0,), log=False)
        with pytest.raises(Fault, match="a worker"):
            run_block(model, block)


def test_sets_of_measures_are_evaluated_on_a_cluster_as_on_threads(tmp_path):
    from transcaspian.appraisal.evaluate.ground import Ground, outcome
    from transcaspian.appraisal.evaluate.outcome import SCHEMAS as KINDS
    from transcaspian.readers.folder import read_corridor

    andes = read_corridor(Path(__file__).parents[1] / "corridors" / "andes")
    names = frozenset({"third_ferry"})
    here = outcome(Ground(andes, andes.measures, draws=2), names, range(3))
    with cluster(tmp_path, workers=2) as (address, _):
        ground = Ground(andes, andes.measures, draws=2, threads=Cluster(address))
        there = outcome(ground, names, range(3))
    for kind in KINDS:
        assert_frame_equal(getattr(here, kind), getattr(there, kind), check_exact=True)
