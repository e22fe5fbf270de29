"""What an appraisal and a choice of a package find, as tables that a page or a screen can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from transcaspian.corridor.patch import Patch

BASES = ("market", "carrying")
"""Two values of time, never one alone: what shippers were seen to pay for a day, and what a day of
carrying the goods costs.
"""

FIGURES = pl.Schema(
    {
        "figure": pl.String,
        "basis": pl.String,
        "rate": pl.Float64,
        "unit": pl.String,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "parameter_share": pl.Float64,
        "runs": pl.Int64,
        "without": pl.Float64,
    }
)
WHO = pl.Schema(
    {
        "kind": pl.String,
        "name": pl.String,
        "basis": pl.String,
        "unit": pl.String,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
    }
)
MOVED = pl.Schema(
    {
        "place": pl.String,
        "unit": pl.String,
        "without": pl.Float64,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "reappears": pl.Boolean,
    }
)
INPUTS = pl.Schema(
    {
        "input": pl.String,
        "basis": pl.String,
        "unit": pl.String,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "swing": pl.Float64,
        "switching": pl.Float64,
    }
)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a reader must know beside the figures: a code of REMARKS and what fills it."""

    code: str
    values: Mapping[str, str | float] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in English."""
        return REMARKS[self.code].format(**self.values)


REMARKS = {
    "no_bottleneck": "No queue is surely shorter by it: {place} is busy {busy:.0%} of its time, "
    "so that its value is about zero. More of what is not short buys nothing.",
    "queue_moves": "The queue moves: of {gone:,.0f} hours a year less at {place}, {back:,.0f} "
    "({share:.0%}) reappear at {other}.",
    "sign_changes": "The cash flow changes its sign {count} times: an internal rate of return "
    "would not be one number, and is not given. The modified rate is.",
    "luck": "Most of the band is the luck of the runs: {runs:.0f} of them cannot tell this from "
    "nothing.",
    "never_positive": "The cash flow never turns positive: there is no rate of return.",
    "no_benefits": "No benefits to set against the costs: the ratio is not formed.",
    "beyond_horizon": "It lasts {life:g} years, {left:g} of them beyond the {horizon} that are "
    "counted: their share of its cost is taken as a residual value.",
    "no_cost": "Its cost is not published and no range is given: no value against cost is formed.",
    "cost_range": "Its cost is a range of {low:,.1f} to {high:,.1f} million dollars.",
    "weak_evidence": "Its effect rests on assumptions (grade {grade}), not on something seen.",
    "missing": "Not counted: {what}",
    "tariff_transfer": "Lower prices are a gain of users and a loss of who is paid: they are "
    "counted on both sides.",
    "interaction": "The measures act together: {share:.0%} of the package's value is not in the "
    "sum of what they are worth alone. Singles must not be added.",
    "not_sure": "The best set cannot be told apart from {count} others within 2 %.",
    "second_opinion": "The second opinion chose another set: {measures}; it is {behind:.1%} behind "
    "on the same runs.",
    "super_additive": "Measures are worth more together than alone ({pairs} pairs of {all}): a "
    "choice one by one is not safe here, so swaps are tried.",
    "not_shown": "Not shown to add anything on these runs: {measures}.",
    "no_effect": "Left out, since no run of the model feels them: {measures}.",
}


@dataclass(frozen=True, slots=True)
class Appraisal:
    """One measure, or a set of them, with and without.

    Shape: `figures` one row a figure: a change (`without` beside it) or a worth, its 90 % band, and
    `parameter_share`, how much of the band's variance is of what is not known, the rest being
    the luck of the runs; `who` one row a country, good or payer, in present values of the first
    rate, or hours; `moved` one row a place, hours a year of waiting, largest change first,
    `reappears` where a gain elsewhere comes back; `inputs` the inputs by how far the value swings
    over their range, `switching` the value at which nothing is left of it.
    """

    name: str
    patches: tuple[Patch, ...]
    changes: str
    figures: pl.DataFrame
    who: pl.DataFrame
    moved: pl.DataFrame
    inputs: pl.DataFrame
    remarks: tuple[Remark, ...]

    def figure(self, name: str, *, basis: str = "", rate: float | None = None) -> dict[str, object]:
        """One row of the figures; of several rates the first unless one is named.

        Errors: KeyError when there is none.
        """
        rows = self.figures.filter(pl.col("figure") == name)
        if basis:
            rows = rows.filter(pl.col("basis") == basis)
        if rate is not None:
            rows = rows.filter(pl.col("rate") == rate)
        if rows.is_empty():
            raise KeyError(name)
        return rows.row(0, named=True)


NEAR = pl.Schema(
    {
        "measures": pl.List(pl.String),
        "cost_musd": pl.Float64,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "behind_share": pl.Float64,
        "probability": pl.Float64,
        "worst_regret": pl.Float64,
        "futures_share": pl.Float64,
    }
)
REGRETS = pl.Schema(
    {
        "measures": pl.List(pl.String),
        "future": pl.String,
        "name": pl.String,
        "value": pl.Float64,
        "regret": pl.Float64,
    }
)
SHARES = pl.Schema(
    {
        "measure": pl.String,
        "year": pl.Int64,
        "cost_musd": pl.Float64,
        "alone": pl.Float64,
        "share": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
    }
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The best package under one budget, in millions of dollars of present value.

    Shape: `near` one row a set within 2 % of the best, itself first: how far behind, how likely
    the best, its worst regret over the futures and the share of them in which it is within a tenth
    of the best; `shares` one row a measure: the year it starts, its cost, what it is worth alone
    and its share of the package, which add up to the package's value.
    """

    budget_musd: float
    measures: tuple[str, ...]
    cost_musd: float
    value: float
    low: float
    high: float
    probability: float
    evaluations: int
    sets: int
    near: pl.DataFrame
    shares: pl.DataFrame
    regrets: pl.DataFrame
    remarks: tuple[Remark, ...]
    basis: str = BASES[0]
    other: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a document or a screen shows: measures one by one, and packages by budget.

    Shape: `appraisals` best value first; `factors` the table that worth was counted with.
    """

    title: str
    corridor_hash: str
    version: str
    seed: int
    replications: int
    draws: int
    price_year: int
    first_year: int
    horizon: int
    rates: tuple[float, ...]
    appraisals: tuple[Appraisal, ...]
    chosen: tuple[Chosen, ...]
    factors: pl.DataFrame
    sources: pl.DataFrame
    places: Mapping[str, str]
    countries: Mapping[str, str]
    goods: Mapping[str, str]
