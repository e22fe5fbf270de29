"""What common luck buys: the variance of a difference on independent luck over that on common luck.

The corridor of the comparison, with and without one change, forty pairs of years; the figure is
the mean time of a trip.

Run: python bench/variance.py [--write]
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "engines"))

from ours import ours_corridor  # the path is set above

from simulation import write
from transcaspian.simulation import run_model
from transcaspian.simulation.verification.sketch import Sketch

PAIRS = 40
BEGIN, END = "<!-- variance: begin -->", "<!-- variance: end -->"


def _servers(name: str, count: int) -> Callable[[Sketch], None]:
    def change(sketch: Sketch) -> None:
        for row in sketch.rows["resources"]:
            if row["resource"] == name:
                row["servers"] = count

    return change


def _fewer_scans(sketch: Sketch) -> None:
    for step in sketch.steps:
        if step.get("resource") == "xray":
            step["share"] = 0.1


def _vessel(sketch: Sketch) -> None:
    sketch.rows["fleets"][0]["number"] = 4


CHANGES: dict[str, Callable[[Sketch], None]] = {
    "gauge yard, 2 to 3 servers": _servers("gauge", 3),
    "documents, 3 to 4 servers": _servers("documents", 4),
    "scanned, 20 to 10 %": _fewer_scans,
    "vessels, 3 to 4": _vessel,
}


def hours(change: Callable[[Sketch], None] | None, seed: int) -> list[float]:
    """The mean hours of a trip in each replication."""
    sketch = ours_corridor()
    if change is not None:
        change(sketch)
    trips = run_model(sketch.model(), replications=PAIRS, seed=seed).tally.trips.sort("run")
    return (trips["total_h"] / trips["n"]).to_list()


def main() -> None:
    """Nothing; the table is printed, and kept with --write."""
    lines = ["| change | difference, h | common luck narrows the variance |", "| --- | --- | --- |"]
    without = hours(None, 1)
    for name, change in CHANGES.items():
        common, other = hours(change, 1), hours(change, 2)
        paired = [b - a for a, b in zip(without, common, strict=True)]
        apart = [b - a for a, b in zip(without, other, strict=True)]
        gain = statistics.variance(apart) / statistics.variance(paired)
        lines.append(f"| {name} | {statistics.mean(paired):+.2f} | {gain:.1f} times |")
    text = "\n".join(lines)
    print(text)
    if "--write" in sys.argv:
        write(text, BEGIN, END)


if __name__ == "__main__":
    main()
