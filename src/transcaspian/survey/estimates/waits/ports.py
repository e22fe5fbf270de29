"""Stages of a stay in a port: the vessel's wait for a berth, its berth, its cargo, the yard."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import Frame, added, beside, gathered
from transcaspian.survey.estimates.cells import cells
from transcaspian.survey.estimates.journeys import PORTS, TRIP
from transcaspian.survey.estimates.stays import CELL, US_PER_H, spells
from transcaspian.survey.estimates.waits.stamps import passed
from transcaspian.tables.vocabulary import vocabulary

BERTHED, UNBERTHED = "p06_berth", "p07_unberth"
LAY = (BERTHED, UNBERTHED)
YARD = "yard"
BESIDE_VESSEL = ("berth_wait", "discharge", "load")
"""What is no time in the yard; the berth holds the handling, and is not taken off twice."""
VISIT = (*TRIP, *CELL, "arrived")
STAGE = (*CELL, "stage")
SEA = "sea"


def port_stages(
    done: Frame, stays: Frame, *, berths: Frame, corridor: Corridor, publish_from: int
) -> pl.DataFrame:
    """The hours of each stage of stays in ports, of those of which it is told.

    `berth_wait` is from a vessel's arrival to its berth, `berth` what it lay there, `discharge` and
    `load` the handling of its cargo, `vessel_wait` that of cargo for a vessel or for room on it,
    `storage` what was told to be storage. `yard` is what the stay held beside the vessel: all of it
    less berth_wait and cargo handling, of stays of which any of these is told; where the stay is
    open, so is the yard. Blank is unknown, not none: stages are of the stays that tell of them, and
    do not add up to the stay of all.

    Shape: `done` as `stages.activities`, `stays` as `stays.stays`, `berths` as `berth_times`; as
    `cells`, by CELL and stage.
    Source: the survey's reference, section 7.3 (port).
    """
    here = _in_ports(stays, corridor)
    told = _told(done)
    rest = told.join(berths.select(*VISIT, "stage"), on=[*VISIT, "stage"], how="anti")
    single = nw.concat([berths, rest.select(*VISIT, "stage", "hours")])
    rows = nw.concat([_as_spells(single, here), _yards(single, here)])
    found = gathered(spells(rows, by=STAGE))
    return cells(found, publish_from=publish_from, by=STAGE, below=False)


def berth_times(witnesses: object, visits: object, corridor: Corridor) -> Frame:
    """The wait for a berth and the time at it, of visits by sea that have stamps of them.

    Shape: VISIT, stage, hours.
    """
    rows = [(name, life, name, name == UNBERTHED) for name in LAY for life in ("start", "complete")]
    acts = pl.DataFrame(rows, ["activity", "lifecycle", "milestone", "last"], orient="row")
    found = passed(witnesses, visits, acts=acts, kinds=PORTS, corridor=corridor).filter(
        nw.col("network") == SEA
    )
    berthed = found.filter(~nw.col(BERTHED).is_null())
    waited = nw.max_horizontal(nw.col(BERTHED) - nw.col("arrived"), nw.lit(0))
    lay = nw.col(UNBERTHED) - nw.col(BERTHED)
    both = [
        berthed.with_columns((hours / US_PER_H).alias("hours"), nw.lit(name).alias("stage")).select(
            *VISIT, "stage", "hours"
        )
        for name, hours in (("berth_wait", waited), ("berth", lay))
    ]
    return nw.concat(both).filter(nw.col("hours") >= 0)


def _in_ports(stays: Frame, corridor: Corridor) -> Frame:
    ports = corridor.table("places").filter(pl.col("kind").is_in(PORTS)).select("place")
    return stays.join(beside(ports, stays), on="place", how="semi")


def _told(done: Frame) -> Frame:
    """The hours of each stage that was told as an activity; a stage may be told in parts."""
    known = done.join(beside(vocabulary("port_stages"), done), on="activity", how="inner")
    hours = known.with_columns(nw.col("work_h").alias("hours")).drop("arrived")
    named = hours.rename({"visit_from": "arrived"})
    return added(named, (*VISIT, "stage"), ("hours",))


def _as_spells(single: Frame, here: Frame) -> Frame:
    """The stages with whom they befell."""
    people_of = here.select(*VISIT, "weight", "cluster", "good")
    return single.join(people_of, on=list(VISIT), how="inner").select(
        *TRIP,
        *STAGE,
        "hours",
        nw.lit(0.0).alias("half_h"),
        nw.lit(value=False).alias("open"),
        "good",
        "weight",
        "cluster",
    )


def _yards(single: Frame, here: Frame) -> Frame:
    """The stays less what was told of the vessel's side of them."""
    aside = added(
        single.filter(nw.col("stage").is_in(BESIDE_VESSEL)).with_columns(
            nw.col("hours").alias("aside")
        ),
        VISIT,
        ("aside",),
    )
    return here.join(aside, on=list(VISIT), how="inner").select(
        *TRIP,
        *CELL,
        nw.lit(YARD).alias("stage"),
        nw.max_horizontal(nw.col("hours") - nw.col("aside"), nw.lit(0.0)).alias("hours"),
        "half_h",
        "open",
        "good",
        "weight",
        "cluster",
    )
