"""Conditions that follow a reference from one table to the next."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from transcaspian.corridor.apply import apply, conflicts
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Change, Patch
from transcaspian.errors import Fault
from transcaspian.readers.folder import read_corridor

ANDES = read_corridor(Path(__file__).parents[1] / "corridors" / "andes")


def _patch(**change: object) -> Patch:
    return Patch(name="try", title="Try", source="invented", change=(Change(**change),))


def _told(corridor: Corridor, table: str, **where: object) -> set[str]:
    """The keys of the rows that a condition means: those whose note a patch then wrote."""
    names = {path.replace("__", "."): value for path, value in where.items()}
    after = apply(corridor, _patch(table=table, where=names, set={"note": "told"})).table(table)
    keys = pl.concat_str([pl.col(name) for name in KEYS[table]], separator="/")
    return set(after.filter(pl.col("note") == "told").select(keys).to_series())


KEYS = {"stages": ("procedure", "order"), "flows": ("flow",), "calls": ("service", "order")}


def test_the_stages_of_one_place_are_told_in_one_line() -> None:
    assert _told(ANDES, "stages", procedure__place="lago_sur", stage="inspect") == {
        "lago_sur_outbound_road/3",
        "lago_sur_inbound_road/3",
    }


def test_a_name_may_lead_on_from_the_table_it_leads_to() -> None:
    found = _told(
        ANDES,
        "stages",
        procedure__place__country=["PE", "AR"],
        procedure__mode_in="road",
        stage="documents",
    )
    assert found == {
        "lago_norte_outbound_road/1",
        "lago_norte_inbound_road/1",
        "quebrada_ar_inbound_road/1",
        "quebrada_ar_outbound_road/1",
    }


def test_a_list_is_followed_by_any_of_its_words() -> None:
    assert _told(ANDES, "flows", via__country="PE") == {"trucks_east"}
    assert "zinc_out" in _told(ANDES, "flows", modes__network="sea")


def test_a_blank_at_the_end_is_meant_by_an_empty_word_and_a_blank_on_the_way_by_none() -> None:
    everywhere = _told(ANDES, "stages", procedure__mode_in="")
    assert everywhere == {
        "puerto_alto_outbound_sea/1",
        "orilla_outbound_sea/1",
        "puerto_alto_destination_cargo/1",
        "puerto_alto_origin/1",
        "puerto_alto_origin/2",
        "meseta_destination/1",
    }
    seized = _told(ANDES, "stages", resource__place="puerto_alto")
    assert "puerto_alto_origin/1" not in seized
    assert "puerto_alto_origin/2" in seized


def test_a_carrier_is_told_by_its_fleet() -> None:
    assert _told(ANDES, "calls", service__fleet__mode="ferry") == {
        "lake_crossing/1",
        "lake_crossing/2",
    }


def test_a_row_just_added_is_followed_too() -> None:
    row = {"procedure": "new_post", "place": "meseta", "event": "passage", "mode_in": "road"}
    stage = {
        "procedure": "new_post",
        "order": 1,
        "stage": "toll",
        "activity": "r02_customs",
        "share": 1.0,
        "mean_h": 0.5,
        "cv": 0.5,
    }
    patch = Patch(
        name="try",
        title="Try",
        source="invented",
        change=(
            Change(table="procedures", add=row),
            Change(table="stages", add=stage),
            Change(
                table="stages",
                where={"procedure.place": "meseta", "stage": "toll"},
                scale={"mean_h": 0.5},
            ),
        ),
    )
    after = apply(ANDES, patch).table("stages")
    assert after.filter(pl.col("stage") == "toll")["mean_h"].item() == 0.25


def test_two_patches_that_meet_on_a_cell_by_two_roads_are_reported() -> None:
    where = {"procedure.place": "meseta", "stage": "locomotive"}
    a = _patch(table="stages", where=where, scale={"mean_h": 0.5})
    where = {"procedure": "meseta_passage_rail", "order": 1}
    b = _patch(table="stages", where=where, scale={"mean_h": 0.7}).model_copy(
        update={"name": "other"}
    )
    assert conflicts(ANDES, a, b).rows() == [
        ("stages", "meseta_passage_rail/1", "mean_h", "try;other")
    ]


@pytest.mark.parametrize(
    ("where", "code", "said", "near"),
    [
        ({"procedure.plase": "meseta"}, "P105", "procedures has no column 'plase'", "place"),
        ({"procedur.place": "meseta"}, "P105", "stages has no column 'procedur'", "procedure"),
        ({"procedure.place.county": "BO"}, "P105", "places has no column 'county'", "country"),
        ({"stage.place": "meseta"}, "P105", "'stage' of table stages refers to no other", ""),
        ({"procedure.place": "mesetta"}, "P103", "procedure.place = mesetta", "meseta"),
        ({"procedure.place.country": "B0"}, "P103", "procedure.place.country = B0", ""),
        ({"procedure.place": "meseta", "stage": "scan"}, "P103", "stage = scan", ""),
        ({"procedure.place": "meseta", "stage": "inspect"}, "P103", "together", ""),
    ],
)
def test_a_name_that_leads_nowhere_is_refused_with_the_nearest(
    where: dict[str, str], code: str, said: str, near: str
) -> None:
    with pytest.raises(Fault) as caught:
        apply(ANDES, _patch(table="stages", where=where, scale={"mean_h": 0.5}))
    fault = caught.value.faults[0]
    assert fault.code == code
    assert said in fault.what
    assert not near or near in fault.nearest
