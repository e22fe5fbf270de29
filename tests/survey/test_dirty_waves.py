"""What people hand in that is not what it seems, from the file to the figure it would spoil."""

import tracemalloc
from datetime import datetime

import polars as pl
import pytest
from openpyxl import Workbook
from test_forms import HERE, form

from transcaspian.readers.forms.rows import rows_of
from transcaspian.readers.forms.stamps import zone_of
from transcaspian.report.survey import survey_page
from transcaspian.survey.estimates.costs import payments_in_usd
from transcaspian.survey.release.release import released


def stamps(wagons, *, train, days=12):
    """Stamps of wagons that go through the border in trains of so many, one train a day."""
    rows = ["consignment,equipment,office,act,time"]
    for day in range(1, days + 1):
        # the trains differ, the wagons of one do not
        lag = (day * 7) % 11
        for number in range(wagons // days):
            wagon = f"{day:02d}{number:06d}"
            apart = 0 if train else number * 3
            for place, act, hour, minute in (
                ("meseta", "departure", 1, 0),
                ("quebrada_bo", "arrival", 4, 0),
                ("quebrada_bo", "departure", 5 + lag, 30),
                ("quebrada_ar", "arrival", 6 + lag, 0),
            ):
                time = f"2023-03-{day:02d}T{hour:02d}:{(minute + apart) % 60:02d}:00Z"
                rows.append(f"N{wagon},{wagon},{place},{act},{time}")
    return "\n".join(rows) + "\n"


def test_the_wagons_of_one_train_are_one_arrival(wave, andes):
    """Fifty wagons in each of twelve trains say as much as twelve trains."""
    heard = wave({"messages/a.smgs.csv": stamps(600, train=True)})
    assert heard.events.trips["unit"].unique().to_list() == ["wagon"]
    assert heard.events.trips["cluster"].n_unique() == 12
    assert heard.events.trips["cluster"][0] == "train meseta quebrada_bo 2023-03-01T01:00Z"
    row = released(heard, andes).tables["crossings"].filter(place="quebrada_bo").row(0, named=True)
    assert (row["n"], row["clusters"]) == (600, 12)
    assert row["rho"] == pytest.approx(1, abs=1e-6)
    assert row["n_eff"] == pytest.approx(12, rel=0.05)


def test_wagons_that_left_at_other_times_are_not_of_one_train(wave):
    heard = wave({"messages/a.smgs.csv": stamps(60, train=False, days=6)})
    assert heard.events.trips["cluster"].to_list() == [None] * 60


def test_one_train_alone_is_one_arrival_and_withheld(wave, andes):
    """Where all that is known befell one train, nothing is known of the next."""
    heard = wave({"messages/a.smgs.csv": stamps(50, train=True, days=1)})
    row = released(heard, andes).tables["crossings"].filter(place="quebrada_bo").row(0, named=True)
    assert (row["n"], row["clusters"], row["withheld"]) == (50, 1, True)
    assert row["n_eff"] == pytest.approx(1, rel=0.05)


def test_a_train_that_a_stamp_names_is_believed(wave):
    text = stamps(60, train=False, days=6).splitlines()
    named = [f"{text[0]},train", *(f"{row},{row[1:3]}" for row in text[1:])]
    heard = wave({"messages/a.smgs.csv": "\n".join(named) + "\n"})
    assert heard.events.trips["cluster"].n_unique() == 6


def test_copied_forms_are_named_with_their_carrier(wave):
    """Three stays alike to the minute on eight trips are no coincidence; one pair is."""
    head = "trip,carrier,vehicle,place,mode,arrived,departed\n"
    stops = (("lago_norte", 1, 95), ("lago_sur", 4, 131), ("meseta", 20, 77))
    rows = []
    for trip in range(16):
        copied = trip < 8
        for place, hour, minutes in stops:
            last = minutes + (0 if copied else trip * 3 + hour)
            end = f"{hour + last // 60:02d}:{last % 60:02d}"
            rows.append(
                f"t{trip},{'Copyists' if copied else 'Honest'},V{trip},{place},road,"
                f"2023-03-{trip + 1:02d} {hour:02d}:00,2023-03-{trip + 1:02d} {end}"
            )
    heard = wave({"forms/a.csv": head + "\n".join(rows) + "\n"})
    told = heard.notices.filter(code="V205").select("rows", "what").rows()
    assert told == [(8, "trips of Copyists repeat 24 stays of other trips to the minute")]
    assert heard.events.trips.height == 16  # named, not left out


PAID = """trip,carrier,vehicle,place,mode,arrived,departed,tonnes,official,currency
{rows}"""


def paid(sums, *, tonnes, currency, who=""):
    """Trips over the lake that pay so much at its near side, no two alike."""
    return PAID.format(
        rows="\n".join(
            f"{who}t{n},{who}c{n},{who}V{n},{place},road,2023-03-{n + 1:02d} {a}:0{n},"
            f"2023-03-{n + 1:02d} {b},{tonnes},{pay},{currency}"
            for n, amount in enumerate(sums)
            for place, a, b, pay in (
                ("lago_norte", "01", "02:00", amount),
                ("lago_sur", "04", "05:00", ""),
                ("meseta", "15", "16:00", ""),
            )
        )
    )


def test_a_tonnage_of_none_or_one_is_in_no_cost_a_tonne(wave, andes):
    """One trip of 1 t would cost twenty times as much for 20 t as one of 20 t."""
    files = {
        f"forms/{who}.csv": paid([100] * 6, tonnes=tonnes, currency="USD", who=who)
        for who, tonnes in (("real", 20), ("none", 0), ("one", 1))
    }
    release = released(wave(files), andes)
    assert release.tables["costs"]["n"].to_list() == [6]
    assert release.tables["payments"].filter(place="lago_norte", kind="official")[
        "n"
    ].to_list() == [18]


def test_tenge_are_not_dollars(wave, andes):
    text = paid([50_000] * 6, tonnes=20, currency="KZT")
    rates = "currency,usd,source,status\nKZT,0.002,National Bank of Kazakhstan,published\n"
    in_usd = released(wave({"forms/a.csv": text, "rates.csv": rates}), andes).tables["payments"]
    assert in_usd.filter(kind="official")["value"].to_list() == [pytest.approx(100)]


def test_a_currency_without_a_rate_is_left_out_and_said(wave, andes):
    heard = wave({"forms/a.csv": paid([50_000] * 6, tonnes=20, currency="KZT")})
    assert heard.events.payments.height == 6
    assert payments_in_usd(heard.events, heard.rates).is_empty()
    assert released(heard, andes).tables["payments"].is_empty()
    assert heard.notices.select("code", "rows").rows() == [("V119", 6)]
    assert "KZT" in heard.notices["what"][0]


def test_marks_that_no_eye_sees_do_not_matter(tmp_path, names):
    text = (
        "\ufefftrip,place\u200f,arrived\n"
        "\u200ea,\u200fDos\u00adtyk\u200e,2026-01-01\u200b 10:30\u200f\n"
        "a\u200f,dostyk,2026-01-01 11:30\n"
    )
    found = form(tmp_path, text, names)
    assert found.rejects.is_empty()
    assert found.trips["name"].to_list() == ["a"]
    assert found.witnesses["place"].to_list() == ["dostyk", "dostyk"]


def test_letters_that_look_latin_are_read_so_and_told(tmp_path, names):
    text = (
        "trip,place,arrived\n"
        "A1,d\u043estyk,2026-01-01 10:30\n"  # a Cyrillic o
        "\u04101,dostyk,2026-01-01 11:30\n"  # a Cyrillic A
        "B2,KZ\u0410\u0410U,2026-01-01 12:30\n"
    )
    found = form(tmp_path, text, names)
    assert found.trips["name"].to_list() == ["A1", "B2"]
    assert found.witnesses["place"].to_list() == ["dostyk", "dostyk", "aktau_port"]
    code, what = found.notices.select("code", "what").row(0)
    assert code == "V118"
    assert "U+043E" in what
    assert "U+0410" in what


def test_a_russian_name_is_no_mixture(tmp_path, names):
    found = form(tmp_path, "trip,place,arrived\nа,Достык,2026-01-01 10:30\n", names)
    assert found.witnesses["place"].to_list() == ["dostyk"]
    assert found.notices.is_empty()


def test_a_large_text_is_never_held_whole(tmp_path):
    """Rows pass one by one: what is held does not grow with the file."""
    held = {}
    for count in (2_000, 20_000):
        path = tmp_path / f"{count}.csv"
        path.write_text("trip,place,remark\n" + f"t,dostyk,{'x' * 60}\n" * count)
        tracemalloc.start()
        assert sum(1 for _ in rows_of(path, HERE)) == count + 1
        held[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert held[20_000] < held[2_000] + 90_000  # bytes: 5 a row


def test_a_workbook_of_many_rows_is_read_to_its_last(tmp_path):
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["trip", "place", "arrived", "tonnes"])
    for number in range(5_000):
        sheet.append([number, "dostyk", datetime(2026, 1, 1, 10, 30), 2.5])  # local
    book.save(tmp_path / "many.xlsx")
    rows = list(rows_of(tmp_path / "many.xlsx", HERE))
    assert rows[-1] == (5_000, [4999, "dostyk", datetime(2026, 1, 1, 10, 30), 2.5])  # local


def test_negative_and_endless_hours_are_told_and_no_hours_are_some(tmp_path, names):
    text = (
        "trip,place,customs (h),hours\n"
        "a,dostyk,-2,\nb,dostyk,0,\nc,dostyk,inf,\nd,dostyk,nan,\ne,dostyk,1e400,\nf,dostyk,,-1\n"
    )
    found = form(tmp_path, text, names)
    assert found.witnesses["hours"].to_list() == [0.0]
    assert found.rejects.select("row", "code").rows() == [(n, "C205") for n in (1, 3, 4, 5, 6)]


def test_stays_of_no_length_are_counted_and_bend_nothing(wave, andes):
    """A truck waved through stays no minute: it is a stay, its logarithm notwithstanding."""
    rows = [
        f"t{n},c{n},V{n},{place},road,2023-03-{n + 1:02d} {a},2023-03-{n + 1:02d} {b}"
        for n in range(12)
        for place, a, b in (
            ("lago_norte", "01:07", "01:07" if n < 4 else f"02:{n:02d}"),
            ("lago_sur", "04:00", "05:13"),
        )
    ]
    text = "trip,carrier,vehicle,place,mode,arrived,departed\n" + "\n".join(rows) + "\n"
    row = (
        released(wave({"forms/a.csv": text}), andes).tables["crossings"].filter(place="lago_norte")
    )
    assert row["n"].to_list() == [12]
    assert row["open"].to_list() == [0]
    assert row["p50_h"][0] == pytest.approx(1.0, abs=0.1)
    assert row.select(pl.selectors.float().is_nan().any()).row(0) == (False,) * len(
        row.select(pl.selectors.float()).columns
    )


def test_a_time_of_another_year_is_no_time_of_the_wave(wave):
    """A year typed wrong, and a tracker whose count of weeks rolled over."""
    text = paid([1] * 3, tonnes=20, currency="USD").replace("2023-03-02 01:01", "2032-03-02 01:01")
    track = "tracker,time,lat,lon\n" + "".join(
        f"T,{day}T10:00:00Z,43.2,76.9\n" for day in ("2003-07-17", "2023-03-02")
    )
    events = "trip_id,ts_lo,ts_hi,place_id,activity,lifecycle\n" + "".join(
        f"e,{year}-03-02T10:00:00Z,{year}-03-02T10:00:00Z,meseta,arr,complete\n"
        for year in (1970, 2023)
    )
    heard = wave({"forms/a.csv": text, "tracks/a.csv": track, "events/a.csv": events})
    told = heard.rejects.select("file", "row", "column", "code").rows()
    assert told == [
        ("a.csv", 4, "arrived", "V120"), ("a.csv", 1, "ts_lo", "V120"), ("a.csv", 1, None, "V120"),
    ]  # fmt: skip
    assert "2022-11-29 to 2023-07-01" in heard.rejects["expected"][0]


def test_an_activity_that_few_tell_of_is_withheld_among_many_stays(wave, andes):
    """One vet's check of 7.25 h in twenty trips would be twenty times the published mean."""
    head = "trip,carrier,vehicle,place,mode,arrived,departed,customs (h),veterinary (h)\n"
    rows = [
        f"t{n},c{n},V{n},lago_norte,road,2023-03-{n + 1:02d} 01:{n:02d},2023-03-{n + 1:02d} 12:00,"
        f"{1 + n / 20},{'7.25' if n == 3 else ''}\n"
        f"t{n},c{n},V{n},lago_sur,road,2023-03-{n + 1:02d} 14:00,2023-03-{n + 1:02d} 15:00,,\n"
        for n in range(20)
    ]
    heard = wave({"forms/a.csv": head + "".join(rows)})
    found = released(heard, andes).tables["activities"].filter(place="lago_norte")
    told = {row["activity"]: row for row in found.iter_rows(named=True)}
    customs, vet = told["r02_customs"], told["r05_vet"]
    assert (customs["n"], vet["n"]) == (20, 20)
    assert customs["value"] == pytest.approx(1.475)
    # of the length of the stays, not of what is told of them
    stood = sum(11 - n / 60 for n in range(20)) / 20
    assert customs["share"] == pytest.approx(1.475 / stood, rel=0.01)
    assert [vet[name] for name in ("value", "low", "high", "share", "work_h")] == [None] * 5


def test_posts_that_no_link_joins_are_no_crossing(wave, andes):
    """Of a trip that tells of one post at each of two borders, the way between is no border."""
    head = "trip,carrier,vehicle,place,mode,arrived,departed\n"
    far = "".join(
        f"t{n},c{n},V{n},{place},road,{date} 01:{n:02d},{date} 03:00\n"
        for n in range(12)
        for place, day in (("lago_norte", 1), ("quebrada_ar", 6))
        for date in [f"2023-03-{day + n:02d}"]
    )
    near = far.replace("quebrada_ar", "lago_sur")
    assert released(wave({"forms/a.csv": head + far}), andes).tables["both_sides"].is_empty()
    found = released(wave({"forms/a.csv": head + near}), andes).tables["both_sides"]
    assert found["crossing"].to_list() == ["lago_norte - lago_sur"]


HEAD = "trip,place,mode,arrived,departed,official,currency\n"
DAY = "2023-03-01"
ODD = {
    "a header alone": ("forms/a.csv", HEAD, 0),
    "one stay": ("forms/a.csv", f"{HEAD}a,lago_norte,road,{DAY} 10:17,{DAY} 11:00,,\n", 1),
    "a place alone": ("forms/a.csv", f"{HEAD}a,lago_norte,road,,,,\n", 0),
    "an arrival": ("forms/a.csv", f"{HEAD}a,lago_norte,road,{DAY} 10:17,,,\n", 1),
    "a departure": ("forms/a.csv", f"{HEAD}a,lago_norte,road,,{DAY} 10:17,5,USD\n", 1),
    "a payment": ("forms/a.csv", f"{HEAD}a,lago_norte,road,,,5,USD\n", 0),
    "mere hours": ("forms/a.csv", "trip,place,mode,customs\na,lago_norte,road,3\n", 0),
    "backwards": ("forms/a.csv", f"{HEAD}a,lago_norte,road,{DAY} 10:17,{DAY} 8:17,,\n", 0),
    "a fix": ("tracks/a.csv", f"tracker,time,lat,lon\nT,{DAY}T10:00:00Z,-33,-70\n", 0),
    "a stamp": ("messages/a.smgs.csv", f"consignment,place,act,time\nA,meseta,arrival,{DAY}\n", 0),
}


@pytest.mark.parametrize("kind", ODD)
def test_a_wave_of_next_to_nothing_is_a_release_that_says_nothing(wave, andes, kind):
    file, text, cells = ODD[kind]
    release = released(wave({file: text}), andes)
    found = release.tables["crossings"]
    assert found["withheld"].to_list() == [True] * cells
    assert found["p50_h"].null_count() == cells
    assert release.tables["league"].is_empty()
    assert {change.table for change in release.patch.change} == {"sources"}
    assert "withheld" in survey_page(release, andes, language="en")


def test_a_place_that_nobody_was_seen_to_leave_has_no_figure(wave, andes):
    rows = "".join(f"t{n},lago_norte,road,{DAY} {n:02d}:07,,,\n" for n in range(20))
    release = released(wave({"forms/a.csv": HEAD + rows}), andes)
    row = release.tables["crossings"].row(0, named=True)
    assert (row["n"], row["open"], row["p50_h"], row["mean_h"]) == (20, 20, None, None)
    assert release.tables["curves"].is_empty()


def test_sums_and_hours_beyond_all_measure_are_told(tmp_path, names):
    text = "trip,place,hours,official,currency,tonnes\na,dostyk,9000,1e308,USD,1e9\n"
    found = form(tmp_path, text, names)
    assert [(row["column"], row["code"]) for row in found.rejects.iter_rows(named=True)] == [
        ("tonnes", "C205"), ("border", "C205"), ("official", "C205"),
    ]  # fmt: skip


def test_an_offset_that_no_place_keeps_is_no_zone():
    assert zone_of("+99:00") is None
    assert zone_of("-14:30") is None
    assert zone_of("+05:45") is not None
