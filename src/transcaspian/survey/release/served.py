"""Surveyed service times as a patch on the corridor's stages, with draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Change, Patch
from transcaspian.corridor.tables import TABLES, keys
from transcaspian.network import sides
from transcaspian.survey.estimates.cells import Sample, design
from transcaspian.survey.fits.likelihood import Fit, draws, fit
from transcaspian.survey.fits.spells import CannotFit, spells

QUEUES = ("wait_queue", "e_queue", "q_in")
SHAPES = {
    "lognormal": "lognormal",
    "weibull": "weibull",
    "erlang_2": "erlang2",
    "erlang_4": "erlang4",
}
"""The families that the engine draws from, and what a stage calls them; an exponential is a Weibull
of shape 1."""
GROUP = ("place", "network", "direction", "activity")
GRIDS_MIN = (60, 30, 15, 10, 5)
TOLERANCE_MIN = 0.7
"""Hours are told to two decimals: half a minute off."""
UNTOLD = "x90_unknown_stop"
CV_MOST = 3.0
FIRM = 0.7
"""The widest error of a parameter, on the line, of a fit that is exported."""
COUNT = 200


@dataclass(frozen=True, slots=True)
class Served:
    """What a wave says of the service of one kind at one crossing, and the stages it speaks of.

    `basis`: "fitted" for a single stage that every trip passes, "scaled" for several that share it.
    """

    group: tuple[str, ...]
    fit: Fit
    stages: tuple[str, ...]
    basis: str


def served(done: pl.DataFrame, corridor: Corridor, *, publish_from: int) -> list[Served]:
    """The service times that can be told apart from queueing, fitted, with the stages they are of.

    Only crossings at which queueing is told as such count: elsewhere the hours of an activity hold
    its queue, and a queue is for the simulation to make. They are those of the stays at which the
    activity was done: how many those are is not for a form to tell, whose blanks are unknown.

    Shape: `done` has place, network, direction, trip, activity, work_h.
    """
    told = done.filter(pl.col("activity").is_in(QUEUES)).select("place", "network", "direction")
    usable = done.join(told.unique(), on=["place", "network", "direction"], how="semi")
    each = (
        usable.filter(~pl.col("activity").is_in(QUEUES))
        .group_by(*GROUP, "trip")
        .agg(pl.col("work_h").sum(), pl.col("weight").max(), pl.col("cluster").first())
        .filter(pl.col("work_h") > 0)
        .join(_grids(usable), on="trip", how="left", maintain_order="left")
        .sort(*GROUP, "trip")
    )
    rows = stage_rows(corridor)
    found: list[Served] = []
    for group, stays in each.group_by(*GROUP, maintain_order=True):
        stages = rows.filter(
            pl.all_horizontal(
                pl.col(name) == value for name, value in zip(GROUP, group, strict=True)
            )
        )
        if stages.is_empty() or stays["cluster"].n_unique() < publish_from:
            continue
        known = _fitted(stays)
        if known is None:
            continue
        names = tuple(stages["key"].to_list())
        basis = "fitted" if stages.height == 1 else "scaled"
        found.append(Served(tuple(map(str, group)), known, names, basis))
    return found


def _grids(done: pl.DataFrame) -> pl.DataFrame:
    """The grid on which each driver tells lengths: the coarsest that all of the trip keep to.

    Shape: trip, grid_h.
    """
    minutes = pl.col("work_h") * 60
    told = done.filter((pl.col("work_h") > 0) & (pl.col("activity") != UNTOLD))
    off = [
        ((minutes - (minutes / grid).round() * grid).abs().max() < TOLERANCE_MIN).alias(str(grid))
        for grid in GRIDS_MIN
    ]
    found = told.group_by("trip").agg(*off)
    grid = pl.coalesce(pl.when(str(grid)).then(pl.lit(float(grid))) for grid in GRIDS_MIN)
    return found.select("trip", (grid.fill_null(1.0) / 60).alias("grid_h"))


def _fitted(stays: pl.DataFrame) -> Fit | None:
    """The one of the families that a stage can have with the least of Akaike's criterion.

    A length told on a grid is half a step more or less, and would have been left blank had it been
    shorter than half a step. The stays count as many as they are effectively: weights and clusters
    widen what is drawn.
    """
    half = stays["grid_h"].fill_null(1 / 60).to_numpy() / 2
    weight = stays["weight"].to_numpy()
    try:
        sample = spells(
            stays["work_h"].to_numpy(),
            half=half,
            weight=weight * (_effective(stays) / weight.sum()),
            least=half,
        )
        fits = [fit(sample, family=family) for family in SHAPES]
    except (CannotFit, np.linalg.LinAlgError):
        return None
    sure = [each for each in fits if each.cv <= CV_MOST and _sure(each)]
    return min(sure, key=lambda each: each.aic, default=None)


def _effective(stays: pl.DataFrame) -> float:
    """How many independent stays these are worth."""
    weight = stays["weight"].to_numpy().astype(np.float64)
    none = np.zeros(len(weight))
    sample = Sample(
        stays["work_h"].to_numpy().astype(np.float64),
        none,
        none > 0,
        none + 1,
        weight,
        weight**2,
        stays["cluster"].rank("dense").to_numpy().astype(np.int64),
        0.0,
    )
    return design(sample)["n_eff"]


def _sure(one: Fit) -> bool:
    """Whether the stays hold the parameters firmly enough for draws to have sense."""
    spread = np.diag(one.covariance)
    return bool(np.isfinite(spread).all() and (spread > 0).all() and spread.max() < FIRM**2)


def stage_rows(corridor: Corridor) -> pl.DataFrame:
    """The stages with the crossing, network and direction at which they are passed.

    Shape: key, procedure, order, place, network, direction, activity, share, mean_h, cv.
    """
    stages = corridor.table("stages")
    named = stages.with_columns(keys(stages, TABLES["stages"]).alias("key"))
    return named.join(sides(corridor), on="procedure", how="left", maintain_order="left").select(
        "key",
        "procedure",
        "order",
        "place",
        "network",
        "direction",
        "activity",
        "share",
        "mean_h",
        "cv",
    )


def patch_of(
    found: list[Served], corridor: Corridor, *, run: str, title: str, synthetic: bool, seed: int
) -> Patch:
    """The patch that gives the stages what the wave says, with draws of all of it.

    A single stage takes mean, coefficient of variation and shape; several stages that share an
    activity keep their own and are scaled to the surveyed sum of the trips that pass any of them.
    """
    rows = {str(row["key"]): row for row in stage_rows(corridor).iter_rows(named=True)}
    source = f"survey_{run}"
    changes = [
        Change(
            table="sources",
            add={"source": source, "title": title, "note": _note(synthetic)},
        )
    ]
    columns: dict[str, np.ndarray] = {}
    for number, one in enumerate(found):
        theta = draws(one.fit, count=COUNT, seed=seed + number)
        means, cvs = _moments(one.fit, theta)
        whole = _usual([rows[key] for key in one.stages])
        for key in one.stages:
            row = rows[key]
            where: dict[str, object] = {
                "procedure": str(row["procedure"]),
                "order": int(row["order"]),
            }
            if one.basis == "fitted":
                shape = SHAPES[one.fit.family.name]
                new = {
                    "mean_h": round(one.fit.mean_h, 6),
                    "cv": round(one.fit.cv, 6),
                    "shape": shape,
                    "source": source,
                    "status": "derived",
                }
                changes.append(
                    Change.model_validate({"table": "stages", "where": where, "set": new})
                )
                columns[f"stages/{key}/mean_h"], columns[f"stages/{key}/cv"] = means, cvs
            elif whole > 0:
                factor = one.fit.mean_h / whole
                mean = float(row["mean_h"])
                new = {"mean_h": round(mean * factor, 6), "source": source, "status": "derived"}
                changes.append(
                    Change.model_validate({"table": "stages", "where": where, "set": new})
                )
                columns[f"stages/{key}/mean_h"] = mean * means / whole
    return Patch(
        name=source,
        title=f"Service times of {title}",
        role="edition",
        change=tuple(changes),
        source=source,
        status="derived",
        note=_note(synthetic),
        draws=pl.DataFrame(columns) if columns else None,
    )


def _usual(stages: Sequence[Mapping[str, object]]) -> float:
    """The mean hours in some stages of a trip that passes any of them, hours."""
    shares = np.array([float(str(row["share"])) for row in stages])
    means = np.array([float(str(row["mean_h"])) for row in stages])
    return float(shares @ means / (1 - np.prod(1 - shares))) if shares.any() else 0.0


def _note(synthetic: bool) -> str:  # noqa: FBT001  # one flag
    return "Synthetic: drawn from a simulated log, not observed." if synthetic else "Surveyed."


def _moments(one: Fit, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the coefficient of variation of each draw, kept within what a stage may have."""
    pairs = np.array([one.family.moments(row) for row in theta])
    return pairs[:, 0], np.clip(pairs[:, 1], 0.01, CV_MOST)
