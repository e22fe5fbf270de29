"""Hours between two places of a flow, from its mean steps."""

from __future__ import annotations

from typing import Any

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.tally import Tally
from transcaspian.indicators.runs import over_runs

Row = dict[str, Any]
Found = tuple[float, float | None, float | None, int]


class Routes:
    """Mean hours between two places of a flow, from its mean steps."""

    def __init__(self, corridor: Corridor, tally: Tally) -> None:
        """The steps of a tally, and where each flow passes."""
        self.corridor = corridor
        self.drawn = tally.drawn
        trips = tally.trips.with_columns((pl.col("n") + pl.col("unfinished")).alias("trips"))
        self.steps = tally.steps.join(
            trips.select("run", "flow", "trips"),
            on=["run", "flow"],
            how="inner",
            maintain_order="left",
        ).with_columns(
            ((pl.col("wait_h") + pl.col("service_h")) / pl.col("n")).alias("mean_h"),
            (pl.col("n") / pl.col("trips")).alias("reach"),
        )
        self.scopes = dict(corridor.table("flows").select("flow", "scope").iter_rows())
        networks = dict(corridor.table("modes").select("mode", "network").iter_rows())
        self.network = {
            row["link"]: networks[row["mode"]]
            for row in corridor.table("links").iter_rows(named=True)
        }
        first = (
            self.steps.filter(pl.col("run") == self.steps["run"].min())
            if self.steps.height
            else self.steps
        )
        self.places = {
            str(flow[0]): rows.sort("order")["place"].to_list()
            for flow, rows in first.group_by("flow", maintain_order=True)
        }
        self.order = {
            str(flow[0]): rows.sort("order")["order"].to_list()
            for flow, rows in first.group_by("flow", maintain_order=True)
        }

    def find(self, row: Row) -> Found | None:
        """The hours between the ends of a figure, by the flows that pass both in order."""
        via = [place for place in (row["via"] or "").split(";") if place]
        spans = [span for flow in self.places if (span := self._span(flow, row, via)) is not None]
        if not spans:
            return None
        whole = [span for span in spans if span[3]] or spans
        parts = [
            self.steps.filter((pl.col("flow") == flow) & pl.col("order").is_between(start, end))
            .group_by("run", maintain_order=True)
            .agg(
                (pl.col("mean_h") * pl.col("reach").clip(0, 1)).sum().alias("hours"),
                pl.col("trips").max().alias("weight"),
            )
            for flow, start, end, _ in whole
        ]
        each = (
            pl.concat(parts)
            .group_by("run", maintain_order=True)
            .agg(
                ((pl.col("hours") * pl.col("weight")).sum() / pl.col("weight").sum()).alias("hours")
            )
            .with_columns(pl.lit("x").alias("key"))
        )
        found = over_runs(each, "hours", by=["key"], drawn=self.drawn).row(0, named=True)
        return found["value"], found["low"], found["high"], found["runs"]

    def _span(self, flow: str, row: Row, via: list[str]) -> tuple[str, int, int, bool] | None:
        """From where to where in a flow; whether it is the whole flow."""
        places, orders = self.places[flow], self.order[flow]
        stops = [row["origin"], *via, row["destination"]]
        if any(stop not in places for stop in stops):
            return None
        at = [places.index(stop) for stop in stops[:-1]]
        last = len(places) - 1 - places[::-1].index(stops[-1])
        if [*at, last] != sorted([*at, last]):
            return None
        kinds = {self.network[place] for place in places[at[0] : last + 1] if place in self.network}
        if row["network"] and kinds - {row["network"]}:
            return None
        return flow, orders[at[0]], orders[last], at[0] == 0 and last == len(places) - 1
