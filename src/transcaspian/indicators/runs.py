"""Means over replications with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from scipy.special import stdtrit

from transcaspian.events.tally import summed

LEVEL = 0.90


def student(runs: int) -> float:
    """The factor of a 90 % Student interval of a mean over so many runs."""
    return float(stdtrit(runs - 1, 0.5 + LEVEL / 2)) if runs > 1 else float("nan")


def doubt(*, drawn: bool) -> str:
    """What the intervals are of, in words."""
    if drawn:
        return "the doubt about what was fitted and the luck of a year"
    return "the luck of the year, not of the doubt about the inputs"


def over_runs(
    frame: pl.DataFrame, value: str, *, by: Sequence[str], drawn: bool = False
) -> pl.DataFrame:
    """The mean of a value over the runs, with its 90 % interval.

    The interval is that of the mean. Of runs that are each of another draw, it is that of one more
    run: in what range the answer is, by the doubt about what was fitted and the luck of a year. It
    is taken on the logarithm of the size where every run has the same sign, so that it keeps it.

    Shape: the columns `by`, value, low, high (null with one run), runs.
    """
    total = frame["run"].n_unique() if frame.height else 0
    factors = pl.DataFrame(
        {"runs": range(1, total + 1), "factor": [student(runs) for runs in range(1, total + 1)]},
        schema={"runs": pl.Int64, "factor": pl.Float64},
    )
    known = frame.filter(pl.col(value).is_not_null() & pl.col(value).is_finite())
    means = known.group_by(list(by), maintain_order=True).agg(
        pl.col(value).mean().alias("mean"),
        pl.col(value).std().alias("spread"),
        pl.col(value).min().alias("least"),
        pl.col(value).max().alias("most"),
        _size(value).mean().alias("log_mean"),
        _size(value).std().alias("log_spread"),
        pl.len().cast(pl.Int64).alias("runs"),
    )
    ends = _of_one_more() if drawn else _of_the_mean()
    return means.join(factors, on="runs", how="left", maintain_order="left").select(
        *by, pl.col("mean").alias("value"), *ends, "runs"
    )


def _size(value: str) -> pl.Expr:
    """The logarithm of how far a value is from zero."""
    return pl.col(value).abs().clip(LEAST).log()


LEAST = 1e-300
FACTOR = pl.col("factor").fill_nan(None)


def _of_the_mean() -> tuple[pl.Expr, pl.Expr]:
    """The ends of the interval of a mean."""
    half = FACTOR * pl.col("spread") / pl.col("runs").sqrt()
    return (pl.col("mean") - half).alias("low"), (pl.col("mean") + half).alias("high")


def _of_one_more() -> tuple[pl.Expr, pl.Expr]:
    """The ends of the interval of one more run."""
    wide = FACTOR * (1 + 1 / pl.col("runs")).sqrt()
    plain, bent = wide * pl.col("spread"), wide * pl.col("log_spread")
    near, far = (pl.col("log_mean") - bent).exp(), (pl.col("log_mean") + bent).exp()
    above, below = pl.col("least") > 0, pl.col("most") < 0
    low = pl.when(above).then(near).when(below).then(-far).otherwise(pl.col("mean") - plain)
    high = pl.when(above).then(far).when(below).then(-near).otherwise(pl.col("mean") + plain)
    return low.alias("low"), high.alias("high")


def ratio(
    frame: pl.DataFrame, top: str, bottom: str, *, by: Sequence[str], drawn: bool = False
) -> pl.DataFrame:
    """The ratio of two sums in each run, its mean over the runs and its 90 % interval.

    Shape: as `over_runs`.
    """
    sums = frame.group_by(["run", *by], maintain_order=True).agg(summed(top), summed(bottom))
    known = sums.filter(pl.col(bottom) > 0).with_columns(
        (pl.col(top) / pl.col(bottom)).alias("ratio")
    )
    return over_runs(known, "ratio", by=by, drawn=drawn)
