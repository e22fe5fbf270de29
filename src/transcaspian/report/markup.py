"""Safe pieces of HTML and SVG: plain text is escaped on its way in, markup is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

Attribute = str | float | None
VOID = frozenset({"br", "circle", "col", "hr", "line", "meta", "path", "rect"})
SELF_CLOSED = frozenset({"circle", "line", "path", "rect"})
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | None


def text(child: Child) -> Markup:
    """The child as markup: escaped when it is plain text, as it is when it is markup."""
    if child is None:
        return Markup("")
    if isinstance(child, Markup):
        return child
    return Markup(escape(UNPRINTABLE.sub("", child)))


def join(children: Iterable[Child], between: Child = "") -> Markup:
    """The children as one piece of markup."""
    return Markup(text(between).join(text(child) for child in children))


def tag(name: str, *children: Child, **attributes: Attribute) -> Markup:
    """One element; `class_` becomes class, other underscores become hyphens, None is left out."""
    head = name + "".join(
        f' {_attribute(key)}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in SELF_CLOSED and not children:
        return Markup(f"<{head}/>")
    if name in VOID and not children:
        return Markup(f"<{head}>")
    return Markup(f"<{head}>{join(children)}</{name}>")


def _attribute(key: str) -> str:
    return "viewBox" if key == "viewBox" else key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return escape(UNPRINTABLE.sub("", value))
    return short(value)


def short(value: float) -> str:
    """A coordinate with at most two decimals and nothing to spare."""
    word = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if word in ("", "-0") else word


def percent(share: float) -> str:
    """A share of the width as a coordinate of a figure that stretches with the page."""
    return short(100 * share) + "%"


def slug(word: str) -> str:
    """The word as part of an id or a class name."""
    return re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-") or "x"
