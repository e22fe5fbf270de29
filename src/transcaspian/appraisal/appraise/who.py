"""Who gains and who pays: by country, by goods, by payer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.appraisal.evaluate.outcome import Outcome
from transcaspian.appraisal.worth.gains import Gains
from transcaspian.appraisal.worth.physical import Frame, priced
from transcaspian.appraisal.worth.results import BASES, WHO
from transcaspian.appraisal.worth.spread import Band, band
from transcaspian.corridor.corridor import Corridor

Array = NDArray[np.float64]
Row = dict[str, object]
MILLION = 1e6
LEAST = 1e-9
EVERYONE = ""
"""Who gains by less carbon: no country more than another."""


def by_goods(
    corridor: Corridor, frame: Frame, found: Gains, *, worth: Array, draws: int
) -> list[Row]:
    """What the users of each good gain, in present values.

    Shape: rows of WHO; `worth` is what a dollar of the first year is worth (J).
    """
    goods = dict(corridor.table("flows").select("flow", "good").iter_rows())
    mine = [goods[flow] for flow in frame.flows]
    return [
        _row("good", good, basis, _of(found.users[basis], mine, good) * worth, draws)
        for good in sorted(set(mine))
        for basis in BASES
    ]


@dataclass(frozen=True, slots=True)
class Payees:
    """Which share of the fees and of the tariffs of each flow a country takes.

    Shape: countries x flows; the shares of a flow sum to 1.
    """

    countries: tuple[str, ...]
    fees: Array
    tariffs: Array


def by_country(
    corridor: Corridor, frame: Frame, found: Gains, *, payees: Payees, worth: Array, draws: int
) -> list[Row]:
    """What each country gains, in present values; they add up to the whole. Users gain half where
    the goods come from and half where they go, safety alike; fees and tariffs where they are taken;
    carbon is everyone's.

    Shape: rows of WHO; `worth` is what a dollar of the first year is worth (J).
    """
    home = dict(corridor.table("places").select("place", "country").iter_rows())
    ends = corridor.table("flows").select("flow", "origin", "destination")
    of = {flow: (home[a] or EVERYONE, home[b] or EVERYONE) for flow, a, b in ends.iter_rows()}
    first, last = ([of[flow][end] for flow in frame.flows] for end in (0, 1))
    taken = {country: at for at, country in enumerate(payees.countries)}
    rows: list[Row] = []
    for country in sorted({*first, *last, *taken, EVERYONE}):
        for basis in BASES:
            both = found.users[basis] + found.safety
            gain = (_of(both, first, country) + _of(both, last, country)) / 2
            if country in taken:
                at = taken[country]
                gain = gain + found.fees[basis] @ payees.fees[at]
                gain = gain + found.tariffs[basis] @ payees.tariffs[at]
            if country == EVERYONE:
                gain = gain + found.carbon.sum(-1)
            rows.append(_row("country", country, basis, gain * worth, draws))
    return rows


def payees_of(
    corridor: Corridor,
    frame: Frame,
    outcomes: tuple[Outcome, Outcome],
    *,
    tariffs: Mapping[str, Corridor],
) -> Payees:
    """Who takes the fees and tariffs of each flow: treasuries where they are paid, and carriers
    where they carry.
    """
    fees = pl.concat([outcome.fees for outcome in outcomes]).select("flow", "country", "usd")
    moves = priced(outcomes[1].moves, corridor, tariffs=tariffs)
    cut = (pl.col("tariff_usd") - pl.col("base_tariff_usd")).abs().alias("usd")
    paid = moves.select("flow", "country", cut)
    countries = sorted({*fees["country"], *paid["country"], EVERYONE})
    return Payees(
        tuple(countries),
        _shares(fees, frame.flows, countries),
        _shares(paid, frame.flows, countries),
    )


def _shares(rows: pl.DataFrame, flows: Sequence[str], countries: Sequence[str]) -> Array:
    """The share of each country in what each flow pays; where it pays nothing, everyone's.

    Shape: countries x flows.
    """
    at = {flow: number for number, flow in enumerate(flows)}
    row = {country: number for number, country in enumerate(countries)}
    found = np.zeros((len(countries), len(flows)))
    summed = rows.group_by("flow", "country", maintain_order=True).agg(pl.col("usd").sum())
    for flow, country, usd in summed.sort("flow", "country").iter_rows():
        found[row[country], at[flow]] = usd
    whole = found.sum(axis=0)
    found[row[EVERYONE], whole == 0] = 1.0
    return found / np.where(whole == 0, 1.0, whole)


def hours_by_country(
    cargo: list[str], outcomes: tuple[Outcome, Outcome], *, draws: int
) -> list[Row]:
    """The hours that a mean trip of the corridor's cargo takes in each country, with minus without.

    Shape: rows of WHO with kind country_hours.
    """
    inside = pl.col("flow").is_in(cargo)
    means: list[pl.DataFrame] = []
    for outcome in outcomes:
        trips = outcome.trips.filter(inside).group_by("run").agg(pl.col("n").sum())
        stays = outcome.stays.filter(inside).group_by("run", "country").agg(pl.col("hours").sum())
        means.append(
            stays.join(trips, on="run").select(
                "run", "country", (pl.col("hours") / pl.col("n")).alias("mean")
            )
        )
    both = means[0].join(means[1], on=["run", "country"], how="full", coalesce=True, suffix="_with")
    change = both.with_columns(pl.col("mean", "mean_with").fill_null(0.0)).with_columns(
        (pl.col("mean_with") - pl.col("mean")).alias("change")
    )
    rows: list[Row] = []
    for (country,), mine in change.sort("country", "run").group_by("country", maintain_order=True):
        found = band(mine["change"].to_numpy(), draws)
        rows.append(_told("country_hours", str(country), "", "h", found))
    return rows


def by_payer(shares: Mapping[str, Array]) -> list[Row]:
    """What each payer bears, in present values.

    Shape: rows of WHO; `shares` the present value of what each bears at each draw (J, USD).
    """
    return [
        _told("payer", payer, "", "MUSD", band(-values[None, :] / MILLION, 1))
        for payer, values in sorted(shares.items())
    ]


def table(rows: list[Row]) -> pl.DataFrame:
    """The rows as a table, the largest gain of each kind first; who is not touched is left out."""
    told = pl.DataFrame(rows, schema=WHO)
    touched = pl.max_horizontal(pl.col("value", "low", "high").abs()) > LEAST
    return told.filter(touched).sort(
        "kind", "basis", pl.col("value").abs(), "name", descending=[False, True, True, False]
    )


def _of(values: Array, owners: list[str], owner: str) -> Array:
    mask = np.array([each == owner for each in owners])
    return values[:, :, mask].sum(-1)


def _row(kind: str, name: str, basis: str, values: Array, draws: int) -> Row:
    return _told(kind, name, basis, "MUSD", band(values / MILLION, draws))


def _told(kind: str, name: str, basis: str, unit: str, found: Band) -> Row:
    return {
        "kind": kind,
        "name": name,
        "basis": basis,
        "unit": unit,
        "value": found.value,
        "low": found.low,
        "high": found.high,
    }
