"""The verb that holds the engine against theory."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from transcaspian.cli.output import emit
from transcaspian.cli.progress import Progress
from transcaspian.errors import Fault, Where

if TYPE_CHECKING:
    import polars as pl


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
