"""Patches: pure, exact, refused when they match nothing."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transcaspian.corridor.apply import apply, conflicts, drawn
from transcaspian.corridor.diff import diff, in_words
from transcaspian.corridor.patch import Change, Patch
from transcaspian.corridor.provenance import cells, statuses
from transcaspian.corridor.tables import TABLES
from transcaspian.errors import Fault
from transcaspian.readers.folder import read_corridor

ANDES = read_corridor(Path(__file__).parents[1] / "corridors" / "andes")
RESOURCES = ANDES.table("resources")["resource"].to_list()
STAGED = "lago_norte_outbound_road"
MANY = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def patch(*change, **more):
    return Patch(name="try", title="Try", source="invented", change=change, **more)


def servers(name, corridor):
    return corridor.table("resources").filter(pl.col("resource") == name)["servers"].item()


def test_an_empty_patch_changes_nothing():
    after = apply(ANDES, patch())
    assert after.hash == ANDES.hash
    assert diff(ANDES, after).is_empty()
    assert in_words(diff(ANDES, after)) == "changes nothing"


@MANY
@given(st.sampled_from(RESOURCES), st.integers(1, 50))
def test_setting_and_setting_back_is_identity_but_for_provenance(name, number):
    before = servers(name, ANDES)
    there = apply(
        ANDES, patch(Change(table="resources", where={"resource": name}, set={"servers": number}))
    )
    back = apply(
        there, patch(Change(table="resources", where={"resource": name}, set={"servers": before}))
    )
    assert servers(name, there) == number
    assert back.table("resources").equals(ANDES.table("resources"))
    assert servers(name, ANDES) == before


@MANY
@given(st.sampled_from(RESOURCES), st.integers(1, 9))
def test_the_difference_is_exactly_the_cell_that_was_changed(name, extra):
    after = apply(
        ANDES, patch(Change(table="resources", where={"resource": name}, add={"servers": extra}))
    )
    cell = diff(ANDES, after)
    before = servers(name, ANDES)
    assert cell.rows() == [("resources", name, "servers", str(before), str(before + extra))]


def test_scaling_whole_numbers_keeps_them_whole():
    after = apply(
        ANDES, patch(Change(table="flows", where={"flow": "zinc_out"}, scale={"trips_per_y": 1.5}))
    )
    row = after.table("flows").filter(pl.col("flow") == "zinc_out")
    assert row["trips_per_y"].item() == 2500 * 1.5


def test_a_row_is_added_with_its_defaults_and_dropped_again():
    new = {
        "resource": "new_lane",
        "place": "lago_sur",
        "stage": "documents",
        "servers": 1,
        "calendar": "day",
    }
    added = apply(ANDES, patch(Change(table="resources", add=new)))
    row = added.table("resources").filter(pl.col("resource") == "new_lane")
    assert row["handover"].item() == "finish"
    assert row["source"].item() == "invented"
    assert "adds new_lane" in in_words(diff(ANDES, added))
    dropped = apply(
        added, patch(Change(table="resources", where={"resource": "new_lane"}, drop=True))
    )
    assert dropped.table("resources").equals(ANDES.table("resources"))


def test_the_changed_cell_names_the_patch_as_its_source_of_truth():
    after = apply(
        ANDES,
        patch(
            Change(table="fleets", where={"fleet": "lake_ferries"}, set={"number": 7}),
            status="published",
        ),
    )
    cell = cells(after, "fleets").filter(pl.col("column") == "number").row(0, named=True)
    assert (cell["value"], cell["status"], cell["low"], cell["high"]) == (
        7.0,
        "published",
        7.0,
        7.0,
    )
    assert statuses(after)["cells"].sum() == statuses(ANDES)["cells"].sum()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change(table="fleet", where={"fleet": "x"}, set={"number": 1}), "P105"),
        (Change(table="fleets", where={"fleet": "x"}, set={"number": 1}), "P103"),
        (Change(table="fleets", where={"fleat": "x"}, set={"number": 1}), "P105"),
        (Change(table="fleets", where={"fleet": "lake_ferries"}, set={"numbr": 1}), "P105"),
        (Change(table="fleets", where={"fleet": "lake_ferries"}, set={"number": 0}), "P106"),
        (Change(table="fleets", where={"fleet": "lake_ferries"}, scale={"name": 2.0}), "P105"),
        (Change(table="resources", where={"place": "orilla"}, set={"calendar": "nightly"}), "P106"),
        (Change(table="resources", add={"resource": "half"}), "P106"),
        (Change(table="stages", where={"procedure": STAGED, "order": 2}, set={"order": 1}), "P106"),
        (Change(table="places", where={"place": "orilla"}, set={"place": "shore"}), "P106"),
    ],
)
def test_what_cannot_be_applied_is_refused(change, code):
    with pytest.raises(Fault) as caught:
        apply(ANDES, patch(change))
    assert caught.value.faults[0].code == code


@pytest.mark.parametrize("words", [{}, {"set": {"number": 1}, "drop": True}])
def test_a_change_has_exactly_one_verb(words):
    with pytest.raises(ValueError, match="exactly one of"):
        Change(table="fleets", where={"fleet": "lake_ferries"}, **words)


def test_two_patches_on_one_cell_are_reported():
    a = Patch(
        name="a",
        title="A",
        source="invented",
        change=(Change(table="fleets", where={"fleet": "lake_ferries"}, add={"number": 1}),),
    )
    b = a.model_copy(update={"name": "b"})
    assert conflicts(ANDES, a, b).rows() == [("fleets", "lake_ferries", "number", "a;b")]
    assert conflicts(ANDES, a).is_empty()


def test_draws_travel_with_a_patch():
    draws = pl.DataFrame({"fleets/lake_ferries/capacity": [20.0, 28.0]})
    fitted = patch(draws=draws)
    for number, value in enumerate((20.0, 28.0)):
        assert apply(ANDES, fitted, draw=number).table("fleets")["capacity"].item() == value
    with pytest.raises(Fault, match="no draw 2"):
        apply(ANDES, fitted, draw=2)


def test_one_draw_is_what_the_middle_is_with_those_cells():
    draws = pl.DataFrame({"fleets/lake_ferries/capacity": [20.0, 28.0]})
    more = patch(Change(table="fleets", where={"fleet": "lake_ferries"}, add={"number": 1}))
    middle = apply(apply(ANDES, patch(draws=draws)), more)
    for number in range(3):
        one = drawn(middle, number)
        told = apply(ANDES, patch(draws=draws), more, draw=number % 2)
        assert one.fitted is None
        assert one.table("provenance").equals(middle.table("provenance"))
        for name in TABLES:
            assert name == "provenance" or one.table(name).equals(told.table(name))


@pytest.mark.parametrize(("cell", "value", "said"), [("capacity", -1, "C205"), ("number", 0, "C")])
def test_a_draw_that_breaks_what_the_middle_keeps_is_refused(cell, value, said):
    draws = pl.DataFrame({f"fleets/lake_ferries/{cell}": [20.0, float(value)]})
    middle = apply(ANDES, patch(draws=draws))
    assert drawn(middle, 0).table("fleets")[cell].item() == 20
    with pytest.raises(Fault, match=said) as caught:
        drawn(middle, 1)
    assert caught.value.faults[0].code == "P106"


def test_every_table_has_a_key_among_its_columns_and_every_column_a_meaning():
    for table in TABLES.values():
        assert set(table.key) <= set(table.names)
        for column in table.all_columns:
            assert column.meaning.endswith((".", "high.", "all."))


def test_the_hash_is_of_what_the_tables_hold_and_not_of_their_file():
    again = read_corridor(Path(__file__).parents[1] / "corridors" / "andes")
    assert again.hash == ANDES.hash
    assert (
        apply(
            ANDES, patch(Change(table="fleets", where={"fleet": "lake_ferries"}, add={"number": 1}))
        ).hash
        != ANDES.hash
    )
