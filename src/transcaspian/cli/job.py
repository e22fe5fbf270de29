"""The verbs that simulate: run and simulate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from transcaspian.cli.inspect import at_edition, changed, load, patch_of
from transcaspian.cli.output import as_text, emit
from transcaspian.cli.progress import Progress
from transcaspian.errors import Fault, Where, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from transcaspian.appraisal.study import Study
    from transcaspian.appraisal.worth.results import Brief
    from transcaspian.calibration.kept import Calibration
    from transcaspian.corridor.corridor import Corridor
    from transcaspian.events.log import Events
    from transcaspian.simulation import Cluster


RANKED = 12
"""How many measures a run shows of those that were appraised."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every simulating verb is told."""

    corridor: Path | None
    out: Path | None
    replications: int
    seed: int
    threads: int | Cluster | None


@dataclass(frozen=True, slots=True)
class More:
    """What a run may be told besides: where findings are kept, patches, a survey, and no fit."""

    findings: Path | None = None
    patches: tuple[Path, ...] = ()
    survey: Path | None = None
    uncalibrated: bool = False


def spread_over(threads: int | None, cluster: str | None) -> int | Cluster | None:
    """What runs the replications: threads, or the cluster at an address."""
    if cluster is None:
        return threads
    from transcaspian.simulation import Cluster

    return Cluster(cluster)


def simulate_job(  # one parameter an option
    job: Job,
    measures: Sequence[str],
    *,
    indicator: str,
    edition: str,
    log: Path | None,
    as_json: bool,
) -> None:
    """Nothing; a year is simulated and one indicator of it is shown."""
    from transcaspian.indicators import INDICATORS
    from transcaspian.readers.log import write_events
    from transcaspian.simulation import simulate

    if indicator not in INDICATORS:
        raise Fault(
            "O105",
            f"no indicator {indicator!r}",
            where=Where(),
            expected="one of " + ", ".join(INDICATORS),
            nearest=nearest(indicator, list(INDICATORS)),
            hint="transcaspian show indicators",
        )
    corridor = changed(load(job.corridor), measures, edition=edition)
    with Progress("simulating") as progress:
        result = simulate(
            corridor,
            replications=job.replications,
            seed=job.seed,
            threads=job.threads,
            log=log is not None,
            progress=progress,
        )
    if log is not None and result.events is not None:
        write_events(result.events, log, corridor=corridor)
    table = INDICATORS[indicator](corridor, result.tally)
    emit(table, as_json=as_json, out=job.out, title=_title(corridor, indicator, job))


def _title(corridor: Corridor, indicator: str, job: Job) -> str:
    from transcaspian.indicators.runs import doubt

    of_what = "" if corridor.fitted is None else f" of {doubt(drawn=True)}"
    return (
        f"{corridor.about.title}: {indicator.replace('_', ' ')}, "
        f"{job.replications} replications, seed {job.seed}; intervals are 90 %{of_what}"
    )


def run_job(
    job: Job, *, measures: Sequence[str], all_measures: bool, more: More, as_json: bool
) -> None:
    """Nothing; the corridor is simulated and appraised and the report is written."""
    from transcaspian import __version__
    from transcaspian.appraisal import Settings, run_study
    from transcaspian.appraisal.store import keep, recall
    from transcaspian.appraisal.study import with_survey
    from transcaspian.calibration.kept import calibration_of

    shipped = load(job.corridor)
    calibration = None if more.uncalibrated else calibration_of(shipped)
    corridor = _patched(shipped, more.patches, calibration=calibration)
    survey = _survey(more.survey)
    findings = more.findings
    folder = _new_folder(job.out)
    names = _measures(corridor, measures, all_measures=all_measures)
    own = (job.replications, job.seed, __version__)
    earlier = [
        row
        for row in recall(at_edition(corridor, "present").hash, path=findings)
        if (row["replications"], row["seed"], row["version"]) != own
    ]
    with Progress("simulating") as progress:
        study = run_study(
            corridor,
            measures=names,
            settings=Settings(job.replications, job.seed, job.threads),
            earlier=earlier,
            progress=progress,
        )
    if survey is not None:
        study = with_survey(study, *survey)
    brief = _brief(shipped, study.present)
    _write(study, folder, calibration=calibration, brief=brief)
    keep(study, version=__version__, path=findings)
    _summary(study, folder, brief=brief, as_json=as_json)


def _patched(
    corridor: Corridor, patches: Sequence[Path], *, calibration: Calibration | None
) -> Corridor:
    """The corridor as it was fitted, with the patches of some files applied."""
    from transcaspian.corridor.apply import apply
    from transcaspian.readers.patch import read_patch_file

    fitted = [] if calibration is None else [calibration.patch]
    return apply(corridor, *fitted, *(read_patch_file(path) for path in patches))


def _brief(shipped: Corridor, present: Corridor) -> Brief | None:
    """What was found of the measures and packages of this very corridor, if that lies beside it."""
    from transcaspian.appraisal.choose.brief import corridor_key
    from transcaspian.appraisal.choose.kept import brief_beside

    key = corridor_key(present, shipped.measures.values())
    return brief_beside(shipped, key=key)


def _survey(release: Path | None) -> tuple[Events, dict[str, object]] | None:
    """The log of a survey's release and what it says of its wave."""
    from transcaspian.appraisal.surveyed import read_survey

    return None if release is None else read_survey(release)


def _new_folder(out: Path | None) -> Path:
    """The folder to write: the one asked for, which must not exist, or the next free number."""
    if out is None:
        number = 1
        while Path(f"out/run-{number:03d}").exists():
            number += 1
        return Path(f"out/run-{number:03d}")
    if out.exists():
        raise Fault(
            "O101",
            f"{out} exists",
            where=Where(file=str(out)),
            hint="choose another name, or remove it first",
        )
    return out


def _measures(corridor: Corridor, asked: Sequence[str], *, all_measures: bool) -> list[str]:
    if all_measures:
        return list(corridor.measures)
    for name in asked:
        patch_of(corridor, name)
    headline = [name for name, patch in corridor.measures.items() if patch.headline]
    return list(asked) or headline


def _write(
    study: Study, folder: Path, *, calibration: Calibration | None, brief: Brief | None
) -> None:
    from transcaspian.calibration.kept import FOLDER, write_calibration
    from transcaspian.report import write_report
    from transcaspian.report.annex import write_annex
    from transcaspian.tables.store import whole_folder

    with whole_folder(folder) as inside:
        write_report(study, inside / "report.html", calibration=calibration, brief=brief)
        if brief is not None:
            write_annex(brief, inside / "annex", corridor=study.present)
        if calibration is not None:
            write_calibration(calibration, inside / FOLDER)
        for name, frame in study.tables().items():
            frame.write_csv(inside / f"{name}.csv")
        (inside / "manifest.json").write_text(study.manifest(), encoding="utf-8")


def _summary(study: Study, folder: Path, *, brief: Brief | None, as_json: bool) -> None:
    import sys

    from transcaspian.cli.deciding.screen import told

    frame: pl.DataFrame = study.headline()
    if as_json:
        emit(frame, as_json=True, out=None)
        return
    sys.stdout.write(as_text(frame, title=study.title()))
    if brief is not None:
        sys.stdout.write("\n" + told(brief, most=RANKED))
    sys.stdout.write(f"\nreport: {folder / 'report.html'}\n")
    if brief is not None:
        sys.stdout.write(f"annex: {folder / 'annex'}\n")
