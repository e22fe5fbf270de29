"""A strict reading of a page: every element closed in order, what is visible, what it loads."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "col", "img", "input", "link"}


@dataclass
class Reading:
    ids: list[str] = field(default_factory=list)
    visible: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.reading = Reading()

    def handle_starttag(self, tag, attrs):
        self._note(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self._note(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> is out of order"

    def handle_data(self, data):
        if self.open and self.open[-1] in {"style", "script"}:
            return
        if data.strip():
            self.reading.visible.append(data.strip())
            if self.open[-1] in {"h1", "h2"}:
                self.reading.headings.append(data.strip())

    def _note(self, tag, attrs):
        self.reading.tags.append(tag)
        for name, value in attrs:
            self.reading.attributes.append((name, value or ""))
            if name == "id":
                self.reading.ids.append(value)
            if name in {"src", "href", "data", "action", "poster", "srcset", "xlink:href"}:
                self.reading.loads.append(value)


def read_page(html: str) -> Reading:
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert not parser.open, f"never closed: {parser.open}"
    return parser.reading
