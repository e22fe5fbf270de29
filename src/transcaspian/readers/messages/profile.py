"""SMGS consignment notes, eTIR acts and customs time release stamps as CSV: a row a stamp."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from transcaspian.errors import Fault, Faults, Where
from transcaspian.events.testimony import Testimony, row_hash
from transcaspian.readers.forms.rows import rows_of
from transcaspian.readers.forms.stamps import Habits, stamp_of
from transcaspian.readers.forms.words import head, plain
from transcaspian.readers.gazetteer import Gazetteer
from transcaspian.readers.messages.notebook import Act, Notebook
from transcaspian.tables.cells import Wrong
from transcaspian.tables.vocabulary import vocabulary

PROFILES = {"smgs": "rail", "etir": "road", "trs": ""}
"""Each profile with the surface its consignments move on; a time release study knows all."""
NEEDED = ("consignment", "place", "activity", "arrived")
OTHERS = {
    **dict.fromkeys(("act", "stamp", "operation"), "activity"),
    **dict.fromkeys(("time", "date", "stamped", "instant", "at"), "arrived"),
    **dict.fromkeys(("office", "customs office", "station code"), "place"),
    **dict.fromkeys(("guarantee", "guarantee number", "carnet number"), "consignment"),
}


@cache
def acts(profile: str) -> dict[str, Act]:
    """Each act of a profile with its activity and lifecycle."""
    rows = vocabulary("message_profiles").filter(profile=profile).drop("profile")
    return {act: (activity, end) for act, activity, end in rows.iter_rows()}


def read_profile(path: Path, gazetteer: Gazetteer, *, run: str, habits: Habits) -> Testimony:
    """What the stamps of a file NAME.PROFILE.csv said.

    Columns: consignment, place, act, time; equipment, vehicle and train where known. A stamp
    without an hour is the whole day. A customs act is an activity, never an arrival.

    Errors: V115 for a profile that is not known, V102 for a column that is missing.
    """
    profile = path.name.removesuffix(".csv").rpartition(".")[2]
    if profile not in PROFILES:
        raise Fault(
            "V115",
            f"profile {profile!r}",
            where=Where(file=path.name),
            expected="a name that ends in " + " or ".join(f".{name}.csv" for name in PROFILES),
        )
    book = Notebook(path.name, run, gazetteer, habits)
    heads: tuple[str, ...] = ()
    for number, cells in rows_of(path, habits):
        if number == 0:
            heads = _heads(path, cells)
            continue
        hash_ = row_hash(cells)
        said = {
            name: cell for name, cell in zip(heads, cells, strict=False) if cell not in {None, ""}
        }
        wrong = _take(book, said, profile=profile, habits=habits, hash_=hash_)
        if wrong is not None:
            book.reject(number, wrong, column="", hash_=hash_)
    return book.testimony()


def _heads(path: Path, cells: Sequence[object]) -> tuple[str, ...]:
    words = [str(cell or "") for cell in cells]
    known = [OTHERS.get(plain(word)) or getattr(head(word), "column", "") for word in words]
    lost = [name for name in NEEDED if name not in known]
    if lost:
        raise Faults(
            Fault("V102", f"no {name}", where=Where(file=path.name), expected=f"a column {name}")
            for name in lost
        )
    return tuple(known)


def _take(
    book: Notebook, said: dict[str, object], *, profile: str, habits: Habits, hash_: str
) -> Wrong | None:
    lost = [name for name in NEEDED if name not in said]
    if lost:
        return Wrong("C201", f"no {' and no '.join(lost)}", "a whole stamp")
    place = book.gazetteer.place(str(said["place"]), network=PROFILES[profile])
    if isinstance(place, Wrong):
        return place
    stamp = stamp_of(said["arrived"], habits)
    if isinstance(stamp, Wrong):
        return stamp
    when = book.when(stamp, place)
    if isinstance(when, Wrong):
        return when
    act = plain(str(said["activity"])).replace(" ", "_")
    known = acts(profile).get(act) or book.unknown(act)
    note = str(said["consignment"])
    names = [("consignment", note)]
    names[:0] = [(kind, str(said[kind])) for kind in ("equipment", "vehicle") if kind in said]
    trip = book.trip(note, names)
    if "cluster" in said:
        book.clusters.setdefault(trip, str(said["cluster"]))
    book.say(trip, place, act=known, when=when[0], zone=when[1], told=(act, hash_))
    return None
