"""How long a package is looked for on the shipped corridor, beside simulating every set whole.

Twenty measures, the cheapest that a run feels, are searched with so many evaluations (one set in
one run) and nothing kept before. Beside it, in the same run, some of the sets that the search tried
are simulated whole, as they would be without parts that are looked up.

Run: python bench/evaluations.py [--measures 20] [--evaluations 800] [--whole 6] [--write]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from transcaspian.appraisal.appraise.plan import Plan, evaluate
from transcaspian.appraisal.choose.choose import Purse, problem_of
from transcaspian.appraisal.evaluate.ground import Ground
from transcaspian.appraisal.package import search
from transcaspian.calibration.kept import calibration_of
from transcaspian.corridor.apply import apply
from transcaspian.corridor.corridor import limited
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import simulate

BEGIN, END = "<!-- evaluations: begin -->", "<!-- evaluations: end -->"
BUDGET = 100.0
DRAWS = 8


def fresh() -> Plan:
    """Worth counted on the shipped corridor as it was fitted, at present; nothing is kept."""
    shipped = read_corridor()
    calibration = calibration_of(shipped)
    fitted = [calibration.patch] if calibration else []
    present = apply(shipped, *fitted, shipped.editions[shipped.about.present])
    return Plan(Ground(present, shipped.measures, draws=DRAWS), 2026)


def cheapest(plan: Plan, count: int) -> list[str]:
    """The names of the cheapest measures that a run feels and that need no other."""
    problem = problem_of(plan, Purse(1e6))
    free = [each for each in problem.options if not each.needs]
    return [each.name for each in sorted(free, key=lambda each: each.cost)[:count]]


def searched(measures: int, evaluations: int) -> tuple[Plan, list[frozenset[str]], float, int]:
    """The sets that a search tried, how long it took, and its evaluations."""
    names = cheapest(fresh(), measures)
    plan = fresh()
    began = time.perf_counter()
    problem = problem_of(plan, Purse(BUDGET), names=names)
    found = search(problem, lambda sets, runs: evaluate(plan, sets, runs), cells=evaluations)
    return plan, list(found.values), time.perf_counter() - began, found.cells


def whole(plan: Plan, sets: list[frozenset[str]]) -> float:
    """Seconds an evaluation when each set is simulated whole, two runs each."""
    began = time.perf_counter()
    for names in sets:
        patches = [plan.ground.measures[name] for name in sorted(names)]
        simulate(limited(apply(plan.ground.corridor, *patches), DRAWS), replications=2)
    return (time.perf_counter() - began) / (2 * len(sets))


def main() -> None:
    """Nothing; the table is printed, and kept with --write."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--measures", type=int, default=20)
    asked.add_argument("--evaluations", type=int, default=800)
    asked.add_argument("--whole", type=int, default=6)
    asked.add_argument("--write", action="store_true")
    args = asked.parse_args()
    whole(fresh(), [frozenset()])
    plan, sets, seconds, cells = searched(args.measures, args.evaluations)
    luck = np.random.default_rng(1)
    some = [sets[at] for at in luck.choice(len(sets), min(args.whole, len(sets)), replace=False)]
    each = whole(plan, some)
    heads = ("measures", "evaluations", "sets", "minutes", "s each", "s each, whole", "ratio")
    pace = seconds / cells
    cells_ = (
        str(args.measures),
        str(cells),
        str(len(sets)),
        f"{seconds / 60:.1f}",
        f"{pace:.2f}",
        f"{each:.2f}",
        f"{each / pace:.1f}",
    )
    rows = (heads, ("---",) * len(heads), cells_)
    text = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    print(text)
    if args.write:
        sys.path.insert(0, str(Path(__file__).resolve().parent))
        from simulation import write  # noqa: PLC0415  # only when it is kept

        write(text, BEGIN, END)


if __name__ == "__main__":
    main()
