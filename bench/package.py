"""How much is lost by ways of choosing a package of measures, on the toy whose best set is known.

The value of every allowed set is computed once and kept in the temporary folder. Each way gets the
same numbers of replications (one set in one replication is one) and the same luck. The chance that
the chosen set is the best, as stated, is put beside how often it was, over other seeds.

Run: python bench/package.py [--seeds 12] [--sureness 50] [--write]
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

from transcaspian.appraisal.package.confidence import standing
from transcaspian.appraisal.package.moves import closure, filled, neighbours
from transcaspian.appraisal.package.problem import Evaluate, Package, Problem
from transcaspian.appraisal.package.programme import Programme, chosen, solved
from transcaspian.appraisal.package.search import NOTHING, greedy, search
from transcaspian.appraisal.package.surrogate import surrogate
from transcaspian.appraisal.package.toy import Truth, toy_evaluate, toy_problem, toy_truth
from transcaspian.appraisal.package.toy import corridor as toy_corridor
from transcaspian.appraisal.package.toy import truth as toy_truths
from transcaspian.appraisal.package.trials import Trials, difference, tried

BUDGETS = (100, 200, 400, 800, 1000, 1600, 3200)
SURE = (("default", 400), ("default", 1000), ("default", 2000), ("second opinion", 1000))
FIRST_SEED, FIRST_SURE_SEED = 100, 3000
WORKERS = 2
LOOKS = 4
STEPS = 160
BEGIN, END = "<!-- package: begin -->", "<!-- package: end -->"

Way = Callable[[Problem, Evaluate, int, int], Package]


def random_best(problem: Problem, evaluate: Evaluate, cells: int, seed: int) -> Package:
    """The best seen of sets drawn at the budget line, four replications each."""
    trials = Trials(problem, evaluate, cells)
    rng = np.random.default_rng(seed)
    names = problem.names
    while trials.used < cells:
        order = [names[at] for at in rng.permutation(len(names))]
        tried(trials, [filled(problem, NOTHING, order=order)], replications=LOOKS)
    whole = [each for each in trials.values if trials.count(each) == LOOKS]
    return max(whole, key=trials.mean)


def one_at_a_time(problem: Problem, evaluate: Evaluate, cells: int, seed: int) -> Package:
    """The best set by the sum of what each measure gives alone, less what it needs."""
    del seed
    trials = Trials(problem, evaluate, cells)
    whole = {name: closure(problem, frozenset({name})) for name in problem.names}
    tried(trials, list(whole.values()), replications=cells // len(whole))
    alone = {name: trials.mean(each) for name, each in whole.items()}
    gains = [
        alone[name] - sum(alone[other] for other in whole[name] - {name}) for name in problem.names
    ]
    programme = Programme()
    at = chosen(programme, problem, gains=gains)
    solution = solved(programme)
    assert solution is not None  # noqa: S101  # nothing at all is always allowed
    return frozenset(
        name
        for name, place in zip(problem.names, at, strict=True)
        if solution.values[place] > 1 / 2
    )


def greedy_by_cost(problem: Problem, evaluate: Evaluate, cells: int, seed: int) -> Package:
    """Greedy by benefit over cost."""
    del seed
    looks = max(1, cells // STEPS)
    return greedy(Trials(problem, evaluate, cells), history=[], replications=looks)


def greedy_absolute(problem: Problem, evaluate: Evaluate, cells: int, seed: int) -> Package:
    """Greedy by benefit."""
    del seed
    trials = Trials(problem, evaluate, cells)
    return greedy(trials, history=[], by_cost=False, replications=max(1, cells // STEPS))


def plain_swaps(problem: Problem, evaluate: Evaluate, cells: int, seed: int) -> Package:
    """Greedy, then swaps in random order, accepted on the paired difference."""
    rng = np.random.default_rng(seed)
    trials = Trials(problem, evaluate, cells)
    now = greedy(trials.within(int(0.4 * cells)), history=[])
    better = True
    while better and trials.used < cells:
        better = False
        moves = neighbours(problem, now)
        for at in rng.permutation(len(moves)):
            if _wins(trials, moves[int(at)], now):
                now, better = moves[int(at)], True
                break
    return now


def _wins(trials: Trials, move: Package, now: Package) -> bool:
    """Whether a set leads another by two errors, over at most 32 replications."""
    looks = LOOKS
    while tried(trials, [now, move], replications=looks):
        lead, error = difference(trials, move, against=now)
        if abs(lead) > 2 * error or looks >= 8 * LOOKS:
            return lead > max(error, 0.0)
        looks *= 2
    return False


def ours(problem: Problem, evaluate: Evaluate, cells: int, seed: int) -> Package:
    """The default."""
    return search(problem, evaluate, cells=cells, seed=seed).best


def second(problem: Problem, evaluate: Evaluate, cells: int, seed: int) -> Package:
    """The second opinion."""
    return surrogate(problem, evaluate, cells=cells, seed=seed, ranked=0).found.best


WAYS: dict[str, Way] = {
    "random, best seen": random_best,
    "one at a time, summed, knapsack": one_at_a_time,
    "greedy, benefit over cost": greedy_by_cost,
    "greedy, benefit": greedy_absolute,
    "greedy, then swaps in random order": plain_swaps,
    "**default:** greedy, then swaps led by a regression": ours,
    "**second opinion:** regression, programme, swaps": second,
}


@cache
def truth() -> Truth:
    """Every allowed set of the toy and its value, from the temporary folder when it is there."""
    text = "".join(Path(str(part.__file__)).read_text() for part in (toy_corridor, toy_truths))
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"transcaspian_toy_{name}.pickle"
    if path.exists():
        return pickle.loads(path.read_bytes())  # noqa: S301  # our own file
    found = toy_truth(toy_problem())
    path.write_bytes(pickle.dumps(found))
    return found


@cache
def values() -> dict[Package, float]:
    """What each set is worth."""
    known = truth()
    return dict(zip(known.packages, known.values.tolist(), strict=True))


def lost(way: str, cells: int, seed: int) -> float:
    """The share of the best value, in per cent, that a way of choosing loses."""
    package = WAYS[way](toy_problem(), toy_evaluate(seed), cells, seed)
    return 100 * (1 - values().get(package, 0.0) / truth().best)


def _lost(job: tuple[str, int, int]) -> float:
    return lost(*job)


def _sure(job: tuple[str, int, int]) -> tuple[float, bool, float]:
    """What was stated, whether it was so, and how many per cent were lost."""
    way, cells, seed = job
    problem, evaluate = toy_problem(), toy_evaluate(seed)
    if way == "default":
        found = search(problem, evaluate, cells=cells, seed=seed)
    else:
        found = surrogate(problem, evaluate, cells=cells, seed=seed, ranked=0).found
    state = standing(found)
    value = values()[found.best]
    return state.probability, value == truth().best, 100 * (1 - value / truth().best)


def regret_lines(pool: ProcessPoolExecutor, seeds: int) -> Iterator[str]:
    """The table of what is lost."""
    yield "| way of choosing | " + " | ".join(f"{cells:,}" for cells in BUDGETS) + " |"
    yield "| --- |" + " --- |" * len(BUDGETS)
    for way in WAYS:
        jobs = [(way, cells, FIRST_SEED + seed) for cells in BUDGETS for seed in range(seeds)]
        found = np.array(list(pool.map(_lost, jobs, chunksize=3))).reshape(len(BUDGETS), seeds)
        line = f"| {way} | " + " | ".join(f"{each:.1f}" for each in found.mean(axis=1)) + " |"
        print(line, file=sys.stderr, flush=True)
        yield line


def sureness_lines(pool: ProcessPoolExecutor, seeds: int) -> Iterator[str]:
    """The table of what was stated beside what was so."""
    yield "| by | replications | stated chance that the chosen set is the best | it was | lost, % |"
    yield "| --- | --- | --- | --- | --- |"
    for way, cells in SURE:
        jobs = [(way, cells, FIRST_SURE_SEED + seed) for seed in range(seeds)]
        table = np.array(list(pool.map(_sure, jobs, chunksize=2)), dtype=np.float64)
        stated, was, regret = table.mean(axis=0)
        halves = table[np.argsort(table[:, 0])]
        low, high = halves[: seeds // 2].mean(axis=0), halves[seeds // 2 :].mean(axis=0)
        line = (
            f"| {way} | {cells:,} | {stated:.2f} ({low[0]:.2f} and {high[0]:.2f} in the halves) "
            f"| {was:.2f} ({low[1]:.2f} and {high[1]:.2f}) | {regret:.2f} |"
        )
        print(line, file=sys.stderr, flush=True)
        yield line


def main() -> None:
    """Nothing; the tables are printed, and kept with --write."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, default=12)
    asked.add_argument("--sureness", type=int, default=50)
    asked.add_argument("--write", action="store_true")
    args = asked.parse_args()
    begun = time.perf_counter()
    top = truth()
    near = int((top.values >= 0.98 * top.best).sum())
    second_behind = 100 * (1 - top.values[1] / top.best)
    with ProcessPoolExecutor(WORKERS) as pool:
        lines = [
            (
                f"{len(top.packages):,} sets within the budget; the second best is "
                f"{second_behind:.1f} % behind, and {near} sets are within 2 %. "
                f"Mean of what is lost, % of the best, over {args.seeds} seeds, by replications:"
            ),
            "",
            *regret_lines(pool, args.seeds),
            "",
            f"The stated chance that the chosen set is the best, over {args.sureness} other seeds:",
            "",
            *sureness_lines(pool, args.sureness),
        ]
    text = "\n".join(lines)
    print(text)
    print(f"{time.perf_counter() - begun:.0f} s", file=sys.stderr)
    if args.write:
        sys.path.insert(0, str(Path(__file__).resolve().parent))
        from simulation import write  # noqa: PLC0415  # only when it is kept

        write(text, BEGIN, END)


if __name__ == "__main__":
    main()
