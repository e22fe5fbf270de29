"""Published figures with ours beside them, as the page shows them."""

from __future__ import annotations

from typing import Any

import polars as pl

from transcaspian.report.material import Held, Silent
from transcaspian.report.words import Quantity

VOLUMES = ("tonnes_kt", "teu", "trips")
FIGURES = {
    "border_h": "border time",
    "border_usd": "border cost",
    "door_to_door_h": "door to door",
    "section_h": "section",
    "cost_usd_per_500km_20t": "cost of 500 km and 20 t",
    "tonnes_kt": "tonnes",
    "teu": "containers",
    "handling_h": "vessel at berth",
    "fleet_teu": "space that sailed",
    "crossing_share": "share of the trip afloat and in ports",
    "waiting_share": "share of the trip",
    "time_ratio": "time, ratio",
}
LONG = 160
Row = dict[str, Any]


def held(published: pl.DataFrame) -> list[Held]:
    """The figures that the model speaks to, volumes apart."""
    return [_held(row) for row in _spoken(published).iter_rows(named=True)]


def named(published: pl.DataFrame) -> list[str]:
    """The names of the same figures."""
    return _spoken(published)["figure"].to_list()


def _spoken(published: pl.DataFrame) -> pl.DataFrame:
    return published.filter(
        pl.col("simulated").is_not_null() & ~pl.col("quantity").is_in(list(VOLUMES))
    )


def volumes(published: pl.DataFrame) -> list[Held]:
    """The volumes that the model carried, beside those published."""
    rows = published.filter(
        pl.col("simulated").is_not_null() & pl.col("quantity").is_in(list(VOLUMES))
    )
    return [_held(row) for row in rows.iter_rows(named=True)]


def silent(published: pl.DataFrame) -> list[Silent]:
    """The figures that the model cannot speak to, and why."""
    rows = published.filter(pl.col("simulated").is_null())
    return [
        Silent(
            _what(row), _theirs(row), row["kind"], row["year"], row["source"], row["why_not"] or ""
        )
        for row in rows.iter_rows(named=True)
    ]


def _held(row: Row) -> Held:
    return Held(
        what=_what(row),
        theirs=_theirs(row),
        ours=Quantity(row["simulated"], row["low"], row["high"], row["unit"]),
        kind=row["kind"],
        year=row["year"],
        edition=row["edition"],
        source=row["source"].replace(";", ", "),
        inside=bool(row["inside"]),
        note=_short(row["note"]),
    )


def _what(row: Row) -> str:
    return f"{row['what']}, {FIGURES.get(row['quantity'], row['quantity'])}"


def _theirs(row: Row) -> Quantity:
    return Quantity(row["published"], row["published_low"], row["published_high"], row["unit"])


def _short(note: str | None) -> str:
    if not note:
        return ""
    return note if len(note) <= LONG else note[: LONG - 1].rsplit(" ", 1)[0] + "\u2026"
