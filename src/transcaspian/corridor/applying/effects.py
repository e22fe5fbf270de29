"""A measure at one draw of its effects: what its evidence leaves open, taken within its range."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from transcaspian.corridor.patch import Evidence, Patch
from transcaspian.errors import Fault, Where

BLOCK = 8
"""Draws in a row that fill a range evenly: each of so many parts of it is hit once."""


def at_draw(patch: Patch, number: int) -> Patch:
    """The patch with each value that has a range taken from it; the same number gives the same.

    Half of the draws are below the value as written and half above it, none outside the range. The
    draws of one value do not depend on which other measures are applied.

    Errors: P105 when the evidence speaks of a value that is not there, or is not a number.
    """
    return _at(patch, lambda name: uniform(f"{patch.name}/{name}", number))


def at_ends(patch: Patch) -> tuple[Patch, ...]:
    """The patch as written, with every range at its low end, and with every one at its high end.

    Errors: as `at_draw`.
    """
    if not patch.evidence:
        return (patch,)
    return patch, _at(patch, lambda _: 0.0), _at(patch, lambda _: 1.0)


def _at(patch: Patch, place: Callable[[str], float]) -> Patch:
    if not patch.evidence:
        return patch
    data = patch.model_dump(exclude={"draws"})
    for evidence in patch.evidence:
        holder, key = _holder(data, evidence, patch)
        middle = holder[key]
        share = place(evidence.parameter)
        holder[key] = within(evidence, middle, at=share, whole=isinstance(middle, int))
    return Patch.model_validate(data | {"draws": patch.draws})


def within(evidence: Evidence, middle: float, *, at: float, whole: bool = False) -> float | int:
    """The value of a range at a share of its draws, 0 to 1; the middle at a half."""
    low, high = min(evidence.low, middle), max(evidence.high, middle)
    value = between(low, middle, high, at=at)
    return round(value) if whole else value


def between(low: float, middle: float, high: float, *, at: float) -> float:
    """The value that a share of the draws is below: half of them below the middle, evenly."""
    part = 2 * at
    if part < 1:
        return float(low + (middle - low) * part)
    return float(middle + (high - middle) * (part - 1))


def uniform(name: str, number: int) -> float:
    """The place of a draw in its range, 0 to 1: keyed by a name, even in each block of draws."""
    block, place = divmod(number, BLOCK)
    digest = hashlib.blake2b(f"{name}/{block}".encode(), digest_size=8).digest()
    luck = np.random.default_rng(int.from_bytes(digest, "little"))
    order = luck.permutation(BLOCK)
    return float((order[place] + luck.random(BLOCK)[place]) / BLOCK)


def _holder(data: dict[str, Any], evidence: Evidence, patch: Patch) -> tuple[dict[str, Any], str]:
    """The table that holds the value, and its key there."""
    kind, _, after = evidence.parameter.partition(".")
    number, *rest = after.split(".")
    lists = {"use": "uses", "change": "change"}
    known = data.get(lists.get(kind, ""), ())
    at = int(number) if number.isdigit() else len(known)
    if at >= len(known) or not rest:
        raise _nothing(evidence, patch)
    one = cast("dict[str, Any]", known[at])
    inner = [*(("parameters",) if kind == "use" else ()), *rest]
    for part in inner[:-1]:
        one = one.get(part) or {}
    value = one.get(inner[-1])
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _nothing(evidence, patch)
    return one, inner[-1]


def _nothing(evidence: Evidence, patch: Patch) -> Fault:
    return Fault(
        "P105",
        f"evidence of {evidence.parameter!r}, which is no number of this measure",
        where=Where(file=f"{patch.name}.toml", column="evidence"),
        expected="use.N.PARAMETER or change.N.VERB.COLUMN, N counted from 0",
    )
