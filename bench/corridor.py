"""Times the base year of the corridor that ships with the package, and the start of the program.

Run: python bench/corridor.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from transcaspian.corridor.corridor import Corridor  # the path is set above
from transcaspian.corridor.rules import check
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import Model, compile_model, run_model

ROUNDS = 5
REPLICATIONS = 4


def seconds(work: Callable[[], object], *, rounds: int = ROUNDS) -> tuple[float, float]:
    """Median wall and CPU seconds."""
    walls: list[float] = []
    cpus: list[float] = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus)


def help_seconds() -> tuple[float, float]:
    """Wall seconds of `transcaspian --help`."""
    command = [sys.executable, "-m", "transcaspian", "--help"]
    source = str(Path(__file__).resolve().parent.parent / "src")
    return seconds(lambda: subprocess.run(command, check=True, capture_output=True, cwd=source))  # noqa: S603


def rows(corridor: Corridor, model: Model) -> list[tuple[str, tuple[float, float]]]:
    """Every measurement with its name."""

    def logged() -> object:
        return run_model(model, threads=1, log=True)

    return [
        ("`--help`", help_seconds()),
        ("read and check the corridor", seconds(read_corridor)),
        ("check alone", seconds(lambda: check(corridor))),
        ("compile to arrays, itineraries included", seconds(lambda: compile_model(corridor))),
        ("base year, statistics only", seconds(lambda: run_model(model, threads=1))),
        ("base year, whole log as a frame", seconds(logged, rounds=3)),
        (f"{REPLICATIONS} base years, 1 thread",
         seconds(lambda: run_model(model, replications=REPLICATIONS, threads=1), rounds=3)),
        (f"{REPLICATIONS} base years, 2 threads",
         seconds(lambda: run_model(model, replications=REPLICATIONS, threads=2), rounds=3)),
    ]  # fmt: skip


def main() -> None:
    """Nothing; the table is printed."""
    corridor = read_corridor()
    model = compile_model(corridor)
    first = run_model(model, threads=1)
    trips = first.tally.trips["n"].sum() + first.tally.trips["unfinished"].sum()
    steps = first.tally.steps["n"].sum()
    print(f"{trips:,.0f} trips and {steps:,.0f} steps in the counted year; "
          f"{first.happened:,} events and {first.records:,} records in all.\n")  # fmt: skip
    print("| what | wall s | CPU s |")
    print("| --- | --- | --- |")
    for name, (wall, cpu) in rows(corridor, model):
        print(f"| {name} | {wall:.2f} | {cpu:.2f} |")


if __name__ == "__main__":
    main()
