"""A log reduced to its tally: the same expressions on Polars and on Spark.

Sums are taken over whole numbers (milliseconds, grams, millionths), which add up alike in any
order: the same log gives the same bytes on any number of threads and on any engine.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw
import polars as pl

from transcaspian.events.engine import (
    TRIP,
    Frame,
    beside,
    beyond,
    coded,
    gathered,
    grouped,
    here,
    in_order,
    micros,
    on_engine,
    running,
)
from transcaspian.events.log import Events
from transcaspian.events.tally import BINS, BINS_PER_OCTAVE, FIRST_BIN_H, SCHEMAS, Tally
from transcaspian.tables.vocabulary import of_class

INSTANTS = ("arrived", "started", "ended")
NETWORKS = ("", "rail", "road", "sea")
DIRECTIONS = ("domestic", "outbound", "inbound")
MS_PER_H = 3_600_000
MILLIONTH = 1_000_000


def tally(
    events: Events, *, places: pl.DataFrame, links: pl.DataFrame, modes: pl.DataFrame
) -> Tally:
    """The tally of a log; a trip counts as many times as its weight says.

    A step adds what its instants show: without a start its whole length is service, without an
    arrival it has no wait, without an end no service. Hours that several steps of a trip spend side
    by side count for the first of them in order. A visit lasts from the first to the last instant
    known of it, and is left out when fewer than two are known. A trip whose last step has no end is
    unfinished, and one that is lost counts as such alone. Payments in other currencies than the
    dollar are left out.

    Shape: as `Tally`, sorted by its keys. Nothing is collected before the last aggregates.
    """
    steps = on_engine(events.steps).select(*TRIP, "step", "place", "activity", *INSTANTS)
    trips = coded(beside(_labelled(events.trips), steps), ("run", "flow"))
    along = coded(beside(_along(links, modes), steps), ("place",))
    rows = coded(micros(steps, INSTANTS), ("run", "place", "activity"))
    rows = rows.join(trips.select(*TRIP, "flow", "weight", "lost"), on=list(TRIP), how="inner")
    rows = in_order(rows.join(along, on="place", how="left").with_columns(*_spans()))
    rows = _beside(rows)
    visits = _visits(rows, coded(beside(_homes(places), steps), ("place", "home")))
    ended = _trips(rows, trips)
    return Tally(
        _steps(rows, links),
        _sum_visits(visits),
        _named(_bins(visits, "dwell", ("run", "place", "network", "direction")), "visit_bins"),
        _sum_trips(ended),
        _named(_bins(ended.filter(nw.col("open") == 0), "total", ("run", "flow")), "trip_bins"),
        _payments(events, rows),
        pl.DataFrame(schema=SCHEMAS["resources"]),
        pl.DataFrame(schema=SCHEMAS["carriers"]),
    )


def _labelled(trips: object) -> object:
    """The trips with a flow each: the declared one, else origin, destination, goods and unit."""
    way = nw.concat_str(
        nw.col("origin", "destination", "goods", "unit"), separator=" / ", ignore_nulls=True
    )
    flow = nw.coalesce(nw.col("flow"), way).alias("flow")
    frame = on_engine(trips)
    known = nw.col("lost").fill_null(value=False) if "lost" in frame.columns else nw.lit(0)
    lost = known.cast(nw.Int64).alias("lost")
    return nw.to_native(frame.select(*TRIP, flow, "weight", "tonnes", lost))


def _along(links: pl.DataFrame, modes: pl.DataFrame) -> pl.DataFrame:
    """Each link with the number of its network; places have none."""
    number = pl.col("network").replace_strict(NETWORKS, range(len(NETWORKS)), return_dtype=pl.Int64)
    known = links.join(modes.select("mode", "network"), on="mode")
    return known.select(pl.col("link").alias("place"), number.alias("network"))


def _homes(places: pl.DataFrame) -> pl.DataFrame:
    return places.select("place", pl.col("country").alias("home"))


def _spans() -> list[nw.Expr]:
    """What the instants of a step show: wait and service, first and last instant, how many."""
    arrived, started, ended = (nw.col(name) for name in INSTANTS)
    begun = nw.coalesce(started, arrived)
    counted = [(~nw.col(name).is_null()).cast(nw.Int64) for name in INSTANTS]
    return [
        (started - arrived).fill_null(0).alias("wait"),
        (ended - begun).fill_null(0).alias("service"),
        nw.coalesce(arrived, started, ended).alias("first"),
        nw.coalesce(ended, started, arrived).alias("last"),
        (counted[0] + counted[1] + counted[2]).alias("known"),
    ]


def _beside(rows: Frame) -> Frame:
    """The rows whose wait and service leave out the time that earlier steps of the trip cover."""
    if here(rows):
        before = beyond("last", rows, rows=1, by="step")
        if not rows.select((nw.col("first") < before).any()).item():
            return rows
    covered = nw.col("last").cum_max().over(*TRIP, order_by="step").alias("covered")
    rows = rows.with_columns(covered)
    upto = beyond("covered", rows, rows=1, by="step").alias("upto")
    rows = rows.with_columns(upto)
    arrived, started, ended = (nw.max_horizontal(nw.col(name), nw.col("upto")) for name in INSTANTS)
    began = nw.coalesce(nw.col("started"), nw.col("arrived"))
    since = nw.when(~nw.col("started").is_null()).then(started).otherwise(arrived)
    return rows.with_columns(
        nw.when(~nw.col("started").is_null() & ~nw.col("arrived").is_null())
        .then(started - arrived)
        .otherwise(nw.col("wait"))
        .alias("wait"),
        nw.when(~nw.col("ended").is_null() & ~began.is_null())
        .then(ended - since)
        .otherwise(nw.col("service"))
        .alias("service"),
    )


def _ms(column: str) -> nw.Expr:
    """Microseconds, weighted, as whole milliseconds."""
    return _whole(nw.col(column) * nw.col("weight") / 1000).alias(column)


def _millionths(value: nw.Expr, name: str) -> nw.Expr:
    return _whole(value * nw.col("weight") * MILLIONTH).alias(name)


def _whole(value: nw.Expr) -> nw.Expr:
    """The nearest whole number, halves up: engines differ in how they round halves."""
    return (value + 0.5).floor().cast(nw.Int64)


N = _millionths(nw.lit(1), "n")
"""How many trips a row stands for, in millionths."""


def _exact(column: str, unit: int) -> pl.Expr:
    """The column over a unit, to the last bit.

    Polars divides by one number through its reciprocal, which makes 2 h 1.9999999999999998 h.
    """
    return pl.col(column) / (pl.col(column) * 0 + unit)


def _steps(rows: Frame, links: pl.DataFrame) -> pl.DataFrame:
    """The sums by flow, order, place and activity; kilometres where the activity is moving."""
    summed = grouped(
        rows.with_columns(N, _ms("wait"), _ms("service")),
        ("run", "flow", "step", "place", "activity"),
        nw.col("n", "wait", "service").sum(),
    )
    found = gathered(summed).with_columns(pl.col("run", "flow", "place", "activity").cast(str))
    lengths = links.select(pl.col("link").alias("place"), "length_km")
    n = _exact("n", MILLIONTH)
    moves = pl.col("activity").is_in(of_class("moving"))
    km = pl.when(moves).then(pl.col("length_km") * n).otherwise(0).fill_null(0)
    return _named(
        found.join(lengths, on="place", how="left").with_columns(
            n,
            km.alias("km"),
            pl.col("step").alias("order"),
            _exact("wait", MS_PER_H).alias("wait_h"),
            _exact("service", MS_PER_H).alias("service_h"),
        ),
        "steps",
    )


def _visits(rows: Frame, homes: Frame) -> Frame:
    """One row a visit of a place: consecutive steps of a trip there. The visit in which a trip is
    lost is none: it has no end.

    Shape: run, trip, visit, place, weight, dwell, network and direction as numbers.
    """
    place, network = nw.col("place"), nw.col("network")
    before = beyond("place", rows, rows=1, by="step")
    around = [
        beyond("network", rows, rows=at, by="step").fill_null(0).alias(name)
        for name, at in (("came", 1), ("goes", -1))
    ]
    new = (place != before).fill_null(value=True).alias("new")
    flagged = rows.with_columns(new, *around)
    numbered = flagged.with_columns(running("new", rows, by="step").alias("visit"))
    highest = nw.col("weight", "lost", "last", "came", "goes").max()
    stays = grouped(
        numbered.filter(network.is_null()),
        (*TRIP, "visit", "place"),
        *(highest, nw.col("first").min(), nw.col("known").sum()),
    ).join(homes, on="place", how="left")
    stays = stays.sort("visit") if here(stays) else stays
    by_way = nw.when(nw.col("came") > 0).then(nw.col("came")).otherwise(nw.col("goes"))
    described = stays.with_columns(
        by_way.alias("network"),
        (nw.col("last") - nw.col("first")).alias("dwell"),
        beyond("place", stays, rows=-1, by="visit").is_null().alias("final"),
    )
    ended = (nw.col("lost") == 0) | ~nw.col("final")
    return _directed(described).filter((nw.col("known") > 1) & ended)


def _directed(stays: Frame) -> Frame:
    """The stays with their direction: seen from the country of the place, out before in."""
    kept = (*TRIP, "place", "weight", "network", "dwell", "known", "lost", "final")
    home = nw.col("home")
    at_home = stays.filter(~home.is_null())
    after = beyond("home", at_home, rows=-1, by="visit")
    before = beyond("home", at_home, rows=1, by="visit")
    direction = (
        nw.when((after != home).fill_null(value=False))
        .then(nw.lit(1))
        .otherwise(nw.when((before != home).fill_null(value=False)).then(2).otherwise(0))
    )
    known = at_home.with_columns(direction.cast(nw.Int64).alias("direction"))
    nowhere = stays.filter(home.is_null()).with_columns(nw.lit(0).cast(nw.Int64).alias("direction"))
    return nw.concat([known.select(*kept, "direction"), nowhere.select(*kept, "direction")])


def _square(column: str) -> nw.Expr:
    """The square of a duration in microseconds, in millionths of square hours."""
    hours = nw.col(column) / (1000 * MS_PER_H)
    return _millionths(hours * hours, f"{column}2")


def _sum_visits(visits: Frame) -> pl.DataFrame:
    summed = grouped(
        visits.with_columns(N, _square("dwell"), _ms("dwell")),
        ("run", "place", "network", "direction"),
        nw.col("n", "dwell", "dwell2").sum(),
    )
    found = gathered(summed).with_columns(
        _exact("n", MILLIONTH),
        _exact("dwell", MS_PER_H).alias("dwell_h"),
        _exact("dwell2", MILLIONTH).alias("dwell_h2"),
    )
    return _named(found, "visits")


def _bins(frame: Frame, duration: str, keys: tuple[str, ...]) -> pl.DataFrame:
    """How many durations fall in each bin, the bins those of `tally.bin_of`."""
    ratio = nw.col(duration).clip(1) / (1000 * MS_PER_H * FIRST_BIN_H)
    at = (ratio.log(2) * BINS_PER_OCTAVE).floor().clip(0, BINS - 1).cast(nw.Int64)
    binned = frame.with_columns(N, at.alias("bin"))
    counted = grouped(binned, (*keys, "bin"), nw.col("n").sum())
    return gathered(counted).with_columns(_exact("n", MILLIONTH))


def _trips(rows: Frame, trips: Frame) -> Frame:
    """One row a trip: its length in microseconds, and whether it is open at its end."""
    still = nw.when(nw.col("ended").is_null()).then(nw.col("last"))
    spans = grouped(
        rows.with_columns(still.alias("still")),
        TRIP,
        *(nw.col("first").min(), nw.col("ended", "still").max()),
    ).join(trips, on=list(TRIP), how="inner")
    over = (nw.col("ended") > nw.col("still")).fill_null(value=True)
    done = over & ~nw.col("ended").is_null()
    done = done & (nw.col("lost") == 0)
    return spans.with_columns(
        nw.when(done).then(nw.lit(0)).otherwise(nw.lit(1)).alias("open"),
        nw.when(done).then(nw.col("ended") - nw.col("first")).otherwise(nw.lit(0)).alias("total"),
    )


def _sum_trips(ended: Frame) -> pl.DataFrame:
    closed = nw.lit(1) - nw.col("open")
    columns = [
        _millionths(closed, "n"),
        _millionths(nw.col("open") - nw.col("lost"), "unfinished"),
        _millionths(nw.col("lost"), "lost"),
        _millionths(nw.col("tonnes").fill_null(0) * closed, "tonnes"),
        _square("total"),
        _ms("total"),
    ]
    summed = grouped(
        ended.with_columns(*columns),
        ("run", "flow"),
        nw.col("n", "unfinished", "lost", "tonnes", "total", "total2").sum(),
    )
    found = gathered(summed).with_columns(
        *(_exact(name, MILLIONTH) for name in ("n", "tonnes", "unfinished", "lost")),
        _exact("total", MS_PER_H).alias("total_h"),
        _exact("total2", MILLIONTH).alias("total_h2"),
    )
    return _named(found, "trips")


def _payments(events: Events, rows: Frame) -> pl.DataFrame:
    paid = beside(events.payments, rows)
    if here(paid) and paid.is_empty():
        return pl.DataFrame(schema=SCHEMAS["payments"])
    paid = coded(paid, ("run",)).filter(nw.col("currency") == "USD")
    joined = paid.join(rows, on=[*TRIP, "step"], how="inner")
    summed = grouped(
        joined.with_columns(N, _millionths(nw.col("amount"), "usd")),
        ("run", "flow", "place", "activity", "kind"),
        nw.col("n", "usd").sum(),
    )
    return _named(
        gathered(summed).with_columns(_exact("n", MILLIONTH), _exact("usd", MILLIONTH)), "payments"
    )


WORDS: Mapping[str, tuple[str, ...]] = {"network": NETWORKS, "direction": DIRECTIONS}
"""The columns that are numbers while rows are counted, and the words they stand for."""


def _named(found: pl.DataFrame, name: str) -> pl.DataFrame:
    """The aggregate as it is declared: words for numbers, columns and rows in order."""
    schema = SCHEMAS[name]
    spoken = found.with_columns(
        pl.col(column).replace_strict(range(len(words)), words, return_dtype=pl.String)
        for column, words in WORDS.items()
        if column in found.columns
    )
    shaped = spoken.select(pl.col(column).cast(kind) for column, kind in schema.items())
    keys = [name for name, kind in schema.items() if kind == pl.String or name in {"order", "bin"}]
    return shaped.sort(keys)


__all__ = ["tally"]
