"""All tables that a corridor may hold, and the key of each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transcaspian.corridor.declared.control import CONTROL
from transcaspian.corridor.declared.evidence import EVIDENCE
from transcaspian.corridor.declared.futures import OUTLOOK
from transcaspian.corridor.declared.geography import GEOGRAPHY
from transcaspian.corridor.declared.traffic import TRAFFIC
from transcaspian.corridor.declared.valuing import VALUING
from transcaspian.tables.schema import Table

if TYPE_CHECKING:
    import polars as pl

REQUIRED = (
    "countries",
    "modes",
    "places",
    "links",
    "units",
    "goods",
    "flows",
    "seasons",
    "calendars",
    "resources",
    "procedures",
    "stages",
    "sources",
)
TABLES: dict[str, Table] = {
    table.name: table for table in (*GEOGRAPHY, *CONTROL, *TRAFFIC, *EVIDENCE, *VALUING, *OUTLOOK)
}
UNHEARD = frozenset(
    {
        "sources",
        "names",
        "climate",
        "bridges",
        "vital_goods",
        *(table.name for table in (*VALUING, *OUTLOOK)),
    }
)
"""Tables that neither a run nor a calibration reads."""
TOLD = UNHEARD | {"provenance", "published", "priors"}
"""Tables that no run reads; a calibration hears these last three."""


def keys(frame: pl.DataFrame, table: Table) -> pl.Series:
    """The key of each row as one word, its parts joined by a slash."""
    import polars as pl  # noqa: PLC0415  # the declarations alone need no frames

    parts = [_part(name, decimal=table.column(name).type == "float") for name in table.key]
    return frame.select(pl.concat_str(parts, separator="/").alias("key"))["key"]


def _part(name: str, *, decimal: bool) -> pl.Expr:
    """A key column as words; whole numbers without a decimal point, as people write them."""
    import polars as pl  # noqa: PLC0415  # as above

    word = pl.col(name).cast(pl.String)
    return word.str.strip_suffix(".0") if decimal else word
