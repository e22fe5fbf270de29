"""Which rows a kind is about, from the words of its parameters."""

from __future__ import annotations

from transcaspian.corridor.patch import Value, Values
from transcaspian.errors import Fault, Where

Rows = dict[str, Values]


def values(words: str | list[str]) -> Values:
    """One word or several, as a condition holds them."""
    return words if isinstance(words, str) else list[Value](words)


def only(**conditions: str | list[str] | None) -> Rows:
    """The conditions that are given."""
    return {name: values(value) for name, value in conditions.items() if value is not None}


FOLLOWED = {
    "place": "procedure.place",
    "country": "procedure.place.country",
    "mode": "procedure.mode_in",
    "event": "procedure.event",
}
"""What a parameter says of the procedure that a stage belongs to."""


def stages(stage: str | list[str], **words: str | list[str] | None) -> Rows:
    """Condition for one or more stages of the procedures that are named, or of those of some places
    or countries; `mode` is how the trip arrives, `event` as in the table of procedures, other words
    are columns of the stages.

    Errors: P105 when neither procedures nor places nor countries are named.
    """
    if all(words.get(name) is None for name in ("procedure", "place", "country")):
        raise Fault(
            "P105",
            f"the stage {stage} of which procedures?",
            where=Where(column="procedure"),
            expected="procedure, place or country",
        )
    return only(stage=stage, **{FOLLOWED.get(name, name): words[name] for name in words})
