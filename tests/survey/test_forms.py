"""Forms as people write them: what is taken, as what, and what is told with its reason."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

from transcaspian.errors import Fault
from transcaspian.readers.forms.form import read_form
from transcaspian.readers.forms.stamps import Habits, Stamp, bounds, stamp_of, zone_of
from transcaspian.readers.forms.template import write_template
from transcaspian.readers.forms.words import head
from transcaspian.tables.cells import Wrong

HERE = Habits(clock="place")


def form(tmp_path, text, names, habits=HERE, *, encoding="utf-8"):
    path = tmp_path / "form.csv"
    path.write_bytes(text.encode(encoding))
    return read_form(path, names, run="w", habits=habits)


def told(found):
    return [
        (row["column"], row["code"], row["what"]) for row in found.rejects.iter_rows(named=True)
    ]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_border_in_february_and_in_april_as_the_reference_has_it(tmp_path, names):
    text = (
        "trip,place,country,mode,arrived,departed\n"
        "a,Khorgos,China,road,2024-02-15 09:00,2024-02-15 10:00\n"
        "a,Nur Zholy,Kazakhstan,road,2024-02-15 10:30,2024-02-15 12:00\n"
        "b,Khorgos,China,road,2024-04-15 09:00,2024-04-15 10:00\n"
        "b,Nur Zholy,Kazakhstan,road,2024-04-15 10:30,2024-04-15 12:00\n"
    )
    rows = form(tmp_path, text, names).witnesses
    for trip, hours in ((1, 2.5), (2, 3.5)):
        own = rows.filter(pl.col("trip") == trip)
        left = own.filter(place="horgos", lifecycle="complete")["earliest"][0]
        came = own.filter(place="nur_zholy", lifecycle="start")["earliest"][0]
        assert (came - left) / timedelta(hours=1) == hours


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-04 10:30", "2026-03-04 10:30"),
        ("04.03.2026 10:30", "2026-03-04 10:30"),
        ("04.03.2026 10.30", "2026-03-04 10:30"),
        ("2026年3月4日 10時30分", "2026-03-04 10:30"),
        ("2026/3/4 0:05", "2026-03-04 00:05"),
        ("2026-03-04 24:00", "2026-03-05 00:00"),
        ("25/03/2026 10:30", "2026-03-25 10:30"),
        (datetime(2026, 3, 4, 10, 30), "2026-03-04 10:30"),
    ],
)
def test_times_are_read_as_they_are_written(written, meant):
    stamp = stamp_of(written, HERE)
    assert isinstance(stamp, Stamp)
    assert stamp.local == datetime.fromisoformat(meant)
    assert stamp.width == timedelta(0)


@pytest.mark.parametrize(
    ("written", "code", "said"),
    [
        ("03/04/2026 10:30", "V104", "two days may be"),
        ("04.03.26 10:30", "V103", "two digits"),
        ("45321.5", "V103", "serial number"),
        ("45321,5", "V103", "serial number"),
        ("2026-13-04 10:30", "V103", "month"),
        ("2026-03-04 25:00", "V103", "hour"),
        ("yesterday", "V103", "yesterday"),
    ],
)
def test_what_cannot_be_read_is_not_guessed(written, code, said):
    wrong = stamp_of(written, HERE)
    assert isinstance(wrong, Wrong)
    assert wrong.code == code
    assert said in wrong.what
    assert wrong.expected


def test_a_wave_that_says_how_it_writes_is_read_so():
    assert stamp_of("03/04/2026", Habits(date_order="mdy")).local == datetime(2026, 3, 4)
    assert stamp_of("03/04/2026", Habits(date_order="dmy")).local == datetime(2026, 4, 3)
    assert stamp_of("04.03.26 10:30", Habits(century=2000)).local == datetime(2026, 3, 4, 10, 30)
    day = stamp_of("2026-03-04 00:00", Habits(midnight="day"))
    assert day.width == timedelta(days=1)


def test_a_date_alone_is_the_whole_day_and_an_hour_shown_twice_is_both():
    low, high = bounds(stamp_of("2026-03-04", HERE), zone_of("Asia/Tokyo"))
    assert (low, high) == (at("2026-03-03T15:00"), at("2026-03-04T15:00"))
    low, high = bounds(stamp_of("2024-02-29 23:30", HERE), zone_of("Asia/Almaty"))
    assert high - low == timedelta(hours=1)
    assert low == at("2024-02-29T17:30")


def test_headers_in_three_languages_mean_the_same():
    for words in (("Arrival", "Прибытие", "到着"), ("Trip", "Рейс", "運行番号")):
        assert len({head(word).column for word in words}) == 1
    for words in (
        ("Customs (h)", "Таможня, ч", "通関（時間）"),
        ("waiting in queue (min)", "Ожидание в очереди, мин"),
    ):
        assert len({(head(word).activity, head(word).scale) for word in words}) == 1
    assert head("Таможня (мин)").scale == pytest.approx(1 / 60)
    assert head("weather today") is None


def test_every_template_is_understood_by_the_reader(tmp_path, andes, names):
    write_template(tmp_path / "wave", andes)
    files = sorted((tmp_path / "wave" / "templates").iterdir())
    assert len(files) == 13
    for file in files:
        found = read_form(file, names, run="w", habits=HERE)
        assert found.trips.is_empty()
        assert found.rejects.is_empty()


def test_blank_is_unknown_and_zero_is_zero(tmp_path, names):
    text = "trip,place,arrived,departed,customs (h),scan (h)\na,dostyk,2026-01-01 10:00,,,0\n"
    rows = form(tmp_path, text, names).witnesses
    assert rows.filter(activity="r02_customs").is_empty()
    assert rows.filter(activity="r19_scan_xray")["hours"].to_list() == [0.0]
    assert rows.filter(lifecycle="complete").is_empty()


def test_a_long_form_and_a_workbook_say_the_same_as_a_wide_one(tmp_path, names):
    book = Workbook()
    sheet = book.active
    sheet.append(["рейс", "место", "операция", "начало", "конец", "часы"])
    sheet.append(
        ["a", "dostyk", "таможня", datetime(2026, 1, 1, 10, 0), datetime(2026, 1, 1, 11, 30), None]
    )
    sheet.append(["a", "dostyk", "очередь", None, None, 2])
    book.save(tmp_path / "long.xlsx")
    found = read_form(tmp_path / "long.xlsx", names, run="w", habits=HERE)
    rows = found.witnesses.select("activity", "lifecycle", "hours").rows()
    assert rows == [
        ("r02_customs", "start", None),
        ("r02_customs", "complete", None),
        ("wait_queue", "whole", 2.0),
    ]
    assert found.rejects.is_empty()


def test_names_of_several_places_need_a_country_or_a_mode(tmp_path, names):
    text = (
        "trip,place,country,mode,arrived\n"
        "a,Alat,AZ,sea,2026-01-01 10:00\n"
        "b,Alat,UZ,road,2026-01-01 10:00\n"
        "c,Alat,,,2026-01-01 10:00\n"
        "d,Khorgos,KZ,rail,2026-01-01 10:00\n"
        "e,Red Bridge,GE,road,2026-01-01 10:00\n"
        "f,Kuryq,,,2026-01-01 10:00\n"
        "g,Turkmenbaşy,,,2026-01-01 10:00\n"
        "h,Panj,,,2026-01-01 10:00\n"
        "i,Khorgos,JP,,2026-01-01 10:00\n"
    )
    found = form(tmp_path, text, names)
    assert found.witnesses["place"].to_list() == [
        "alat_port", "olot", "altynkol", "tsiteli_khidi", "kuryk_port", "turkmenbashi_port",
        "panji_poyon",
    ]  # fmt: skip
    assert [(code, "Alat" in what) for _, code, what in told(found)] == [
        ("V107", True),
        ("V106", False),
    ]
    assert "olot (UZ)" in found.rejects["what"][0]


def test_a_rejected_row_keeps_its_file_row_reason_and_hash(tmp_path, names):
    text = (
        "trip,place,arrived,tonnes\na,dostyk,never,20\nb,nowhere,2026-01-01 10:00,20\n,dostyk,,\n"
    )
    found = form(tmp_path, text, names)
    rows = found.rejects.select("file", "row", "column", "code").rows()
    assert rows == [
        ("form.csv", 1, "arrived", "V103"),
        ("form.csv", 2, "place", "V106"),
        ("form.csv", 3, "trip", "C201"),
    ]
    assert found.rejects["row_hash"].n_unique() == 3
    assert found.rejects["expected"].null_count() == 0


def test_local_times_without_a_zone_are_refused_and_zones_of_rows_are_heard(tmp_path, names):
    text = (
        "trip,place,zone,arrived\na,dostyk,,2026-01-01 10:00\n"
        "b,dostyk,+03:00,2026-01-01 10:00\nc,dostyk,Mars,2026-01-01 10:00\n"
    )
    found = form(tmp_path, text, names, Habits())
    assert found.witnesses["earliest"].to_list() == [at("2026-01-01T07:00")]
    assert [(code, what) for _, code, what in told(found)] == [
        ("V105", "local times without a zone"),
        ("V105", "seen 'Mars'"),
    ]


def test_numbers_money_and_unknown_words(tmp_path, names):
    text = (
        "trip;place;tonnes;official;unofficial;currency;activity;hours\n"
        "a;dostyk;18,5;10;;;customs;1\n"
        "b;dostyk;x;10;5;kzt;dancing;2\n"
    )
    plain = form(tmp_path, text, names)
    assert [(column, code) for column, code, _ in told(plain)] == [
        ("tonnes", "C203"), ("official", "V116"), ("tonnes", "V108"),
    ]  # fmt: skip
    assert plain.payments.select("kind", "amount", "currency").rows() == [
        ("official", 10.0, "KZT"), ("unofficial", 5.0, "KZT"),
    ]  # fmt: skip
    strange = plain.witnesses.filter(activity="x90_unknown_stop")
    assert strange["label"].to_list() == ["dancing"]
    assert plain.notices["code"].to_list() == ["V113"]
    commas = form(tmp_path, text, names, Habits(clock="place", decimal_comma=True, currency="USD"))
    assert commas.trips["tonnes"].to_list() == [18.5, None]


def test_many_midnights_are_said(tmp_path, names):
    rows = "".join(f"t{n},dostyk,2026-01-{n + 1:02d} 00:00\n" for n in range(25))
    found = form(tmp_path, "trip,place,arrived\n" + rows, names)
    assert found.notices.select("code", "rows").rows() == [("V112", 25)]
    days = form(
        tmp_path, "trip,place,arrived\n" + rows, names, Habits(clock="place", midnight="day")
    )
    assert "whole days" in days.notices["what"][0]
    widths = (days.witnesses["latest"] - days.witnesses["earliest"]).unique().to_list()
    assert widths == [timedelta(days=1)]


def test_other_alphabets_and_encodings(tmp_path, names):
    text = "рейс,место,прибытие,госномер\nа,Достык,04.03.2026 10:30,А123ВС\n"
    with pytest.raises(Fault) as caught:
        form(tmp_path, text, names, encoding="cp1251")
    assert caught.value.code == "C106"
    assert 'encoding = "cp1251"' in caught.value.hint
    found = form(tmp_path, text, names, Habits(clock="place", encoding="cp1251"), encoding="cp1251")
    assert found.trips["name"].to_list() == ["а"]
    assert found.identities["name"].to_list() == ["A123BC"]  # Cyrillic plates compare as Latin
    marked = form(tmp_path, "\ufeff" + text, names)
    assert marked.witnesses["place"].to_list() == ["dostyk"]


def test_a_header_that_is_not_known_names_the_nearest(tmp_path, names):
    with pytest.raises(Fault) as caught:
        form(tmp_path, "trip,plase,arrived\n", names)
    codes = [fault.code for fault in caught.value.faults]
    assert codes == ["V101", "V102"]
    assert "place" in caught.value.faults[0].nearest


def test_rows_stream(tmp_path):
    """A large form is read row by row: nothing of the file is held but what is taken."""
    from transcaspian.readers.forms.rows import rows_of

    path = Path(tmp_path / "big.csv")
    path.write_text("trip,place\n" + "a,dostyk\n" * 10)
    rows = rows_of(path, HERE)
    assert next(rows)[0] == 0
    path.unlink()  # the stream is open: what follows was not read from the name
    assert [number for number, _ in rows] == list(range(1, 11))
