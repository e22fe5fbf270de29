"""The people of a made-up wave: who tells, in which language, how exactly, how faultily."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

UNITS_MIN = (1, 5, 15, 30, 60)
UNIT_SHARES = (0.15, 0.25, 0.25, 0.2, 0.15)
RUSSIAN = ("KZ", "KG", "UZ", "TJ", "TM")
JAPANESE = 0.2
"""The share of forms from the far end of the route that forwarders fill in Japanese."""
FORM_SHARE = 0.8
TRACK_SHARE = 0.55
LETTERS = np.array(list("ABCEHKMOPTX"))


@dataclass(frozen=True, slots=True)
class Faults:
    """How often what goes wrong, as shares of rows unless said otherwise."""

    no_departure: float = 0.06
    no_arrival: float = 0.02
    swapped: float = 0.01
    short_year: float = 0.006
    serial: float = 0.003
    unknown_place: float = 0.004
    strange_word: float = 0.01
    no_currency: float = 0.01
    home_clock: float = 0.03
    """Of drivers: they keep the clock of their home."""
    told_twice: float = 0.02
    """Of trips with a form: another association tells them too."""
    copied: float = 0.02
    """Of trips with a form: the stays are those of another trip."""
    half_track: float = 0.12
    """Of tracks: they begin or end on the way."""
    silent: float = 0.04
    """Of tracks: a silence of half a day."""
    jump: float = 0.0005
    """Of fixes."""


FAULTS = Faults()


def cast(trips: pl.DataFrame, homes: dict[str, str], *, rng: np.random.Generator) -> pl.DataFrame:
    """The trips with who speaks of them and how.

    Shape: the columns of the trips and: name, home (country), carrier, language, unit_min (the
    grid of its driver), form, track (whether there is one), home_clock, twice, copied, vehicle,
    equipment, consignment, ping_h (of its tracker).
    """
    count = trips.height
    home = [homes.get(place) or "XX" for place in trips["origin"]]
    rail = trips["unit"].is_in(["wagon", "container"]).to_numpy()
    carrier = [
        f"{code.lower()}_association_{number}"
        for code, number in zip(home, rng.integers(1, 3, count), strict=True)
    ]
    language = [
        "ru" if code in RUSSIAN else "ja" if code == "CN" and luck < JAPANESE else "en"
        for code, luck in zip(home, rng.random(count), strict=True)
    ]  # one in five
    pings = np.where(rail, rng.choice([3.0, 6.0], count), rng.choice([1 / 6, 0.25, 0.5], count))
    form = rng.random(count) < FORM_SHARE
    copied = form & ~rail & (rng.random(count) < FAULTS.copied)
    return trips.with_columns(
        pl.Series("name", [f"t{number:06d}" for number in range(1, count + 1)]),
        pl.Series("home", home),
        pl.Series("carrier", carrier),
        pl.Series("language", language),
        pl.Series("unit_min", rng.choice(UNITS_MIN, count, p=UNIT_SHARES)),
        pl.Series("form", form),
        pl.Series("track", rng.random(count) < TRACK_SHARE),
        pl.Series("home_clock", ~rail & (rng.random(count) < FAULTS.home_clock)),
        pl.Series("twice", form & ~rail & (rng.random(count) < FAULTS.told_twice)),
        pl.Series("copied", copied),
        pl.Series(
            "vehicle",
            [
                None if on_rail else plate
                for on_rail, plate in zip(rail, _plates(count, rng), strict=True)
            ],
            dtype=pl.String,
        ),
        pl.Series("equipment", _equipment(trips["unit"].to_list(), rng), dtype=pl.String),
        pl.Series(
            "consignment", [f"{90_000_000 + int(number)}" for number in rng.permutation(count)]
        ),
        pl.Series("ping_h", pings),
    )


def _plates(count: int, rng: np.random.Generator) -> list[str]:
    numbers = rng.permutation(900_000)[:count] + 100_000
    letters = LETTERS[rng.integers(0, len(LETTERS), (count, 3))]
    return [f"{number}{''.join(row)}" for number, row in zip(numbers, letters, strict=True)]


def _equipment(units: list[str], rng: np.random.Generator) -> list[str | None]:
    numbers = rng.permutation(9_000_000)[: len(units)] + 1_000_000
    made = {"container": "TCSU{}", "wagon": "5{}"}
    return [
        made[unit].format(number) if unit in made else None
        for unit, number in zip(units, numbers, strict=True)
    ]
