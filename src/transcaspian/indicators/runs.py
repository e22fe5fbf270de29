"""Means over replications with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from scipy.special import stdtrit

LEVEL = 0.90


def student(runs: int) -> float:
    """The factor of a 90 % Student interval of a mean over so many runs."""
    return float(stdtrit(runs - 1, 0.5 + LEVEL / 2)) if runs > 1 else float("nan")


def over_runs(frame: pl.DataFrame, value: str, *, by: Sequence[str]) -> pl.DataFrame:
    """The mean of a value over the runs, with its 90 % interval.

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
        pl.len().cast(pl.Int64).alias("runs"),
    )
    half = pl.col("factor").fill_nan(None) * pl.col("spread") / pl.col("runs").sqrt()
    return means.join(factors, on="runs", how="left", maintain_order="left").select(
        *by,
        pl.col("mean").alias("value"),
        (pl.col("mean") - half).alias("low"),
        (pl.col("mean") + half).alias("high"),
        "runs",
    )


def ratio(frame: pl.DataFrame, top: str, bottom: str, *, by: Sequence[str]) -> pl.DataFrame:
    """The ratio of two sums in each run, its mean over the runs and its 90 % interval.

    Shape: as `over_runs`.
    """
    sums = frame.group_by(["run", *by], maintain_order=True).agg(
        pl.col(top).sum(), pl.col(bottom).sum()
    )
    known = sums.filter(pl.col(bottom) > 0).with_columns(
        (pl.col(top) / pl.col(bottom)).alias("ratio")
    )
    return over_runs(known, "ratio", by=by)
