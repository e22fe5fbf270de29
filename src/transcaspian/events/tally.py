"""Counts and sums of a log: the one shape that a survey and the kernel both reduce to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

FIRST_BIN_H = 0.01
BINS_PER_OCTAVE = 16
BINS = 400

RUN = {"run": pl.String}
VISIT = {**RUN, "place": pl.String, "network": pl.String, "direction": pl.String}
SCHEMAS: dict[str, dict[str, type[pl.DataType]]] = {
    "steps": {
        **RUN,
        "flow": pl.String,
        "order": pl.Int64,
        "place": pl.String,
        "activity": pl.String,
        "n": pl.Float64,
        "wait_h": pl.Float64,
        "service_h": pl.Float64,
        "km": pl.Float64,
    },
    "visits": {**VISIT, "n": pl.Float64, "dwell_h": pl.Float64, "dwell_h2": pl.Float64},
    "visit_bins": {**VISIT, "bin": pl.Int64, "n": pl.Float64},
    "trips": {
        **RUN,
        "flow": pl.String,
        "n": pl.Float64,
        "total_h": pl.Float64,
        "total_h2": pl.Float64,
        "tonnes": pl.Float64,
        "unfinished": pl.Int64,
        "lost": pl.Int64,
    },
    "trip_bins": {**RUN, "flow": pl.String, "bin": pl.Int64, "n": pl.Float64},
    "payments": {
        **RUN,
        "flow": pl.String,
        "place": pl.String,
        "activity": pl.String,
        "kind": pl.String,
        "n": pl.Float64,
        "usd": pl.Float64,
    },
    "resources": {
        **RUN,
        "resource": pl.String,
        "served": pl.Int64,
        "busy_h": pl.Float64,
        "capacity_h": pl.Float64,
        "wait_h": pl.Float64,
        "longest_h": pl.Float64,
    },
    "carriers": {
        **RUN,
        "service": pl.String,
        "order": pl.Int64,
        "sailings": pl.Int64,
        "load": pl.Float64,
        "waiting_h": pl.Float64,
    },
}


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums by step, by visit of a place and by trip, with histograms of the last two.

    Shape: each frame as in SCHEMAS; sums are over the trips counted, weighted in a survey. `drawn`
    says that each run is of another draw of what was fitted, so that the runs spread as wide as the
    doubt about that and the luck of a year together.
    """

    steps: pl.DataFrame
    visits: pl.DataFrame
    visit_bins: pl.DataFrame
    trips: pl.DataFrame
    trip_bins: pl.DataFrame
    payments: pl.DataFrame
    resources: pl.DataFrame
    carriers: pl.DataFrame
    drawn: bool = False


def empty_tally() -> Tally:
    """A tally of nothing."""
    frames = {name: pl.DataFrame(schema=schema) for name, schema in SCHEMAS.items()}
    return Tally(**frames, drawn=False)


def concat(tallies: Sequence[Tally]) -> Tally:
    """The tallies of several runs as one."""
    if not tallies:
        return empty_tally()
    return Tally(
        **{name: pl.concat([getattr(each, name) for each in tallies]) for name in SCHEMAS},
        drawn=any(each.drawn for each in tallies),
    )


def summed(name: str) -> pl.Expr:
    """The sum of a column in each group, the same to the bit each time.

    A plain sum over many groups is put together from parts in the order in which threads come to
    them; one that asks for an order is not.
    """
    return pl.col(name).reverse().sum()


def bin_of(hours: pl.Expr) -> pl.Expr:
    """The histogram bin of a duration: sixteen to the doubling, the first from 0.01 h."""
    at = (hours.clip(FIRST_BIN_H) / FIRST_BIN_H).log(2) * BINS_PER_OCTAVE
    return at.floor().clip(0, BINS - 1).cast(pl.Int64)


def edge_h(number: pl.Expr) -> pl.Expr:
    """The lower edge of a bin, in hours."""
    return FIRST_BIN_H * (number.cast(pl.Float64) / BINS_PER_OCTAVE * 0.6931471805599453).exp()


def quantile_from_bins(bins: pl.DataFrame, q: float, *, by: Sequence[str]) -> pl.DataFrame:
    """The quantile of each group, interpolated on the logarithm within its bin.

    Shape: the columns `by` and value.
    """
    keys = list(by)
    summed = (
        bins.group_by([*keys, "bin"], maintain_order=True)
        .agg(pl.col("n").sum())
        .sort([*keys, "bin"])
    )
    running = summed.with_columns(
        pl.col("n").cum_sum().over(keys).alias("upto")
        if keys
        else pl.col("n").cum_sum().alias("upto"),
        (pl.col("n").sum().over(keys) if keys else pl.col("n").sum()).alias("all"),
    ).with_columns((pl.col("all") * q).alias("target"))
    hit = running.filter(pl.col("upto") >= pl.col("target") - 1e-9)
    first = hit.group_by(keys, maintain_order=True).first() if keys else hit.head(1)
    inside = (pl.col("target") - pl.col("upto") + pl.col("n")) / pl.col("n")
    return first.select(*keys, edge_h(pl.col("bin") + inside.clip(0, 1)).alias("value"))
