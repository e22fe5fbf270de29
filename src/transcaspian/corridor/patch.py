"""A declared change of a corridor: a support measure, a shock, or another year."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from transcaspian.tables.schema import Status

Value = str | int | float | bool
Values = Value | list[Value]
Verb = Literal["set", "scale", "add", "drop"]
VERBS: tuple[Verb, ...] = ("set", "scale", "add", "drop")


FROZEN = ConfigDict(
    frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True
)


class Change(BaseModel):
    """One change of one table: which rows, and exactly one verb."""

    model_config = FROZEN

    table: str
    """Table of the corridor."""
    where: dict[str, Values] = Field(default_factory=dict)
    """Column and value, or values; every column must agree. An empty word means a blank cell. A
    column may be followed to what it refers to: of stages, `procedure.place`."""
    set: dict[str, Values | None] | None = None
    """The new value of each column named."""
    scale: dict[str, float] | None = None
    """What each column named is multiplied by; whole numbers are rounded."""
    add: dict[str, Values] | None = None
    """With `where`, what is added to each column named; without, a new row."""
    drop: bool = False
    """The rows are taken away."""

    @model_validator(mode="after")
    def _one_verb(self) -> Change:
        given = [verb for verb in VERBS if getattr(self, verb)]
        if len(given) != 1:
            message = f"exactly one of set, scale, add, drop is needed; seen {given or 'none'}"
            raise ValueError(message)
        if not self.where and given[0] != "add":
            message = f"{given[0]} needs a where"
            raise ValueError(message)
        return self

    @property
    def verb(self) -> Verb:
        """The verb it uses."""
        return next(verb for verb in VERBS if getattr(self, verb))

    @property
    def appends(self) -> bool:
        """Whether it adds a row rather than changing some."""
        return self.verb == "add" and not self.where

    @property
    def amounts(self) -> dict[str, Values | None]:
        """The column and the value or factor of each cell that it writes; empty when it drops."""
        return dict(self.set or self.scale or self.add or {})


class Cost(BaseModel):
    """What a measure costs, in dollars of one year, and who pays."""

    model_config = FROZEN

    capex_usd: float | None = Field(default=None, ge=0)
    """What building it costs, in dollars."""
    capex_amount: float | None = Field(default=None, ge=0)
    """The same in another currency, where a source says so: converted by `exchange.csv`."""
    currency: str = ""
    """Its code, as JPY."""
    capex_low_usd: float | None = Field(default=None, ge=0)
    """The least it may cost."""
    capex_high_usd: float | None = Field(default=None, ge=0)
    """The most it may cost."""
    opex_usd_per_year: float | None = Field(default=None, ge=0)
    """What keeping it costs a year."""
    opex_low_usd_per_year: float | None = Field(default=None, ge=0)
    """The least that may cost."""
    opex_high_usd_per_year: float | None = Field(default=None, ge=0)
    """The most that may cost."""
    life_years: float | None = Field(default=None, gt=0)
    """How long it lasts."""
    start_year: int | None = None
    """The year from which it works."""
    price_year: int | None = None
    """Year whose prices the figures are in; blank, those of the project's own estimates."""
    prices: Literal["real", "nominal"] = "real"
    """Prices of one year, or of the years in which it is spent."""
    tax_share: float = Field(default=0.0, ge=0, lt=1)
    """Share of the figures that is taxes and duties: transfers, which are taken out."""
    payer: str = ""
    """Who pays, and how: a grant, a loan, a budget."""
    payers: dict[str, float] = Field(default_factory=dict)
    """The share that each donor or budget bears; they sum to 1. Blank: one purse."""
    status: Status = "estimated"
    """How far the figures can be trusted."""
    source: str
    """Ids of the sources table."""
    note: str = ""
    """Anything a reader should know."""

    @model_validator(mode="after")
    def _in_order(self) -> Cost:
        capex = (self.capex_low_usd, self.capex_usd, self.capex_high_usd)
        opex = (self.opex_low_usd_per_year, self.opex_usd_per_year, self.opex_high_usd_per_year)
        for name, range_ in (("capex", capex), ("opex", opex)):
            known = [value for value in range_ if value is not None]
            if known != sorted(known):
                message = f"{name}: low, middle and high are out of order"
                raise ValueError(message)
        if self.capex_usd is None and (self.capex_low_usd is None) != (self.capex_high_usd is None):
            message = "capex: one end of a range alone"
            raise ValueError(message)
        if (self.capex_amount is None) != (not self.currency):
            message = "capex_amount needs a currency, and a currency an amount"
            raise ValueError(message)
        return self


class Evidence(BaseModel):
    """What one value of a measure rests on, and its range; it is drawn within."""

    model_config = FROZEN

    parameter: str
    """Which value: use.N.PARAMETER, or change.N.VERB.COLUMN; N counts from 0."""
    low: float
    """Least believable value: no draw is below."""
    high: float
    """Greatest believable value: no draw is above."""
    grade: Literal["A", "B", "C", "D"] = "D"
    """A: seen here, before and after. B: seen elsewhere, or a published plan. C: an expert's word
    or one other place. D: assumed."""
    source: str
    """Ids of the sources table."""
    note: str = ""
    """Anything a reader should know."""

    @model_validator(mode="after")
    def _in_order(self) -> Evidence:
        if not self.low <= self.high:
            message = f"{self.parameter}: low {self.low:g} is above high {self.high:g}"
            raise ValueError(message)
        return self


class Use(BaseModel):
    """A named kind of measure with its parameters."""

    model_config = FROZEN

    kind: str
    """A function of `corridor/kinds`."""
    parameters: dict[str, Values] = Field(default_factory=dict)
    """What it is told."""


class Patch(BaseModel):
    """A named, sourced list of changes with its cost or its likelihood."""

    model_config = FROZEN

    name: str
    """Lower-snake word; the name of its file."""
    title: str
    """What people call it."""
    role: Literal["measure", "shock", "edition"] = "measure"
    """A support measure, something that befalls the corridor, or another year."""
    uses: tuple[Use, ...] = ()
    """Kinds with their parameters; they come before the changes written by hand."""
    change: tuple[Change, ...] = ()
    """Changes written by hand, in order."""
    cost: Cost | None = None
    """What a measure costs."""
    evidence: tuple[Evidence, ...] = ()
    """What its values rest on, one by one."""
    needs: tuple[str, ...] = ()
    """Measures that must be there before it, or with it."""
    excludes: tuple[str, ...] = ()
    """Measures that it is an alternative to."""
    missing: str = ""
    """What the corridor alone cannot say of it."""
    likelihood_per_year: float | None = Field(default=None, ge=0)
    """How often a shock is to be expected."""
    duration_days: float | None = Field(default=None, gt=0)
    """How long a shock lasts."""
    headline: bool = False
    """Whether the report shows it with and without."""
    country: str = ""
    """Country it is done in, or countries."""
    source: str
    """Ids of the sources table."""
    status: Status = "estimated"
    """How far the new values can be trusted."""
    note: str = ""
    """Anything a reader should know."""
    draws: pl.DataFrame | None = None
    """Values of a fitted patch: a row a draw, a column a cell, named table/key/column."""

    @property
    def is_drawn(self) -> bool:
        """Whether its values are known by their range, so that each run takes others."""
        return self.draws is not None or bool(self.evidence)


def settings(location: tuple[object, ...]) -> tuple[str, ...]:
    """The settings that may stand beside the one at a place of a patch, as pydantic locates it."""
    parts = {"change": Change, "cost": Cost, "uses": Use, "evidence": Evidence}
    model = parts.get(str(location[0])) if len(location) > 1 else None
    if model is not None:
        return tuple(model.model_fields)
    return ("kind", *(name for name in Patch.model_fields if name not in {"uses", "draws"}))
