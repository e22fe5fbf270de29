"""The units of the tables: what they measure, what they are worth, which suffix names them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from transcaspian.errors import Fault


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: what it measures, and how many of the base unit of that one of it is."""

    name: str
    dimension: str
    worth: float


UNITS: dict[str, Unit] = {
    unit.name: unit
    for unit in (
        Unit("h", "time", 1.0),
        Unit("s", "time", 1 / 3600),
        Unit("min", "time", 1 / 60),
        Unit("d", "time", 24.0),
        Unit("y", "time", 8760.0),
        Unit("km", "length", 1.0),
        Unit("m", "length", 0.001),
        Unit("mm", "length", 0.000001),
        Unit("mi", "length", 1.609344),
        Unit("nmi", "length", 1.852),
        Unit("t", "mass", 1.0),
        Unit("kg", "mass", 0.001),
        Unit("kt", "mass", 1000.0),
        Unit("Mt", "mass", 1_000_000.0),
        Unit("km/h", "speed", 1.0),
        Unit("m/s", "speed", 3.6),
        Unit("kn", "speed", 1.852),
        Unit("USD", "money", 1.0),
        Unit("kUSD", "money", 1000.0),
        Unit("MUSD", "money", 1_000_000.0),
        Unit("TEU", "containers", 1.0),
        Unit("FEU", "containers", 2.0),
        Unit("deg", "angle", 1.0),
        Unit("degC", "temperature", 1.0),
        Unit("1", "share", 1.0),
        Unit("%", "share", 0.01),
    )
}
SPELLINGS: dict[str, str] = {
    "hour": "h",
    "hours": "h",
    "hr": "h",
    "hrs": "h",
    "minute": "min",
    "minutes": "min",
    "sec": "s",
    "day": "d",
    "days": "d",
    "year": "y",
    "years": "y",
    "miles": "mi",
    "nm": "nmi",
    "ton": "t",
    "tons": "t",
    "tonne": "t",
    "tonnes": "t",
    "kmh": "km/h",
    "kph": "km/h",
    "knots": "kn",
    "usd": "USD",
    "$": "USD",
    "teu": "TEU",
    "feu": "FEU",
    "\u00b0": "deg",
    "\u00b0C": "degC",
    "percent": "%",
}
SUFFIXES: dict[str, str] = {
    "_h": "h",
    "_km": "km",
    "_m": "m",
    "_mm": "mm",
    "_kmh": "km/h",
    "_t": "t",
    "_teu": "TEU",
    "_usd": "USD",
    "_musd": "MUSD",
    "_c": "degC",
    "_deg": "deg",
    "_share": "1",
}
"""What the ending of a column's name promises about its unit."""

MEASURED = re.compile(r"^\s*([+-]?\d+(?:\.\d+)?)\s*([^\d\s.,+-].*?)\s*$")


def promised(column: str) -> str:
    """The unit that the ending of a column's name promises; empty for none, and for rates."""
    if "_per_" in column:
        return ""
    ending = max((end for end in SUFFIXES if column.endswith(end)), key=len, default="")
    return SUFFIXES.get(ending, "")


def split(text: str) -> tuple[float, str] | None:
    """The number and the unit of a text such as `45 min`; nothing when it is not of that form."""
    found = MEASURED.match(text)
    return (float(found[1]), found[2]) if found else None


def known(word: str) -> Unit | None:
    """The unit that a word means, in any of its spellings."""
    for name in (word, SPELLINGS.get(word, ""), SPELLINGS.get(word.lower(), "")):
        if name in UNITS:
            return UNITS[name]
    return None


def convert(value: float, unit: str, *, to: str) -> float:
    """The value in another unit of the same dimension.

    Errors: C204 for an unknown unit, or for two that measure different things.
    """
    have, want = known(unit), known(to)
    if have is None or want is None:
        raise Fault("C204", f"no unit {unit if have is None else to!r}", expected=", ".join(UNITS))
    if have.dimension != want.dimension:
        what = f"{have.name} measures {have.dimension}, {want.name} {want.dimension}"
        raise Fault("C204", what, expected=f"a unit of {want.dimension}")
    return value if have == want else value * have.worth / want.worth


def hours(microseconds: float) -> float:
    """Hours of some microseconds, the engine's unit of time."""
    return microseconds / 3_600_000_000
