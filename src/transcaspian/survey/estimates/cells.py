"""The published cells: who stayed how long where, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.survey.estimates.inference import mover
from transcaspian.survey.estimates.inference.blur import sharpened
from transcaspian.survey.estimates.inference.means import Mean, modelled
from transcaspian.survey.estimates.inference.order import Curve, curve, held, within
from transcaspian.survey.estimates.stays import CELL

LEVEL = 0.95
LIMITS_H = (4, 8, 24, 72)
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9, "p95": 0.95}
GRADE_A, GRADE_B = 100.0, 30.0
COARSE = 0.05
"""Bounds wider than this share of a usual stay are taken account of."""
GOOD_SHARE = 0.5
"""Share of stays that two sources agree on, from which a large cell is of grade A."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The stays of one cell.

    Shape: one entry a spell; `cluster` numbers; `goods` where spells are gathered by them.
    """

    hours: NDArray[np.float64]
    half: NDArray[np.float64]
    open: NDArray[np.bool_]
    n: NDArray[np.float64]
    weight: NDArray[np.float64]
    weight2: NDArray[np.float64]
    cluster: NDArray[np.int64]
    good: float
    goods: NDArray[np.str_] | None = None

    def telling(self) -> Sample:
        """The stays that tell anything of how long stays are: not those open from their start."""
        known = ~self.open | (self.hours > 0)
        if known.all():
            return self
        parts = {each.name: getattr(self, each.name) for each in fields(self)}
        rows = {name: part[known] for name, part in parts.items() if isinstance(part, np.ndarray)}
        return replace(self, **rows)

    @property
    def count(self) -> int:
        """How many stays."""
        return int(self.n.sum())


def cells(
    gathered: pl.DataFrame,
    *,
    publish_from: int,
    by: tuple[str, ...] = CELL,
    means: bool = True,
    below: bool = True,
) -> pl.DataFrame:
    """One row a cell: sizes, quantiles and mean with 95 % intervals, shares within limits, grade.

    A cell below the floor, counted in effective stays and in clusters, is marked as withheld:
    `tables.masked` takes its figures away before anything is published. A limit that the sample
    cannot carry is blank; so is a quantile, or a share within a limit, that open stays hide.
    Without `means` those are not fitted, which takes the most time; without `below` the figures of
    withheld cells, which pooling needs, are not worked out.

    Shape: run, `by`, n, open, clusters, weight, deff_weight, deff_cluster, deff_blur, rho,
    n_eff, grade,
    withheld, for each of p10, p50, p90, p95 value, low and high, mean_h, mean_low, mean_high,
    mean_raw_h, mean_family, within_4h .. within_72h with limits, p95_p50 and buffer with limits,
    mu, sigma.
    Source: the survey's reference, section 7.3.
    """
    keys = ["run", *by]
    rows = [
        {
            **dict(zip(keys, key, strict=True)),
            **_cell(sample, publish_from, means=means, below=below),
        }
        for key, sample in samples(gathered, keys)
    ]
    schema = {**dict.fromkeys(keys, pl.String), **SCHEMA}
    return pl.DataFrame(rows, schema=schema, orient="row").sort(keys)


def samples(gathered: pl.DataFrame, keys: list[str]) -> Iterator[tuple[tuple[object, ...], Sample]]:
    """The sample of each cell, in the order of the keys."""
    named = "goods" in gathered.columns
    ties = ("hours", "half_h", "open", "cluster", *(("goods",) if named else ()))
    ordered = gathered.sort(*keys, *ties).with_columns(
        pl.col("cluster").rank("dense").alias("number")
    )
    for key, rows in ordered.group_by(keys, maintain_order=True):
        yield (
            key,
            Sample(
                rows["hours"].to_numpy(),
                rows["half_h"].to_numpy(),
                rows["open"].to_numpy() > 0,
                rows["n"].to_numpy().astype(np.float64),
                rows["weight"].to_numpy(),
                rows["weight2"].to_numpy(),
                rows["number"].to_numpy().astype(np.int64),
                float(rows["good"].sum()),
                rows["goods"].to_numpy().astype(np.str_) if named else None,
            ),
        )


def design(sample: Sample) -> dict[str, float]:
    """How much the weights, the clusters and the coarseness of what was told take from the sample.

    A stay told within bounds of half a width h counts as 1 / (1 + (h / stay)^2 / 6): as much as its
    error adds to a variance of 1 on the logarithm. One that was open from its start counts as none.

    Shape: deff_weight, deff_cluster, deff_blur, rho (of the logarithms of ended stays), n_eff.
    Source: Kish 1965; rho by analysis of variance.
    """
    sample = sample.telling()
    if not len(sample.n):
        return {
            **dict.fromkeys(("deff_weight", "deff_cluster", "deff_blur"), 1.0),
            "rho": 0.0,
            "n_eff": 0.0,
        }
    weighted = sample.n.sum() * sample.weight2.sum() / max(sample.weight.sum() ** 2, 1e-12)
    rho, size = correlation(sample)
    clustered = max(1 + (size - 1) * rho, 1.0)
    lasted = np.maximum(np.maximum(sample.hours, sample.half / 2), 1 / 60)
    known = 1 / (1 + (sample.half / lasted) ** 2 / 6)
    blurred = float(sample.n.sum() / (sample.n @ known))
    return {
        "deff_weight": float(weighted),
        "deff_cluster": clustered,
        "deff_blur": blurred,
        "rho": rho,
        "n_eff": float(sample.n.sum() / (weighted * clustered * blurred)),
    }


def correlation(sample: Sample) -> tuple[float, float]:
    """The correlation of stays within clusters, and the mean size of the cluster of a stay.

    Of one cluster alone nothing is known but that cluster: its correlation is 1.
    """
    sizes = np.bincount(sample.cluster - sample.cluster.min(), weights=sample.n)
    sizes = sizes[sizes > 0]
    of_stay = float((sizes**2).sum() / sizes.sum())
    known = ~sample.open
    total, groups = sample.n[known].sum(), len(np.unique(sample.cluster[known]))
    if of_stay <= 1 or total <= groups:
        return 0.0, of_stay
    if groups == 1:
        return 1.0, of_stay
    logs, n = np.log(np.maximum(sample.hours[known], 1 / 60)), sample.n[known]
    number = np.unique(sample.cluster[known], return_inverse=True)[1]
    each = np.bincount(number, weights=n)
    mean = np.bincount(number, weights=n * logs) / each
    grand = (n * logs).sum() / total
    between = (each * (mean - grand) ** 2).sum() / (groups - 1)
    within = (n * (logs - mean[number]) ** 2).sum() / (total - groups)
    size = (total - (each**2).sum() / total) / (groups - 1)
    spread = between + (size - 1) * within
    rho = (between - within) / spread if spread > 0 else 0.0
    return float(np.clip(rho, 0, 1)), of_stay


def _cell(sample: Sample, publish_from: int, *, means: bool, below: bool) -> dict[str, object]:
    known = design(sample)
    clusters = len(np.unique(sample.telling().cluster))
    withheld = min(known["n_eff"], clusters) < publish_from
    good = sample.good / max(sample.count, 1)
    row: dict[str, object] = {
        "n": sample.count,
        "open": int(sample.n[sample.open].sum()),
        "clusters": clusters,
        "weight": float(sample.weight.sum()),
        **known,
        "grade": "D" if withheld else grade(known["n_eff"], good),
        "withheld": withheld,
    }
    if not (~sample.open).any() or (withheld and not below):
        return {**row, **dict.fromkeys((name for name in SCHEMA if name not in row), None)}
    return {**row, **figures(sample, known["n_eff"], means=means)}


def grade(effective: float, good: float) -> str:
    """The grade of a published cell: by its effective size, and for the best by agreement of two
    sources.
    """
    if effective < GRADE_B:
        return "C"
    return "A" if effective >= GRADE_A and good >= GOOD_SHARE else "B"


def figures(sample: Sample, effective: float, *, means: bool = True) -> dict[str, object]:
    """The quantiles, means, shares and ratios of a sample."""
    sample = sample.telling()
    line = curve_of(sample)
    row: dict[str, object] = {}
    for name, share in QUANTILES.items():
        value, low, high = held(line, share, effective=effective, level=LEVEL)
        row |= {f"{name}_h": value, f"{name}_low": low, f"{name}_high": high}
    mean = _mean(sample, effective) if means else None
    row |= {
        "mean_h": mean and mean.value,
        "mean_low": mean and mean.low,
        "mean_high": mean and mean.high,
        "mean_raw_h": line.mean(),
        "mean_family": mean and mean.family,
        "mu": mean and mean.mu,
        "sigma": mean and mean.sigma,
    }
    for limit in LIMITS_H:
        shares = within(line, limit, effective=effective, level=LEVEL)
        row |= dict(zip(_within(limit), shares, strict=True))
    return {**row, **_reliability(line, row)}


def _mean(sample: Sample, effective: float) -> Mean | None:
    return modelled(
        sample.hours,
        sample.open,
        half=sample.half,
        weight=sample.weight,
        effective=effective,
        level=LEVEL,
    )


def curve_of(sample: Sample) -> Curve:
    """The curve of a sample: as it was told, or sharpened where it was told coarsely."""
    usual = float(np.median(sample.hours)) if len(sample.hours) else 0.0
    if float(np.average(sample.half, weights=sample.weight)) <= COARSE * usual:
        return curve(sample.hours, sample.open, weight=sample.weight)
    return sharpened(sample.hours, sample.open, half=sample.half, weight=sample.weight)


def _reliability(line: Curve, row: Mapping[str, object]) -> dict[str, object]:
    """How far the slow stays lie from the usual ones, and from the mean of the sample.

    The mean's limits are as far from it as those of the modelled one from that.
    """
    blank = dict.fromkeys((*_limits("p95_p50"), *_limits("buffer")), None)
    slow, usual = (_estimate(row, name) for name in ("p95", "p50"))
    if slow is None or usual is None:
        return {**blank}
    spread = mover.ratio(slow, usual, together=mover.of_quantiles(0.5, 0.95))
    found: dict[str, object] = {**blank, **dict(zip(_limits("p95_p50"), spread, strict=True))}
    raw, model = line.mean(), _estimate(row, "mean")
    if raw <= 0:
        return found
    scale = raw / model[0] if model else 1.0
    low, high = (end and end * scale for end in (model[1:] if model else (None, None)))
    beyond = mover.ratio(slow, (raw, low, high), together=mover.of_mean(line, 0.95))
    less = (None if value is None else value - 1 for value in beyond)
    return {**found, **dict(zip(_limits("buffer"), less, strict=True))}


def _estimate(row: Mapping[str, object], name: str) -> mover.Estimate | None:
    """A figure with its limits, if it is known and above zero."""
    value, low, high = (row[f"{name}_{part}"] for part in ("h", "low", "high"))
    if not isinstance(value, float) or value <= 0:
        return None
    return (
        value,
        low if isinstance(low, float) else None,
        high if isinstance(high, float) else None,
    )


def _limits(name: str) -> tuple[str, str, str]:
    """The columns of a figure that has no unit, and of its limits."""
    return name, f"{name}_low", f"{name}_high"


def _within(limit: int) -> tuple[str, str, str]:
    """The columns of the share within a limit."""
    return _limits(f"within_{limit}h")


SCHEMA: dict[str, type[pl.DataType]] = {
    "n": pl.Int64,
    "open": pl.Int64,
    "clusters": pl.Int64,
    "weight": pl.Float64,
    "deff_weight": pl.Float64,
    "deff_cluster": pl.Float64,
    "deff_blur": pl.Float64,
    "rho": pl.Float64,
    "n_eff": pl.Float64,
    "grade": pl.String,
    "withheld": pl.Boolean,
    **{f"{name}_{part}": pl.Float64 for name in QUANTILES for part in ("h", "low", "high")},
    "mean_h": pl.Float64,
    "mean_low": pl.Float64,
    "mean_high": pl.Float64,
    "mean_raw_h": pl.Float64,
    "mean_family": pl.String,
    "mu": pl.Float64,
    "sigma": pl.Float64,
    **{name: pl.Float64 for limit in LIMITS_H for name in _within(limit)},
    **{name: pl.Float64 for ratio in ("p95_p50", "buffer") for name in _limits(ratio)},
}
