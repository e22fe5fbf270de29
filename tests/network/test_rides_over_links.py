"""A leg of several links, from the itinerary through a run to its log."""

from pathlib import Path

import polars as pl
import pytest

from transcaspian.corridor.corridor import corridor_of
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import simulate

ANDES = Path(__file__).parents[1] / "corridors" / "andes"
FERRY = "puerto_alto__orilla__ferry"


def over_a_strait():
    """The made-up corridor with its ferry link cut in two on the high sea."""
    case = read_corridor(ANDES)
    links, places = case.table("links"), case.table("places")
    whole = links.filter(pl.col("link") == FERRY)
    parts = [
        whole.with_columns(
            link=pl.lit("near"), destination=pl.lit("strait"), length_km=pl.lit(50.0)
        ),
        whole.with_columns(link=pl.lit("far"), origin=pl.lit("strait"), length_km=pl.lit(100.0)),
    ]
    strait = places.filter(pl.col("place") == "orilla").with_columns(
        place=pl.lit("strait"), country=pl.lit(None, pl.String)
    )
    cut = {
        "links": pl.concat([links.filter(pl.col("link") != FERRY), *parts]),
        "places": pl.concat([places, strait]),
    }
    return corridor_of(case.about, {**case.tables, **cut})


@pytest.fixture(scope="module")
def run():
    return simulate(over_a_strait(), replications=1, seed=7, threads=1, log=True)


def test_each_link_of_a_leg_takes_its_own_hours(run):
    steps = run.tally.steps.filter(pl.col("activity") == "sail")
    hours = steps.group_by("place").agg(pl.col("service_h").sum() / pl.col("n").sum())
    sailed = dict(hours.iter_rows())
    assert sailed["near"] == pytest.approx(2.5, rel=0.05)
    assert sailed["far"] == pytest.approx(5.0, rel=0.05)


def test_nobody_is_left_aboard(run):
    assert run.tally.trips["unfinished"].sum() == 0


def test_a_log_shows_both_links_in_the_order_of_the_way(run):
    steps = run.events.steps.filter(pl.col("activity") == "sail")
    flows = run.events.trips.select("run", "trip", "flow")
    ways = (
        steps.join(flows, on=["run", "trip"])
        .sort("run", "trip", "step")
        .group_by("flow", "run", "trip", maintain_order=True)
        .agg(pl.col("place").str.join(">"))
    )
    seen = {flow: set(part["place"]) for (flow,), part in ways.group_by("flow")}
    assert seen["goods_in"] == {"near>far"}
    assert seen["zinc_out"] == {"far>near"}
