"""What the maps show: cargo on every link, waiting at every place, the ways that compete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import polars as pl

from transcaspian.report.figures.geomap import Route, Sheet, Spot, Way
from transcaspian.report.figures.projection import Extent, Line, Point
from transcaspian.report.material import Maps
from transcaspian.report.reading.land import base_map, link_lines
from transcaspian.report.reading.names import Names
from transcaspian.report.reading.spread import spread
from transcaspian.report.words import (
    NETWORKS,
    WAITING,
    Quantity,
    days,
    number,
    spoken,
)

if TYPE_CHECKING:
    from transcaspian.corridor.corridor import Corridor
    from transcaspian.events.tally import Tally

CREDITS = (
    "roads and railways © OpenStreetMap contributors, Open Database License (ODbL)",
    "sea lanes from searoute (Apache-2.0)",
    "land and borders from Natural Earth (public domain)",
)
TAIL = 0.02
LEAST_SHARE = 0.002
ROUTES = 6
TALL = 0.50
WORLD_NORTH, WORLD_SOUTH = 70.0, -45.0


def maps(corridor: Corridor, tally: Tally, names: Names) -> Maps | None:
    """The close-up and the small map of a simulated corridor."""
    if not names.places:
        return None
    through = passing(tally, names)
    lines = link_lines(corridor.folder, names)
    base = base_map()
    sheet = Sheet(
        base, _ways(through, lines, names), _spots(through, tally, names), names.countries
    )
    routes = _routes(corridor, tally, lines, names)
    close = _close(through, names)
    return Maps(
        sheet=sheet,
        close=close,
        world=_world(routes, close),
        base=base,
        routes=routes,
        legend_t=max((way.tonnes for way in sheet.ways), default=0.0),
        credits=list(CREDITS),
    )


def passing(tally: Tally, names: Names) -> pl.DataFrame:
    """Trips and tonnes a year of every flow at every place and on every link.

    Shape: flow, scope, place, order, trips, tonnes.
    """
    runs = max(tally.trips["run"].n_unique(), 1)
    flows = pl.DataFrame(
        [
            {"flow": flow, "scope": row["scope"], "load": float(row["tonnes_per_trip"])}
            for flow, row in names.flows.items()
        ],
        schema={"flow": pl.String, "scope": pl.String, "load": pl.Float64},
    )
    return (
        tally.steps.group_by("run", "flow", "place", maintain_order=True)
        .agg(pl.col("n").max(), pl.col("order").min())
        .group_by("flow", "place", maintain_order=True)
        .agg((pl.col("n").sum() / runs).alias("trips"), pl.col("order").min())
        .join(flows, on="flow", how="inner")
        .with_columns((pl.col("trips") * pl.col("load")).alias("tonnes"))
        .sort("flow", "order", "place")
    )


def _own(through: pl.DataFrame, scope: str = "corridor") -> dict[str, tuple[float, float]]:
    """Trips and tonnes a year of the corridor's cargo, place by place and link by link."""
    rows = (
        through.filter(pl.col("scope") == scope)
        .group_by("place", maintain_order=True)
        .agg(pl.col("trips").sum(), pl.col("tonnes").sum())
        .sort("place")
    )
    return {place: (trips, tonnes) for place, trips, tonnes in rows.iter_rows()}


def _at_places(
    carried: dict[str, tuple[float, float]], names: Names
) -> dict[str, tuple[float, float]]:
    """Trips and tonnes at each place: what is handled there, or what the busiest link brings."""
    found = {place: carried[place] for place in carried if place in names.places}
    for link in carried.keys() & names.links.keys():
        for side in ("origin", "destination"):
            place = names.links[link][side]
            found[place] = max(found.get(place, (0.0, 0.0)), carried[link])
    return found


def _ways(through: pl.DataFrame, lines: dict[str, list[Line]], names: Names) -> list[Way]:
    carried = _own(through)
    used, rival = set(through["place"]), _own(through, "alternative").keys()
    ways: list[Way] = []
    for link, drawn in sorted(lines.items()):
        row = names.links[link]
        _, tonnes = carried.get(link, (0.0, 0.0))
        if tonnes <= 0 and ((not row["in_service"] and link not in used) or link in rival):
            continue
        network = names.network(link)
        load = f"{number(tonnes)} t a year" if tonnes > 0 else "no cargo of the corridor simulated"
        surface = f"{NETWORKS.get(network, network)}, {number(row['length_km'])} km"
        ways.append(Way(drawn, network, tonnes, f"{names.place(link)}, {surface}: {load}"))
    return ways


def waits(tally: Tally, names: Names) -> pl.DataFrame:
    """Hours that the corridor's cargo stands at each place in a run, by class of the ledger.

    Shape: run, place, ledger, hours (sum over trips).
    """
    own = [flow for flow, row in names.flows.items() if row["scope"] == "corridor"]
    classes = pl.DataFrame(
        [(code, names.waiting(code), names.ledger(code)) for code in names.activities],
        schema=["activity", "waiting", "serving"],
        orient="row",
    )
    steps = tally.steps.filter(
        pl.col("flow").is_in(own) & pl.col("place").is_in(list(names.places))
    ).join(classes, on="activity", how="left")
    return (
        pl.concat(
            [
                steps.select(
                    "run",
                    "place",
                    pl.col("waiting").alias("ledger"),
                    pl.col("wait_h").alias("hours"),
                ),
                steps.select(
                    "run",
                    "place",
                    pl.col("serving").alias("ledger"),
                    pl.col("service_h").alias("hours"),
                ),
            ]
        )
        .group_by("run", "place", "ledger", maintain_order=True)
        .agg(pl.col("hours").sum())
        .filter(pl.col("hours") > 0)
        .sort("run", "place", "ledger")
    )


def _spots(through: pl.DataFrame, tally: Tally, names: Names) -> list[Spot]:
    own = _at_places(_own(through), names)
    rivals = _at_places(_own(through, "alternative"), names).keys() - own.keys()
    stood = waits(tally, names).filter(pl.col("ledger").is_in(list(WAITING)))
    hours = stood.group_by("run", "place", maintain_order=True).agg(pl.col("hours").sum())
    wait = spread(hours, "place", tally)
    return [
        _spot(place, own.get(place, (0.0, 0.0)), wait.get(place), names)
        for place in sorted(names.places)
        if place not in rivals
    ]


def _spot(place: str, load: tuple[float, float], wait: Quantity | None, names: Names) -> Spot:
    trips, tonnes = load
    head = f"{names.place(place)}, {names.country(names.country_of(place))}"
    if trips <= 0:
        title = f"{head}: no cargo of the corridor simulated"
        return Spot(names.place(place), names.point(place), None, 0.0, title)
    each = Quantity(None) if wait is None else wait.times(1 / trips, "h")
    waited = f"a trip waits {spoken(each)}" if each.known else "nobody waits"
    title = f"{head}: {waited}; {number(trips)} trips, {number(tonnes)} t a year"
    return Spot(names.place(place), names.point(place), each.value, tonnes, title)


def _close(through: pl.DataFrame, names: Names) -> Extent:
    """The box that holds nearly all tonne-kilometres of the corridor's cargo."""
    weights = [
        (names.point(row[side]), tonnes * float(row["length_km"]) / 2)
        for link, (_, tonnes) in _own(through).items()
        if (row := names.links.get(link)) is not None
        for side in ("origin", "destination")
        if row[side] in names.places
    ]
    if not weights:
        weights = [(names.point(place), 1.0) for place in names.places]
    west, east = _middle([(point[0], weight) for point, weight in weights], TAIL)
    inside = [(point[1], weight) for point, weight in weights if west <= point[0] <= east]
    south, north = _middle(inside, LEAST_SHARE)
    wide = max(east - west, 4.0)
    tall = max(north - south, TALL * 0.62 * wide)
    middle = (south + north) / 2
    return Extent(west, middle - tall / 2, west + wide, middle + tall / 2).grown(0.06)


def _middle(values: Iterable[tuple[float, float]], tail: float) -> tuple[float, float]:
    """The values between which all weight lies but a tail on each side."""
    ordered = sorted(values)
    total = sum(weight for _, weight in ordered) or 1.0
    low, high = ordered[0][0], ordered[-1][0]
    run = 0.0
    for value, weight in ordered:
        if run <= tail * total:
            low = value
        run += weight
        if run >= (1 - tail) * total:
            high = value
            break
    return low, high


def _world(routes: Sequence[Route], close: Extent) -> Extent:
    points: list[Point] = [point for route in routes for _, line in route.lines for point in line]
    points += [(close.west, close.south), (close.east, close.north)]
    return Extent(
        min(x for x, _ in points),
        max(min(y for _, y in points), WORLD_SOUTH),
        max(x for x, _ in points),
        min(max(y for _, y in points), WORLD_NORTH),
    ).grown(0.05)


def _routes(
    corridor: Corridor, tally: Tally, lines: dict[str, list[Line]], names: Names
) -> list[Route]:
    """The corridor's own main cargo first, then the largest flow of each competing way."""
    weight = {
        flow: row["trips_per_y"] * row["tonnes_per_trip"] for flow, row in names.flows.items()
    }
    order = sorted(weight, key=lambda flow: (-weight[flow], flow))
    own = [flow for flow in order if names.flows[flow]["scope"] == "corridor"]
    ends = [
        flow
        for flow in own
        if (names.flows[flow]["origin"], names.flows[flow]["destination"])
        == (corridor.about.origin, corridor.about.destination)
    ]
    rivals = [flow for flow in order if names.flows[flow]["scope"] == "alternative"]
    if not rivals:
        return []
    chosen = [*(ends or own)[:1], *_different(rivals, names)[: ROUTES - 1]]
    return [
        Route(
            number, _path(flow, tally, lines, names), _route_words(flow, tally, names), flow in own
        )
        for number, flow in enumerate(chosen, 1)
    ]


def _different(flows: Sequence[str], names: Names) -> list[str]:
    """One flow for each way: the same modes and places to pass are one way."""
    seen: dict[tuple[str, str], str] = {}
    for flow in flows:
        row = names.flows[flow]
        seen.setdefault((str(row["modes"]), str(row["via"])), flow)
    return list(seen.values())


def _path(
    flow: str, tally: Tally, lines: dict[str, list[Line]], names: Names
) -> list[tuple[str, Line]]:
    steps = tally.steps.filter((pl.col("flow") == flow) & pl.col("place").is_in(list(lines)))
    links = steps.sort("order")["place"].unique(maintain_order=True).to_list()
    return [(names.network(link), line) for link in links for line in lines[link]]


def _route_words(flow: str, tally: Tally, names: Names) -> str:
    row = names.flows[flow]
    trips = tally.trips.filter((pl.col("flow") == flow) & (pl.col("n") > 0))
    each = trips.select("run", "flow", (pl.col("total_h") / pl.col("n")).alias("hours"))
    time = days(spread(each, "flow", tally).get(flow, Quantity(None)))
    via = [names.place(place) for place in str(row["via"] or "").split(";") if place]
    way = f" by way of {', '.join(via)}" if via else ""
    tonnes = number(row["trips_per_y"] * row["tonnes_per_trip"])
    return f"{names.ends(flow)}{way}: {spoken(time)}; {tonnes} t a year declared"
