"""The eight kinds of error of published time and cost tables, and what must hold between cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import log10, sqrt

import polars as pl

from transcaspian.survey.published.rounding import Printed, overlap, possible_change, printed

COLUMNS = (
    "table",
    "country",
    "place",
    "indicator",
    "mode",
    "direction",
    "year",
    "value",
    "change",
    "text",
    "n",
    "cv",
    "unit",
)
"""What a table to look through may hold; value, change and text as they were printed."""
NEEDED = ("indicator", "year", "value")
UNITS = {"tfi1": "h", "tfi2": "USD", "tfi3": "USD", "swd": "km/h", "swod": "km/h"}
Row = Mapping[str, str]
Key = tuple[str, ...]
SHAPE = (
    "table",
    "country",
    "place",
    "indicator",
    "mode",
    "direction",
    "year",
    "kind",
    "seen",
    "expected",
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the table is held against: the countries and years it may name, the countries whose
    figures nobody there reports, and the values of an earlier release.
    """

    countries: frozenset[str] = frozenset()
    years: frozenset[str] = frozenset()
    without_partner: frozenset[str] = frozenset()
    earlier: Mapping[Key, str] | None = None


def lint(frame: pl.DataFrame, known: Known | None = None) -> pl.DataFrame:
    """Every finding of a published table, one a row; nothing found is an empty frame.

    Shape: SHAPE; `kind` is one of sign, change, text, swapped, label, blank, restated, decimals,
    comparable, between, speed, unit.
    Source: the survey's reference, section 2.
    """
    held = known or Known()
    lost = [name for name in NEEDED if name not in frame.columns]
    if lost:
        from transcaspian.errors import Fault, Where  # noqa: PLC0415  # only when there are any

        raise Fault(
            "V102",
            f"no {' and no '.join(lost)}",
            where=Where(file="table"),
            expected="columns " + ", ".join(COLUMNS),
        )
    rows = _rows(frame)
    cells = {_key(row): row for row in rows}
    found = [
        (*(row[name] for name in SHAPE[:7]), *finding)
        for row in rows
        for check in CHECKS
        for finding in check(row, cells, held)
    ]
    return pl.DataFrame(found, schema=dict.fromkeys(SHAPE, pl.String), orient="row")


def _rows(frame: pl.DataFrame) -> list[dict[str, str]]:
    """The rows as text, columns that are not there blank."""
    whole = frame.with_columns(
        pl.lit("").alias(name) for name in COLUMNS if name not in frame.columns
    )
    return [
        {name: str(value) if value is not None else "" for name, value in row.items()}
        for row in whole.select(COLUMNS).iter_rows(named=True)
    ]


def cell_values(frame: pl.DataFrame) -> dict[Key, str]:
    """The value of each cell of a table, for another release to be held against."""
    return {_key(row): row["value"] for row in _rows(frame)}


def _key(row: Row, **other: str) -> Key:
    """The cell of a row, or of one that differs from it as said."""
    return tuple({**row, **other}[name] for name in SHAPE[:7])


Cells = Mapping[Key, Row]
Finding = tuple[str, str, str]
Check = Callable[[Row, Cells, Known], Iterator[Finding]]


def _before(row: Row, cells: Cells) -> Printed | None:
    year = row["year"]
    if not year.isdigit():
        return None
    other = cells.get(_key(row, year=str(int(year) - 1)))
    return printed(other["value"]) if other else None


def changes(row: Row, cells: Cells, _: Known) -> Iterator[Finding]:
    """A printed change against the two values: its sign, its size, and -100 % for a blank."""
    now, was, change = printed(row["value"]), _before(row, cells), printed(row["change"])
    if change is None or was is None:
        return
    if now is None or (now.single and change.value <= -100):  # noqa: PLR2004  # per cent
        if change.value <= -100:  # noqa: PLR2004  # per cent
            yield "blank", f"{row['change']} % where the value is missing", "no change printed"
        return
    span = possible_change(was, now)
    if span is None or overlap(span, change):
        return
    told = f"{float(span[0]):.1f} to {float(span[1]):.1f} %"
    wrong = (change.value > 0) != (span[0] + span[1] > 0) and change.value != 0
    yield "sign" if wrong else "change", f"{row['change']} % from {was.text} to {now.text}", told


def texts(row: Row, _: Cells, __: Known) -> Iterator[Finding]:
    """A value in the text against that in the table."""
    said, now = printed(row["text"]), printed(row["value"])
    if said is None or now is None:
        return
    if said.high < now.low or now.high < said.low:
        yield "text", f"{row['text']} in the text, {row['value']} in the table", "one value"


def speeds(row: Row, cells: Cells, _: Known) -> Iterator[Finding]:
    """Speed with delay cannot exceed that without."""
    if row["indicator"] != "swd":
        return
    other = cells.get(_key(row, indicator="swod"))
    slow, fast = printed(row["value"]), printed(other["value"]) if other else None
    if slow is not None and fast is not None and slow.low > fast.high:
        yield (
            "swapped",
            f"SWD {slow.text} above SWOD {fast.text}",
            "SWD at most SWOD: labels swapped?",
        )


def labels(row: Row, _: Cells, known: Known) -> Iterator[Finding]:
    """Countries, years and units that the table should not name."""
    if known.countries and row["country"] and row["country"] not in known.countries:
        yield "label", f"country {row['country']!r}", "one of the countries of the table"
    if known.years and row["year"] not in known.years:
        yield "label", f"year {row['year']!r}", "one of the years of the table"
    unit = UNITS.get(row["indicator"])
    if row["unit"] and unit and row["unit"] != unit:
        yield "unit", f"{row['indicator']} in {row['unit']}", unit


def between(row: Row, cells: Cells, _: Known) -> Iterator[Finding]:
    """A mean of two directions lies between them."""
    if row["direction"] not in {"", "both"}:
        return
    mean = printed(row["value"])
    parts = [
        printed(other["value"])
        for other in (cells.get(_key(row, direction=way)) for way in ("outbound", "inbound"))
        if other
    ]
    ends = [part for part in parts if part is not None]
    if mean is None or len(ends) != 2:  # noqa: PLR2004  # two directions
        return
    if mean.high < min(part.low for part in ends) or mean.low > max(part.high for part in ends):
        yield (
            "between",
            f"{mean.text}, with {ends[0].text} outbound and {ends[1].text} inbound",
            "a value between the two",
        )


def restatements(row: Row, _: Cells, known: Known) -> Iterator[Finding]:
    """A value of an earlier year that an earlier release told otherwise."""
    earlier = (known.earlier or {}).get(_key(row))
    now, was = printed(row["value"]), printed(earlier or "")
    if now is not None and was is not None and (now.high < was.low or was.high < now.low):
        yield (
            "restated",
            f"{now.text}, {was.text} in the earlier release",
            "a notice of restatement",
        )


def decimals(row: Row, _: Cells, __: Known) -> Iterator[Finding]:
    """More decimals than the sample can carry: finer than a tenth of the standard error."""
    now, n, cv = printed(row["value"]), row["n"], row["cv"]
    if now is None or not n or not cv or now.value <= 0:
        return
    se = now.value * float(cv) / sqrt(max(float(n), 1.0))
    most = max(0, -int(log10(se / 10)) if se < 10 else 0)  # noqa: PLR2004  # ten of the unit
    if now.decimals > most:
        yield "decimals", f"{now.text} from {n} trips with a CV of {cv}", f"{now.value:.{most}f}"


def comparable(row: Row, _: Cells, known: Known) -> Iterator[Finding]:
    """A figure of a country that nobody there reports stands beside figures of others."""
    if row["country"] in known.without_partner and printed(row["value"]) is not None:
        yield (
            "comparable",
            f"{row['country']} has no reporting partner",
            "a note that only transit trips reported elsewhere are counted",
        )


CHECKS: tuple[Check, ...] = (
    changes,
    texts,
    speeds,
    labels,
    between,
    restatements,
    decimals,
    comparable,
)
