"""Names on a picture, placed so that none covers another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from transcaspian.report.figures.projection import Point

EDGE = 2.0
NARROW, WIDE = set("iljtf.,:;'|!I1()[] r"), set("mwMW@%")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the picture."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """A name that would like to stand beside a point."""

    words: str
    point: Point
    radius: float
    size: float = 11.0


@dataclass(frozen=True, slots=True)
class Label:
    """A name that has its place."""

    words: str
    x: float
    y: float
    anchor: str
    size: float
    box: Box


def text_width(words: str, size: float) -> float:
    """A careful guess of the width of the words in a system sans serif, in pixels."""
    share = sum(
        0.33 if letter in NARROW else 0.88 if letter in WIDE else 0.7 if letter.isupper() else 0.58
        for letter in words
    )
    return share * size


def fitted(words: str, room: float, size: float) -> str:
    """The words, without what stands in brackets and cut short where they do not fit."""
    if text_width(words, size) <= room:
        return words
    words = re.sub(r"\s*\([^)]*\)", "", words).split(" / ", maxsplit=1)[0].strip() or words
    while len(words) > 1 and text_width(words + "\u2026", size) > room:
        words = words[:-1].rstrip()
        if text_width(words + "\u2026", size) <= room:
            return words + "\u2026"
    return words


def around(point: Point, radius: float) -> Box:
    """The box of a circle."""
    return Box(point[0] - radius, point[1] - radius, point[0] + radius, point[1] + radius)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where names may stand: inside the picture, on nothing taken, on lines only if need be."""

    width: float
    height: float
    taken: list[Box]
    lines: list[Box]

    def free(self, box: Box) -> bool:
        """Whether the box lies inside the picture and on nothing that is taken."""
        inside = (
            box.left >= EDGE
            and box.top >= EDGE
            and box.right <= self.width - EDGE
            and box.bottom <= self.height - EDGE
        )
        return inside and not any(box.meets(other) for other in self.taken)

    def crossed(self, box: Box) -> int:
        """How many pieces of line run under the box."""
        return sum(box.meets(other) for other in self.lines)


def placed(wishes: Sequence[Wish], ground: Ground, *, most: int = 40) -> list[Label]:
    """The names that fit, the first wishes first; a name that fits nowhere is left out."""
    labels: list[Label] = []
    for wish in wishes:
        if len(labels) == most:
            break
        free = [label for label in _candidates(wish) if ground.free(label.box)]
        if free:
            best = min(free, key=lambda label: ground.crossed(label.box))
            labels.append(best)
            ground.taken.append(best.box)
    return labels


def _candidates(wish: Wish) -> Iterable[Label]:
    x, y = wish.point
    for gap in (wish.radius + 3, wish.radius + 9):
        slant = 0.75 * gap
        yield _label(wish, x + gap, y + 0.35 * wish.size, "start")
        yield _label(wish, x - gap, y + 0.35 * wish.size, "end")
        yield _label(wish, x, y - gap - 1, "middle")
        yield _label(wish, x, y + gap + 0.8 * wish.size, "middle")
        yield _label(wish, x + slant, y - slant, "start")
        yield _label(wish, x - slant, y - slant, "end")
        yield _label(wish, x + slant, y + slant + 0.75 * wish.size, "start")
        yield _label(wish, x - slant, y + slant + 0.75 * wish.size, "end")


def _label(wish: Wish, x: float, y: float, anchor: str) -> Label:
    wide = text_width(wish.words, wish.size)
    left = {"start": x, "end": x - wide, "middle": x - wide / 2}[anchor]
    box = Box(left - 1, y - 0.82 * wish.size, left + wide + 1, y + 0.28 * wish.size)
    return Label(wish.words, x, y, anchor, wish.size, box)
