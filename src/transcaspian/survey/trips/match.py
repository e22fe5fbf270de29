"""Which trips of the sources are one trip."""

from __future__ import annotations

import narwhals as nw

from transcaspian.events.engine import Frame, grouped, micros, on_engine, settled

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

    A form is a trip. A tracker or a message joins the form that bears one of its names (vehicle,
    container, consignment) and covers the time. What is left of trackers are trips of their own,
    which messages with a name of theirs may join; what is left of messages too. A name that falls
    silent for ten days is on another trip when it is heard again.

    Shape: the columns of WITNESSES with earliest and latest as microseconds since 1970; `at`, the
    middle of the two; and `told`, the trip of the source.
    """
    names = on_engine(identities)
    said = _timed(micros(on_engine(witnesses), ["earliest", "latest"]))
    said = settled(said.with_columns(nw.col("trip").alias("told")))
    forms = said.filter(nw.col("source") == "form").with_columns(
        (nw.col("trip") * PIECES).alias("trip")
    )
    tracked, lone = _join(said.filter(nw.col("source") == "tracker"), forms, names, hours=MARGIN_H)
    told, left = _join(said.filter(nw.col("source") == "message"), forms, names, hours=MARGIN_H)
    tracks, left = settled(_cut(lone, names)), settled(left)
    joined, rest = _join(left, tracks, names, hours=SILENCE_H / 2)
    return nw.concat([forms, tracked, told, tracks, joined, _cut(rest, names)])


def _timed(said: Frame) -> Frame:
    """The witnesses with the middle of their bounds; a length without instants has none."""
    low, high = nw.col("earliest"), nw.col("latest")
    return said.with_columns(
        nw.coalesce(low + (high - low) // 2, low, high).cast(nw.Int64).alias("at")
    )


def _join(said: Frame, anchors: Frame, names: Frame, *, hours: float) -> tuple[Frame, Frame]:
    """The witnesses that belong to an anchor, under its number, and those that belong to none.

    They belong to the one that bears a name of theirs and is nearest in time, if within the hours;
    both ends of a stay that one row tells go where the first goes.
    """
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
    key = ("run", "told", "row_hash")
    rows = grouped(said, key, nw.col("at").min())
    near = rows.join(pairs, on=["run", "told"], how="inner")
    off = nw.max_horizontal(
        nw.col("begins") - nw.col("at"), nw.col("at") - nw.col("ends"), nw.lit(0)
    ).fill_null(0)
    near = near.with_columns(off.alias("off")).filter(nw.col("off") <= round(hours * US_PER_H))
    least = grouped(near, key, nw.col("off").min().alias("least"))
    best = near.join(least, on=list(key), how="inner").filter(nw.col("off") == nw.col("least"))
    chosen = grouped(best, key, nw.col("anchor").min())
    columns = said.collect_schema().names()
    taken = said.join(chosen, on=list(key), how="inner").with_columns(
        nw.col("anchor").alias("trip")
    )
    return taken.select(*columns), said.join(chosen, on=list(key), how="anti")


def _cut(said: Frame, names: Frame) -> Frame:
    """The witnesses of trips of their own: one name together, cut where it falls silent."""
    columns = said.collect_schema().names()
    known = said.join(_named_first(said, names), on=["run", "told"], how="left").with_columns(
        nw.coalesce(nw.col("first"), nw.col("told")).alias("first")
    )
    order = ["at", "told", "witness"]
    before = nw.col("at").shift(1).over("run", "first", order_by=order)
    gaps = known.with_columns(
        ((nw.col("at") - before) > round(SILENCE_H * US_PER_H))
        .fill_null(value=False)
        .cast(nw.Int64)
        .alias("cut")
    )
    piece = nw.col("cut").cum_sum().over("run", "first", order_by=order)
    return gaps.with_columns((nw.col("first") * PIECES + piece).alias("trip")).select(*columns)


def _named_first(said: Frame, names: Frame) -> Frame:
    """For each trip of a source, the first that shares a name with it.

    Shape: run, told, first.
    """
    own = grouped(said, ("run", "told"), nw.len().alias("rows"))
    known = names.rename({"trip": "told"}).join(own, on=["run", "told"], how="inner")
    by_name = grouped(known, ("run", "kind", "name"), nw.col("told").min().alias("first"))
    shared = known.join(by_name, on=["run", "kind", "name"], how="inner")
    return grouped(shared, ("run", "told"), nw.col("first").min())


__all__ = ["matched"]
