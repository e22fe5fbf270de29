import unicodedata

import pytest

from transcaspian.tables.letters import ALIKE, TABLE, foreign, latin, mixed


def test_every_letter_of_the_table_is_foreign_and_stands_for_one_of_the_same_case():
    for code, plain in TABLE.items():
        name = unicodedata.name(chr(code))
        assert name.startswith(("CYRILLIC", "GREEK", "LATIN SMALL LETTER DOTLESS"))
        assert chr(code).isupper() == plain.isupper(), name
        assert plain.isascii()
    assert sum(map(len, ALIKE.values())) == len(TABLE)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("aktau_port", ()),
        ("\u0430ktau_port", ("\u0430",)),
        ("\u0410\u043a\u0442\u0430\u0443", ()),
        ("port \u0410\u043a\u0442\u0430\u0443", ()),
        ("port_\u0410\u043a\u0442\u0430\u0443", ()),
        ("p\u043er\u0442", ("\u043e", "\u0442")),
        ("T\u00fcrkiye", ()),
    ],
)
def test_only_words_in_which_alphabets_meet_are_mixed(text, letters):
    assert mixed(text) == letters


def test_look_alikes_become_what_they_look_like():
    assert latin("\u0430kt\u0430u") == "aktau"
    assert foreign("\u0430kt\u0430u") == ("\u0430",)
