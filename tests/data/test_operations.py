"""What the shipped corridor must hold beyond its geography."""

import polars as pl
import pytest

from transcaspian.corridor.apply import apply
from transcaspian.corridor.patch import Change, Patch
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import simulate
from transcaspian.simulation.model.loads import overloads

CORRIDOR = read_corridor()
PRESENT = apply(CORRIDOR, CORRIDOR.editions[CORRIDOR.about.present])


def test_flows_add_up_to_the_published_tonnes_and_containers_of_both_years():
    teu = dict(CORRIDOR.table("units").select("unit", "teu").iter_rows())
    published = dict(CORRIDOR.table("published").select("figure", "value").iter_rows())
    for corridor, year in ((CORRIDOR, 2023), (PRESENT, 2025)):
        flows = corridor.table("flows").filter(pl.col("total") == f"titr_total_{year}")
        tonnes = (flows["trips_per_y"] * flows["tonnes_per_trip"]).sum() / 1000
        boxes = sum(row["trips_per_y"] * teu[row["unit"]] for row in flows.iter_rows(named=True))
        assert tonnes == pytest.approx(published[f"titr_total_{year}"], rel=1e-4)
        assert boxes == pytest.approx(published[f"titr_teu_{year}"], rel=1e-4)


def test_every_post_of_a_crossing_has_both_directions_for_each_network_that_crosses_there():
    places = {row["place"]: row for row in CORRIDOR.table("places").iter_rows(named=True)}
    have = {
        (row["place"], row["event"], row["mode_in"])
        for row in CORRIDOR.table("procedures").iter_rows(named=True)
    }
    missing = [
        (end, event, link["mode"])
        for link in CORRIDOR.table("links").iter_rows(named=True)
        if link["mode"] in {"rail", "road"}
        and link["in_service"]
        and places[link["origin"]]["country"] != places[link["destination"]]["country"]
        for end in (link["origin"], link["destination"])
        if places[end]["kind"] == "border_post"
        for event in ("outbound", "inbound")
        if (end, event, link["mode"]) not in have
    ]
    assert missing == []


def test_every_port_with_a_ship_has_procedures():
    ships = {
        end
        for link in CORRIDOR.table("links").iter_rows(named=True)
        if link["mode"] in {"ferry", "feeder", "ocean"}
        for end in (link["origin"], link["destination"])
    }
    ports = CORRIDOR.table("places").filter(
        (pl.col("kind") == "port") & pl.col("place").is_in(list(ships))
    )["place"]
    kept = set(CORRIDOR.table("procedures")["place"])
    assert [place for place in ports if place not in kept] == []


def test_eight_headline_measures_and_every_measure_applies_at_present():
    assert sum(patch.headline for patch in CORRIDOR.measures.values()) == 8
    for patch in CORRIDOR.measures.values():
        assert patch.cost is not None
        assert apply(PRESENT, patch).hash != PRESENT.hash


def test_no_stage_has_more_work_than_capacity_in_either_year():
    assert overloads(CORRIDOR) == []
    assert overloads(PRESENT) == []


def test_one_officer_fewer_makes_the_hours_of_a_real_post_rise():
    """Dwell comes out of servers, calendars and all the traffic of the post, not of a total."""
    resource = "yallama_road_inbound_documents"
    servers = CORRIDOR.table("resources").filter(pl.col("resource") == resource)["servers"].item()
    change = Change(table="resources", where={"resource": resource}, set={"servers": servers - 1})
    fewer = Patch(name="fewer", title="Fewer", source="P05", change=(change,))

    def dwell(corridor):
        here = (pl.col("place") == "yallama") & (pl.col("direction") == "inbound")
        rows = simulate(corridor, seed=1).tally.visits.filter(here)
        return rows["dwell_h"].sum() / rows["n"].sum()

    assert dwell(apply(CORRIDOR, fewer)) > 1.2 * dwell(CORRIDOR)
