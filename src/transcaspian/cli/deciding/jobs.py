"""The verbs that decide, carried out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from transcaspian.cli.deciding import screen
from transcaspian.cli.inspect import at_edition, load, one_of, patch_of
from transcaspian.cli.output import as_lines
from transcaspian.cli.progress import Progress
from transcaspian.errors import Fault, Faults, Where, nearest

if TYPE_CHECKING:
    from transcaspian.appraisal.appraise.plan import Plan
    from transcaspian.appraisal.choose.choose import Purse
    from transcaspian.appraisal.evaluate.ground import Ground
    from transcaspian.appraisal.worth.results import Appraisal, Brief, Chosen
    from transcaspian.corridor.corridor import Corridor
    from transcaspian.corridor.patch import Patch
    from transcaspian.simulation import Cluster

DOLLARS = 1e6
BUDGETS = (30e6, 100e6, 300e6)
"""What is chosen for when no budget is named."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Which corridor, and how it is run."""

    corridor: Path | None
    edition: str
    uncalibrated: bool
    seed: int
    draws: int
    threads: int | Cluster | None = None
    findings: Path | None = None

    def on(self, threads: int | None, cluster: str | None, findings: Path | None) -> Ask:
        """The same, run by some threads or a cluster, with evaluations kept in a file."""
        from transcaspian.cli.job import spread_over

        return replace(self, threads=spread_over(threads, cluster), findings=findings)


@dataclass(frozen=True, slots=True)
class Money:
    """Budgets, yearly money and purses as they were typed, in dollars."""

    budgets: tuple[float, ...]
    yearly: tuple[float, ...]
    purses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looking:
    """How hard a package is looked for: runs a figure, sets times runs a budget, futures or not."""

    runs: int
    evaluations: int
    futures: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """By which basis, in which languages and where results are shown."""

    basis: str
    languages: tuple[str, ...]
    as_json: bool
    out: Path | None
    keep: Path | None = None

    def check(self) -> None:
        """Nothing; the words are known and the folders are new.

        Errors: O105 and O101.
        """
        from transcaspian.appraisal.worth.results import BASES
        from transcaspian.report.annex import LANGUAGES

        _one_of("basis", (self.basis,), BASES)
        _one_of("language", self.languages, LANGUAGES)
        _new(self.out, self.keep)


def appraise_job(ask: Ask, names: Sequence[str], *, runs: int, most: int, shown: Shown) -> None:
    """Nothing; measures are appraised, ranked and shown, and written if a folder is named."""
    from transcaspian.appraisal.choose.brief import brief_of

    shown.check()
    plan = plan_of(ask, names)
    with Progress("appraising") as progress:
        found = appraised(
            plan,
            _sets(plan, names),
            runs=(runs, max(runs, most)),
            basis=shown.basis,
            progress=progress,
        )
    _show(brief_of(plan, found, (), runs=runs), plan.ground.corridor, shown)


def package_job(
    ask: Ask, names: Sequence[str], *, money: Money, looking: Looking, shown: Shown
) -> None:
    """Nothing; the best package of each budget is chosen and shown, and written with the annex."""
    from transcaspian.appraisal.choose.brief import brief_of
    from transcaspian.appraisal.choose.choose import Effort, choose, problem_of
    from transcaspian.appraisal.choose.futures import futures_of

    shown.check()
    plan = plan_of(ask, names)
    purses = _purses(money)
    effort = Effort(looking.evaluations, looking.runs, ask.seed, shown.basis)
    asked = [] if not names else sorted(set().union(*_sets(plan, names)))
    for purse in purses:
        problem_of(plan, purse, names=asked)
    others = futures_of(plan) if looking.futures else ()
    with Progress("choosing") as progress:

        def tell(what: str, done: int, whole: int) -> None:
            """Nothing; the bar says what is done."""
            progress(done, whole, what)

        chosen = [
            choose(plan, purse, effort=effort, names=asked, futures=others, progress=tell)
            for purse in purses
        ]
        found = appraised(
            plan,
            [*_packages(chosen), *_sets(plan, names)],
            runs=(looking.runs, looking.runs),
            basis=shown.basis,
            progress=progress,
        )
    _show(brief_of(plan, found, chosen, runs=looking.runs), plan.ground.corridor, shown)


def plan_of(ask: Ask, names: Sequence[str]) -> Plan:
    """How worth is counted on the corridor that is asked for, with the measures named or files.

    Errors: P102 for a name that is not there; those of reading and of applying.
    """
    from transcaspian.appraisal.appraise.plan import Plan
    from transcaspian.appraisal.worth.guards import check_gains
    from transcaspian.appraisal.worth.money import check_costs

    shipped = load(ask.corridor)
    files = [part for name in names for part in name.split("+") if part.endswith(".toml")]
    patches = {_named(file): patch_of(shipped, file) for file in files}
    for name in names:
        for part in name.split("+"):
            if part not in files:
                one_of("measure", part, shipped.measures)
    ground = ground_of(ask, shipped, more=patches)
    plan = Plan(ground, _first_year(ground.corridor))
    check_gains(ground.measures)
    check_costs(
        {name: patch.cost for name, patch in ground.measures.items() if patch.cost}, plan.prices
    )
    return plan


def _first_year(corridor: Corridor) -> int:
    from transcaspian.appraisal.worth.money import prices_of

    return prices_of(corridor).base_year + 1


def ground_of(ask: Ask, shipped: Corridor, *, more: dict[str, Patch] | None = None) -> Ground:
    """The corridor as it was fitted, at its edition, and the measures that may be tried on it."""
    from transcaspian.appraisal.evaluate.ground import Ground
    from transcaspian.appraisal.evaluate.store import Store
    from transcaspian.appraisal.store import default_store
    from transcaspian.calibration.kept import calibration_of
    from transcaspian.corridor.apply import apply

    calibration = None if ask.uncalibrated else calibration_of(shipped)
    fitted = [] if calibration is None else [calibration.patch]
    corridor = at_edition(apply(shipped, *fitted), ask.edition)
    kept = ask.findings or default_store().with_name("evaluations.sqlite")
    return Ground(
        corridor,
        {**shipped.measures, **(more or {})},
        seed=ask.seed,
        draws=ask.draws,
        threads=ask.threads,
        store=Store(kept),
    )


def appraised(
    plan: Plan,
    sets: Sequence[frozenset[str]],
    *,
    runs: tuple[int, int],
    basis: str,
    progress: Progress,
) -> list[Appraisal]:
    """The appraisals of some sets, best first; more runs where the order is not clear, from the
    first number up to the second.
    """
    from transcaspian.appraisal.appraise.appraise import appraise
    from transcaspian.appraisal.appraise.ranking import ranked
    from transcaspian.appraisal.evaluate.ground import NOTHING, outcome

    single = [next(iter(each)) for each in sets if len(each) == 1]
    order = ranked(
        plan,
        single,
        runs=runs[0],
        most=runs[1],
        basis=basis,
        progress=lambda done, whole: progress(done, whole, "ranking"),
    )
    needed = {each.name: each.runs for each in order}
    listed = [
        *(each for each in sets if len(each) > 1),
        *(frozenset({each.name}) for each in order),
    ]
    counts = {runs[0], *needed.values()}
    before = {count: outcome(plan.ground, NOTHING, range(count)) for count in counts}
    found: list[Appraisal] = []
    for number, names in enumerate(listed):
        count = needed[next(iter(names))] if len(names) == 1 else runs[0]
        found.append(appraise(plan, names, range(count), before=before[count]))
        progress(number + 1, len(listed), "appraising")
    return found


def _sets(plan: Plan, names: Sequence[str]) -> list[frozenset[str]]:
    """The sets asked for, by the names of their measures; each by itself when none is."""
    if not names:
        return [frozenset({name}) for name in plan.ground.measures]
    return [frozenset(_named(part) for part in name.split("+")) for name in names]


def _packages(chosen: Sequence[Chosen]) -> list[frozenset[str]]:
    """The sets that were chosen, each once."""
    sets = [frozenset(each.measures) for each in chosen if len(each.measures) > 1]
    return list(dict.fromkeys(sets))


def _named(word: str) -> str:
    """The name of a measure, or of that in a file."""
    return Path(word).name.removesuffix(".toml") if word.endswith(".toml") else word


def _purses(money: Money) -> list[Purse]:
    from transcaspian.appraisal.choose.choose import Purse

    donors: dict[str, float] = {}
    for word in money.purses:
        name, _, amount = word.partition("=")
        try:
            donors[name] = float(amount) / DOLLARS
        except ValueError as error:
            raise Fault(
                "O105",
                f"--purse {word}",
                where=Where(),
                expected="a donor and dollars, as donor=30e6",
            ) from error
    yearly = tuple(each / DOLLARS for each in money.yearly)
    budgets = money.budgets or ((sum(money.yearly),) if money.yearly else BUDGETS)
    return [Purse(budget / DOLLARS, donors, yearly) for budget in budgets]


def _one_of(option: str, words: Sequence[str], known: Sequence[str]) -> None:
    wrong = [word for word in words if word not in known]
    if wrong:
        raise Fault(
            "O105",
            f"--{option} {wrong[0]}",
            where=Where(),
            expected=" or ".join(known),
            nearest=nearest(wrong[0], known),
        )


def _new(*folders: Path | None) -> None:
    """Nothing; none of the folders exists.

    Errors: O101, all of them at once.
    """
    found = [
        Fault(
            "O101",
            f"{folder} exists",
            where=Where(file=str(folder)),
            hint="choose another name, or remove it first",
        )
        for folder in folders
        if folder is not None and folder.exists()
    ]
    if found:
        raise Faults(found)


def _show(brief: Brief, corridor: Corridor, shown: Shown) -> None:
    """Nothing; the brief is shown, and kept and written where that was asked for."""
    from transcaspian.appraisal.choose.kept import tables, write_brief

    if shown.as_json:
        told = {name: as_lines(frame).rstrip() for name, frame in tables(brief).items()}
        rows = ",\n".join(f'"{name}": {lines}' for name, lines in told.items())
        sys.stdout.write("{\n" + rows + "\n}\n")
    else:
        sys.stdout.write(screen.told(brief, basis=shown.basis))
    if shown.keep is not None:
        write_brief(brief, shown.keep)
    if shown.out is not None:
        write_folder(brief, corridor, shown.out, languages=shown.languages)
        if not shown.as_json:
            sys.stdout.write(f"annex: {shown.out}\n")


def write_folder(
    brief: Brief, corridor: Corridor, out: Path, *, languages: Sequence[str] = ()
) -> None:
    """Nothing; the tables and the annex stand in a new folder, whole."""
    from transcaspian.appraisal.choose.kept import tables
    from transcaspian.report.annex import LANGUAGES, write_annex
    from transcaspian.tables.store import whole_folder, write_whole

    with whole_folder(out) as inside:
        for name, frame in tables(brief).items():
            write_whole(inside / f"{name}.csv", frame.write_csv().encode())
        write_annex(brief, inside, languages=languages or LANGUAGES, corridor=corridor)
