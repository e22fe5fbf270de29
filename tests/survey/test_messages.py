"""Messages between systems: what is taken as what, and what is not."""

import json
from datetime import UTC, datetime

import polars as pl
import pytest

from transcaspian.errors import Fault
from transcaspian.readers.forms.stamps import Habits
from transcaspian.readers.messages.dcsa import read_dcsa
from transcaspian.readers.messages.epcis import bare, read_epcis
from transcaspian.readers.messages.iftsta import read_iftsta
from transcaspian.readers.messages.profile import read_profile

HERE = Habits(clock="place")
NOTHING = Habits()


def epcis(**more):
    return {
        "type": "ObjectEvent",
        "eventTime": "2024-02-15T08:00:00.000+06:00",
        "eventTimeZoneOffset": "+06:00",
        "epcList": ["urn:epc:id:sscc:1234567.1"],
        "bizStep": "arriving",
        "readPoint": {"id": "KZAAU"},
        **more,
    }


def read(tmp_path, events, names):
    path = tmp_path / "e.jsonld"
    path.write_text(json.dumps({"type": "EPCISDocument", "epcisBody": {"eventList": events}}))
    return read_epcis(path, names, run="w", habits=NOTHING)


@pytest.mark.parametrize(
    "step",
    [
        "arriving",
        "cbv:BizStep-arriving",
        "urn:epcglobal:cbv:bizstep:arriving",
        "https://ref.gs1.org/cbv/BizStep-arriving",
    ],
)
def test_every_form_of_a_business_step_is_the_same_arrival(tmp_path, names, step):
    assert bare(step) == "arriving"
    found = read(tmp_path, [epcis(bizStep=step)], names)
    row = found.witnesses.row(0, named=True)
    assert (row["activity"], row["lifecycle"], row["place"]) == ("arr", "complete", "aktau_port")
    assert row["earliest"] == row["latest"] == datetime(2024, 2, 15, 2, tzinfo=UTC)


def test_a_withdrawn_event_and_its_original_are_not_taken(tmp_path, names):
    first = epcis(eventID="one")
    again = epcis(eventID="one", errorDeclaration={"declarationTime": "2024-02-16T08:00:00Z"})
    other = epcis(eventID="two", bizStep="departing")
    found = read(tmp_path, [first, again, other], names)
    assert found.witnesses["activity"].to_list() == ["dep"]
    assert found.rejects["code"].to_list() == ["V111", "V111"]


def test_our_own_terms_say_what_the_standard_cannot(tmp_path, names):
    more = {"transcaspian:activity": "wait_queue", "transcaspian:lifecycle": "start"}
    found = read(tmp_path, [epcis(bizStep="holding", **more)], names)
    assert found.witnesses.select("activity", "lifecycle").rows() == [("wait_queue", "start")]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"eventTimeZoneOffset": None}, "V105"),
        ({"eventTime": "soon"}, "V103"),
        ({"readPoint": {"id": "urn:unknown"}}, "V106"),
        ({"epcList": []}, "V115"),
    ],
)
def test_an_event_that_lacks_what_it_needs_is_told(tmp_path, names, more, code):
    found = read(tmp_path, [epcis(**more)], names)
    assert found.witnesses.is_empty()
    assert found.rejects["code"].to_list() == [code]


def test_a_wagon_is_known_with_and_without_its_companys_prefix(tmp_path, names):
    found = read(tmp_path, [epcis(epcList=["urn:epc:id:giai:4012345.51234567"])], names)
    assert set(found.identities["name"]) == {"401234551234567", "51234567"}


def test_an_estimate_never_enters_a_duration(tmp_path, names):
    def event(classifier, code):
        return {
            "eventType": "TRANSPORT",
            "eventClassifierCode": classifier,
            "eventDateTime": "2024-02-15T08:00:00+04:00",
            "transportEventTypeCode": code,
            "equipmentReference": "MSKU1234567",
            "transportCall": {"location": {"UNLocationCode": "GEPTI"}},
        }

    path = tmp_path / "d.json"
    path.write_text(json.dumps([event("EST", "ARRI"), event("PLN", "ARRI"), event("ACT", "DEPA")]))
    found = read_dcsa(path, names, run="w", habits=NOTHING)
    assert found.witnesses["activity"].to_list() == ["dep"]
    assert found.rejects["code"].to_list() == ["V110", "V110"]


INTERCHANGE = (
    "UNA:+.? 'UNB+UNOA:2+A+B+240215:0800+1'UNH+1+IFTSTA:D:00B:UN'CNI+1+CN?'55'"
    "STS+1+1'DTM+334:202402150830:203'LOC+5+KZAAU'EQD+CN+MSKU7654321'"
    "STS+1+12'DTM+334:202402150930:203'LOC+5+KZAAU'"
    "STS+1+77'DTM+334:202402151030:203'LOC+5+KZAAU'"
    "STS+1+24'DTM+132:202402151130:203'LOC+5+KZAAU'"
    "STS+1+1'DTM+334:20240216:102'LOC+5+KZAAU'UNT+5+1'UNZ+1+1'"
)


def test_statuses_of_an_interchange(tmp_path, names):
    path = tmp_path / "s.edi"
    path.write_text(INTERCHANGE)
    found = read_iftsta(path, names, run="w", habits=HERE)
    rows = found.witnesses.select("activity", "earliest", "label").rows()
    assert [row[0] for row in rows] == ["arr", "r02_customs", "x90_unknown_stop", "arr"]
    assert rows[0][1] == datetime(2024, 2, 15, 3, 30, tzinfo=UTC)  # Aktau keeps +05
    assert rows[2][2] == "STS 77"
    last = found.witnesses.row(3, named=True)
    assert (last["latest"] - last["earliest"]).days == 1
    assert found.rejects["code"].to_list() == ["V110"]
    assert "CN55" in found.identities["name"]  # the released quote is kept
    assert read_iftsta(path, names, run="w", habits=NOTHING).rejects["code"][0] == "V105"


def test_stamps_by_day_are_whole_days_and_a_customs_act_is_no_arrival(tmp_path, names):
    path = tmp_path / "n.smgs.csv"
    path.write_text(
        "consignment,wagon,station,act,date\n"
        "71,51234567,Достык,border_arrival,2024-02-15\n71,51234567,Достык,dance,2024-02-16\n"
    )
    rail = read_profile(path, names, run="w", habits=HERE)
    first = rail.witnesses.row(0, named=True)
    assert first["activity"] == "arr"
    assert (first["latest"] - first["earliest"]).total_seconds() == 24 * 3600
    assert rail.notices["code"].to_list() == ["V113"]
    path = tmp_path / "c.etir.csv"
    path.write_text("carnet,customs office,act,time\nX1,dostyk,start,2024-02-15 10:00\n")
    road = read_profile(path, names, run="w", habits=HERE)
    assert road.witnesses.select("activity", "lifecycle").rows() == [("r18_tir_act", "start")]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.jsonld", "{", "V115"),
        ("a.jsonld", '{"type": "other"}', "V115"),
        ("a.edi", "hello", "V115"),
        ("a.other.csv", "consignment\n", "V115"),
        ("a.smgs.csv", "consignment,station\n", "V102"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_a_fault(tmp_path, names, name, text, code):
    path = tmp_path / name
    path.write_text(text)
    read = {"jsonld": read_epcis, "edi": read_iftsta, "csv": read_profile}[name.rpartition(".")[2]]
    with pytest.raises(Fault) as caught:
        read(path, names, run="w", habits=HERE)
    assert caught.value.faults[0].code == code


def test_a_long_list_of_events_is_read_line_by_line_too(tmp_path, names):
    path = tmp_path / "e.jsonl"
    path.write_text(
        "\n".join(json.dumps(epcis(bizStep=step)) for step in ("arriving", "departing"))
    )
    found = read_epcis(path, names, run="w", habits=NOTHING)
    assert found.witnesses["activity"].to_list() == ["arr", "dep"]
    assert found.trips.select("origin", "destination").rows() == [("aktau_port", "aktau_port")]
    assert found.witnesses.filter(pl.col("row_hash").is_null()).is_empty()
