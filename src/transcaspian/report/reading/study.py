"""From a study to the page."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from transcaspian import __version__
from transcaspian.appraisal.study import Study
from transcaspian.calibration.kept import Calibration
from transcaspian.corridor.corridor import Corridor
from transcaspian.indicators import border_hours, corridor_cost, door_to_door, speed, waiting_share
from transcaspian.report.material import (
    Citation,
    Headline,
    Held,
    Material,
    Opening,
    SurveyedRow,
    Trace,
)
from transcaspian.report.reading import held
from transcaspian.report.reading.atlas import maps
from transcaspian.report.reading.measures import earlier, effects
from transcaspian.report.reading.names import Names, names_of
from transcaspian.report.reading.standing import resources, ribbons, worst
from transcaspian.report.reading.trips import samples
from transcaspian.report.reading.truth import doors_by_use, truth, with_truth
from transcaspian.report.words import Quantity, days, number, plural, share

MEMBERS = ("member", "feeder")
DECLARED = """\
Most stage times, servers and background volumes are not published. They are estimates, and those \
of border posts were set with the published border times in view: agreement is no validation.
Nothing was calibrated or held out. Door-to-door times were not fitted, but they inherit border \
times that were.
"""
FITTED = """\
Most stage times, servers and background volumes are not published. Those that a fit moves were \
fitted to the published figures; the others are estimates.
That a figure which was fitted agrees is no validation; how it was foretold unseen is.
The fit is of the base year. The present is that fit with the changes declared since, and few \
figures hold it down.
"""
BLIND = """\
Stage times at borders start blind, from the median of their like at all posts, and are fitted to \
published border times.
"""
LIMITS = """\
Where a post has few places, trucks wait for one on the other side of the border; how many places \
there are is an estimate, and the wait is very sensitive to it.
What is not declared does not happen: break-downs, holidays, the hours at which drivers come.
Posts with daytime hours are reached at any hour in the model; drivers who time their arrival wait \
less.
Traffic does not react to a shorter queue, and a closed way sends nobody another way.
"""


def material(study: Study, *, calibration: Calibration | None = None) -> Material:
    """Everything the page says of a study; of one of a fitted corridor, why to believe it."""
    names = names_of(study.present)
    found = worst(study, names)
    how = study.settings
    fitted = study.base.fitted
    patches = [patch.name for patch in fitted.patches] if fitted else []
    patches += [study.edition.name] if study.edition else []
    return Material(
        opening=_opening(study, names, worst_name=found[0].name if found else ""),
        headlines=_headlines(study),
        inputs=dict(study.inputs.select("status", "cells").iter_rows()),
        maps=maps(study.present, study.present_tally, names),
        samples=samples(
            study.sample, names, ends=(study.present.about.origin, study.present.about.destination)
        ),
        ribbons=ribbons(study, names),
        held=_held(study, calibration),
        silent=held.silent(study.published),
        worst=found,
        resources=resources(study, names),
        effects=effects(study, names),
        earlier=earlier(study),
        volumes=held.volumes(study.published),
        limits=_limits(study, calibration),
        assumed=_assumed(study.inputs_by_table),
        citations=_citations(study),
        trace=Trace(study.base.hash, how.seed, how.replications, __version__, patches),
        surveyed=_surveyed(study, names),
        survey_title=study.surveyed.title if study.surveyed else "",
        survey_synthetic=study.surveyed.synthetic if study.surveyed else False,
        drawn=study.base_tally.drawn,
        truth=truth(calibration, _unfitted(study), names) if calibration else None,
    )


def _limits(study: Study, calibration: Calibration | None) -> list[str]:
    """What the page cannot tell; of a fitted corridor, what was made of the figures."""
    if calibration is None:
        return [str(line) for line in (DECLARED + LIMITS).splitlines()]
    blind = "class" in study.base.table("priors")["centre"].to_list()
    return [
        *((BLIND if blind else "") + FITTED).splitlines(),
        doors_by_use(calibration),
        *LIMITS.splitlines(),
    ]


def _unfitted(study: Study) -> Corridor:
    """The corridor as it was before anything was fitted."""
    base = study.base
    return base.fitted.origin if base.fitted else base


def _held(study: Study, calibration: Calibration | None) -> list[Held]:
    """The published figures with ours, and with what was foretold where something was."""
    rows = held.held(study.published)
    if calibration is None:
        return rows
    return with_truth(rows, held.named(study.published), calibration)


def _surveyed(study: Study, names: Names) -> list[SurveyedRow]:
    """The crossings of the study's survey, most travelled first."""
    if study.surveyed is None:
        return []
    known = study.surveyed.table.filter((pl.col("surveyed_h") > 0) & (pl.col("simulated_h") > 0))
    return [
        SurveyedRow(
            f"{names.place(row['place'])}, {row['network']}, {row['direction']}",
            float(row["trips"]),
            float(row["surveyed_h"]),
            float(row["simulated_h"]),
        )
        for row in known.iter_rows(named=True)
    ]


def _doors(study: Study) -> pl.DataFrame:
    about = study.present.about
    table = door_to_door(study.present, study.present_tally).filter(pl.col("scope") == "corridor")
    ends = table.filter(
        (pl.col("origin") == about.origin) & (pl.col("destination") == about.destination)
    )
    return ends if ends.height else table.sort("trips", descending=True)


def _opening(study: Study, names: Names, *, worst_name: str) -> Opening:
    about = study.present.about
    doors = _doors(study)
    answer = "No trip of the corridor's cargo arrived."
    if doors.height:
        row = doors.row(0, named=True)
        waited = waiting_share(study.present, study.present_tally).filter(
            pl.col("flow") == row["flow"]
        )
        part = share(waited["value"][0]) if waited.height else "some"
        answer = (
            f"A trip from {names.place(row['origin'])} to {names.place(row['destination'])} takes "
            f"{number(row['value'] / 24)} days at present, one in twenty more than "
            f"{number(row['p95'] / 24)}, and waits for {part} of that time; the corridor's cargo "
            f"loses most hours at {worst_name or 'no place'}."
        )
    return Opening(
        title=about.title,
        subtitle=about.subtitle or "A simulation of a freight corridor as it is and could be",
        answer=answer,
        base_year=about.base_year,
        present=study.edition.title if study.edition else str(about.base_year),
        replications=study.settings.replications,
    )


def _headlines(study: Study) -> list[Headline]:
    """CPMM's four figures over the corridor's countries, and door to door."""
    corridor, tally = study.present, study.present_tally
    members = corridor.table("countries").filter(pl.col("role").is_in(list(MEMBERS)))["country"]
    ours = pl.col("country").is_in(members.implode())
    borders = border_hours(corridor, tally).filter(ours)
    made = [
        Headline(
            "Border time",
            _by_network(borders, "trips", "h"),
            "mean hours at one post, every crossing alike, ports included",
        ),
        Headline(
            "Cost of 500 km and 20 t",
            _plain(corridor_cost(corridor, tally).filter(ours), "USD"),
            "tariffs and payments; mean of the countries",
        ),
        Headline(
            "Speed",
            _speeds(speed(corridor, tally).filter(ours)),
            "with all stops, and in motion; mean of the countries",
        ),
    ]
    doors = _doors(study)
    if doors.height:
        row = doors.row(0, named=True)
        made.append(
            Headline(
                "Door to door",
                [
                    ("mean", days(Quantity(row["value"], row["low"], row["high"], "h"))),
                    ("19 in 20 within", days(Quantity(row["p95"], unit="h"))),
                ],
                f"{plural(round(row['trips']), 'trip')} a year; "
                f"buffer index {share(row['buffer_index'])}",
            )
        )
    return made


def _by_network(table: pl.DataFrame, weight: str, unit: str) -> list[tuple[str, Quantity]]:
    parts: list[tuple[str, Quantity]] = []
    for network in ("rail", "road"):
        rows = table.filter((pl.col("network") == network) & (pl.col(weight) > 0))
        if rows.is_empty():
            continue
        total = float(rows[weight].sum())
        mean = float((rows["value"] * rows[weight]).sum()) / total
        parts.append((network, Quantity(mean, unit=unit)))
    return parts


def _plain(table: pl.DataFrame, unit: str) -> list[tuple[str, Quantity]]:
    means = (
        table.group_by("network", maintain_order=True).agg(pl.col("value").mean()).sort("network")
    )
    return [
        (network, Quantity(value, unit=unit))
        for network, value in means.iter_rows()
        if network in {"rail", "road"}
    ]


def _speeds(table: pl.DataFrame) -> list[tuple[str, Quantity]]:
    means = (
        table.group_by("network", "measure", maintain_order=True)
        .agg(pl.col("value").mean())
        .sort("network", "measure")
    )
    return [
        (f"{network}, {measure.replace('_', ' ')}", Quantity(value, unit="km/h"))
        for network, measure, value in means.iter_rows()
        if network in {"rail", "road"}
    ]


def _assumed(inputs: pl.DataFrame) -> list[tuple[str, Mapping[str, int]]]:
    return [
        (str(name[0]), dict(rows.select("status", "cells").iter_rows()))
        for name, rows in inputs.group_by("table", maintain_order=True)
    ]


def _citations(study: Study) -> list[Citation]:
    return [
        Citation(row["source"], row["title"], row["publisher"] or "", row["year"], row["url"] or "")
        for row in study.base.table("sources").iter_rows(named=True)
    ]
