"""What a parameter of a kind may be: shares within 0 and 1, factors above 0, sensible numbers."""

from __future__ import annotations

from math import isclose

from transcaspian.errors import Fault, Where

FEWEST, MOST = -50, 10_000
"""No place loses more servers than this at a stroke, and no table holds more."""


def _wrong(name: str, value: object, expected: str) -> Fault:
    return Fault("P105", f"{name} = {value}", where=Where(column=name), expected=expected)


def share(**given: float | None) -> None:
    """Nothing; each share that is given is one.

    Errors: P105 when it is below 0 or above 1.
    """
    for name, value in given.items():
        if value is not None and not 0 <= value <= 1:
            raise _wrong(name, value, "a share of 0 to 1")


def part(**given: float | None) -> None:
    """Nothing; each share that is given leaves something over.

    Errors: P105 when it is below 0, or 1 and more.
    """
    for name, value in given.items():
        if value is not None and not 0 <= value < 1:
            raise _wrong(name, value, "a share of 0 and more, below 1")


def factor(**given: float | None) -> None:
    """Nothing; each factor or quantity that is given is above 0.

    Errors: P105 when it is 0 or below, or no number.
    """
    for name, value in given.items():
        if value is not None and not 0 < value < float("inf"):
            raise _wrong(name, value, "a number above 0")


def least(**given: float | None) -> None:
    """Nothing; each number that is given is 0 or more.

    Errors: P105 when it is below, or no number.
    """
    for name, value in given.items():
        if value is not None and not 0 <= value < float("inf"):
            raise _wrong(name, value, "0 or more")


def extra(**given: int) -> None:
    """Nothing; each number of servers more, or fewer, is a sensible one.

    Errors: P105 when it is below -50 or above 10,000.
    """
    for name, value in given.items():
        if not FEWEST <= value <= MOST:
            raise _wrong(name, value, f"{FEWEST} to {MOST:,} more")


def whole(**shares: float) -> None:
    """Nothing; the shares are shares and sum to 1.

    Errors: P105 when one is none, or the sum is another.
    """
    share(**shares)
    total = sum(shares.values())
    if not isclose(total, 1, abs_tol=1e-6):
        raise _wrong(", ".join(shares), " + ".join(f"{each:g}" for each in shares.values()), "1")


def one_of(**given: object) -> None:
    """Nothing; exactly one of the parameters is given.

    Errors: P105 when none is, or several.
    """
    known = [name for name, value in given.items() if value is not None]
    if len(known) != 1:
        names = " or ".join(given)
        raise Fault(
            "P105",
            f"{' and '.join(known) or 'none'} of {names}",
            where=Where(column=next(iter(given))),
            expected=f"{names}, one of them",
        )
