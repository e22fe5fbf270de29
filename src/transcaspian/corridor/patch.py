"""A declared change of a corridor: a support measure, a shock, or another year."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

Value = str | int | float | bool
Verb = Literal["set", "scale", "add", "drop"]
VERBS: tuple[Verb, ...] = ("set", "scale", "add", "drop")


FROZEN = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Change(BaseModel):
    """One change of one table: which rows, and exactly one verb."""

    model_config = FROZEN

    table: str
    where: dict[str, Value | list[Value]] = Field(default_factory=dict)
    set: dict[str, Value | None] | None = None
    scale: dict[str, float] | None = None
    add: dict[str, Value] | None = None
    drop: bool = False

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


class Cost(BaseModel):
    """What a measure costs, in dollars of one year, and who pays."""

    model_config = FROZEN

    capex_usd: float | None = Field(default=None, ge=0)
    capex_low_usd: float | None = Field(default=None, ge=0)
    capex_high_usd: float | None = Field(default=None, ge=0)
    opex_usd_per_year: float | None = Field(default=None, ge=0)
    opex_low_usd_per_year: float | None = Field(default=None, ge=0)
    opex_high_usd_per_year: float | None = Field(default=None, ge=0)
    life_years: float | None = Field(default=None, gt=0)
    start_year: int | None = None
    payer: str = ""
    status: Literal["published", "derived", "estimated", "unconfirmed"] = "estimated"
    source: str
    note: str = ""


class Use(BaseModel):
    """A named kind of measure with its parameters."""

    model_config = FROZEN

    kind: str
    parameters: dict[str, Value | list[Value]] = Field(default_factory=dict)


class Patch(BaseModel):
    """A named, sourced list of changes with its cost or its likelihood."""

    model_config = FROZEN

    name: str
    title: str
    role: Literal["measure", "shock", "edition"] = "measure"
    uses: tuple[Use, ...] = ()
    change: tuple[Change, ...] = ()
    cost: Cost | None = None
    likelihood_per_year: float | None = Field(default=None, ge=0)
    duration_days: float | None = Field(default=None, gt=0)
    headline: bool = False
    country: str = ""
    source: str
    status: Literal["published", "derived", "estimated", "unconfirmed"] = "estimated"
    note: str = ""
    draws: pl.DataFrame | None = None
