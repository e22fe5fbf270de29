"""Numbers as a reader should see them: with unit, interval and no more digits than they bear."""

from __future__ import annotations

import math
from dataclasses import dataclass

from transcaspian.report.markup import Markup, join, tag

NOTHING = "\u2013"
DAY_H = 24.0
UNITS = {"usd": "USD", "kmh": "km/h", "1": "", "h": "h", "d": "days", "km": "km", "t": "t"}

CLASSES = {
    "moving": "moving",
    "rest": "rest",
    "handling": "handling",
    "clearance": "clearance",
    "queueing": "queueing",
    "carrier": "waiting for a carrier",
    "weather": "closed by weather",
}
WAITING = ("queueing", "carrier", "weather")
NETWORKS = {"rail": "rail", "road": "road", "sea": "sea"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its 90 % interval and unit; None stands for what is not known."""

    value: float | None
    low: float | None = None
    high: float | None = None
    unit: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a finite value."""
        return finite(self.value)

    def times(self, factor: float, unit: str = "") -> Quantity:
        """The quantity and its interval times a factor, in another unit."""
        value, low, high = (
            None if part is None else factor * part for part in (self.value, self.low, self.high)
        )
        return Quantity(value, low, high, unit)


def finite(value: float | None) -> bool:
    """Whether the value is a number that can be shown."""
    return value is not None and math.isfinite(value)


def decimals(size: float) -> int:
    """How many decimals a number of this size is shown with."""
    size = abs(size)
    if size >= 100 or size == 0:  # noqa: PLR2004  # whole numbers from a hundred on
        return 0
    if size >= 1:
        return 1
    return 2 if size >= 0.01 else 3  # noqa: PLR2004  # two significant digits below one


def number(value: float | None, *, places: int | None = None) -> str:
    """The number in words of digits, thousands set apart; a dash when it is not known."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if places is None and abs(value) >= 10_000:  # noqa: PLR2004  # three digits are meant
        value = round(value, 2 - math.floor(math.log10(abs(value))))
    shown = f"{value:,.{decimals(value) if places is None else places}f}"
    bare = shown.lstrip("-")
    zero = not bare.strip("0.,")
    return bare if zero else shown.replace("-", "\u2212")


def unit(word: str) -> str:
    """The unit as it is printed."""
    return UNITS.get(word.lower(), word)


def between(low: float | None, high: float | None, *, places: int | None = None) -> str:
    """The interval, or nothing when it is not known."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    if places is None:
        places = decimals(max(abs(low), abs(high)))
    first, last = number(low, places=places), number(high, places=places)
    if first == last:
        return first
    return f"{first} to {last}" if "\u2212" in first + last else f"{first}\u2013{last}"


def spoken(quantity: Quantity) -> str:
    """Value, unit and interval in one plain line."""
    if not quantity.known:
        return "not known"
    bare = f"{number(quantity.value)} {unit(quantity.unit)}".rstrip()
    span = between(quantity.low, quantity.high)
    return f"{bare} (90 % interval {span})" if span else bare


def shown(quantity: Quantity) -> Markup:
    """Value, unit and interval, set for a table cell or a figure."""
    if not quantity.known:
        return tag("span", NOTHING, class_="tc-none", title="not known")
    bare = f"{number(quantity.value)}\u00a0{unit(quantity.unit)}".rstrip("\u00a0")
    span = between(quantity.low, quantity.high)
    parts = [tag("span", bare, class_="tc-value")]
    if span:
        parts.append(tag("span", span, class_="tc-interval", title="90 % interval"))
    return join(parts, " ")


def days(quantity: Quantity) -> Quantity:
    """The same in days, for a quantity in hours."""
    return quantity.times(1 / DAY_H, "d")


def share(value: float | None) -> str:
    """A share as a percentage."""
    if value is None or not math.isfinite(value):
        return NOTHING
    percentage = 100 * value
    return f"{percentage:.0f} %" if percentage >= 10 or percentage == 0 else f"{percentage:.1f} %"  # noqa: PLR2004


def plural(count: int, one: str, many: str | None = None) -> str:
    """The count and its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(words: list[str]) -> str:
    """The words as a list in a sentence."""
    if len(words) < 2:  # noqa: PLR2004  # one word needs no and
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]
