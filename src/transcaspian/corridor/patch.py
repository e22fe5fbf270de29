"""A declared change of a corridor: a support measure, a shock, or another year."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from transcaspian.errors import Fault, Faults, Where, nearest

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

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes: those of its kinds in order, then those written by hand."""
        from transcaspian.corridor.kinds import changes_of

        made = tuple(change for use in self.uses for change in changes_of(use, patch=self.name))
        return made + self.change


OWN = tuple(name for name in Patch.model_fields if name not in {"uses", "draws"})


def read_patch(text: str, *, file: str) -> Patch:
    """The patch of a TOML text.

    A top-level `kind` with its parameters beside it is one use of that kind; `[[use]]` tables,
    each with a `kind`, are several.
    Errors: P101 when the text cannot be read, P104 and P105 for its kinds.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Fault("P101", str(error), where=Where(file=file), hint="see the TOML grammar") from error
    uses = [_use(dict(table), file) for table in data.pop("use", [])]
    if "kind" in data:
        uses.insert(0, _use({key: data.pop(key) for key in list(data) if key not in OWN}, file))
    try:
        patch = Patch.model_validate({**data, "uses": tuple(uses)})
    except ValidationError as error:
        raise Faults([_fault(problem, file) for problem in error.errors()]) from error
    return _tried(patch, file)


def _use(table: dict[str, Value | list[Value]], file: str) -> Use:
    kind = table.pop("kind", None)
    if not isinstance(kind, str):
        raise Fault("P101", "a use without a kind", where=Where(file=file), expected="kind = \"...\"")
    return Use(kind=kind, parameters=table)


def _fault(problem: Mapping[str, object], file: str) -> Fault:
    location = problem["loc"]
    parts = [str(part) for part in location] if isinstance(location, tuple) else []
    key = ".".join(parts)
    near = nearest(parts[-1], OWN) if problem["type"] == "extra_forbidden" and parts else ()
    return Fault("P101", f"{key}: {problem['msg']}" if key else str(problem["msg"]),
                 where=Where(file=file), nearest=near)


def _tried(patch: Patch, file: str) -> Patch:
    """The patch, once its kinds have been turned into changes without fault."""
    try:
        _ = patch.changes
    except Fault as fault:
        raise Faults(
            Fault(each.code, each.what, where=Where(file=file), expected=each.expected,
                  nearest=each.nearest, hint=each.hint)
            for each in fault.faults
        ) from fault
    return patch
