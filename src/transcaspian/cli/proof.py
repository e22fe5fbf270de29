"""The verbs that say how far the model can be believed: verify and calibrate."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from transcaspian.cli.output import emit
from transcaspian.cli.progress import Progress
from transcaspian.errors import Fault, Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from transcaspian.calibration.calibrate import Plan


def verify_engine(only: str, *, threads: int | None, as_json: bool, out: Path | None) -> bool:
    """Whether every row of the verification table is green; the table is shown."""
    import polars as pl

    from transcaspian.simulation.verification.table import all_cases, verify

    if only and not any(only.lower() in case.name.lower() for case in all_cases()):
        raise Fault(
            "O105",
            f"no case with {only!r} in its name",
            where=Where(),
            expected="a part of one of " + ", ".join(case.name for case in all_cases()),
        )
    with Progress("verifying") as progress:
        table = verify(only=only, threads=threads, progress=progress)
    red = table.filter(pl.col("verdict") != "green").height
    title = (
        f"{table.height} figures against theory: {table.height - red} green, {red} red; 40 "
        "replications, 99.9 % intervals"
    )
    shown = table if as_json or out is not None else _narrow(table)
    emit(shown, as_json=as_json, out=out, title=title)
    if red and not as_json:
        sys.stderr.write(f"{red} red: the engine and the theory of these rows disagree\n")
    return red == 0


def _narrow(table: pl.DataFrame) -> pl.DataFrame:
    """The table as a terminal shows it: the half-width in per cent of theory."""
    import polars as pl

    share = (pl.col("width_share") * 100).round(2).cast(pl.String) + " %"
    return table.select("case", "figure", "theory", "estimate", share.alias("+-"), "verdict")


def calibrate_job(
    corridor: Path | None, plan: Plan, *, out: Path, work: Path | None, as_json: bool
) -> None:
    """Nothing; the calibration stands in its folder, and its scores are shown."""
    from transcaspian.calibration.calibrate import calibrate
    from transcaspian.calibration.kept import write_calibration
    from transcaspian.cli.inspect import load
    from transcaspian.cli.output import as_text
    from transcaspian.tables.store import refuse_existing

    refuse_existing(out)
    known = load(corridor)
    with tempfile.TemporaryDirectory() as spare, Progress("calibrating") as progress:
        made = calibrate(
            known,
            folder=work or Path(spare),
            plan=plan,
            progress=lambda what, done, of: progress(done, of, what),
        )
    write_calibration(made, out)
    shown = made.tables["scores"] if plan.validate else _used(made.tables["targets"])
    if as_json:
        emit(shown, as_json=True, out=None)
        return
    title = f"{known.about.title}: {_words(made.tables)}"
    sys.stdout.write(as_text(_scored(shown) if plan.validate else shown, title=title))
    sys.stdout.write(f"\ncalibration: {out}\n")


def _scored(scores: pl.DataFrame) -> pl.DataFrame:
    """The scores as a terminal shows them."""
    return scores.select("split", "figures", "ours", "naive", "ratio", "aim", "met", "coverage")


def _used(targets: pl.DataFrame) -> pl.DataFrame:
    """How many figures the fit made what of."""
    import polars as pl

    return (
        targets.group_by("use", "quantity").agg(pl.len().alias("figures")).sort("use", "quantity")
    )


def _words(tables: Mapping[str, pl.DataFrame]) -> str:
    """What was fitted to what."""
    targets, parameters = tables["targets"], tables["parameters"]
    told = parameters.filter(standing="told").height
    together = parameters.filter(standing="together").height
    return (
        f"{targets.filter(use='fitted').height} figures fitted, of {targets.height} that the "
        f"model speaks to; of {parameters.height} parameters they tell {told}, and {together} "
        "only together with another"
    )
