"""The lens: a simulated log as a survey would have seen it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import polars as pl

from transcaspian.events.log import Events
from transcaspian.tables.vocabulary import vocabulary

US_PER_H = 3_600_000_000
INSTANTS = ("arrived", "started", "ended")


@dataclass(frozen=True, slots=True)
class Lens:
    """What a survey distinguishes and how finely.

    `codes`: activities it tells apart; an activity outside is seen as its nearest ancestor within,
    or as the root of its branch. `rounding_h`: instants are rounded to this many hours. `hidden`:
    instants it never records. `lost_share`: share of the remaining instants that are missing.
    `merged`: consecutive steps seen alike become one. `share`: share of trips sampled, whose
    weights rise accordingly. `seed`: the luck of sampling and loss.
    """

    codes: tuple[str, ...] | None = None
    rounding_h: float = 0.0
    hidden: tuple[str, ...] = ()
    lost_share: float = 0.0
    merged: bool = False
    share: float = 1.0
    seed: int = 0


SHARP = Lens()


def lens_of(survey: Events) -> Lens:
    """The lens of a surveyed log: its activities, its rounding, the instants it never has."""
    steps = survey.steps
    if steps.is_empty():
        return SHARP
    hidden = tuple(name for name in INSTANTS if steps[name].null_count() == steps.height)
    seen = [steps[name].drop_nulls() for name in INSTANTS if name not in hidden]
    stamps = pl.concat(seen).dt.epoch("us") if seen else pl.Series([], dtype=pl.Int64)
    missing = sum(steps[name].null_count() for name in INSTANTS if name not in hidden)
    visible = steps.height * (len(INSTANTS) - len(hidden))
    again = (
        (steps["place"] == steps["place"].shift(1))
        & (steps["activity"] == steps["activity"].shift(1))
        & (steps["trip"] == steps["trip"].shift(1))
    )
    return Lens(
        codes=tuple(sorted(steps["activity"].unique())),
        rounding_h=_rounding(stamps),
        hidden=hidden,
        lost_share=missing / visible if visible else 0.0,
        merged=not bool(again.fill_null(value=False).any()),
    )


def _rounding(stamps: pl.Series) -> float:
    """The coarsest of day, hour, quarter and minute that all instants keep to; else 0."""
    for hours in (24.0, 1.0, 0.25, 1 / 60):
        if not stamps.is_empty() and bool((stamps % round(hours * US_PER_H) == 0).all()):
            return hours
    return 0.0


def observe(events: Events, *, like: Lens | Events) -> Events:
    """The log as a survey would have seen it; a log given as `like` lends its lens.

    The order of the blurs: trips are sampled, activities climb to the level seen, steps that look
    alike merge, instants are rounded, hidden and lost.
    """
    lens = lens_of(like) if isinstance(like, Events) else like
    trips = _sampled(events.trips, lens)
    steps = events.steps.join(
        trips.select("run", "trip"), on=["run", "trip"], how="semi", maintain_order="left"
    )
    steps = _climbed(steps, lens)
    steps = _merged(steps) if lens.merged else steps
    steps = _blurred(steps, lens)
    paid = events.payments.join(trips.select("run", "trip"), on=["run", "trip"], how="semi")
    return Events(trips, steps, paid, events.readings, events.witnesses)


def _luck(frame: pl.DataFrame, words: str, lens: Lens) -> pl.Series:
    """A number in [0, 1) for each row, a function of its run, trip, step and the seed alone."""
    salt = int.from_bytes(hashlib.blake2b(f"{lens.seed}/{words}".encode(), digest_size=7).digest())
    keys = [name for name in ("run", "trip", "step") if name in frame.columns]
    hashed = frame.select(pl.struct(keys).hash(seed=salt).alias("luck"))["luck"]
    return (hashed % 1_000_003).cast(pl.Float64) / 1_000_003


def _sampled(trips: pl.DataFrame, lens: Lens) -> pl.DataFrame:
    if lens.share >= 1:
        return trips
    kept = trips.filter(_luck(trips, "sample", lens) < lens.share)
    return kept.with_columns(pl.col("weight") / lens.share)


def _climbed(steps: pl.DataFrame, lens: Lens) -> pl.DataFrame:
    if lens.codes is None:
        return steps
    parents = dict(vocabulary("activities").select("code", "parent").iter_rows())
    seen = {code: _seen(code, parents, set(lens.codes)) for code in parents}
    return steps.with_columns(pl.col("activity").replace(seen))


def _seen(code: str, parents: dict[str, str | None], known: set[str]) -> str:
    while code not in known and parents[code]:
        code = str(parents[code])
    return code


def _merged(steps: pl.DataFrame) -> pl.DataFrame:
    """Consecutive steps at one place that look alike as one, from first arrival to last end."""
    trip = ["run", "trip"]
    ordered = steps.sort("run", "trip", "step")
    new = pl.struct("place", "activity") != pl.struct("place", "activity").shift(1).over(trip)
    numbered = ordered.with_columns(
        new.fill_null(value=True).cast(pl.Int64).cum_sum().over(trip).alias("step")
    )
    return (
        numbered.group_by("run", "trip", "step", maintain_order=True)
        .agg(
            pl.col("place", "activity", "arrived", "started").first(),
            pl.col("ended").last(),
            pl.col("slack_h").max(),
            pl.col("quality", "grade").first(),
        )
        .select(steps.columns)
    )


def _blurred(steps: pl.DataFrame, lens: Lens) -> pl.DataFrame:
    width = round(lens.rounding_h * US_PER_H)
    columns: list[pl.Expr] = []
    for name in INSTANTS:
        seen = pl.col(name)
        if width:
            seen = seen.dt.round(f"{width}us")
        if name in lens.hidden:
            seen = pl.lit(None)
        elif lens.lost_share > 0:
            seen = pl.when(_luck(steps, name, lens) >= lens.lost_share).then(seen)
        columns.append(seen.cast(steps.schema[name]).alias(name))
    known = steps.with_columns(columns)
    if width:
        known = known.with_columns(
            pl.lit(lens.rounding_h / 2).cast(steps.schema["slack_h"]).alias("slack_h")
        )
    return known.filter(pl.any_horizontal(pl.col(INSTANTS).is_not_null()))
