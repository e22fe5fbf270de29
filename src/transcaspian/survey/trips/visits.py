"""The visits of a trip to places, as each source tells them."""

from __future__ import annotations

import narwhals as nw

from transcaspian.events.engine import Frame, grouped
from transcaspian.tables.vocabulary import vocabulary

STAYS = ("border", "port", "stop", "gauge_break", "line")
"""The activities that are a whole stay: their start is the arrival, their end the departure."""
ARRIVES = (("arr", "complete"), ("p01_gate_in", "complete"), ("q_in", "start"))
DEPARTS = (("dep", "start"), ("p02_gate_out", "complete"))
PAPERS = ("c01_lodgement", "c03_payment")
"""What is done to papers may be done before the goods arrive: it tells of no visit."""
VISIT = ("run", "trip", "place", "ordinal")
ENDS = ("in_lo", "in_hi", "out_lo", "out_hi")
US_PER_MIN = 60_000_000
FAR = 1 << 60
"""Beyond all instants: the bound of an end that is not known."""
HEAPED = 0.05
"""One stamp in sixty is on the hour by chance; beyond this share, hours were rounded."""


def numbered(said: Frame) -> Frame:
    """The witnessed instants at places with the visit they belong to.

    Consecutive instants of one teller at one place are one visit; the number of the visit to a
    place is its ordinal. Instants of one row stand together, whatever its clock; rows of one
    instant, as stamps by the day are, stand as they were told.

    Shape: the columns of the witnesses, low and high (what rounding leaves of their bounds),
    begins and leaves (whether they mark an end of the stay), visit, ordinal.
    """
    placed = ~nw.col("at").is_null() & ~nw.col("place").is_null()
    known = _widened(said.filter(placed & ~nw.col("activity").is_in(PAPERS)))
    row = ("run", "trip", "told", "row_hash")
    rows = known.with_columns(
        nw.col("at").min().over(*row).alias("since"),
        nw.col("witness").min().over(*row).alias("turn"),
    )
    order = ["since", "turn", "at", "witness"]
    teller = ("run", "trip", "told")
    before = nw.col("place").shift(1).over(*teller, order_by=order)
    new = (nw.col("place") != before).fill_null(value=True).cast(nw.Int64)
    marked = rows.with_columns(
        new.alias("new"),
        _marks(ARRIVES, "start").alias("begins"),
        _marks(DEPARTS, "complete").alias("leaves"),
    )
    runs = marked.with_columns(nw.col("new").cum_sum().over(*teller, order_by=order).alias("visit"))
    ordinal = nw.col("new").cum_sum().over(*teller, "place", order_by=order)
    return runs.with_columns(ordinal.alias("ordinal")).drop("new", "since", "turn")


def told_visits(rows: Frame) -> Frame:
    """The visits of each trip as each source tells them, out of numbered instants.

    Without a word of the arrival, it was before the first instant heard of (in_lo is null); without
    one of the departure, after the last (out_hi is null).

    Shape: run, trip, place, ordinal, source, the bounds of arrival and departure in_lo, in_hi,
    out_lo, out_hi in microseconds since 1970; told, the trip of the source; network,
    the surface by which it came, where that was said.
    """
    spans = grouped(
        rows.with_columns(
            nw.when(nw.col("begins")).then(nw.col("low").fill_null(-FAR)).alias("in_low"),
            nw.when(nw.col("begins")).then(nw.col("high")).alias("in_high"),
            nw.when(nw.col("leaves")).then(nw.col("low")).alias("out_low"),
            nw.when(nw.col("leaves")).then(nw.col("high").fill_null(FAR)).alias("out_high"),
            nw.coalesce(nw.col("high"), nw.col("low")).alias("until"),
            nw.coalesce(nw.col("low"), nw.col("high")).alias("since"),
        ),
        ("run", "trip", "source", "told", "place", "ordinal"),
        nw.col("in_low", "in_high", "until").min(),
        nw.col("out_low", "out_high", "since", "network").max(),
    )
    each = spans.select(
        *VISIT,
        "source",
        nw.when(nw.col("in_low") > -FAR).then(nw.col("in_low")).alias("in_lo"),
        nw.coalesce(nw.col("in_high"), nw.col("until")).alias("in_hi"),
        nw.coalesce(nw.col("out_low"), nw.col("since")).alias("out_lo"),
        nw.when(nw.col("out_high") < FAR).then(nw.col("out_high")).alias("out_hi"),
        "told",
        "network",
    )
    return _agreed(each)


def _agreed(each: Frame) -> Frame:
    """The visits of each source, out of what its tellers say.

    Where the bounds of all tellers overlap they speak of one instant, and what they have in common
    is known of it; else the earliest arrival and the latest departure count.
    """
    both = grouped(
        each,
        ("run", "trip", "source", "place", "ordinal"),
        *(nw.col(name).min().alias(f"{name}_least") for name in ("in_lo", "in_hi", "out_hi")),
        *(nw.col(name).max().alias(f"{name}_most") for name in ("in_lo", "out_lo", "out_hi")),
        nw.col("told").min(),
        nw.col("network").max(),
    )
    arrived = nw.col("in_lo_most") <= nw.col("in_hi_least")
    went = nw.col("out_lo_most") <= nw.col("out_hi_least")
    return both.select(
        *VISIT,
        "source",
        nw.when(arrived).then(nw.col("in_lo_most")).otherwise(nw.col("in_lo_least")).alias("in_lo"),
        nw.col("in_hi_least").alias("in_hi"),
        nw.col("out_lo_most").alias("out_lo"),
        nw.when(went).then(nw.col("out_hi_least")).otherwise(nw.col("out_hi_most")).alias("out_hi"),
        "told",
        "network",
    )


def backwards() -> nw.Expr:
    """Whether a source told a visit with its departure before its arrival."""
    return (nw.col("out_hi") < nw.col("in_lo")).fill_null(value=False)


def _marks(acts: tuple[tuple[str, str], ...], end: str) -> nw.Expr:
    """Whether a witness marks an end of the stay."""
    found = nw.col("activity").is_in(STAYS) & (nw.col("lifecycle") == end)
    for activity, lifecycle in acts:
        found = found | ((nw.col("activity") == activity) & (nw.col("lifecycle") == lifecycle))
    return found


def clock_minute() -> nw.Expr:
    """The minute that the clock on the spot showed at an instant (at, in microseconds).

    A few zones are half an hour, or three quarters, off the rest of the world.
    """
    shift = nw.lit(0)
    for (minutes,), rows in vocabulary("clock_minutes").group_by("minutes", maintain_order=True):
        zones = rows["zone"].to_list()
        shift = (
            nw.when(nw.col("zone").is_in(zones)).then(nw.lit(int(str(minutes)))).otherwise(shift)
        )
    return (nw.col("at") // US_PER_MIN + shift) % 60


def _widened(rows: Frame) -> Frame:
    """The instants with the bounds that their rounding leaves: low and high.

    A minute that people wrote is half a minute either way. Where more stamps of the forms fall on
    the full hour than chance would have, a full hour is half an hour either way, a half hour a
    quarter, and fives of minutes two and a half.
    """
    minute = clock_minute()
    form = nw.col("source") == "form"
    hour = nw.when(form).then((minute == 0).cast(nw.Float64)).mean().over("run")
    heaped = form & (hour > HEAPED)
    half = (
        nw.when(heaped & (minute == 0))
        .then(nw.lit(30.0))
        .otherwise(
            nw.when(heaped & (minute == 30))  # noqa: PLR2004  # half past
            .then(nw.lit(15.0))
            .otherwise(nw.when(heaped & (minute % 5 == 0)).then(nw.lit(2.5)).otherwise(nw.lit(0.5)))
        )
    )
    width = nw.when(form).then((half * US_PER_MIN).cast(nw.Int64)).otherwise(nw.lit(0))
    return rows.with_columns(width.alias("half")).with_columns(
        (nw.col("earliest") - nw.col("half")).alias("low"),
        (nw.col("latest") + nw.col("half")).alias("high"),
    )
