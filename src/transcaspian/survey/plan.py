"""The planner: how many trips it takes to see a change, what they cost, and where to ask them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

CV_UNKNOWN = 1.5
"""What to plan with before a pilot: no coefficient of variation is published for any crossing."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a wave is to see.

    `fall`: the least fall to be seen, as a share; `level` of the test and its `power`; `kept`: the
    correlation of the logarithmic hours of carriers asked in both waves, 0 for fresh carriers;
    `least`: the fewest trips in a cell; `budget_usd` in all, none for no limit.
    """

    fall: float = 0.1
    level: float = 0.95
    power: float = 0.8
    kept: float = 0.0
    least: int = 10
    budget_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """A way of asking: what a trip costs, and what its error adds to the spread of stays.

    `error`: the deviation of its errors on the logarithm; `networks`: the surfaces it can ask on.
    """

    name: str
    usd: float
    error: float = 0.0
    networks: tuple[str, ...] = ("rail", "road", "sea")


INSTRUMENTS = (
    Instrument("form", 12.0, 0.15),
    Instrument("tracker", 35.0, 0.05),
    Instrument("message", 3.0, 0.02, ("rail", "sea")),
)
"""Estimated costs of a trip, to be replaced by the office's own."""


def trips_needed(
    cv: ArrayLike, *, fall: float, deff: ArrayLike = 1.0, aim: Aim | None = None
) -> NDArray[np.float64]:
    """The trips of each of two equal waves that show a fall, tested on the logarithm.

    Source: n = 2 (z + z')^2 ln(1 + CV^2) / ln(1 - fall)^2, times the design effect; with carriers
    asked twice, times one less their correlation.
    """
    goal = aim or Aim()
    z = ndtri((1 + goal.level) / 2) + ndtri(goal.power)
    spread = np.log1p(np.asarray(cv, dtype=np.float64) ** 2)
    return 2 * z**2 * spread / np.log1p(-fall) ** 2 * np.asarray(deff) * (1 - goal.kept)


def detectable_fall(
    cv: ArrayLike, *, n: ArrayLike, deff: ArrayLike = 1.0, aim: Aim | None = None
) -> NDArray[np.float64]:
    """The least fall that two waves of n trips show."""
    goal = aim or Aim()
    z = ndtri((1 + goal.level) / 2) + ndtri(goal.power)
    spread = np.log1p(np.asarray(cv, dtype=np.float64) ** 2) * (1 - goal.kept)
    return -np.expm1(-z * np.sqrt(2 * spread * np.asarray(deff) / np.maximum(np.asarray(n), 1)))


def plan(
    cells: pl.DataFrame, *, aim: Aim, instruments: tuple[Instrument, ...] = INSTRUMENTS
) -> pl.DataFrame:
    """The trips to ask in each cell, by which instrument, with what they cost and will show.

    Of a cell without a deviation of its own a coefficient of variation of 1.5 is taken, and `basis`
    says "assumed". The instrument is the one that reaches the aim for the least money. Under a
    budget that does not reach, trips go by traffic to where they shorten the widest intervals for
    the money (Neyman), at least `least` a cell, and `shows` says what is left of the aim. Traffic
    not known is taken as the median of what is known, and as equal where none is.

    Shape: `cells` has keys of its own, sigma (of the logarithms; may be null), deff_cluster,
    traffic (null where not known); the result adds cv, basis, instrument, needed, trips, usd,
    shows.
    Errors: V401 when the budget is below the least sample of all cells.
    """
    sigma = cells["sigma"].to_numpy().astype(np.float64)
    assumed = ~(np.isfinite(sigma) & (sigma > 0))
    sigma = np.where(assumed, np.sqrt(np.log1p(CV_UNKNOWN**2)), sigma)
    cv = np.sqrt(np.expm1(sigma**2))
    deff = np.maximum(cells["deff_cluster"].fill_null(1.0).to_numpy(), 1.0)
    networks = cells["network"].to_list() if "network" in cells.columns else [""] * len(sigma)
    chosen, needed = _instruments(sigma, deff, aim=aim, instruments=instruments, networks=networks)
    cost = np.array([instrument.usd for instrument in chosen])
    trips = np.maximum(np.ceil(needed), aim.least)
    limit = aim.budget_usd
    if limit is not None and float(trips @ cost) > limit:
        trips = _neyman(sigma * np.sqrt(deff), cost, aim=aim, weight=_traffic(cells))
    noisy = np.sqrt(np.expm1(sigma**2 + np.array([each.error**2 for each in chosen])))
    return cells.with_columns(
        pl.Series("cv", cv),
        pl.Series("basis", np.where(assumed, "assumed", "last wave")),
        pl.Series("instrument", [instrument.name for instrument in chosen]),
        pl.Series("needed", np.ceil(needed).astype(np.int64)),
        pl.Series("trips", trips.astype(np.int64)),
        pl.Series("usd", trips * cost),
        pl.Series("shows", detectable_fall(noisy, n=trips, deff=deff, aim=aim)),
    )


def _traffic(cells: pl.DataFrame) -> NDArray[np.float64]:
    """The traffic of each cell, the median of those known where it is not; all alike if none is."""
    if "traffic" not in cells.columns:
        return np.ones(cells.height)
    known = cells["traffic"].cast(pl.Float64).fill_nan(None)
    middle = known.drop_nulls().to_numpy()
    return known.fill_null(float(np.median(middle)) if middle.size else 1.0).to_numpy()


def _instruments(
    sigma: NDArray[np.float64],
    deff: NDArray[np.float64],
    *,
    aim: Aim,
    instruments: tuple[Instrument, ...],
    networks: list[str],
) -> tuple[list[Instrument], NDArray[np.float64]]:
    """The cheapest instrument of each cell, and the trips that it needs."""
    needs = np.array(
        [
            trips_needed(
                np.sqrt(np.expm1(sigma**2 + each.error**2)), fall=aim.fall, deff=deff, aim=aim
            )
            for each in instruments
        ]
    )
    cost = needs * np.array([each.usd for each in instruments])[:, None]
    able = np.array([[not net or net in each.networks for net in networks] for each in instruments])
    best = np.where(able, cost, np.inf).argmin(axis=0)
    return [instruments[at] for at in best], needs[best, np.arange(len(sigma))]


def _neyman(
    sigma: NDArray[np.float64],
    cost: NDArray[np.float64],
    *,
    aim: Aim,
    weight: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The trips of each cell for a budget: by weight and spread over the root of the cost.

    Errors: V401.
    """
    limit = aim.budget_usd or 0.0
    least = np.full(len(sigma), float(aim.least))
    if float(least @ cost) > limit:
        from transcaspian.errors import Fault  # noqa: PLC0415  # only when it is so

        raise Fault(
            "V401",
            f"a budget of {limit:,.0f} USD",
            expected=f"at least {float(least @ cost):,.0f} USD: "
            f"{aim.least} trips in each of {len(sigma)} cells",
            hint="ask in fewer cells, or lower --least",
        )
    share = weight * sigma / np.sqrt(cost)
    free = np.ones(len(sigma), dtype=np.bool_)
    trips = least.copy()
    for _ in range(len(sigma)):
        left = limit - float(least[~free] @ cost[~free])
        wanted = np.where(free, share * left / max(float(share[free] @ cost[free]), 1e-12), least)
        low = free & (wanted < least)
        trips = np.where(free, wanted, least)
        if not low.any():
            break
        free &= ~low
    return np.floor(trips + 1e-9)
