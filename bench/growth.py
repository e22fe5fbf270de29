"""The shipped corridor at 1, 3, 10 and 30 times its traffic, servers and fleets along with it.

Each size runs once in a process of its own, statistics only: seconds of CPU, time a trip, peak
memory above that of the start, the size that its records would have, and the mean utilisation of
servers, which must stay, for it to be the same corridor and not a jam. Ten years are ten
replications of the base year, their records drained.

Run: python bench/growth.py [--write]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import replace

import polars as pl

from simulation import write
from transcaspian.corridor.corridor import Corridor
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import compile_model, run_model

SIZES = ((1, 1), (3, 1), (10, 1), (30, 1), (1, 10))
BEGIN, END = "<!-- growth: begin -->", "<!-- growth: end -->"
SCALED = {"flows": "trips_per_y", "resources": "servers", "fleets": "number"}


def scaled(corridor: Corridor, times: int) -> Corridor:
    """The corridor with so many times the traffic, and what serves it."""
    tables = dict(corridor.tables)
    for name, column in SCALED.items():
        kind = tables[name][column].dtype
        grown = (pl.col(column) * times).cast(kind)
        tables[name] = tables[name].with_columns(grown)
    return replace(corridor, tables=tables)


def one(times: int, years: int) -> dict[str, float]:
    """The figures of one size."""
    run_model(compile_model(read_corridor()), threads=1)
    model = compile_model(scaled(read_corridor(), times))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    run = run_model(model, replications=years, threads=1)
    took = time.process_time() - began
    trips = float(run.tally.trips["n"].sum() + run.tally.trips["unfinished"].sum())
    servers = model.resources.filter(pl.col("kind") == "server").select("resource")
    worked = run.tally.resources.join(servers, on="resource")
    return {
        "trips": trips,
        "cpu_s": took,
        "us_a_trip": took / trips * 1e6,
        "memory_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
        "records_gb": run.records * 16 / 1e9,
        "utilisation": float(worked["busy_h"].sum() / worked["capacity_h"].sum()),
    }


def table() -> str:
    """The rows as Markdown."""
    lines = [
        "| traffic | years | trips | CPU s | us a trip | MB more | records, GB | utilisation |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for times, years in SIZES:
        command = [sys.executable, __file__, str(times), str(years)]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        row = json.loads(ran.stdout)
        lines.append(
            f"| x{times} | {years} | {row['trips']:,.0f} | {row['cpu_s']:.1f} | "
            f"{row['us_a_trip']:.2f} | {row['memory_mb']:.0f} | {row['records_gb']:.2f} | "
            f"{row['utilisation']:.3f} |"
        )
        print(lines[-1], file=sys.stderr)
    return "\n".join(lines)


def main() -> None:
    """Nothing; one size is measured, or all of them and the table is printed."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    if numbers:
        print(json.dumps(one(*numbers)))
        return
    text = table()
    print(text)
    if "--write" in sys.argv:
        write(text, BEGIN, END)


if __name__ == "__main__":
    main()
