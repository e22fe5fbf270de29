"""All tables that a corridor may hold."""

from __future__ import annotations

from transcaspian.corridor.control import CONTROL
from transcaspian.corridor.evidence import EVIDENCE
from transcaspian.corridor.geography import GEOGRAPHY
from transcaspian.corridor.traffic import TRAFFIC
from transcaspian.tables.schema import Table

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
    table.name: table for table in (*GEOGRAPHY, *CONTROL, *TRAFFIC, *EVIDENCE)
}
