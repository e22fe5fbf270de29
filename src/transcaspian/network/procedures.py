"""Which procedure a place keeps for an event, and the hours it takes in expectation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where

NETWORKS = ("rail", "road", "sea")
ASHORE = {"service": pl.String, "call": pl.Int64, "call_to": pl.Int64}
SERVED = (
    "activity",
    "stage",
    "procedure",
    "resource",
    "share",
    "choice",
    "mean_h",
    "cv",
    "shape",
    "basis",
    "fee_usd",
    *(pl.lit(None, dtype=dtype).alias(name) for name, dtype in ASHORE.items()),
    pl.lit(0.0).alias("km"),
    "fork",
    "track",
    "balk_at",
    "patience_h",
    "patience_shape",
    "otherwise",
)
"""A stage as the end of a step of an itinerary: no service is boarded in it."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Procedures:
    """The procedures of a corridor by place and event, with their stages and their mean hours.

    Shape: stages in order, each as SERVED.
    """

    rows: dict[str, Row]
    known: dict[tuple[str, str], list[Row]]
    stages: dict[str, list[tuple[Any, ...]]]
    hours: dict[str, float]

    @staticmethod
    def of(corridor: Corridor) -> Procedures:
        """The procedures of a corridor."""
        known: dict[tuple[str, str], list[Row]] = {}
        for row in corridor.table("procedures").iter_rows(named=True):
            units = frozenset((row["units"] or "").split(";")) - {""}
            known.setdefault((row["place"], row["event"]), []).append({**row, "units": units})
        stages: dict[str, list[tuple[Any, ...]]] = {}
        table = corridor.table("stages").sort("procedure", "order")
        for name, row in zip(table["procedure"], table.select(SERVED).rows(), strict=True):
            stages.setdefault(name, []).append(row)
        expected = (pl.col("share") * pl.col("mean_h")).sum()
        hours = table.group_by("procedure").agg(expected)
        rows = {row["procedure"]: row for some in known.values() for row in some}
        return Procedures(rows, known, stages, dict(hours.iter_rows()))

    def matching(self, place: str, event: str, *, way: tuple[str, str, str]) -> list[Row]:
        """The procedures that apply, the most specific alone; several when equally specific.

        `way` is the network of arrival, that of departure, and the unit.
        """
        came, goes, unit = way
        fit = [
            row
            for row in self.known.get((place, event), ())
            if row["mode_in"] in {None, came}
            and row["mode_out"] in {None, goes}
            and (not row["units"] or unit in row["units"])
        ]
        if len(fit) <= 1:
            return fit
        best = max(_specific(row) for row in fit)
        return [row for row in fit if _specific(row) == best]

    def applying(self, place: str, event: str, *, way: tuple[str, str, str]) -> str | None:
        """The procedure that applies, if any.

        Errors: N102 when several fit alike.
        """
        found = self.matching(place, event, way=way)
        if len(found) > 1:
            names = ", ".join(sorted(row["procedure"] for row in found))
            came, goes, unit = way
            raise Fault(
                "N102",
                f"{names} fit a {unit} at {place} alike ({event}, by {came} in and {goes} out)",
                where=Where(file="procedures.csv", column="event"),
                expected="one procedure, or one that names more of mode_in, mode_out and units",
            )
        return found[0]["procedure"] if found else None

    def expected_h(self, place: str, event: str, *, way: tuple[str, str, str]) -> float | None:
        """The hours in expectation of what applies; None when nothing does."""
        found = self.matching(place, event, way=way)
        if not found:
            return None
        return sum(self.hours.get(row["procedure"], 0.0) for row in found)

    def leaving_h(self, place: str, network: str, *, unit: str) -> float:
        """The hours in expectation of leaving the country by a network, however the trip came."""
        return self._first(place, "outbound", [(came, network, unit) for came in _ahead(network)])

    def entering_h(self, place: str, network: str, *, unit: str) -> float:
        """The hours in expectation of entering the country by a network, however it goes on."""
        return self._first(place, "inbound", [(network, goes, unit) for goes in _ahead(network)])

    def _first(self, place: str, event: str, ways: list[tuple[str, str, str]]) -> float:
        if (place, event) not in self.known:
            return 0.0
        found = (self.expected_h(place, event, way=way) for way in ways)
        return next((hours for hours in found if hours is not None), 0.0)


def _ahead(network: str) -> list[str]:
    """All networks, this one first."""
    return [network, *(other for other in NETWORKS if other != network)]


def _specific(row: Row) -> int:
    return sum(bool(row[name]) for name in ("mode_in", "mode_out", "units"))
