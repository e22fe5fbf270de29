"""The lens: a simulated log as a survey would have seen it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from transcaspian.events.engine import (
    TRIP,
    Frame,
    beside,
    beyond,
    gathered,
    grouped,
    here,
    in_order,
    instants,
    micros,
    on_engine,
    running,
)
from transcaspian.events.log import Events
from transcaspian.tables.vocabulary import vocabulary

INSTANTS = ("arrived", "started", "ended")
GRIDS_H = (24.0, 12.0, 6.0, 1.0, 0.5, 0.25, 1 / 12, 1 / 60)
ON_GRID = 0.95
US_PER_H = 3_600_000_000
PRIME = 2**31 - 1
ANY = ""
ALIKE = ("place", "activity")


@dataclass(frozen=True, slots=True)
class Lens:
    """What a survey distinguishes, how finely, and whom it meets.

    `codes`: activities it tells apart; another is seen as its nearest ancestor among them, or as
    the root of its branch. `merged`: consecutive steps that look alike are one to it.
    `rounding_h`: the grid its instants are rounded to. `missing`: for an instant, the share of
    steps on which it is blank. `sample`: for a flow, the share of its trips that are met, the word
    "" for all flows not named; what is met counts for what is not. `seed`: the luck of both.
    """

    codes: tuple[str, ...] | None = None
    merged: bool = False
    rounding_h: float = 0.0
    missing: tuple[tuple[str, float], ...] = ()
    sample: tuple[tuple[str, float], ...] = ()
    seed: int = 0


SHARP = Lens()


def observe(events: Events, *, like: Lens | Events) -> Events:
    """The log as a survey would have seen it; a log given as `like` lends its lens.

    Trips are sampled, activities climb to the level seen, steps that look alike merge, instants
    are rounded, then lost. A step that has lost every instant is not in the survey.
    """
    lens = lens_of(like) if isinstance(like, Events) else like
    steps = on_engine(events.steps)
    trips = beside(_sampled(events.trips, lens), steps)
    columns = steps.columns
    met = trips.select(*TRIP)
    if lens.sample:
        steps = steps.join(met, on=list(TRIP), how="semi")
    steps = _climbed(steps, lens)
    payments = beside(events.payments, steps) if lens.merged else on_engine(events.payments)
    if lens.merged:
        steps, payments = _merged(steps, payments)
    steps = _lost(_rounded(steps, lens), lens)
    kept = trips if here(steps) else on_engine(_sampled(events.trips, lens))
    return Events(
        nw.to_native(kept),
        nw.to_native(steps.select(*columns)),
        _of(nw.to_native(payments), kept),
        _of(events.readings, kept),
        _of(events.witnesses, kept),
    )


def _of(frame: Any, trips: Frame) -> Any:  # noqa: ANN401  # native frames of any engine
    """The rows of a frame that belong to the trips."""
    rows = on_engine(frame)
    return nw.to_native(
        rows.join(beside(nw.to_native(trips.select(*TRIP)), rows), on=list(TRIP), how="semi")
    )


def _luck(column: nw.Expr, salt: int, lens: Lens) -> nw.Expr:
    """A number in [0, 1): a function of trip, step and seed alone, alike on every engine."""
    word = (column % PRIME + 7919 * salt + lens.seed % PRIME) % PRIME
    for turn in range(1, 5):
        word = (word * word + word + 15_485_863 * turn + salt) % PRIME
    return word / PRIME


def _sampled(trips: Any, lens: Lens) -> Any:  # noqa: ANN401  # a native frame of any engine
    """The trips that the survey meets, each standing for those of its flow that it does not."""
    frame = on_engine(trips)
    if not lens.sample:
        return trips
    shares = dict(lens.sample)
    flow = nw.coalesce(nw.col("flow"), nw.lit(ANY))
    named = pl.DataFrame(
        {"flow": list(shares), "met": list(shares.values())},
        schema={"flow": pl.String, "met": pl.Float64},
    )
    known = (
        frame.with_columns(flow.alias("stratum"))
        .join(beside(named, frame), left_on="stratum", right_on="flow", how="left")
        .with_columns(nw.col("met").fill_null(shares.get(ANY, 0.0)))
    )
    sampled = known.filter(_luck(nw.col("trip"), 1, lens) < nw.col("met"))
    weighted = sampled.with_columns((nw.col("weight") / nw.col("met")).alias("weight"))
    return nw.to_native(weighted.select(*frame.columns))


def _climbed(steps: Frame, lens: Lens) -> Frame:
    """The steps with each activity at the level that the survey tells apart."""
    if lens.codes is None:
        return steps
    parents = dict(vocabulary("activities").select("code", "parent").iter_rows())
    known = set(lens.codes)
    seen = pl.DataFrame(
        {"activity": list(parents), "seen": [_level(code, parents, known) for code in parents]}
    )
    joined = steps.join(beside(seen, steps), on="activity", how="left")
    activity = nw.coalesce(nw.col("seen"), nw.col("activity"))
    return in_order(joined.with_columns(activity.alias("activity")).drop("seen"))


def _level(code: str, parents: Mapping[str, str | None], known: set[str]) -> str:
    while code not in known and parents[code]:
        code = str(parents[code])
    return code


def _merged(steps: Frame, payments: Frame) -> tuple[Frame, Frame]:
    """Consecutive steps at one place that look alike as one, and their payments with it.

    The first arrival and start and the last end remain; waits in between pass for service.
    """
    ordered = in_order(steps)
    before, after = (_alike(ordered, rows=at).fill_null(value=False) for at in (1, -1))
    flagged = ordered.with_columns((~before).alias("new"), (~after).alias("final"))
    numbered = flagged.with_columns(
        running("new", ordered, by="step").alias("part"),
        *(_blank_unless(name, "new") for name in ("arrived", "started")),
        _blank_unless("ended", "final"),
    )
    whole = grouped(
        numbered,
        (*TRIP, "part", *ALIKE),
        nw.col("step", "arrived", "started", "quality", "grade").min(),
        nw.col("ended", "slack_h").max(),
    )
    first = numbered.select(*TRIP, "step", "part").join(
        whole.select(*TRIP, "part", nw.col("step").alias("first")), on=[*TRIP, "part"], how="inner"
    )
    paid = payments.join(first, on=[*TRIP, "step"], how="inner")
    moved = paid.with_columns(nw.col("first").alias("step"))
    summed = grouped(moved, (*TRIP, "step", "kind", "currency"), nw.col("amount").sum())
    ordered_whole = whole.sort(*TRIP, "step") if here(whole) else whole
    return ordered_whole, summed.select(*payments.columns)


def _alike(ordered: Frame, *, rows: int) -> nw.Expr:
    """Whether a step looks like the one `rows` back (or on) in its trip."""
    same = [nw.col(name) == beyond(name, ordered, rows=rows, by="step") for name in ALIKE]
    return same[0] & same[1]


def _blank_unless(name: str, flag: str) -> nw.Expr:
    return nw.when(nw.col(flag)).then(nw.col(name)).alias(name)


def _rounded(steps: Frame, lens: Lens) -> Frame:
    """The steps with instants on the survey's grid, and half of it as their slack."""
    width = round(lens.rounding_h * US_PER_H)
    if not width:
        return steps
    on_grid = [((nw.col(name) + width // 2) // width * width).alias(name) for name in INSTANTS]
    slack = nw.max_horizontal(nw.col("slack_h"), nw.lit(lens.rounding_h / 2)).alias("slack_h")
    return instants(micros(steps, INSTANTS).with_columns(*on_grid, slack), INSTANTS)


def _lost(steps: Frame, lens: Lens) -> Frame:
    """The steps without the instants that the survey misses."""
    if not lens.missing:
        return steps
    each = nw.col("trip") * 4099 + nw.col("step")
    left = [
        nw.when(_luck(each, 2 + INSTANTS.index(name), lens) >= share).then(nw.col(name)).alias(name)
        for name, share in lens.missing
    ]
    none = nw.all_horizontal(*(nw.col(name).is_null() for name in INSTANTS), ignore_nulls=False)
    return steps.with_columns(*left).filter(~none)


def lens_of(survey: Events) -> Lens:
    """The lens of a surveyed log: its activities, its grid, its blanks, whether alikes are merged.

    The grid is the coarsest that nineteen in twenty of its instants keep to; the sample of a flow
    is one over the mean weight of its trips.
    """
    steps = gathered(on_engine(survey.steps).select(*TRIP, "step", "place", "activity", *INSTANTS))
    if steps.is_empty():
        return SHARP
    blank = [(name, steps[name].null_count() / steps.height) for name in INSTANTS]
    return Lens(
        codes=tuple(sorted(steps["activity"].unique())),
        merged=not _repeats(steps),
        rounding_h=_grid_h(steps),
        missing=tuple((name, share) for name, share in blank if share > 0),
        sample=_shares(gathered(on_engine(survey.trips))),
    )


def _repeats(steps: pl.DataFrame) -> bool:
    ordered = steps.sort(*TRIP, "step")
    alike = [ordered[name] == ordered[name].shift(1) for name in (*TRIP, "place", "activity")]
    return bool((alike[0] & alike[1] & alike[2] & alike[3]).any())


def _grid_h(steps: pl.DataFrame) -> float:
    stamps = pl.concat([steps[name].drop_nulls() for name in INSTANTS]).dt.epoch("us")
    for hours in GRIDS_H:
        kept = int((stamps % round(hours * US_PER_H) == 0).sum())
        if kept and kept >= ON_GRID * len(stamps):
            return hours
    return 0.0


def _shares(trips: pl.DataFrame) -> tuple[tuple[str, float], ...]:
    if (trips["weight"] == 1).all():
        return ()
    met = trips.group_by(pl.col("flow").fill_null(ANY)).agg(1 / pl.col("weight").mean())
    return tuple(met.sort("flow").iter_rows())


__all__ = ["SHARP", "Lens", "lens_of", "observe"]
