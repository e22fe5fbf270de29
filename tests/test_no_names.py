"""No place, country or crossing of the shipped corridor is named in the source code."""

from __future__ import annotations

import csv
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "transcaspian"
DATA = SOURCE / "data" / "trans_caspian"

# Parts of names on the map that are also plain words, and why the code may use them.
ORDINARY = {
    "transcaspian": "the name of the package",
    "caspian": "part of the name of the package",
    **dict.fromkeys(
        (
            "rail",
            "railway",
            "road",
            "port",
            "station",
            "terminal",
            "gateway",
            "bridge",
            "gauge",
            "border",
            "post",
            "customs",
            "container",
            "canal",
            "strait",
            "yard",
            "ferry",
            "city",
        ),
        "a word of the trade: what a place is, not which",
    ),
    **dict.fromkeys(("north", "south", "east", "west", "side"), "a direction"),
    **dict.fromkeys(
        ("most", "under", "said", "good", "hope", "cape", "united", "planned", "republic"),
        "an English word that also ends a name or stands inside one",
    ),
}
PIECE = re.compile(r"[^\W_]+")
FEWEST_LETTERS = 4  # shorter words are syllables and codes that stand in any English text


def column(table: str, name: str) -> set[str]:
    with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return {row[name] for row in csv.DictReader(file) if row[name]}


def names() -> set[str]:
    """Every name to look for, in lower case: ids, names, and the parts of names."""
    ids = {
        word
        for table, key in (
            ("places", "place"),
            ("links", "link"),
            ("procedures", "procedure"),
            ("resources", "resource"),
            ("services", "service"),
            ("fleets", "fleet"),
            ("flows", "flow"),
        )
        for word in column(table, key)
    }
    told = column("places", "name") | column("countries", "name")
    parts = {part for word in told | column("places", "place") for part in PIECE.findall(word)}
    known = {word.lower() for word in ids | told | parts if len(word) >= FEWEST_LETTERS}
    return known - ORDINARY.keys()


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def found_in(text: str, known: set[str]) -> set[str]:
    """The names that occur as whole words, also inside a longer identifier or sentence."""
    lower = text.lower()
    single = set(PIECE.findall(lower)) | set(re.findall(r"\w+", lower))
    several = {word for word in known if not re.fullmatch(r"\w+", word)}
    return (known & single) | {
        word for word in several if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", lower)
    }


def test_no_place_of_the_corridor_is_named_in_the_code():
    known = names()
    assert len(known) > 500, "the shipped corridor was not read"
    named = [
        f"{path.relative_to(ROOT)}:{number} names {', '.join(sorted(found))}"
        for path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (found := found_in(line, known))
    ]
    assert not named, "\n" + "\n".join(named)


def test_a_name_would_be_found_however_it_is_written():
    known = {"saint_port", "saint port", "northland"}
    assert found_in('if place == "saint_port":', known) == {"saint_port"}
    assert found_in("# the cranes of Saint Port", known) == {"saint port"}
    assert found_in("northland_share = 0.3", known) == {"northland"}
    assert found_in("a saintly portage in the northlands", known) == set()
