"""Letters of other alphabets that look like Latin ones."""

from __future__ import annotations

import re

ALIKE = {
    "A": "\u0410\u0391",
    "B": "\u0412\u0392",
    "E": "\u0415\u0395",
    "S": "\u0405",
    "I": "\u0406\u0399",
    "J": "\u0408",
    "K": "\u041a\u039a",
    "M": "\u041c\u039c",
    "H": "\u041d\u0397",
    "N": "\u039d",
    "O": "\u041e\u039f",
    "P": "\u0420\u03a1",
    "C": "\u0421",
    "T": "\u0422\u03a4",
    "X": "\u0425\u03a7",
    "Y": "\u04ae\u03a5",
    "Z": "\u0396",
    "a": "\u0430",
    "e": "\u0435",
    "s": "\u0455",
    "i": "\u0456\u0131",
    "j": "\u0458",
    "k": "\u043a",
    "m": "\u043c",
    "h": "\u04bb",
    "o": "\u043e\u03bf",
    "p": "\u0440",
    "c": "\u0441",
    "t": "\u0442",
    "x": "\u0445",
    "y": "\u0443\u04af",
    "v": "\u03bd",
    "d": "\u0501",
    "q": "\u051b",
    "w": "\u051d",
}
TABLE = {ord(letter): plain for plain, alike in ALIKE.items() for letter in alike}
FOREIGN = re.compile(r"[\u0370-\u052f]")
LATIN = re.compile(r"[A-Za-z]")
WORDS = re.compile(r"[^\W\d_]+")
UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00]")
"""Marks that take no room: of the direction of writing, of joints, of byte order; and NUL."""


def latin(word: str) -> str:
    """The word with letters that only look Latin replaced by the Latin ones they look like."""
    return word if word.isascii() else word.translate(TABLE)


def seen(text: str) -> str:
    """The text as an eye sees it: without the marks that take no room, and without space about."""
    return text.strip() if text.isascii() and "\0" not in text else UNSEEN.sub("", text).strip()


def foreign(text: str) -> tuple[str, ...]:
    """The Cyrillic and Greek letters of a text, each once."""
    return () if text.isascii() else tuple(dict.fromkeys(FOREIGN.findall(text)))


def mixed(text: str) -> tuple[str, ...]:
    """The Cyrillic and Greek letters that stand in one word with Latin ones, each once."""
    if text.isascii():
        return ()
    words = [word for word in WORDS.findall(text) if LATIN.search(word)]
    return foreign("".join(words))


def named(letters: tuple[str, ...]) -> str:
    """The letters with their code points, for eyes that cannot tell them apart."""
    return ", ".join(f"{letter!r} (U+{ord(letter):04X})" for letter in letters)
