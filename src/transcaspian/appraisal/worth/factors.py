"""What worth is counted with: the factors that fit each flow and mode, at some of their draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.corridor.applying.effects import between, uniform
from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where

Array = NDArray[np.float64]
DAYS, HOURS = 365.0, 24.0
FITS = (("good", 4), ("mode", 2), ("country", 1))
FOR_FLOWS = ("time_value", "carrying_rate", "reliability_ratio", "elasticity")
FOR_MODES = ("emission", "accidents")
FOR_ALL = ("carbon_price", "case_value", "traffic_growth")
MILLION, BILLION = 1e6, 1e9


@dataclass(frozen=True, slots=True)
class Rates:
    """Factors at J draws, for F flows and M modes.

    Shape: `market` and `carrying` the value of an hour of a tonne, by both bases (J x F, USD/t-h);
    `reliability` and `elasticity` (J x F); `emission` (J x M, g CO2e a t-km); `per_vkm` and
    `per_tkm` cases (J x M); `carbon` USD/t, `case` USD, `growth` a year (J).
    """

    flows: tuple[str, ...]
    modes: tuple[str, ...]
    market: Array
    carrying: Array
    reliability: Array
    elasticity: Array
    emission: Array
    per_vkm: Array
    per_tkm: Array
    carbon: Array
    case: Array
    growth: Array


def rates_of(
    corridor: Corridor,
    flows: Sequence[str],
    *,
    draws: Sequence[int | None],
    instead: Mapping[str, float] | None = None,
) -> Rates:
    """The factors of some flows at some draws; draw None is the middle of every range.

    `instead` gives single factors another value, by name. A draw of a factor depends on its name
    and the number of the draw alone. Of a mode without a rate of accidents none are counted.

    Errors: A203 for each factor that is missing.
    """
    table = corridor.table("factors")
    taken = _taken(table, draws, instead or {})
    modes = tuple(corridor.table("modes")["mode"].to_list())
    cases = _flow_cases(corridor, flows)
    mode_cases = [{"good": None, "mode": mode, "country": None} for mode in modes]
    chosen = {name: _chosen(table, name, cases) for name in FOR_FLOWS}
    by_mode = {
        name: _chosen(table, name, mode_cases, optional=name == "accidents") for name in FOR_MODES
    }
    whole = {
        name: _chosen(table, name, [{"good": None, "mode": None, "country": None}])
        for name in FOR_ALL
    }
    worth = np.array([case["value_usd_per_t"] for case in cases], dtype=np.float64)
    values = {name: taken[:, rows] for name, rows in (chosen | whole).items()}
    units = [None if row < 0 else table["unit"][int(row)] for row in by_mode["accidents"]]
    accidents = _or_zero(taken, by_mode["accidents"])
    per_vkm = np.array([1 / MILLION if unit == "1/Mvkm" else 0.0 for unit in units])
    per_tkm = np.array([1 / BILLION if unit == "1/Gt-km" else 0.0 for unit in units])
    return Rates(
        tuple(flows),
        modes,
        values["time_value"] * worth / HOURS,
        values["carrying_rate"] * worth / (DAYS * HOURS),
        values["reliability_ratio"],
        values["elasticity"],
        taken[:, by_mode["emission"]],
        accidents * per_vkm,
        accidents * per_tkm,
        values["carbon_price"][:, 0],
        values["case_value"][:, 0],
        values["traffic_growth"][:, 0],
    )


def discount_rates(corridor: Corridor) -> tuple[float, ...]:
    """The rates at which worth is shown, the one that ranks first.

    Errors: A203 when there is none.
    """
    rows = corridor.table("factors").filter(pl.col("quantity") == "discount_rate")
    if rows.is_empty():
        raise _missing("discount_rate", "")
    return tuple(rows["value"].to_list())


def _taken(table: pl.DataFrame, draws: Sequence[int | None], instead: Mapping[str, float]) -> Array:
    """Each factor at each draw.

    Shape: draws x factors.
    """
    found = np.empty((len(draws), table.height))
    columns = table.select("factor", "low", "value", "high").iter_rows()
    for at, (name, low, value, high) in enumerate(columns):
        if name in instead:
            found[:, at] = instead[name]
            continue
        for number, draw in enumerate(draws):
            share = 0.5 if draw is None else uniform(f"factors/{name}", draw)
            found[number, at] = between(low, value, high, at=share)
    return found


def _flow_cases(corridor: Corridor, flows: Sequence[str]) -> list[dict[str, object]]:
    """The good, main mode and country of origin of each flow, and what a tonne of it is worth."""
    homes = corridor.table("places").select(pl.col("place").alias("origin"), "country")
    goods = corridor.table("goods").select("good", "value_usd_per_t")
    known = (
        pl.DataFrame({"flow": list(flows)}, schema={"flow": pl.String})
        .join(corridor.table("flows"), on="flow", how="left", maintain_order="left")
        .join(goods, on="good", how="left", maintain_order="left")
        .join(homes, on="origin", how="left", maintain_order="left")
        .with_columns(pl.col("modes").str.split(";").list.first().alias("mode"))
    )
    return known.select("good", "mode", "country", "value_usd_per_t").to_dicts()


def _chosen(
    table: pl.DataFrame,
    quantity: str,
    cases: Sequence[Mapping[str, object]],
    *,
    optional: bool = False,
) -> NDArray[np.int64]:
    """The row of the factor that fits each case best; -1 where none does and none is needed.

    Errors: A203 when none fits.
    """
    rows = [
        (at, row)
        for at, row in enumerate(table.iter_rows(named=True))
        if row["quantity"] == quantity
    ]
    memo: dict[tuple[object, ...], int] = {}
    found: list[int] = []
    for case in cases:
        key = tuple(case[name] for name, _ in FITS)
        if key not in memo:
            fits = [
                (sum(weight for name, weight in FITS if row[name] is not None), -at)
                for at, row in rows
                if all(row[name] is None or row[name] == case[name] for name, _ in FITS)
            ]
            if not fits and not optional:
                raise _missing(quantity, ", ".join(str(each) for each in key if each))
            memo[key] = -max(fits)[1] if fits else -1
        found.append(memo[key])
    return np.array(found, dtype=np.int64)


def _or_zero(taken: Array, rows: NDArray[np.int64]) -> Array:
    """The factors of some rows, 0 where there is none."""
    padded = np.concatenate([taken, np.zeros((len(taken), 1))], axis=1)
    return padded[:, rows]


def _missing(quantity: str, of_what: str) -> Fault:
    return Fault(
        "A203",
        f"no {quantity}" + (f" that fits {of_what}" if of_what else ""),
        where=Where(file="factors.csv", column="quantity"),
        expected=f"a row with quantity {quantity}",
        hint="transcaspian show factors lists those that are there",
    )
