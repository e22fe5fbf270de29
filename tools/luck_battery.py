"""Pipes a stream of luck, as the kernel uses it, into dieharder and prints what that says.

Streams: `trips`, one stage over the trips of one flow after another; `tandem`, five stages of each
trip in turn; `replications`, one stage of the first trips over replications. The upper 32 bits of
each draw are written.

Run: python tools/luck_battery.py STREAM [DIEHARDER ARGUMENTS, as -a or -d 0]
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np

from transcaspian.simulation.kernel.draws import draws, mix
from transcaspian.simulation.luck import key
from transcaspian.simulation.run.state import seed_of

BLOCK = 1 << 20
STAGES = 5


def _flow(number: int, replication: int) -> np.uint64:
    name = np.uint64(key("flow", number))
    return np.uint64(mix(name ^ np.uint64(seed_of(1, replication))))


def trips() -> Iterator[np.ndarray]:
    """One stage over a million trips of one flow after another."""
    stage = np.uint64(key("stage"))
    number = 0
    while True:
        yield draws(stage, _flow(number, 0), BLOCK, 0)
        number += 1


def tandem() -> Iterator[np.ndarray]:
    """Five stages of each trip in turn."""
    stages = [np.uint64(key("stage", at)) for at in range(STAGES)]
    number = 0
    while True:
        flow = _flow(number, 0)
        yield np.column_stack([draws(stage, flow, BLOCK // 4, 0) for stage in stages]).ravel()
        number += 1


def replications() -> Iterator[np.ndarray]:
    """One stage of the first thousand trips of a flow, over replications."""
    stage = np.uint64(key("stage"))
    replication = 0
    while True:
        yield np.concatenate(
            [draws(stage, _flow(0, replication + at), 1000, 0) for at in range(100)]
        )
        replication += 100


STREAMS = {"trips": trips, "tandem": tandem, "replications": replications}


def main() -> None:
    """Nothing; dieharder's own table is printed."""
    name, *rest = sys.argv[1:]
    command = ["dieharder", "-g", "200", *(rest or ["-a"])]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as battery:  # noqa: S603  # the battery
        stream = battery.stdin
        if stream is None:
            return
        try:
            for block in STREAMS[name]():
                stream.write((block * 2.0**32).astype(np.uint32).tobytes())
        except BrokenPipeError:
            battery.wait()


if __name__ == "__main__":
    np.seterr(over="ignore")
    main()
