"""How far the hours that people wrote were rounded."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from transcaspian.events.engine import Frame, gathered, grouped, micros, on_engine
from transcaspian.survey.trips.visits import clock_minute

UNITS_MIN = (60, 30, 15, 5)
MINUTES = 60


def heaping(witnesses: object, *, publish_from: int) -> pl.DataFrame:
    """The share of what each source told that falls on whole units of the clock, and how many times
    that is more than chance would have: 1 is none, 60 is all of it on the full hour.

    Instants are those that a source tells to the minute, on the clock of the spot; lengths those
    that it states in hours. Steps of a unit count the steps of the longer ones with them.

    Shape: run, source, told (instants or lengths), unit_min, n, share, index.
    Source: Whipple's index of the heaping of ages, by its idea.
    """
    said = on_engine(witnesses)
    parts = [
        _told(frame, what)
        for frame, what in ((_instants(said), "instants"), (_lengths(said), "lengths"))
    ]
    found = pl.concat(parts)
    on = [
        pl.col("n").filter(pl.col("minute") % unit == 0).sum().alias(str(unit))
        for unit in UNITS_MIN
    ]
    keys = ["run", "source", "told"]
    wide = found.group_by(keys).agg(pl.col("n").sum(), *on).filter(pl.col("n") >= publish_from)
    long = wide.unpivot(
        [str(unit) for unit in UNITS_MIN], index=[*keys, "n"], variable_name="unit", value_name="on"
    )
    share = pl.col("on") / pl.col("n")
    unit = pl.col("unit").cast(pl.Int64)
    return long.select(
        *keys,
        unit.alias("unit_min"),
        pl.col("n").cast(pl.Int64),
        share.alias("share"),
        (share * unit).alias("index"),
    ).sort(*keys, "unit_min", descending=[False, False, False, True])


def _instants(said: Frame) -> Frame:
    """The minutes of the instants known to the minute."""
    timed = micros(said.filter(nw.col("earliest") == nw.col("latest")), ["earliest"])
    return timed.with_columns(nw.col("earliest").alias("at")).with_columns(
        clock_minute().alias("minute")
    )


def _lengths(said: Frame) -> Frame:
    """The minutes beyond full hours of the lengths that are stated."""
    stated = said.filter((nw.col("lifecycle") == "whole") & (nw.col("hours") > 0))
    minutes = (nw.col("hours") * MINUTES + 0.5).floor().cast(nw.Int64)
    return stated.with_columns((minutes % MINUTES).alias("minute"))


def _told(frame: Frame, what: str) -> pl.DataFrame:
    """How many of them there are of each minute: the last aggregate."""
    counted = grouped(frame, ("run", "source", "minute"), nw.len().cast(nw.Int64).alias("n"))
    return gathered(counted).with_columns(pl.lit(what).alias("told"))
