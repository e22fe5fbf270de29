import importlib.util
import re
from pathlib import Path

import polars as pl
import pytest

from transcaspian.corridor.tables import TABLES
from transcaspian.events.declarations import LOG
from transcaspian.tables.describe import describe, describe_codes
from transcaspian.tables.schema import Column, Table

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("pages", ROOT / "tools" / "make_data_model.py")
PAGES = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(PAGES)


@pytest.mark.parametrize(("name", "text"), PAGES.pages().items(), ids=lambda value: value[:20])
def test_the_pages_are_fresh(name, text):
    stands = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert stands == text, "run python tools/make_data_model.py"


def test_every_table_and_every_column_has_its_line():
    page = PAGES.pages()["data-model.md"]
    for table in [*TABLES.values(), *LOG.values()]:
        section = page.split(f"### {table.name}\n")[1].split("\n### ")[0]
        for column in table.columns:
            assert f"| `{column.name}` |" in section


def test_every_link_within_the_page_leads_somewhere():
    page = PAGES.pages()["data-model.md"]
    headings = set(re.findall(r"^### (\S+)$", page, flags=re.MULTILINE))
    assert set(re.findall(r"\(#([\w-]+)\)", page)) <= headings


def test_a_table_by_hand():
    table = Table(
        "things",
        "Things.",
        (
            Column("thing", "str", "Word."),
            Column("size_km", "float", "Size.", unit="km", cited=True, above=0, most=5),
            Column("kinds", "str", "Kinds.", null=True, many=True, choices=("a", "b")),
            Column("flag", "bool", "Flag.", default=False),
        ),
        key=("thing",),
    )
    assert describe(table) == (
        "### things\n"
        "\n"
        "Things.\n"
        "\n"
        "Key: `thing`. Each row names its `source` and `status`. Version 1.\n"
        "\n"
        "| column | type | unit | rules | meaning |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| `thing` | word |  |  | Word. |\n"
        "| `size_km` | number | km | above 0 and at most 5; cited | Size. |\n"
        "| `kinds` | words, by `;` |  | may be blank; a \\| b | Kinds. |\n"
        "| `flag` | yes or no |  | default no | Flag. |\n"
    )


def test_codes_stand_under_their_parents():
    codes = pl.DataFrame(
        {
            "version": ["1", "1", "1", "1"],
            "code": ["b", "a", "a1", "b1"],
            "parent": [None, None, "a", "b"],
            "name": ["B", "A", "A one", "B one"],
        }
    )
    lines = describe_codes("list", codes, columns=["name"]).splitlines()
    assert [line.split("`")[1] for line in lines if "`" in line] == ["b", "b1", "a", "a1"]
    assert lines[2] == "Version 1; 4 codes."
