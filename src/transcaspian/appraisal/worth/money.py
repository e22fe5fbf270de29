"""What a measure costs in the prices of one year: currencies, price levels and taxes told apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from transcaspian.appraisal.worth.cashflow import over_horizon
from transcaspian.corridor.applying.effects import between, uniform
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Cost
from transcaspian.errors import Fault, Faults, Where, nearest

Array = NDArray[np.float64]
Rate = tuple[float, float, float]
BASE_LEVEL = 100.0


@dataclass(frozen=True, slots=True)
class Prices:
    """Price levels by year and rates by currency and year; `base_year` is whose prices are spoken.

    Shape: `rates` low, middle and high units of the currency a dollar.
    """

    base_year: int
    levels: Mapping[int, float]
    rates: Mapping[tuple[str, int], Rate]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a measure costs, in dollars of the base year, taxes taken out; none where not known.

    `low_usd` and `high_usd` are the ends of what building it may cost.
    """

    capex_usd: float | None
    opex_usd_per_year: float
    life_years: float | None
    start_year: int | None
    low_usd: float
    high_usd: float

    @property
    def is_range(self) -> bool:
        """Whether what it costs is known by its ends alone, or by more than one value."""
        return self.low_usd < self.high_usd


def prices_of(corridor: Corridor) -> Prices:
    """The prices of a corridor; without a table of levels, those of its base year alone."""
    levels = dict(corridor.table("prices").select("year", "level").iter_rows())
    base = [year for year, level in levels.items() if level == BASE_LEVEL]
    rates = {
        (row["currency"], row["year"]): (row["low"], row["rate"], row["high"])
        for row in corridor.table("exchange").iter_rows(named=True)
    }
    year = base[0] if base else corridor.about.base_year
    return Prices(year, levels or {year: BASE_LEVEL}, rates)


def real_cost(cost: Cost, prices: Prices, *, name: str, draw: int | None = None) -> Spent:
    """What a measure costs in the middle of its range, or at one draw of it.

    A draw depends on the measure's name and the number of the draw alone; the rate of a currency is
    the same for all measures of a draw. Of a range without a
    middle, half of the draws are below its geometric mean.

    Errors: A201 when it is not told in prices of which year, A202 without a rate.
    """
    found = _faults(cost, prices, name)
    if found:
        raise Faults(found)
    factor = (1 - cost.tax_share) * _deflated(cost, prices)
    capex = _capex(cost, prices)
    ends = capex or (0.0, 0.0, 0.0)
    named = f"exchange/{cost.currency}" if cost.capex_amount is not None else f"{name}/capex"
    at = 0.5 if draw is None else uniform(named, draw)
    upkeep = _three(
        cost.opex_low_usd_per_year, cost.opex_usd_per_year, cost.opex_high_usd_per_year
    ) or (0.0, 0.0, 0.0)
    at_upkeep = 0.5 if draw is None else uniform(f"{name}/opex", draw)
    return Spent(
        None if capex is None else between(*ends, at=at) * factor,
        between(*upkeep, at=at_upkeep) * factor,
        cost.life_years,
        cost.start_year,
        ends[0] * factor,
        ends[2] * factor,
    )


def streams(spent: Spent, *, horizon: int) -> Array:
    """What a measure costs each year from the one in which it is built (horizon + 1)."""
    capital = spent.capex_usd or 0.0
    return over_horizon(
        capital, spent.opex_usd_per_year, life=spent.life_years, horizon=horizon
    ).flow


def check_costs(measures: Mapping[str, Cost], prices: Prices) -> None:
    """Nothing; every cost can be told in the prices of the base year.

    Errors: A201 and A202, those of all measures at once.
    """
    found = [fault for name, cost in measures.items() for fault in _faults(cost, prices, name)]
    if found:
        raise Faults(found)


def _capex(cost: Cost, prices: Prices) -> Rate | None:
    """The ends and the middle of what building costs, in dollars of its own price year."""
    if cost.capex_amount is not None:
        low, middle, high = prices.rates[cost.currency, _year(cost, prices)]
        return cost.capex_amount / high, cost.capex_amount / middle, cost.capex_amount / low
    return _three(cost.capex_low_usd, cost.capex_usd, cost.capex_high_usd)


def _three(low: float | None, middle: float | None, high: float | None) -> Rate | None:
    """The ends and the middle of a range of which some are known."""
    if middle is None:
        if low is None or high is None:
            known = low if low is not None else high
            return None if known is None else (known, known, known)
        return low, sqrt(low * high) if low > 0 else (low + high) / 2, high
    return (middle if low is None else low), middle, (middle if high is None else high)


def _year(cost: Cost, prices: Prices) -> int:
    return prices.base_year if cost.price_year is None else cost.price_year


def _deflated(cost: Cost, prices: Prices) -> float:
    return BASE_LEVEL / prices.levels[_year(cost, prices)]


def _faults(cost: Cost, prices: Prices, name: str) -> list[Fault]:
    file = f"{name}.toml"
    found: list[Fault] = []
    if cost.prices == "nominal" and cost.price_year is None:
        found.append(
            Fault(
                "A201",
                "a nominal cost of no year among costs in prices of one",
                where=Where(file=file, column="price_year"),
                expected="the year in whose money it is",
            )
        )
    year = _year(cost, prices)
    if year not in prices.levels:
        found.append(
            Fault(
                "A201",
                f"no price level of {year}",
                where=Where(file=file, column="price_year"),
                expected=f"a year of prices.csv, {min(prices.levels)} to {max(prices.levels)}",
            )
        )
    dollars = (cost.capex_low_usd, cost.capex_usd, cost.capex_high_usd)
    told = ", ".join(f"{value:g}" for value in dollars if value is not None)
    if told and cost.capex_amount is not None:
        found.append(
            Fault(
                "A201",
                f"{told} USD and {cost.capex_amount:g} {cost.currency}",
                where=Where(file=file, column="capex_amount"),
                expected="the cost in one currency",
            )
        )
    if cost.capex_amount is not None and (cost.currency, year) not in prices.rates:
        found.append(_no_rate(cost.currency, year, prices, file))
    return found


def _no_rate(currency: str, year: int, prices: Prices, file: str) -> Fault:
    years = sorted(known for name, known in prices.rates if name == currency)
    currencies = sorted({name for name, _ in prices.rates})
    return Fault(
        "A202",
        f"no rate of {currency} in {year}",
        where=Where(file=file, column="currency"),
        expected=f"a row of exchange.csv; of {currency} there are {years}" if years else "",
        nearest=() if years else nearest(currency, currencies),
        hint="transcaspian show exchange",
    )
