"""The folder of a wave, ready to be filled: settings, forms in three languages, side tables."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.declared.geography import NAMES
from transcaspian.readers.forms.words import LANGUAGES, activity_title, title
from transcaspian.readers.wave import COUNTS, RATES, SAMPLE
from transcaspian.tables.store import whole_folder, write_whole
from transcaspian.tables.vocabulary import vocabulary

BEFORE = (
    "trip",
    "carrier",
    "driver",
    "vehicle",
    "equipment",
    "consignment",
    "mode",
    "unit",
    "goods",
    "tonnes",
    "origin",
    "destination",
    "cluster",
    "stop",
    "place",
    "country",
    "zone",
)
WIDE = ("arrived", "departed")
LONG = ("activity", "started", "ended", "hours")
AFTER = ("official", "unofficial", "currency", "remark")
ASKED = {
    "road": (
        "wait_queue",
        "r01_border_security",
        "r02_customs",
        "r03_health_quarantine",
        "r04_phyto",
        "r05_vet",
        "r06_visa_immigration",
        "r09_transport_inspect",
        "r10_weight_standard",
        "r13_escort_convoy",
        "r14_load_unload",
        "r16_permit_wait",
        "r19_scan_xray",
        "r20_seal",
    ),
    "rail": (
        "t05_gauge_transload",
        "t06_bogie_change",
        "t07_wagon_pickup",
        "t09_classify",
        "t10_doc_error",
        "t11_doc_reissue",
        "t12_customs_rail",
        "t13_tech_inspect",
        "t14_comm_inspect",
        "t15_sanitary",
        "t16_wait_train",
    ),
    "sea": (
        "p01_gate_in",
        "p02_gate_out",
        "p03_port_store",
        "p04_wait_vessel",
        "p05_weather_closed",
        "p08_load_vessel",
        "p09_discharge",
        "wait_berth",
    ),
}
"""The activities that the form of each surface asks for, in columns of their own."""
HOURS = {"en": "h", "ru": "ч", "ja": "時間"}
SETTINGS = """# How this wave's people write. Every line is explained in docs/survey.md.
name = "wave_1"                  # lower-snake word: the run of the log
title = "Survey wave 1"
starts = {year}-04-01
ends = {year}-06-30
clock = "place"                  # times without a zone are local where they were noted
date_order = ""                  # "dmy" or "mdy", where dates have slashes
century = 0                      # 2000, where years have two digits
decimal_comma = false
encoding = "utf-8"               # or "cp1251"
currency = ""                    # of sums that name none
midnight = "hour"                # "day", where 00:00 stands for an unknown hour
publish_from = 10                # fewest effective trips behind a published cell
payments_from = 20               # fewest trips behind a published sum of unofficial payments
"""
READ_ME = """# A survey wave

- `wave.toml`: how people write; read it first.
- `forms/`: filled forms, CSV or XLSX. Blank ones are in `templates/`, wide (a row a stop) and long
  (a row an activity), in English, Russian and Japanese. Blank is unknown, never zero.
- `tracks/`: positions as CSV, GPX, GeoJSON or MF-JSON, times with their zone.
- `messages/`: EPCIS 2.0 (.jsonld), DCSA (.json), IFTSTA (.edi), and stamps (NAME.smgs.csv,
  NAME.etir.csv).
- `events/`: long events that another system made.
- `counts.csv`: official traffic; `sample.csv`: design weights; `rates.csv`: dollars for one unit of
  a currency; `names.csv`: names of places that the corridor does not know; `zones.geojson`: fences,
  if there are any.

Then: `transcaspian survey release THIS_FOLDER --out DIR`
"""


def write_template(folder: Path, corridor: Corridor) -> None:
    """Nothing; the folder of a wave stands whole: settings, blank forms and side tables.

    Errors: O101 when the folder exists, O102 when it cannot be written.
    """
    with whole_folder(folder) as inside:
        for name in ("forms", "tracks", "messages", "events", "templates"):
            (inside / name).mkdir()
        write_whole(inside / "wave.toml", SETTINGS.format(year=corridor.about.base_year).encode())
        write_whole(inside / "README.md", READ_ME.encode())
        for table in (COUNTS, SAMPLE, RATES, NAMES):
            write_whole(inside / f"{table.name}.csv", (",".join(table.names) + "\n").encode())
        for language in LANGUAGES:
            for network, codes in ASKED.items():
                _write_book(
                    inside / "templates" / f"wide_{network}_{language}.xlsx", _wide(codes, language)
                )
            _write_book(inside / "templates" / f"long_{language}.xlsx", _long(language))
        with (inside / "templates" / "wide_road_en.csv").open(
            "w", encoding="utf-8", newline=""
        ) as stream:
            csv.writer(stream, lineterminator="\n").writerow(
                header for header, _ in _wide(ASKED["road"], "en")
            )


Header = tuple[str, str]
"""The word of a column, and what it asks for in the language of the form."""


def _wide(codes: tuple[str, ...], language: str) -> list[Header]:
    asked = [(f"{activity_title(code, language)} ({HOURS[language]})", "") for code in codes]
    return [*_words((*BEFORE, *WIDE), language), *asked, *_words(AFTER, language)]


def _long(language: str) -> list[Header]:
    return _words((*BEFORE, *LONG, *AFTER), language)


def _words(columns: tuple[str, ...], language: str) -> list[Header]:
    return [(title(column, language), column) for column in columns]


def _write_book(path: Path, headers: list[Header]) -> None:
    """Nothing; a workbook with one sheet of headers, and one that lists the words to use."""
    from openpyxl import Workbook  # noqa: PLC0415  # heavy, and only for workbooks
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415  # as above

    book = Workbook()
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)  # noqa: DTZ001  # the same bytes each time
    sheet = book.active
    if sheet is None:
        message = "a new workbook has no sheet"
        raise RuntimeError(message)
    sheet.title = "trips"
    sheet.append([word for word, _ in headers])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    codes = book.create_sheet("codes")
    language = path.stem.rpartition("_")[2]
    for code in vocabulary("activities")["code"]:
        codes.append([code, activity_title(str(code), language)])
    book.save(path)
