"""What a printed number may stand for: its rounding interval, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as it was printed: the least and the greatest that would be printed so."""

    text: str
    low: Fraction
    high: Fraction

    @property
    def value(self) -> float:
        """The number itself."""
        return float(self.text)

    @property
    def decimals(self) -> int:
        """How many decimals it has."""
        return len(self.text.partition(".")[2])

    @property
    def single(self) -> bool:
        """Whether it is zero, as a blank that was filled in would be."""
        return float(self.text) == 0


def printed(text: str) -> Printed | None:
    """The number of a text with the interval that rounds to it; none for a blank or a dash."""
    bare = (
        text.strip().replace("\u2212", "-").replace("\u2013", "-").replace("%", "").replace(",", "")
    )
    if bare in {"", "-", "n/a"}:
        return None
    middle = Fraction(bare)
    half = Fraction(1, 2 * 10 ** len(bare.partition(".")[2]))
    return Printed(bare, middle - half, middle + half)


def possible_change(before: Printed, after: Printed) -> tuple[Fraction, Fraction] | None:
    """The least and the greatest change in per cent that two printed numbers allow.

    None where the earlier may be nothing.
    """
    if before.low <= 0:
        return None
    corners = [
        (new / old - 1) * 100
        for new in (after.low, after.high)
        for old in (before.low, before.high)
    ]
    return min(corners), max(corners)


def overlap(one: tuple[Fraction, Fraction], other: Printed) -> bool:
    """Whether a number may lie in both intervals."""
    return one[0] <= other.high and other.low <= one[1]
