"""What messages said so far, while a file of them is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from transcaspian.events.testimony import Testimony, testimony
from transcaspian.readers.forms.form import identity
from transcaspian.readers.forms.stamps import Habits, Stamp, bounds, zone_of
from transcaspian.readers.gazetteer import Gazetteer
from transcaspian.tables.cells import Wrong

Act = tuple[str, str]
"""An activity and its lifecycle."""


@dataclass(slots=True)
class Notebook:
    """The trips, witnesses and rejects of one file of messages."""

    file: str
    run: str
    gazetteer: Gazetteer
    habits: Habits
    trips: dict[str, int] = field(default_factory=dict[str, int])
    counts: dict[int, int] = field(default_factory=dict[int, int])
    ends: dict[int, tuple[str, str]] = field(default_factory=dict[int, tuple[str, str]])
    clusters: dict[int, str] = field(default_factory=dict[int, str])
    names: set[tuple[object, ...]] = field(default_factory=set[tuple[object, ...]])
    witnesses: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    rejects: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    strange: dict[str, int] = field(default_factory=dict[str, int])

    def reject(self, row: int, wrong: Wrong, *, column: str, hash_: str) -> None:
        """Nothing; a message, or a part of it, is told with its reason."""
        self.rejects.append((self.file, row, column, wrong.code, wrong.what, wrong.expected, hash_))

    def trip(self, name: str, identities: Iterable[tuple[str, str]]) -> int:
        """The number of a trip by its name in the source."""
        number = self.trips.setdefault(name, len(self.trips) + 1)
        self.names.update((self.run, number, kind, identity(said)) for kind, said in identities)
        return number

    def say(
        self,
        trip: int,
        place: str,
        *,
        act: Act,
        when: tuple[datetime, datetime],
        zone: str,
        told: tuple[str, str],
    ) -> None:
        """Nothing; one instant of an activity is witnessed. `told`: the words, the row's hash."""
        self.counts[trip] = self.counts.get(trip, 0) + 1
        first, _ = self.ends.get(trip, (place, place))
        self.ends[trip] = (first, place)
        activity, lifecycle = act
        side = self.gazetteer.country[place] or None
        label, hash_ = told
        self.witnesses.append(
            (
                *(self.run, trip, self.counts[trip], place, activity, label or None),
                *(when[0], when[1], None, zone, None, side, lifecycle, "message", hash_),
            )
        )

    def unknown(self, word: str) -> Act:
        """The act of a word that is not in the code list: an unknown stop, and a notice."""
        self.strange[word] = self.strange.get(word, 0) + 1
        return "x90_unknown_stop", "complete"

    def when(self, stamp: Stamp, place: str) -> tuple[tuple[datetime, datetime], str] | Wrong:
        """The instants that a stamp may mean at a place, and the zone it was read in."""
        clock = self.habits.clock
        name = self.gazetteer.zone[place] if clock == "place" else clock
        zone: tzinfo | None = stamp.offset or (zone_of(name) if name else None)
        if zone is None:
            expected = 'an offset, or clock = "place" or an IANA zone in wave.toml'
            return Wrong("V105", f"seen {stamp.local} without a zone", expected)
        low, high = bounds(stamp, zone)
        wrong = self.habits.outside(low, high)
        return wrong or ((low, high), name if stamp.offset is None else str(stamp.offset))

    def testimony(self) -> Testimony:
        """What the file said."""
        trips = [
            (
                *(self.run, number, name, None, None, None),
                *(*self.ends[number], None, None, None, 1.0, None, None),
                self.clusters.get(number),
            )
            for name, number in self.trips.items()
            if number in self.ends
        ]
        notices = [
            (self.file, "V113", count, f"act {word!r} is not known; kept as an unknown stop")
            for word, count in sorted(self.strange.items())
        ]
        known = {row[1] for row in trips}
        return testimony(
            trips=trips,
            witnesses=self.witnesses,
            identities=sorted((row for row in self.names if row[1] in known), key=str),
            rejects=self.rejects,
            notices=notices,
        )


def at_once(instant: datetime) -> tuple[datetime, datetime]:
    """The bounds of an instant that is known to the second."""
    return instant, instant


def whole_day(local: datetime) -> Stamp:
    """The stamp of a date without an hour."""
    return Stamp(local, timedelta(days=1))
