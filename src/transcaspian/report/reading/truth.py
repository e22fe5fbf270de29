"""A calibration as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from transcaspian.calibration.kept import Calibration
from transcaspian.corridor.corridor import Corridor
from transcaspian.report.material import Fact, Held, Parameter, Refit, Score, Truth
from transcaspian.report.reading.held import FIGURES
from transcaspian.report.reading.names import Names
from transcaspian.report.words import Quantity

Row = dict[str, Any]
SPLITS = {
    "figure": "one figure",
    "crossing": "one crossing",
    "country": "one country",
    "year": "one year",
    "later": "the last years",
    "door": "one time from door to door",
}
CELL = ("place", "country", "network", "direction")


def truth(calibration: Calibration, corridor: Corridor, names: Names) -> Truth:
    """What a calibration says of itself; `corridor` is the one that was to be fitted."""
    tables = calibration.tables
    targets, parameters = tables["targets"], tables["parameters"]
    fitted = targets.filter(pl.col("use") == "fitted")
    years = fitted["year"]
    draws = calibration.patch.draws
    return Truth(
        uses=_counted(targets, "use"),
        cells=fitted.select(CELL).unique().height,
        years=(int(years.min() or 0), int(years.max() or 0)),  # type: ignore[arg-type]  # numbers
        runs=calibration.runs,
        draws=0 if draws is None else draws.height,
        stale=not calibration.speaks_of(corridor),
        standings=_counted(parameters, "standing"),
        scores=[_score(row) for row in tables["scores"].iter_rows(named=True)],
        facts=[_fact(row) for row in tables["worth"].iter_rows(named=True)],
        parameters=_parameters(parameters, names),
        figures=_figures(tables, names),
        refits=_refits(tables, names),
    )


def with_truth(held: list[Held], figures: list[str], calibration: Calibration) -> list[Held]:
    """Published figures beside ours, with what was made of each and what was foretold.

    `figures` are their names, one each.
    """
    known = _known(calibration.tables)
    found: list[Held] = []
    for row, name in zip(held, figures, strict=True):
        said = known.get(name)
        if said is None:
            found.append(row)
            continue
        unit = row.ours.unit
        found.append(
            replace(
                row, use=said["use"], expected=_expected(said, unit), unseen=_unseen(said, unit)
            )
        )
    return found


def _known(tables: Mapping[str, pl.DataFrame]) -> dict[str, Row]:
    return {row["figure"]: row for row in tables["figures"].iter_rows(named=True)}


def _expected(row: Row, unit: str) -> Quantity:
    return Quantity(row["simulated"], row["low"], row["high"], unit)


def _unseen(row: Row, unit: str) -> Quantity:
    return Quantity(row["unseen"], row["unseen_low"], row["unseen_high"], unit)


def _counted(frame: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(frame.group_by(column, maintain_order=True).agg(pl.len()).iter_rows())


def _score(row: Row) -> Score:
    return Score(
        SPLITS[row["split"]],
        row["naive_rule"],
        row["figures"],
        row["ours"],
        row["naive"],
        row["ratio"],
        row["aim"],
        row["met"],
        row["coverage"],
        row["crps"],
    )


def _fact(row: Row) -> Fact:
    return Fact(row["fact"], row["share"], row["answer"], row["most"])


def _parameters(parameters: pl.DataFrame, names: Names) -> list[Parameter]:
    """The parameters in words, those first that the figures tell most."""
    words = {row["parameter"]: _named(row, names) for row in parameters.iter_rows(named=True)}
    ordered = parameters.sort("told", "parameter", descending=[True, False])
    return [_parameter(row, words) for row in ordered.iter_rows(named=True)]


def _parameter(row: Row, words: Mapping[str, str]) -> Parameter:
    return Parameter(
        words[row["parameter"]],
        Quantity(1.0, row["low"], row["high"]),
        Quantity(row["fitted"], row["fitted_low"], row["fitted_high"]),
        row["told"],
        row["targets"],
        row["standing"],
        words.get(row["kin"], ""),
        row["correlation"],
    )


def _named(row: Row, names: Names) -> str:
    where = _where(row, names)
    parts = [str(row["prior"]).replace("_", " "), where, row["direction"] or ""]
    return ", ".join(part for part in parts if part)


def _where(row: Row, names: Names) -> str:
    """The place or the country of a row, if it is of one."""
    if row["place"]:
        return names.place(row["place"]) or str(row["place"])
    return (names.country(row["country"]) or "") if row["country"] else ""


def _figures(tables: Mapping[str, pl.DataFrame], names: Names) -> list[Held]:
    """Every target that the draws give a value for, of every year."""
    known = _known(tables)
    found: list[Held] = []
    for row in tables["targets"].iter_rows(named=True):
        said = known.get(row["figure"])
        if said is None or said["simulated"] is None:
            continue
        found.append(
            Held(
                what=_said(row, names),
                theirs=Quantity(row["published"], row["low"], row["high"], row["unit"]),
                ours=Quantity(said["simulated"], unit=row["unit"]),
                kind=row["kind"],
                year=row["year"],
                edition="",
                source=str(row["source"]).replace(";", ", "),
                inside=bool(said["inside"]),
                note=row["why"],
                use=row["use"],
                expected=_expected(said, row["unit"]),
                unseen=_unseen(said, row["unit"]),
            )
        )
    return found


def _said(row: Row, names: Names) -> str:
    """What a target is of, in words."""
    where = _where(row, names)
    words = [part for part in (where, row["network"], row["direction"]) if part]
    what = FIGURES.get(row["quantity"], row["quantity"])
    return f"{' '.join(words) or str(row['figure']).replace('_', ' ')}, {what}"


def _refits(tables: Mapping[str, pl.DataFrame], names: Names) -> list[Refit]:
    targets = {row["figure"]: row for row in tables["targets"].iter_rows(named=True)}
    found: list[Refit] = []
    for row in tables["refits"].iter_rows(named=True):
        target = targets[row["figure"]]
        unit = target["unit"]
        found.append(
            Refit(
                f"{_said(target, names)}, {target['year']}",
                SPLITS[row["split"]],
                Quantity(row["published"], unit=unit),
                Quantity(row["predicted"], unit=unit),
                Quantity(row["refitted"], unit=unit),
            )
        )
    return found
