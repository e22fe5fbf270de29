"""A study: the base year beside what is published, the present, and its measures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from transcaspian.appraisal.again import Settings, run_tally
from transcaspian.appraisal.compare import Comparison, with_without
from transcaspian.appraisal.surveyed import surveyed_beside
from transcaspian.corridor.apply import apply
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.provenance import MODEL_READS, cells, statuses
from transcaspian.events.log import Events, events_of
from transcaspian.events.tally import Tally
from transcaspian.indicators import (
    INDICATORS,
    country_border_hours,
    door_to_door,
    waiting_share,
    worst_places,
)
from transcaspian.indicators.published import published_against_simulated
from transcaspian.indicators.runs import doubt
from transcaspian.simulation import simulate

if TYPE_CHECKING:
    from transcaspian.corridor.patch import Patch

Progress = Callable[[int, int], None]
SAMPLE = 14


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What a survey saw, beside a simulated base year seen in the same way.

    Shape: `table` as `surveyed_beside`.
    """

    title: str
    synthetic: bool
    table: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Study:
    """All that a report speaks of.

    Shape: `published` as `published_against_simulated`; `inputs` one row a status (cells, share);
    `inputs_by_table` one row a table and status; `sample` the log of some trips of the corridor's
    cargo at present; `earlier` what earlier studies of the same corridor found.
    """

    base: Corridor
    present: Corridor
    edition: Patch | None
    base_tally: Tally
    present_tally: Tally
    published: pl.DataFrame
    comparisons: tuple[Comparison, ...]
    sample: Events
    inputs: pl.DataFrame
    inputs_by_table: pl.DataFrame
    earlier: tuple[dict[str, object], ...]
    settings: Settings
    surveyed: Surveyed | None = None

    def title(self) -> str:
        """One line that says what was simulated."""
        how = self.settings
        return (
            f"{self.base.about.title}: {how.replications} replications, seed {how.seed}; "
            f"intervals are 90 % of {self.doubt()}"
        )

    def doubt(self) -> str:
        """What the intervals are of."""
        return doubt(drawn=self.base_tally.drawn)

    def headline(self) -> pl.DataFrame:
        """The few figures that a reader wants first.

        Shape: figure, unit, value, low, high.
        """
        return headline(self)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Every table behind the report: indicators of the present, published, measures."""
        present = {
            f"present_{name}": entry(self.present, self.present_tally)
            for name, entry in INDICATORS.items()
        }
        measures = [
            each.effects.select(pl.lit(each.measure.name).alias("measure"), pl.all())
            for each in self.comparisons
        ]
        return {
            "published": self.published,
            "headline": self.headline(),
            **present,
            **({"measures": pl.concat(measures)} if measures else {}),
            **({"surveyed": self.surveyed.table} if self.surveyed else {}),
            "inputs": self.inputs_by_table,
        }

    def manifest(self) -> str:
        """What makes the same study again, as JSON."""
        from transcaspian import __version__  # noqa: PLC0415  # the face of the package

        how = self.settings
        return (
            json.dumps(
                {
                    "version": __version__,
                    "corridor": self.base.about.name,
                    "base_hash": self.base.hash,
                    "present_hash": self.present.hash,
                    "edition": self.edition.name if self.edition else None,
                    "replications": how.replications,
                    "seed": how.seed,
                    "measures": [each.measure.name for each in self.comparisons],
                },
                indent=2,
            )
            + "\n"
        )


def run_study(
    corridor: Corridor,
    *,
    measures: Sequence[str] = (),
    settings: Settings | None = None,
    earlier: Sequence[dict[str, object]] = (),
    progress: Progress | None = None,
) -> Study:
    """The base year, the present, and each measure with and without at present."""
    how = settings or Settings()
    steps = len(measures) + 3
    name = corridor.about.present
    edition = corridor.editions[name] if name else None
    present = apply(corridor, edition) if edition else corridor

    def tick(done: int) -> None:
        if progress is not None:
            progress(done, steps)

    base_tally = run_tally(corridor, how)
    tick(1)
    present_tally = run_tally(present, how) if edition else base_tally
    tick(2)
    sample = sample_of(present, seed=how.seed)
    tick(3)
    compared = with_without(
        present,
        measures,
        settings=how,
        without=present_tally,
        progress=lambda done, _: tick(done + 3),
    )
    return Study(
        corridor,
        present,
        edition,
        base_tally,
        present_tally,
        published_against_simulated(corridor, base_tally, present=(present, present_tally)),
        tuple(compared),
        sample,
        statuses(corridor),
        _by_table(corridor),
        tuple(earlier),
        how,
    )


def with_survey(study: Study, survey: Events, wave: Mapping[str, object]) -> Study:
    """The study with a survey beside its base year."""
    table = surveyed_beside(study.base, survey, seed=study.settings.seed)
    found = Surveyed(str(wave["title"]), bool(wave["synthetic"]), table)
    return replace(study, surveyed=found)


def sample_of(corridor: Corridor, *, seed: int, most: int = SAMPLE) -> Events:
    """The log of some trips of each flow of the corridor's cargo in one run, evenly over a year."""
    events = simulate(corridor, replications=1, seed=seed, log=True).events
    if events is None:
        message = "the log was asked for and not kept"
        raise RuntimeError(message)
    cargo = corridor.table("flows").filter(pl.col("scope") == "corridor")["flow"].implode()
    trips = events.trips.filter(pl.col("flow").is_in(cargo))
    rank = pl.int_range(pl.len()).over("run", "flow")
    size = pl.len().over("run", "flow")
    chosen = trips.filter((rank * most) // size != ((rank - 1) * most) // size)
    steps = events.steps.filter(pl.col("trip").is_in(chosen["trip"].implode()))
    return events_of(chosen, steps)


def _by_table(corridor: Corridor) -> pl.DataFrame:
    parts = [cells(corridor, name) for name in MODEL_READS]
    return (
        pl.concat(parts)
        .group_by("table", "status", maintain_order=True)
        .agg(pl.len().alias("cells"))
        .sort("table", "status")
    )


def headline(study: Study) -> pl.DataFrame:
    """The few figures that a reader wants first: door to door, waiting, the worst place, the hits.

    Shape: figure, unit, value, low, high.
    """
    rows: list[dict[str, object]] = []
    corridor, tally = study.present, study.present_tally
    about = corridor.about
    doors = door_to_door(corridor, tally).filter(pl.col("scope") == "corridor")
    ends = doors.filter(
        (pl.col("origin") == about.origin) & (pl.col("destination") == about.destination)
    )
    names = dict(corridor.table("places").select("place", "name").iter_rows())
    for row in ends.head(1).iter_rows(named=True):
        label = f"{names[row['origin']]} to {names[row['destination']]}"
        rows.append(_row(f"door to door, {label}, mean", "d", row, 1 / 24))
        rows.append(
            {
                "figure": "  19 in 20 are faster than",
                "unit": "d",
                "value": row["p95"] / 24,
                "low": None,
                "high": None,
            }
        )
        share = waiting_share(corridor, tally).filter(pl.col("flow") == row["flow"])
        rows += [
            _row("  share of that time spent waiting", "1", each, 1.0)
            for each in share.iter_rows(named=True)
        ]
    worst = worst_places(corridor, tally)
    for row in worst.head(3).iter_rows(named=True):
        label = names.get(row["place"], row["place"])
        rows.append(_row(f"waiting at {label}, by the corridor's cargo", "h/y", row, 1.0))
    borders = country_border_hours(corridor, tally).filter(pl.col("direction") == "")
    members = corridor.table("countries").filter(pl.col("role").is_in(["member", "feeder"]))
    countries = dict(members.select("country", "name").iter_rows())
    rows += [
        _row(f"border crossing, {countries[row['country']]}, {row['network']}", "h", row, 1.0)
        for row in borders.iter_rows(named=True)
        if row["country"] in countries
    ]
    for each in study.comparisons:
        change = each.effects.filter(pl.col("figure") == "waiting of all traffic").row(
            0, named=True
        )
        rows.append(_row(f"waiting with {each.measure.title}", "h/y", change, 1.0))
    held = study.published.filter(pl.col("simulated").is_not_null())
    rows.append(
        {
            "figure": f"published figures met, of {held.height} that the model speaks to",
            "unit": "",
            "value": float(held["inside"].sum()),
            "low": None,
            "high": None,
        }
    )
    return pl.DataFrame(
        rows,
        schema={
            "figure": pl.String,
            "unit": pl.String,
            "value": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
        },
    )


def _row(figure: str, unit: str, row: dict[str, object], factor: float) -> dict[str, object]:
    scaled = {
        name: None if row[name] is None else float(str(row[name])) * factor
        for name in ("value", "low", "high")
    }
    return {"figure": figure, "unit": unit, **scaled}
