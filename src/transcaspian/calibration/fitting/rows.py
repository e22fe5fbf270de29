"""The rows of a fit: each figure, what it hangs on, and what it has in common with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.calibration.fitting.targets import BORDER
from transcaspian.calibration.learning.answers import Answer
from transcaspian.calibration.learning.emulate import Sides
from transcaspian.corridor.corridor import Corridor

Array = NDArray[np.float64]
WAYS = {"outbound": (1.0, 0.0), "inbound": (0.0, 1.0)}
BOTH = (0.5, 0.5)
POST = "border_post"
ENDS = ("origin", "destination")


@dataclass(frozen=True, slots=True)
class Rows:
    """The figures of a fit.

    Shape: one entry a figure. `frame` the columns of TARGETS with `cell` (post or country, and
    surface), `region` (country and surface), `restless` (the same, single posts apart); `y` the
    logarithm of the value; `offset` what its year or edition adds; `ways` the share of each
    direction (two columns); `shares` the weight of each side's hours, a column a side, all 0 where
    it is not of borders; `answer` the number of the answer that it is of, or -1.
    """

    frame: pl.DataFrame
    y: Array
    offset: Array
    ways: Array
    shares: Array
    answer: NDArray[np.int64]

    def of(self, mask: NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        return Rows(
            self.frame.filter(pl.Series(mask)),
            self.y[mask],
            self.offset[mask],
            self.ways[mask],
            self.shares[mask],
            self.answer[mask],
        )

    @property
    def border(self) -> NDArray[np.bool_]:
        """Which are border times."""
        return self.answer < 0

    @property
    def surveyed(self) -> NDArray[np.bool_]:
        """Which are border times of a survey."""
        return self.border & (self.frame["use"] == "fitted").to_numpy()


@dataclass(frozen=True, slots=True)
class Emulator:
    """What a run would give for every row, at any setting of the parameters."""

    sides: Sides
    answers: tuple[Answer, ...]

    def at(self, scores: Array, rows: Rows) -> Array:
        """The logarithm of each figure in its year.

        Shape: a row a row of scores, a column a figure.
        """
        hours = self.sides.at(scores)
        own = [answer.at(scores, hours) for answer in self.answers]
        found = np.empty((len(scores), len(rows.y)))
        border = rows.border
        found[:, border] = np.log(np.exp(hours) @ rows.shares[border].T)
        for at in np.flatnonzero(~border):
            found[:, at] = own[rows.answer[at]]
        return found + rows.offset

    def slope(self, scores: Array, rows: Rows) -> tuple[Array, Array]:
        """The logarithm of each figure at one setting, and how it changes with each score.

        Shape: one a figure; a row a figure, a column a parameter.
        """
        hours = self.sides.at(scores[None, :])[0]
        steep = self.sides.slope(scores)
        parts = rows.shares * np.exp(hours)
        total = parts.sum(axis=1)
        border = rows.border
        value = np.empty(len(rows.y))
        value[border] = np.log(total[border])
        slope = np.divide(parts, total[:, None], out=np.zeros_like(parts), where=border[:, None])
        slope = slope @ steep
        for at in np.flatnonzero(~border):
            answer = self.answers[rows.answer[at]]
            value[at] = answer.at(scores[None, :], hours[None, :])[0]
            slope[at] = answer.slope(scores, hours, steep)
        return value + rows.offset, slope

    def unsure(self, rows: Rows, scores: Array) -> Array:
        """The covariance of what the emulator may be off by, at one setting.

        Shape: square, one a figure.
        """
        hours = self.sides.at(scores[None, :])[0]
        parts = rows.shares * np.exp(hours)
        total = parts.sum(axis=1, keepdims=True)
        share = np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)
        found = (share * self.sides.error**2) @ share.T
        errors = np.array([answer.error for answer in self.answers])
        for at in np.flatnonzero(~rows.border):
            same = rows.answer == rows.answer[at]
            found[at, same] += errors[rows.answer[at]] ** 2
        return np.asarray(found, dtype=np.float64)


def rows_of(
    corridor: Corridor,
    targets: pl.DataFrame,
    emulator: Emulator,
    *,
    offsets: Mapping[str, float] | None = None,
) -> Rows:
    """The targets that the emulator speaks to, whether they are fitted or only shown."""
    number = {answer.figure: at for at, answer in enumerate(emulator.answers)}
    shares = _shares(corridor, targets, emulator.sides)
    is_border = pl.col("quantity") == BORDER
    answer = np.array([number.get(figure, -1) for figure in targets["figure"]])
    bordering = (targets["quantity"] == BORDER).to_numpy()
    known = (bordering & (shares.sum(axis=1) > 0)) | (answer >= 0)
    region = pl.concat_str(
        pl.col("country").fill_null(""), pl.col("network").fill_null(""), separator="/"
    )
    homes = dict(corridor.table("places").select("place", "country").iter_rows())
    ends = pl.concat_str(*(pl.col(end).fill_null("") for end in ENDS), separator=">").alias("ends")
    trips = corridor.table("published").select("figure", ends)
    frame = (
        targets.join(trips, on="figure", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce(
                "country",
                pl.col("place").replace_strict(homes, default=None, return_dtype=pl.String),
            ).alias("country")
        )
        .with_columns(
            region.alias("region"),
            pl.when(pl.col("place").is_null())
            .then(region)
            .otherwise(pl.concat_str(region, pl.lit(" posts")))
            .alias("restless"),
            pl.concat_str(
                pl.when(is_border).then(pl.coalesce("place", "country")).otherwise("ends"),
                pl.col("network").fill_null(""),
                separator="/",
            ).alias("cell"),
        )
    )
    offset = np.array([(offsets or {}).get(figure, 0.0) for figure in targets["figure"]])
    ways = np.array([WAYS.get(way or "", BOTH) for way in targets["direction"]])
    everything = Rows(frame, np.log(targets["published"].to_numpy()), offset, ways, shares, answer)
    return everything.of(known)


def _shares(corridor: Corridor, targets: pl.DataFrame, sides: Sides) -> Array:
    """The weight of each side in each border figure: of a post its own, of a country its posts'."""
    places = corridor.table("places").select("place", "country", "kind")
    named = [name.split("/") for name in sides.names]
    frame = pl.DataFrame(
        named, schema=dict.fromkeys(("place", "network", "direction"), pl.String), orient="row"
    ).join(places, on="place", how="left", maintain_order="left")
    found = np.zeros((targets.height, len(sides.names)))
    for at, row in enumerate(targets.iter_rows(named=True)):
        if row["quantity"] != BORDER:
            continue
        wanted = pl.col("network") == row["network"]
        if row["direction"]:
            wanted &= pl.col("direction") == row["direction"]
        else:
            wanted &= pl.col("direction").is_in(list(WAYS))
        if row["place"]:
            wanted &= pl.col("place") == row["place"]
        else:
            wanted &= (pl.col("country") == row["country"]) & (pl.col("kind") == POST)
        mask = frame.select(wanted.fill_null(value=False).alias("mask"))["mask"].to_numpy()
        found[at, mask] = sides.trips[mask]
    total = found.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(found, total, out=np.zeros_like(found), where=total > 0))


def same(one: Sequence[object], other: Sequence[object]) -> Array:
    """1 where two rows agree.

    Shape: a row an entry of one, a column an entry of the other.
    """
    left, right = np.asarray(one, dtype=object), np.asarray(other, dtype=object)
    return np.asarray(left[:, None] == right[None, :], dtype=np.float64)
