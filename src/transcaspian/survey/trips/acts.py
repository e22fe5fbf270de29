"""What was done during a visit: the activities that forms and messages tell of."""

from __future__ import annotations

import narwhals as nw

from transcaspian.events.engine import Frame, beside, grouped
from transcaspian.survey.trips.visits import VISIT

US_PER_H = 3_600_000_000
ACT = (*VISIT, "activity")


def timed_acts(rows: Frame) -> Frame:
    """The spans in which an activity of a visit was done, by all that tell of it.

    A teller's start opens a span and its last completion before the next start closes it: papers
    seen twice are two spans, not one from the first look to the last. Spans of several tellers that
    overlap are one.

    Shape: run, trip, place, ordinal, activity, started, ended (microseconds), half (of the wider
    bounds, microseconds), source; an activity has a row for each of its spans.
    """
    teller = (*ACT, "source", "told")
    order = ["at", "later"]
    inner = rows.filter(~nw.col("begins") & ~nw.col("leaves")).with_columns(
        (nw.col("lifecycle") != "start").cast(nw.Int64).alias("later"),
        ((nw.col("high") - nw.col("low")) // 2).alias("half"),
    )
    before = nw.col("later").shift(1).over(*teller, order_by=order)
    begun = inner.with_columns(before.fill_null(1).alias("before")).with_columns(
        ((nw.col("later") == 0) & (nw.col("before") == 1)).cast(nw.Int64).alias("opens")
    )
    told = begun.with_columns(
        nw.col("opens").cum_sum().over(*teller, order_by=[*order, "witness"]).alias("span"),
        *(
            nw.when(nw.col("lifecycle") == life).then(nw.col("at")).alias(name)
            for life, name in (("start", "started"), ("complete", "ended"))
        ),
    )
    spans = grouped(
        told, (*teller, "span"), nw.col("started").min(), nw.col("ended", "half").max()
    ).filter(nw.col("ended") >= nw.col("started"))
    return _together(spans)


def _together(spans: Frame) -> Frame:
    """The spans of each activity with those that overlap made one."""
    order = ["started", "ended", "told"]
    upto = nw.col("ended").cum_max().over(*ACT, order_by=order)
    chained = spans.with_columns(upto.alias("upto")).with_columns(
        nw.col("upto").shift(1).over(*ACT, order_by=order).alias("before")
    )
    apart = (nw.col("started") > nw.col("before")).fill_null(value=True).cast(nw.Int64)
    marked = chained.with_columns(apart.alias("apart")).with_columns(
        nw.col("apart").cum_sum().over(*ACT, order_by=order).alias("number")
    )
    return grouped(
        marked,
        (*ACT, "number"),
        nw.col("started", "source").min(),
        nw.col("ended", "half").max(),
    ).select(*ACT, "started", "ended", "half", "source")


def stated_lengths(said: Frame, rows: Frame) -> Frame:
    """The activities of which a form states the hours, in the order in which it does.

    Shape: run, trip, place, ordinal, activity, hours, turn.
    """
    lengths = said.filter(nw.col("lifecycle") == "whole").select(
        "run", "trip", "told", "place", "activity", "hours", "row_hash", "witness"
    )
    at = grouped(
        rows.filter(nw.col("source") == "form"),
        ("run", "trip", "told", "place", "row_hash"),
        nw.col("ordinal").min(),
    )
    known = lengths.join(at, on=["run", "trip", "told", "place", "row_hash"], how="left")
    placed = known.with_columns(
        nw.coalesce(nw.col("ordinal"), nw.lit(1)).cast(nw.Int64).alias("ordinal")
    )
    return grouped(placed, ACT, nw.col("hours").max(), nw.col("witness").min().alias("turn"))


def laid_out(visits: Frame, lengths: Frame) -> Frame:
    """The stated lengths laid out within their visit, one after the other from the arrival on.

    Where they are longer than the stay together, they overlap: each begins so much sooner that all
    end in time. Where to put them is our choice; their lengths are what was said.

    Shape: `visits` as `lay.middles` gives them; run, trip, place, ordinal, activity, started, ended
    (microseconds), turn, dwell.
    """
    known = visits.filter(~nw.col("arrived").is_null()).select(
        *VISIT,
        nw.col("arrived").alias("begun"),
        (nw.col("left") - nw.col("arrived")).alias("dwell"),
    )
    both = lengths.join(known, on=list(VISIT), how="inner")
    long = (nw.col("hours") * US_PER_H).cast(nw.Int64)
    capped = both.with_columns(
        nw.when(nw.col("dwell").is_null() | (long <= nw.col("dwell")))
        .then(long)
        .otherwise(nw.col("dwell"))
        .alias("long")
    )
    upto = nw.col("long").cum_sum().over(*VISIT, order_by=["turn", "activity"])
    summed = capped.with_columns(
        (upto - nw.col("long")).alias("before"), nw.col("long").sum().over(*VISIT).alias("all")
    )
    room = (nw.col("dwell") - nw.col("long")).cast(nw.Float64)
    rest = nw.col("all") - nw.col("long")
    squeezed = nw.col("before") * room / nw.when(rest > 0).then(rest).otherwise(nw.lit(1))
    fits = nw.col("dwell").is_null() | (nw.col("all") <= nw.col("dwell"))
    offset = nw.when(fits).then(nw.col("before")).otherwise(squeezed.cast(nw.Int64))
    started = nw.col("begun") + offset
    return summed.with_columns(
        started.alias("started"), (started + nw.col("long")).alias("ended")
    ).select(*ACT, "started", "ended", "turn", "dwell")


def stay_activities(places: Frame, like: Frame) -> Frame:
    """Each place with the activity that stands for a whole stay there.

    Shape: place, stay.
    """
    kinds = {
        "border_post": "border",
        "port": "port",
        "terminal": "port",
        "gauge_break": "gauge_break",
    }
    kind = nw.col("kind")
    named = nw.lit("stop")
    for word, activity in kinds.items():
        named = nw.when(kind == word).then(nw.lit(activity)).otherwise(named)
    return beside(nw.to_native(places.select("place", named.alias("stay"))), like)
