"""Which trips of the sources are one trip."""

from __future__ import annotations

import narwhals as nw

from transcaspian.events.engine import Frame, grouped, micros, on_engine

US_PER_H = 3_600_000_000
MARGIN_H = 12.0
"""A witness may stand this far outside the time that a form gives its trip."""
SILENCE_H = 240.0
"""After such a silence the same container or truck is on another trip."""
PIECES = 1000
"""A source's trip that is cut becomes its number times this, plus the number of the piece."""
TRIP = ("run", "trip")


def matched(witnesses: object, identities: object) -> Frame:
    """The witnesses under one number for each trip, whoever speaks of it.

    A form is a trip. A message or a tracker joins the form that bears one of its names (vehicle,
    container, consignment) and covers the time; what is left of messages are trips of their own,
    which trackers may join; what is left of trackers too. A name that falls silent for ten days is
    on another trip when it is heard again.

    Shape: the columns of WITNESSES with earliest and latest as microseconds since 1970; `at`, the
    middle of the two; and `told`, the trip of the source.
    """
    names = on_engine(identities)
    said = _timed(micros(on_engine(witnesses), ["earliest", "latest"]))
    said = said.with_columns(nw.col("trip").alias("told"))
    forms = said.filter(nw.col("source") == "form").with_columns(
        (nw.col("trip") * PIECES).alias("trip")
    )
    joined, left = _join(said.filter(nw.col("source") == "message"), forms, names)
    messages = _cut(left)
    anchors = nw.concat([forms, messages])
    tracked, lone = _join(said.filter(nw.col("source") == "tracker"), anchors, names)
    return nw.concat([forms, joined, messages, tracked, _cut(lone)])


def _timed(said: Frame) -> Frame:
    """The witnesses with the middle of their bounds; a length without instants has none."""
    low, high = nw.col("earliest"), nw.col("latest")
    return said.with_columns(
        nw.coalesce(low + (high - low) // 2, low, high).cast(nw.Int64).alias("at")
    )


def _join(said: Frame, anchors: Frame, names: Frame) -> tuple[Frame, Frame]:
    """The witnesses that belong to an anchor, under its number, and those that belong to none."""
    spans = grouped(
        anchors.filter(~nw.col("at").is_null()),
        ("run", "trip", "told"),
        nw.col("at").min().alias("begins"),
        nw.col("at").max().alias("ends"),
    ).rename({"trip": "anchor"})
    known = names.rename({"trip": "told"})
    theirs = spans.join(known, on=["run", "told"], how="inner").drop("told")
    ours = known.join(
        grouped(said, ("run", "told"), nw.len().alias("rows")), on=["run", "told"], how="inner"
    )
    pairs = grouped(
        ours.join(theirs, on=["run", "kind", "name"], how="inner"),
        ("run", "told", "anchor"),
        nw.col("begins", "ends").min(),
    )
    key = ("run", "told", "witness")
    near = said.select(*key, "at").join(pairs, on=["run", "told"], how="inner")
    off = nw.max_horizontal(
        nw.col("begins") - nw.col("at"), nw.col("at") - nw.col("ends"), nw.lit(0)
    ).fill_null(0)
    near = near.with_columns(off.alias("off")).filter(nw.col("off") <= round(MARGIN_H * US_PER_H))
    least = grouped(near, key, nw.col("off").min().alias("least"))
    best = near.join(least, on=list(key), how="inner").filter(nw.col("off") == nw.col("least"))
    chosen = grouped(best, key, nw.col("anchor").min())
    columns = said.collect_schema().names()
    taken = said.join(chosen, on=list(key), how="inner").with_columns(
        nw.col("anchor").alias("trip")
    )
    return taken.select(*columns), said.join(chosen, on=list(key), how="anti")


def _cut(said: Frame) -> Frame:
    """The witnesses of trips of their own, cut where a name falls silent."""
    columns = said.collect_schema().names()
    before = nw.col("at").shift(1).over("run", "told", order_by=["at", "witness"])
    gaps = said.with_columns(
        ((nw.col("at") - before) > round(SILENCE_H * US_PER_H))
        .fill_null(value=False)
        .cast(nw.Int64)
        .alias("cut")
    )
    piece = nw.col("cut").cum_sum().over("run", "told", order_by=["at", "witness"])
    return gaps.with_columns((nw.col("told") * PIECES + piece).alias("trip")).select(*columns)


__all__ = ["matched"]
