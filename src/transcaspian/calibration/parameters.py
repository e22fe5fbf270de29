"""Parameters out of priors: which cells move together, from where, and how far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from transcaspian.calibration.cells import FRAME, cells_of
from transcaspian.calibration.centre import (
    FULL,
    RULED,
    caps,
    compiled,
    inside,
    paces_of,
    roomy,
    staff,
)
from transcaspian.corridor.apply import apply
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Patch
from transcaspian.errors import Fault, Where
from transcaspian.network import itineraries
from transcaspian.network.itineraries import Paths
from transcaspian.simulation import Model

Z90 = float(ndtri(0.95))
"""Half the width of the middle nine tenths of a normal law."""
BEND = 8.0
EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a calibration and the cells that they move.

    A parameter is a factor on its cells, of a lognormal law whose middle nine tenths are its range.
    One that would fill a resource beyond FULL bends away from that: `cap` is the factor at which it
    would. Some cells stand apart from the shipped corridor without a parameter of their own: staff
    is set by rule, since the shipped staff was set with the published border times in view.

    Shape: `frame` one row a parameter: parameter, prior, place, country, network, direction (blank
    where it is of several), low, high, cap (null where there is none), traffic (whether it scales
    traffic); `cells` one row a cell: cell (table/key/column), base, parameter (its number, null
    where it stands still), pace (the number of a second factor, of trips inside a post), still (the
    part of their time there that the second does not move), queued (the part that they wait), whole
    (whether it is a number of things); `source` of the priors; `paths` the
    ways of the corridor's flows, which no setting changes.
    """

    frame: pl.DataFrame
    cells: pl.DataFrame
    source: str
    paths: Paths

    @property
    def count(self) -> int:
        """How many parameters there are."""
        return self.frame.height

    def factors(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """The factor that each score stands for.

        Shape: a row a draw, a column a parameter; scores are standard normal before any figure is
        heard.
        """
        low, high = (self.frame[end].to_numpy() for end in ("low", "high"))
        middle, spread = np.log(low * high) / 2, np.log(high / low) / (2 * Z90)
        raw = np.exp(middle + spread * scores)
        return raw / (1 + (self.filling(raw) / FULL) ** BEND) ** (1 / BEND)

    def traffic(self, factors: NDArray[np.float64]) -> NDArray[np.float64]:
        """The most that any traffic is scaled up by, 1 where none is.

        Shape: a column, a row a draw.
        """
        scaled = factors[:, self.frame["traffic"].to_numpy()]
        return scaled.max(axis=1, initial=1.0, keepdims=True)

    def filling(self, factors: NDArray[np.float64]) -> NDArray[np.float64]:
        """How full each parameter makes what its cells are served by; 0 where nothing limits it.

        Shape: as `factors`.
        """
        cap = self.frame["cap"].fill_null(np.inf).to_numpy()
        return FULL * factors * self.traffic(factors) / cap

    def draws(self, scores: NDArray[np.float64]) -> pl.DataFrame:
        """The values of the cells, as a patch carries them.

        Shape: a row a draw, a column a cell.
        """
        factor = self.factors(np.atleast_2d(scores))
        own = _padded(factor)[:, self.cells["parameter"].fill_null(self.count).to_numpy()]
        values = self.cells["base"].to_numpy() * own * self._held(factor)
        whole = self.cells["whole"].to_numpy()
        values[:, whole] = np.maximum(np.ceil(values[:, whole] - EDGE), 1.0)
        return pl.DataFrame(dict(zip(self.cells["cell"], values.T, strict=True)))

    def places(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """The places inside a post that each parameter stands for, before they are whole; 0 for
        others.

        Shape: a row a row of scores, a column a parameter.
        """
        factor = self.factors(scores)
        found = np.zeros((len(factor), self.count))
        mine = (self.cells["pace"].is_not_null() & self.cells["parameter"].is_not_null()).to_numpy()
        at = self.cells["parameter"].to_numpy()[mine].astype(np.int64)
        base = self.cells["base"].to_numpy()[mine]
        found[:, at] = base * factor[:, at] * self._held(factor)[:, mine]
        return found

    def _held(self, factor: NDArray[np.float64]) -> NDArray[np.float64]:
        """How many more trips are inside a post than at the centre, for the cells that stand for
        them: as many more as there is traffic, and as what is paced takes longer. Servers that
        grow with a pace are never fewer than at the centre.

        Shape: a row a draw, a column a cell.
        """
        blank = self.cells["pace"].is_null().to_numpy()
        pace = self.cells["pace"].fill_null(self.count).to_numpy()
        still = self.cells["still"].to_numpy()
        held = still + (1 - still) * _padded(factor)[:, pace]
        grown = held * self.traffic(factor)
        servers = self.cells["parameter"].is_null().to_numpy()
        return np.where(blank, 1.0, np.where(servers, np.maximum(grown, 1.0), grown))

    def patch(self, scores: NDArray[np.float64], *, name: str, title: str) -> Patch:
        """A patch that holds settings of the parameters as its draws."""
        return Patch(
            name=name,
            title=title,
            role="edition",
            source=self.source,
            status="estimated",
            draws=self.draws(scores),
        )

    def model(self, corridor: Corridor, scores: NDArray[np.float64]) -> Model:
        """The corridor at one setting, compiled.

        Errors: those of `apply` and `compile_model`.
        """
        patch = self.patch(scores, name="setting", title="A setting of the parameters")
        return compiled(apply(corridor, patch, draw=0), self.paths)


def _padded(factor: NDArray[np.float64]) -> NDArray[np.float64]:
    """A last column of ones, for cells without a parameter."""
    return np.column_stack([factor, np.ones(len(factor))])


def parameters(corridor: Corridor) -> Parameters:
    """The parameters that the priors of a corridor declare.

    Errors: K102 when it declares none.
    """
    priors = corridor.table("priors")
    if priors.is_empty():
        raise Fault(
            "K102",
            f"{corridor.about.name} says of no input how far it may be off",
            where=Where(file="priors.csv"),
            expected="a row for each sort of cell that a fit may move",
            hint="see priors in docs/data-model.md, and the shipped corridor's for an example",
        )
    paths = itineraries(corridor).paths
    source = ";".join(priors["source"].unique().sort())
    named = [
        cells_of(corridor, prior)
        for prior in priors.filter(~pl.col("centre").is_in(list(RULED))).iter_rows(named=True)
    ]
    frame = pl.concat([rows.select(FRAME) for rows in named]).unique(
        "parameter", maintain_order=True
    )
    number = {str(name): at for at, name in enumerate(frame["parameter"])}
    moved = pl.concat([rows.select("cell", "base", "parameter", "mate", "whole") for rows in named])
    middle = roomy(corridor, moved)
    paces = paces_of(frame)
    staffed, model = staff(corridor, middle, paths, paces)
    full = caps(corridor, model, moved, staffed)
    held = inside(corridor, model, frame)
    cells = (
        moved.join(held, on="cell", how="left", maintain_order="left")
        .with_columns(pl.coalesce("trips_inside", "base").alias("base"))
        .select(
            "cell",
            "base",
            pl.col("parameter").replace_strict(number, return_dtype=pl.Int64),
            pl.col("mate")
            .replace_strict(number, default=None, return_dtype=pl.Int64)
            .alias("pace"),
            pl.col("still").fill_null(0.0),
            "whole",
        )
    )
    capped = frame.with_columns(
        pl.col("parameter").replace_strict(full, default=None, return_dtype=pl.Float64).alias("cap")
    )
    return Parameters(capped, pl.concat([cells, staffed]), source, paths)
