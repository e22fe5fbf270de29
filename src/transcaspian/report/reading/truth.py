"""A calibration as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from transcaspian.calibration.fitting.worth import BESIDE
from transcaspian.calibration.kept import Calibration
from transcaspian.corridor.corridor import Corridor
from transcaspian.report.material import Fact, Held, Pair, Parameter, Refit, Score, Truth
from transcaspian.report.reading.held import FIGURES
from transcaspian.report.reading.names import Names
from transcaspian.report.words import Quantity, listed, plural

Row = dict[str, Any]
SPLITS = {
    "figure": "one figure",
    "crossing": "a crossing",
    "country": "a country",
    "year": "a year",
    "later": "later years, from earlier ones",
    "door": "a time from door to door",
}
CELL = ("quantity", "place", "country", "network", "direction")
DOOR = "door_to_door_h"
MADE = {
    "fitted": "fitted",
    "bound": "taken for least times",
    "range": "taken for ranges",
    "shown": "only shown",
    "input": "given",
}
FORETOLD = ("simulated", "low", "high", "inside", "unseen", "unseen_low", "unseen_high")
ALIKE = 0.8
"""The correlation of two inputs above which they are named as told together only."""


def truth(calibration: Calibration, corridor: Corridor, names: Names) -> Truth:
    """What a calibration says of itself; `corridor` is the one that was to be fitted."""
    tables = calibration.tables
    targets, parameters = tables["targets"], tables["parameters"]
    fitted = targets.filter(pl.col("use") == "fitted")
    years = fitted["year"]
    draws = calibration.patch.draws
    words = _inputs(parameters, corridor, names)
    told = pl.col("standing") != "untold"
    strayed = ~pl.col("fitted").is_between("low", "high")
    return Truth(
        uses=_counted(targets, "use"),
        reasons=_counted(targets.filter(pl.col("use") == "shown"), "why"),
        cells=_cells(fitted),
        years=(int(years.min() or 0), int(years.max() or 0)),  # type: ignore[arg-type]  # numbers
        runs=calibration.runs,
        draws=0 if draws is None else draws.height,
        stale=not calibration.speaks_of(corridor),
        standings=_counted(parameters, "standing"),
        lent=parameters.filter(told & (pl.col("targets") == 0)).height,
        alone=parameters.filter(told & (pl.col("targets") == 1)).height,
        strayed=parameters.filter(strayed).height,
        scores=[_score(row) for row in tables["scores"].iter_rows(named=True)],
        facts=[_fact(row) for row in _by_share(tables["worth"]).iter_rows(named=True)],
        parameters=_parameters(parameters, words),
        pairs=_pairs(parameters, words),
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
                row,
                use=said["use"],
                expected=_expected(said, unit),
                unseen=_unseen(said, unit),
                foretold=_inside(said, row.theirs.value),
            )
        )
    return found


def doors_by_use(calibration: Calibration) -> str:
    """What the fit makes of the times from door to door that are published, in one sentence."""
    doors = calibration.tables["targets"].filter(pl.col("quantity") == DOOR)
    if doors.is_empty():
        return "No published time from door to door speaks to the model."
    counts = _counted(doors, "use")
    parts = listed([f"{counts[use]} {words}" for use, words in MADE.items() if use in counts])
    return f"Of {plural(doors.height, 'published time')} from door to door, {parts}."


def _known(tables: Mapping[str, pl.DataFrame]) -> dict[str, Row]:
    return {row["figure"]: row for row in tables["figures"].iter_rows(named=True)}


def _expected(row: Row, unit: str) -> Quantity:
    return Quantity(row["simulated"], row["low"], row["high"], unit)


def _unseen(row: Row, unit: str) -> Quantity:
    return Quantity(row["unseen"], row["unseen_low"], row["unseen_high"], unit)


def _inside(row: Row, published: float | None) -> bool | None:
    """What the table says of it; a least time is also kept where all that is foretold is more."""
    if row["use"] != "bound" or row["high"] is None or published is None:
        return row["inside"]
    return bool(published <= row["high"])


def _counted(frame: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(frame.group_by(column, maintain_order=True).agg(pl.len()).iter_rows())


def _cells(fitted: pl.DataFrame) -> int:
    """How many different times some figures are of: those of no place or country by their name."""
    nowhere = pl.col("place").is_null() & pl.col("country").is_null()
    own = pl.when(nowhere).then("figure").alias("own")
    return fitted.select(*CELL, own).unique().height


def _by_share(facts: pl.DataFrame) -> pl.DataFrame:
    return facts.sort("share", "fact", descending=[True, False])


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


def _inputs(parameters: pl.DataFrame, corridor: Corridor, names: Names) -> dict[str, str]:
    """What each parameter is, in words: what its prior says it is, and where."""
    notes = dict(corridor.table("priors").select("prior", "note").iter_rows())
    found: dict[str, str] = {}
    for row in parameters.iter_rows(named=True):
        note = notes.get(row["prior"]) or str(row["prior"]).replace("_", " ")
        where = [part for part in (_where(row, names), row["direction"]) if part]
        what = BESIDE.split(note)[0]
        found[row["parameter"]] = f"{what}: {', '.join(where)}" if where else what
    return found


def _pairs(parameters: pl.DataFrame, words: Mapping[str, str]) -> list[Pair]:
    """The inputs most entwined, each pair once, of those that are told together only."""
    entwined = parameters.filter(
        (pl.col("standing") == "together") & (pl.col("correlation").abs() > ALIKE)
    )
    together = set(parameters.filter(pl.col("standing") == "together")["parameter"])
    found: dict[frozenset[str], Pair] = {}
    for row in entwined.iter_rows(named=True):
        one, other = row["parameter"], row["kin"]
        if other in together:
            pair = Pair(words[one], words[other], row["correlation"])
            found.setdefault(frozenset({one, other}), pair)
    return sorted(found.values(), key=lambda pair: (-abs(pair.correlation), pair.one))


def _parameters(parameters: pl.DataFrame, words: Mapping[str, str]) -> list[Parameter]:
    """The parameters in words, those first that the figures tell most."""
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


def _where(row: Row, names: Names) -> str:
    """The place or the country of a row, if it is of one."""
    if row["place"]:
        return names.place(row["place"]) or str(row["place"])
    return (names.country(row["country"]) or "") if row["country"] else ""


def _figures(tables: Mapping[str, pl.DataFrame], names: Names) -> list[Held]:
    """Every target, of every year."""
    known = _known(tables)
    found: list[Held] = []
    for row in tables["targets"].iter_rows(named=True):
        said = known.get(row["figure"], dict.fromkeys(FORETOLD) | {"use": row["use"]})
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
                use=row["use"],
                expected=_expected(said, row["unit"]),
                unseen=_unseen(said, row["unit"]),
                foretold=_inside(said, row["published"]),
                why=row["why"],
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
                row["gap"],
            )
        )
    return found
