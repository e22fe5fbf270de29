"""A log reduced to its tally, written so that it runs on any engine that Narwhals knows."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl

from transcaspian.events.log import Events
from transcaspian.events.tally import (
    BINS,
    BINS_PER_OCTAVE,
    FIRST_BIN_H,
    SCHEMAS,
    Tally,
    empty_tally,
)

US_PER_H = 3_600_000_000
TRIP = ("run", "trip")


def tally(
    events: Events, *, places: pl.DataFrame, links: pl.DataFrame, modes: pl.DataFrame
) -> Tally:
    """The tally of a log; every trip counts as many times as its weight says.

    A step that lacks an instant adds what it shows: without a start its whole length is service,
    without an arrival or an end it has no length. Nothing is collected before the last aggregate.
    """
    if _is_empty(events.steps):
        return empty_tally()
    steps = nw.from_native(events.steps)
    engine = steps.implementation
    trips = _like(events.trips, engine)
    where = _like(_places_and_links(places, links, modes), engine)
    rows = _hours(steps, trips).join(where, on="place", how="left")
    visits = _visits(rows)
    ended = _ended(rows, trips)
    payments = _payments(events, rows, engine)
    return Tally(
        _shape(_steps(rows), "steps"),
        _shape(_sum_visits(visits, bins=False), "visits"),
        _shape(_sum_visits(visits, bins=True), "visit_bins"),
        _shape(_sum_trips(ended, bins=False), "trips"),
        _shape(_sum_trips(ended, bins=True), "trip_bins"),
        payments,
        pl.DataFrame(schema=SCHEMAS["resources"]),
        pl.DataFrame(schema=SCHEMAS["carriers"]),
    )


def _is_empty(steps: Any) -> bool:  # noqa: ANN401  # a frame of any engine
    return isinstance(steps, pl.DataFrame) and steps.is_empty()


def _like(frame: pl.DataFrame, engine: Any) -> Any:  # noqa: ANN401  # any engine
    """The frame on the engine of the steps."""
    if engine.is_pyspark():
        from pyspark.sql import SparkSession  # noqa: PLC0415  # an optional extra

        session = SparkSession.getActiveSession()
        if session is None:
            message = "no Spark session is active"
            raise RuntimeError(message)
        return nw.from_native(session.createDataFrame(frame.to_arrow().to_pylist(), _ddl(frame)))
    return nw.from_native(frame.lazy() if engine.is_polars() else frame)


def _ddl(frame: pl.DataFrame) -> str:
    kinds = {pl.String: "string", pl.Int64: "bigint", pl.Float64: "double", pl.Boolean: "boolean"}
    return ", ".join(f"`{name}` {kinds[type(kind)]}" for name, kind in frame.schema.items())


def _places_and_links(
    places: pl.DataFrame, links: pl.DataFrame, modes: pl.DataFrame
) -> pl.DataFrame:
    """What a step's place is: a place with its country, or a link with its network and length."""
    at = places.select(
        "place",
        pl.col("country").alias("home"),
        pl.lit(value=True).alias("still"),
        pl.lit(None, pl.String).alias("network"),
        pl.lit(0.0).alias("length_km"),
    )
    along = links.join(modes.select("mode", "network"), on="mode").select(
        pl.col("link").alias("place"),
        pl.lit(None, pl.String).alias("home"),
        pl.lit(value=False).alias("still"),
        "network",
        "length_km",
    )
    return pl.concat([at, along])


def _hours(steps: Any, trips: Any) -> Any:  # noqa: ANN401  # frames of any engine
    """The steps with their waits and services in hours, their flow and their weight."""
    lazy = steps.lazy() if hasattr(steps, "lazy") else steps
    start = nw.coalesce(nw.col("started"), nw.col("arrived"))
    rows = lazy.join(trips.select(*TRIP, "flow", "weight"), on=list(TRIP), how="inner")
    return rows.with_columns(
        nw.coalesce(_between(nw.col("arrived"), start), nw.lit(0.0)).alias("wait_h"),
        nw.coalesce(_between(start, nw.col("ended")), nw.lit(0.0)).alias("service_h"),
        nw.coalesce(nw.col("flow"), nw.lit("")).alias("flow"),
    )


def _between(start: nw.Expr, end: nw.Expr) -> nw.Expr:
    return (end - start).dt.total_microseconds() / US_PER_H


def _steps(rows: Any) -> Any:  # noqa: ANN401
    moving = nw.when(nw.col("service_h") > 0).then(nw.col("length_km")).otherwise(nw.lit(0.0))
    first = rows.with_columns(
        moving.alias("length_km"),
        (nw.col("wait_h") * nw.col("weight")).alias("wait_h"),
        (nw.col("service_h") * nw.col("weight")).alias("service_h"),
    )
    return (
        first.group_by("run", "flow", "step", "place", "activity")
        .agg(
            nw.col("weight").sum().alias("n"),
            nw.col("wait_h").sum(),
            nw.col("service_h").sum(),
            (nw.col("length_km") * nw.col("weight")).sum().alias("km"),
        )
        .rename({"step": "order"})
    )


def _visits(rows: Any) -> Any:  # noqa: ANN401
    """One row a visit: consecutive steps of a trip at one place, with networks and directions."""
    order = {"order_by": "step"}
    new = nw.col("place") != nw.col("place").shift(1).over(*TRIP, **order)
    flagged = rows.with_columns(
        nw.when(nw.coalesce(new, nw.lit(value=True)))
        .then(nw.lit(1))
        .otherwise(nw.lit(0))
        .alias("new")
    )
    numbered = flagged.with_columns(nw.col("new").cum_sum().over(*TRIP, **order).alias("visit"))
    stays = numbered.group_by(*TRIP, "visit").agg(
        nw.col("place").min(),
        nw.col("home").min(),
        nw.col("still").min(),
        nw.col("network").min(),
        nw.col("weight").min(),
        nw.col("arrived").min(),
        nw.col("ended").max(),
    )
    around = {"order_by": "visit"}
    beside = stays.with_columns(
        nw.coalesce(
            nw.col("network").shift(1).over(*TRIP, **around),
            nw.col("network").shift(-1).over(*TRIP, **around),
            nw.lit(""),
        ).alias("network"),
        nw.coalesce(_between(nw.col("arrived"), nw.col("ended")), nw.lit(0.0)).alias("dwell_h"),
    )
    at_places = beside.filter(nw.col("still"))
    abroad = _directed(at_places.filter(~nw.col("home").is_null()))
    nowhere = at_places.filter(nw.col("home").is_null()).with_columns(
        nw.lit("domestic").alias("direction")
    )
    kept = ("run", "place", "network", "direction", "weight", "dwell_h")
    return nw.concat([abroad.select(*kept), nowhere.select(*kept)])


def _directed(visits: Any) -> Any:  # noqa: ANN401
    around = {"order_by": "visit"}
    before = nw.col("home").shift(1).over(*TRIP, **around)
    after = nw.col("home").shift(-1).over(*TRIP, **around)
    seen = visits.with_columns(
        nw.coalesce(before, nw.col("home")).alias("before"),
        nw.coalesce(after, nw.col("home")).alias("after"),
    )
    leaves, enters = nw.col("after") != nw.col("home"), nw.col("before") != nw.col("home")
    return seen.with_columns(
        nw.when(leaves)
        .then(nw.lit("outbound"))
        .otherwise(nw.when(enters).then(nw.lit("inbound")).otherwise(nw.lit("domestic")))
        .alias("direction")
    )


def _bin(hours: str) -> nw.Expr:
    """The histogram bin of a duration; the same as `tally.bin_of`."""
    ratio = nw.col(hours).clip(FIRST_BIN_H) / FIRST_BIN_H
    return (ratio.log(2) * BINS_PER_OCTAVE).floor().clip(0, BINS - 1).cast(nw.Int64).alias("bin")


def _sum_visits(visits: Any, *, bins: bool) -> Any:  # noqa: ANN401
    keys = ["run", "place", "network", "direction"]
    if bins:
        return (
            visits.with_columns(_bin("dwell_h"))
            .group_by(*keys, "bin")
            .agg(nw.col("weight").sum().alias("n"))
        )
    return (
        visits.with_columns(
            (nw.col("dwell_h") * nw.col("weight")).alias("total"),
            (nw.col("dwell_h") * nw.col("dwell_h") * nw.col("weight")).alias("square"),
        )
        .group_by(*keys)
        .agg(
            nw.col("weight").sum().alias("n"),
            nw.col("total").sum().alias("dwell_h"),
            nw.col("square").sum().alias("dwell_h2"),
        )
    )


def _ended(rows: Any, trips: Any) -> Any:  # noqa: ANN401
    """One row a trip, with its hours from first arrival to last end, null when it has not ended."""
    spans = rows.group_by(*TRIP, "flow", "weight").agg(
        nw.col("arrived").min(), nw.col("ended").max()
    )
    known = spans.join(trips.select(*TRIP, "tonnes"), on=list(TRIP), how="left")
    hours = _between(nw.col("arrived"), nw.col("ended"))
    done = nw.when(~hours.is_null()).then(nw.col("weight")).otherwise(nw.lit(0.0))
    return known.with_columns(
        hours.alias("hours"),
        done.alias("done"),
        nw.coalesce(nw.col("tonnes"), nw.lit(0.0)).alias("tonnes"),
    )


def _sum_trips(ended: Any, *, bins: bool) -> Any:  # noqa: ANN401
    if bins:
        over = ended.filter(~nw.col("hours").is_null()).with_columns(_bin("hours"))
        return over.group_by("run", "flow", "bin").agg(nw.col("done").sum().alias("n"))
    known = nw.coalesce(nw.col("hours"), nw.lit(0.0))
    return (
        ended.with_columns(
            (known * nw.col("done")).alias("total"),
            (known * known * nw.col("done")).alias("square"),
            (nw.col("tonnes") * nw.col("done")).alias("tonnes"),
            (nw.col("weight") - nw.col("done")).alias("open"),
        )
        .group_by("run", "flow")
        .agg(
            nw.col("done").sum().alias("n"),
            nw.col("total").sum().alias("total_h"),
            nw.col("square").sum().alias("total_h2"),
            nw.col("tonnes").sum(),
            nw.col("open").sum().alias("unfinished"),
        )
    )


def _payments(events: Events, rows: Any, engine: Any) -> pl.DataFrame:  # noqa: ANN401
    """Payments in dollars by place and activity; other currencies wait for a table of rates."""
    paid = events.payments.filter(pl.col("currency") == "USD")
    if paid.is_empty():
        return pl.DataFrame(schema=SCHEMAS["payments"])
    known = rows.select(*TRIP, "step", "flow", "place", "activity", "weight")
    joined = _like(paid, engine).join(known, on=[*TRIP, "step"], how="inner")
    total = (
        joined.with_columns((nw.col("amount") * nw.col("weight")).alias("usd"))
        .group_by("run", "flow", "place", "activity", "kind")
        .agg(nw.col("weight").sum().alias("n"), nw.col("usd").sum())
    )
    return _shape(total, "payments")


def _shape(frame: Any, name: str) -> pl.DataFrame:  # noqa: ANN401
    """The aggregate as a declared frame in a fixed order."""
    schema = SCHEMAS[name]
    native = frame.collect(backend="polars") if hasattr(frame, "collect") else frame
    found = native.to_polars() if hasattr(native, "to_polars") else nw.to_native(native)
    ordered = found.select(pl.col(column).cast(kind) for column, kind in schema.items())
    keys = [
        column for column, kind in schema.items() if kind == pl.String or column in {"order", "bin"}
    ]
    return ordered.sort(keys)


__all__ = ["tally"]
