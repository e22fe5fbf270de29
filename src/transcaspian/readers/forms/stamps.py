"""Times as people write them, read as bounds in UTC or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from transcaspian.tables.cells import Wrong

INSTANT = pl.Datetime("us", "UTC")
DAY = timedelta(days=1)
WIDEST = timedelta(hours=14)
"""The greatest offset that a place on Earth keeps."""
SERIAL = re.compile(r"^\d{5}([.,]\d+)?$")
OFFSET = re.compile(r"^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$")
TIME = r"(?:[T ]\s*(?P<hour>\d{1,2})[:.h時](?P<minute>\d{2})?(?:[:.分](?P<second>\d{2}))?分?)?"
ZONED = r"\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?"
YEAR_FIRST = re.compile(
    rf"^(?P<y>\d{{4}})[-/.年](?P<m>\d{{1,2}})[-/.月](?P<d>\d{{1,2}})日?{TIME}{ZONED}$"
)
YEAR_LAST = re.compile(
    rf"^(?P<a>\d{{1,2}})(?P<sign>[./-])(?P<b>\d{{1,2}})[./-](?P<y>\d{{2}}|\d{{4}}){TIME}$"
)
LIKE = "2026-03-04 10:30"
OF_WAVE = "a time within a quarter of the fieldwork (starts and ends in wave.toml)"


@dataclass(frozen=True, slots=True)
class Habits:
    """How the people of a wave write.

    `clock`: "place" when times are local where they were noted, else an IANA zone, empty when each
    row must say; `date_order` of dates with slashes; `century` that years of two digits belong to;
    `currency` of sums without one; `midnight`: whether 00:00 is an hour or an unknown one; `opens`
    and `closes`: the bounds of what can have happened, in UTC.
    """

    clock: str = ""
    date_order: Literal["", "dmy", "mdy"] = ""
    century: int = 0
    decimal_comma: bool = False
    encoding: str = "utf-8"
    currency: str = ""
    midnight: Literal["hour", "day"] = "hour"
    opens: datetime | None = None
    closes: datetime | None = None

    def outside(self, low: datetime, high: datetime) -> Wrong | None:
        """What is wrong with an instant that cannot be of this wave; none when it can be."""
        if self.opens is None or self.closes is None or (self.opens <= high and low <= self.closes):
            return None
        days = f"{self.opens:%Y-%m-%d} to {self.closes:%Y-%m-%d}"
        return Wrong("V120", f"seen {low:%Y-%m-%d %H:%M} UTC", f"{OF_WAVE}: {days}")

    def beyond(self, low: pl.Expr, high: pl.Expr) -> pl.Expr:
        """Whether instants of a frame cannot be of this wave; null where it names no season."""
        opens, closes = (pl.lit(end, INSTANT) for end in (self.opens, self.closes))
        return (high < opens) | (low > closes)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A local time as written: the wall clock, the width it leaves open, and its offset if said."""

    local: datetime
    width: timedelta = timedelta(0)
    offset: tzinfo | None = None


def stamp_of(cell: object, habits: Habits) -> Stamp | Wrong:
    """The time of a cell of a form, or what is wrong with it.

    A date without an hour is the whole day; 24:00 is the next day's midnight; years of two digits
    and serial numbers of spreadsheets are not guessed.
    """
    if isinstance(cell, datetime):
        return _width(Stamp(cell.replace(tzinfo=None), offset=cell.tzinfo), habits)
    if isinstance(cell, date):
        return Stamp(datetime.combine(cell, time()), DAY)  # a local wall clock
    text = str(cell).strip()
    if isinstance(cell, int | float) or SERIAL.match(text):
        return _serial(text)
    found = YEAR_FIRST.match(text)
    if found:
        return _made(found, (found["y"], found["m"], found["d"]), text=text, habits=habits)
    found = YEAR_LAST.match(text)
    if found is None:
        return Wrong("V103", f"seen {text!r}", f"a date and a time, as {LIKE}")
    ordered = _ordered(found, text, habits=habits)
    return (
        ordered if isinstance(ordered, Wrong) else _made(found, ordered, text=text, habits=habits)
    )


def _serial(text: str) -> Wrong:
    days = float(text.replace(",", "."))
    like = (datetime(1899, 12, 30) + timedelta(days=days)).isoformat(" ", "minutes")  # noqa: DTZ001  # spreadsheets know no zone
    return Wrong("V103", f"seen {text!r}, the serial number of a spreadsheet", f"a date, as {like}")


def _ordered(found: re.Match[str], text: str, *, habits: Habits) -> tuple[str, str, str] | Wrong:
    """Year, month and day of a date that ends in its year."""
    first, second, year = found["a"], found["b"], found["y"]
    if len(year) == 2:  # noqa: PLR2004  # two digits
        if not habits.century:
            expected = f"a year of four digits, as {LIKE}; or `century = 2000` in wave.toml"
            return Wrong("V103", f"seen {text!r}, a year of two digits", expected)
        year = str(habits.century + int(year))
    order = "dmy" if found["sign"] == "." else habits.date_order
    if not order and first != second:
        if int(first) > 12 or int(second) > 12:  # noqa: PLR2004  # months
            order = "dmy" if int(first) > 12 else "mdy"  # noqa: PLR2004  # months
        else:
            expected = 'date_order = "dmy" or "mdy" in wave.toml'
            return Wrong("V104", f"seen {text!r}, which two days may be", expected)
    return (year, first, second) if order == "mdy" else (year, second, first)


def _made(
    found: re.Match[str], ymd: tuple[str, str, str], *, text: str, habits: Habits
) -> Stamp | Wrong:
    parts = found.groupdict()
    hour = parts["hour"]
    late = hour == "24" and int(parts["minute"] or 0) == 0
    try:
        day = datetime(*(int(part) for part in ymd))  # type: ignore[arg-type]  # noqa: DTZ001  # a local wall clock
        if hour is None:
            return Stamp(day, DAY)
        clock = time(0 if late else int(hour), int(parts["minute"] or 0), int(parts["second"] or 0))
    except ValueError as error:
        return Wrong("V103", f"seen {text!r}: {error}", f"a date and a time, as {LIKE}")
    local = datetime.combine(day, clock) + (DAY if late else timedelta(0))
    offset = parts.get("offset")
    return _width(Stamp(local, offset=zone_of(offset) if offset else None), habits)


def _width(stamp: Stamp, habits: Habits) -> Stamp:
    """The stamp; a midnight that stands for an unknown hour is the whole day."""
    midnight = stamp.local.time() == time() and stamp.width == timedelta(0)
    return Stamp(stamp.local, DAY, stamp.offset) if midnight and habits.midnight == "day" else stamp


@cache
def zone_of(name: str) -> tzinfo | None:
    """The zone of an IANA name or of an offset; none when it is neither."""
    if name == "Z":
        return UTC
    found = OFFSET.match(name)
    if found:
        sign = -1 if found[1] == "-" else 1
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(sign * offset) if offset <= WIDEST else None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def bounds(stamp: Stamp, zone: tzinfo) -> tuple[datetime, datetime]:
    """The earliest and the latest instant that a stamp may mean in a zone.

    An hour that the clock shows twice when it is set back is both; one that it skips is read as if
    the clock had not yet been set forward.
    """
    if stamp.offset is not None:
        zone = stamp.offset
    low = stamp.local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    end = stamp.local + stamp.width
    high = end.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return (low, high) if low <= high else (high, low)
