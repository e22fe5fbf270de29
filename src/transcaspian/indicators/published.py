"""Published figures beside simulated ones."""

from __future__ import annotations

import math

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.tally import Tally, summed
from transcaspian.indicators.border import border_hours, country_border_hours
from transcaspian.indicators.capacity import volumes
from transcaspian.indicators.cost import corridor_cost
from transcaspian.indicators.door import door_to_door
from transcaspian.indicators.routes import Found, Routes, Row
from transcaspian.indicators.runs import over_runs, ratio
from transcaspian.network import itineraries

SCHEMA = {
    "figure": pl.String,
    "quantity": pl.String,
    "what": pl.String,
    "kind": pl.String,
    "year": pl.Int64,
    "edition": pl.String,
    "unit": pl.String,
    "published": pl.Float64,
    "published_low": pl.Float64,
    "published_high": pl.Float64,
    "simulated": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "runs": pl.Int64,
    "ratio": pl.Float64,
    "miss": pl.Float64,
    "inside": pl.Boolean,
    "why_not": pl.String,
    "note": pl.String,
    "source": pl.String,
    "status": pl.String,
}
FAR = 1.25
Lookup = dict[tuple[str, ...], Found]


def published_against_simulated(
    corridor: Corridor, tally: Tally, *, present: tuple[Corridor, Tally] | None = None
) -> pl.DataFrame:
    """Every published figure with the simulated one beside it, largest miss first.

    A figure of a year after the base year is held against the present, when it is given.

    A figure is inside when the simulated one lies within the range printed, or, where one value is
    printed, within a quarter of it either way. Earlier editions of a figure stand only by their
    latest year up to the base year. `why_not` says why a figure has no simulated one.

    Shape: as SCHEMA; miss is the absolute logarithm of the ratio.
    """
    base = _Desk(corridor, tally, base=True)
    later = _Desk(*present, base=False) if present is not None else base
    year = corridor.about.base_year
    rows = [
        _held(row, later if row["year"] > year else base)
        for row in _latest(corridor).iter_rows(named=True)
    ]
    frame = pl.DataFrame(rows, schema=SCHEMA)
    return frame.sort(pl.col("miss"), "figure", descending=[True, False], nulls_last=True)


def simulated_figures(
    corridor: Corridor, tally: Tally, *, ways: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The simulated value of every published figure that the model has one for, whatever its year.

    `ways` are the rows of the itineraries, where they are known already.

    Shape: figure, value.
    """
    desk = _Desk(corridor, tally, base=True, ways=ways)
    rows = [
        (row["figure"], found[0])
        for row in corridor.table("published").iter_rows(named=True)
        if (found := _simulated(row, desk)[0]) is not None
    ]
    return pl.DataFrame(rows, schema={"figure": pl.String, "value": pl.Float64}, orient="row")


def _latest(corridor: Corridor) -> pl.DataFrame:
    """Of each series the latest year up to the base year; single statements all."""
    frame = corridor.table("published")
    series = ["quantity", "place", "country", "network", "direction"]
    surveyed = (pl.col("kind") == "survey") & pl.col("origin").is_null()
    known = frame.filter(surveyed & (pl.col("year") <= corridor.about.base_year))
    last = known.sort("year", maintain_order=True).group_by(series, maintain_order=True).last()
    return pl.concat([last.select(frame.columns), frame.filter(~surveyed)])


class _Desk:
    """The simulated figures, looked up by what they are of."""

    def __init__(
        self, corridor: Corridor, tally: Tally, *, base: bool, ways: pl.DataFrame | None = None
    ) -> None:
        self.corridor = corridor
        self.ways = itineraries(corridor).frame if ways is None else ways
        self.tally = tally
        self.edition = "base year" if base else "present"
        self.names = dict(corridor.table("places").select("place", "name").iter_rows())
        self.countries = dict(corridor.table("countries").select("country", "name").iter_rows())
        keys = ["place", "network", "direction"]
        self.border = _lookup(self._crossings(), keys)
        self.country = _lookup(
            country_border_hours(corridor, tally), ["country", "network", "direction"]
        )
        self.cost = _lookup(corridor_cost(corridor, tally), ["country", "network"])
        self.volume = _lookup(volumes(corridor, tally), ["total", "quantity"])
        self.door = _lookup(door_to_door(corridor, tally), ["flow"])
        self.paid = self._paid()
        self.route = Routes(corridor, tally)

    def _crossings(self) -> pl.DataFrame:
        """Border hours by post, the gauge yard behind a post counted with it."""
        kinds = dict(self.corridor.table("places").select("place", "kind").iter_rows())
        yards = {
            (row["destination"] if kinds[row["destination"]] == "gauge_break" else row["origin"]): (
                row["origin"] if kinds[row["destination"]] == "gauge_break" else row["destination"]
            )
            for row in self.corridor.table("links").iter_rows(named=True)
            if "gauge_break" in {kinds[row["origin"]], kinds[row["destination"]]}
            and "border_post" in {kinds[row["origin"]], kinds[row["destination"]]}
        }
        own = border_hours(self.corridor, self.tally)
        extra = (
            self.tally.visits.filter(pl.col("place").is_in(list(yards)))
            .group_by("place", maintain_order=True)
            .agg((summed("dwell_h") / pl.col("n").sum()).alias("more"))
        )
        more = {yards[place]: hours for place, hours in extra.iter_rows()}
        add = (
            pl.when((pl.col("network") == "rail") & (pl.col("direction") == "inbound"))
            .then(pl.col("place").replace_strict(more, default=0.0, return_dtype=pl.Float64))
            .otherwise(0.0)
        )
        return own.with_columns((pl.col(name) + add) for name in ("value", "low", "high"))

    def _paid(self) -> Lookup:
        """Mean payments of a crossing, by post, network and direction."""
        keys = ["place", "network", "direction"]
        ways = (
            self.ways.filter(pl.col("op") == "serve")
            .select("flow", *keys)
            .unique(subset=["flow", "place"], maintain_order=True)
        )
        paid = (
            self.tally.payments.join(ways, on=["flow", "place"], how="inner", maintain_order="left")
            .group_by("run", *keys, maintain_order=True)
            .agg(summed("usd"))
        )
        visits = self.tally.visits.select("run", *keys, "n")
        both = visits.join(paid, on=["run", *keys], how="inner", maintain_order="left")
        return _lookup(ratio(both, "usd", "n", by=keys, drawn=self.tally.drawn), keys)


def _lookup(frame: pl.DataFrame, keys: list[str]) -> Lookup:
    return {
        tuple(str(row[key]) for key in keys): (row["value"], row["low"], row["high"], row["runs"])
        for row in frame.iter_rows(named=True)
    }


def _held(row: Row, desk: _Desk) -> Row:
    found, why = _simulated(row, desk)
    value, low, high, runs = found or (None, None, None, 0)
    ratio = value / row["value"] if value and row["value"] else None
    return {
        "figure": row["figure"],
        "quantity": row["quantity"],
        "what": _what(row, desk),
        "kind": row["kind"],
        "year": row["year"],
        "edition": desk.edition,
        "unit": row["unit"],
        "published": row["value"],
        "published_low": row["low"],
        "published_high": row["high"],
        "simulated": value,
        "low": low,
        "high": high,
        "runs": runs,
        "ratio": ratio,
        "miss": abs(math.log(ratio)) if ratio else None,
        "inside": _inside(row, value),
        "why_not": why,
        "note": row["note"],
        "source": row["source"],
        "status": row["status"],
    }


def _inside(row: Row, value: float | None) -> bool | None:
    if value is None:
        return None
    low = row["low"] if row["low"] is not None else row["value"]
    high = row["high"] if row["high"] is not None else row["value"]
    if low == high:
        low, high = low / FAR, high * FAR
    return bool(low <= value <= high)


def _what(row: Row, desk: _Desk) -> str:
    """What the figure is of, in words."""
    if row["origin"] or row["destination"]:
        ends = [
            desk.names.get(row[end], "?") if row[end] else "?" for end in ("origin", "destination")
        ]
        return f"{ends[0]} to {ends[1]}"
    parts = [
        desk.names.get(row["place"], "") if row["place"] else desk.countries.get(row["country"], "")
    ]
    parts += [word for word in (row["network"], row["direction"]) if word]
    return " ".join(part for part in parts if part) or row["figure"].replace("_", " ")


def _simulated(row: Row, desk: _Desk) -> tuple[Found | None, str]:
    """The simulated figure, or why there is none."""
    find = FINDERS.get(row["quantity"])
    return find(row, desk) if find else (None, "the model has no figure of this sort")


def _border_cost(row: Row, desk: _Desk) -> tuple[Found | None, str]:
    if not row["place"]:
        return None, "the cost of a whole country's posts is not put together"
    found = desk.paid.get((row["place"], str(row["network"]), row["direction"] or ""))
    return found, "" if found else "nothing is paid there in the model"


def _section_cost(row: Row, desk: _Desk) -> tuple[Found | None, str]:
    found = desk.cost.get((str(row["country"]), str(row["network"])))
    return found, "" if found else "no traffic of the corridor by this network there"


def _border(row: Row, desk: _Desk) -> tuple[Found | None, str]:
    direction = row["direction"] or ""
    if row["place"]:
        found = desk.border.get((row["place"], row["network"], direction))
    else:
        found = desk.country.get((row["country"], row["network"], direction))
    return found, "" if found else "no simulated trip crosses there that way"


def _volume(row: Row, desk: _Desk) -> tuple[Found | None, str]:
    """Tonnes by the figure itself; TEU by the total of the same year and first word."""
    exact = desk.volume.get((row["figure"], row["quantity"]))
    if exact is not None:
        return exact, ""
    word, year = row["figure"].split("_")[0], str(row["year"])
    for (total, quantity), found in desk.volume.items():
        same = total.split("_")[0] == word and total.endswith(year)
        if quantity == row["quantity"] and same:
            return found, ""
    return None, "no edition of the corridor speaks of that year"


def _door(row: Row, desk: _Desk) -> tuple[Found | None, str]:
    if not (row["origin"] and row["destination"]):
        return None, "its end points are not defined"
    found = desk.route.find(row)
    return found, "" if found else "no simulated flow passes both ends that way"


def _handling(row: Row, desk: _Desk) -> tuple[Found | None, str]:
    """Mean hours of a vessel at the berths of a port."""
    berths = desk.corridor.table("calls").filter(pl.col("place") == row["place"])["berth"]
    busy = desk.tally.resources.filter(pl.col("resource").is_in(berths.drop_nulls().implode()))
    found = _only(ratio(_whole(busy), "busy_h", "served", by=["key"], drawn=desk.tally.drawn))
    return found, "" if found else "no vessel berths there in the model"


def _fleet(row: Row, desk: _Desk) -> tuple[Found | None, str]:
    """The containers that could be carried from one port to the next in a year."""
    corridor = desk.corridor
    calls = corridor.table("calls").select("service", "order", "place")
    after = calls.with_columns(pl.col("order") - 1).rename({"place": "next_place"})
    units = pl.col("capacity_unit") == "TEU"
    carriers = corridor.table("services").join(
        corridor.table("fleets").filter(units).select("fleet", "capacity"), on="fleet"
    )
    legs = (
        calls.join(after, on=["service", "order"])
        .filter((pl.col("place") == row["origin"]) & (pl.col("next_place") == row["destination"]))
        .join(carriers.select("service", "capacity"), on="service")
    )
    sailed = desk.tally.carriers.join(legs, on=["service", "order"]).select(
        "run", teu=pl.col("sailings") * pl.col("capacity")
    )
    each = _whole(sailed).group_by("run", "key", maintain_order=True).agg(pl.col("teu").sum())
    found = _only(over_runs(each, "teu", by=["key"], drawn=desk.tally.drawn))
    return found, "" if found else "no vessel of containers sails there in the model"


def _crossing_share(row: Row, desk: _Desk) -> tuple[Found | None, str]:
    """The share of their time that cargoes of one surface which cross a sea spend in ports and
    afloat.
    """
    places = desk.corridor.table("places")
    ports = places.filter(pl.col("kind") == "port")["place"]
    modes = desk.corridor.table("modes").filter(pl.col("network") == "sea")["mode"]
    links = desk.corridor.table("links").filter(pl.col("mode").is_in(modes.implode()))["link"]
    units = desk.corridor.table("units").filter(pl.col("networks") == f"{row['network']};sea")
    road = desk.corridor.table("flows").filter(pl.col("unit").is_in(units["unit"].implode()))[
        "flow"
    ]
    steps = desk.tally.steps.filter(pl.col("flow").is_in(road.implode())).with_columns(
        (pl.col("wait_h") + pl.col("service_h")).alias("hours"),
        pl.col("place").is_in(links.implode()).alias("afloat"),
        pl.col("place").is_in(pl.concat([links, ports]).implode()).alias("crossing"),
    )
    across = steps.filter(pl.col("afloat").any().over("flow"))
    both = across.with_columns(pl.when("crossing").then("hours").otherwise(0.0).alias("there"))
    found = _only(ratio(_whole(both), "there", "hours", by=["key"], drawn=desk.tally.drawn))
    return found, "" if found else "no such cargo crosses a sea in the model"


def _whole(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as one group."""
    return frame.with_columns(pl.lit("all").alias("key"))


def _only(frame: pl.DataFrame) -> Found | None:
    if frame.is_empty():
        return None
    row = frame.row(0, named=True)
    return row["value"], row["low"], row["high"], row["runs"]


FINDERS = {
    "border_h": _border,
    "border_usd": _border_cost,
    "cost_usd_per_500km_20t": _section_cost,
    "tonnes_kt": _volume,
    "teu": _volume,
    "door_to_door_h": _door,
    "section_h": _door,
    "handling_h": _handling,
    "fleet_teu": _fleet,
    "crossing_share": _crossing_share,
}
