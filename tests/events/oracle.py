"""The tally as a plain loop, which imports nothing of ours; and random logs to try it on."""

from __future__ import annotations

import math
from collections import defaultdict

MOVING = {"travel_rail", "travel_road", "sail"}


def tally_by_loop(trips, steps, *, places, links, modes):
    """Sums by key: steps, visits, visit bins, trips, trip bins; dictionaries of lists."""
    out = {name: defaultdict(lambda: [0.0] * 4) for name in ("steps", "visits", "trips")}
    bins = {name: defaultdict(float) for name in ("visits", "trips")}
    by_trip = defaultdict(list)
    for row in steps:
        by_trip[row["run"], row["trip"]].append(row)
    for trip in trips:
        rows = sorted(by_trip[trip["run"], trip["trip"]], key=lambda row: row["step"])
        if rows:
            _one(trip, rows, out, bins, (places, links, modes))
    return out, bins


def _one(trip, rows, out, bins, corridor):
    places, links, modes = corridor
    run, flow, weight = trip["run"], trip["flow"], trip["weight"]
    for row in rows:
        add = out["steps"][run, flow, row["step"], row["place"], row["activity"]]
        moves = row["place"] in links and row["activity"] in MOVING
        km = links[row["place"]]["length_km"] if moves else 0.0
        wait, service = _wait(row), _service(row)
        for at, value in enumerate((1.0, wait, service, km)):
            add[at] += weight * value
    for place, network, direction, dwell in _stays(rows, places, links, modes):
        add = out["visits"][run, place, network, direction]
        for at, value in enumerate((1.0, dwell, dwell * dwell)):
            add[at] += weight * value
        bins["visits"][run, place, network, direction, _bin(dwell)] += weight
    _trip(trip, rows, out["trips"][run, flow], bins["trips"])


def _trip(trip, rows, add, bins):
    ends = [row["ended"] for row in rows if row["ended"] is not None]
    open_ = [max(_known(row)) for row in rows if row["ended"] is None]
    if not ends or (open_ and max(open_) >= max(ends)):
        add[3] += trip["weight"]
        return
    total = _hours(min(min(_known(row)) for row in rows), max(ends))
    add[0] += trip["weight"]
    add[1] += trip["weight"] * total
    add[2] += trip["weight"] * total * total
    bins[trip["run"], trip["flow"], _bin(total)] += trip["weight"]


def _stays(rows, places, links, modes):
    stays = []
    for row in rows:
        if stays and stays[-1]["place"] == row["place"]:
            stays[-1]["rows"].append(row)
        else:
            stays.append({"place": row["place"], "rows": [row]})
    here = [at for at, stay in enumerate(stays) if stay["place"] not in links]
    homes = [(at, places[stays[at]["place"]]) for at in here if places[stays[at]["place"]]]
    for at in here:
        known = sorted(instant for row in stays[at]["rows"] for instant in _known(row))
        if len(known) < 2:
            continue
        home = places[stays[at]["place"]]
        after = next((name for other, name in homes if other > at), home)
        before = next((name for other, name in reversed(homes) if other < at), home)
        direction = "domestic"
        if home and after != home:
            direction = "outbound"
        elif home and before != home:
            direction = "inbound"
        around = [stays[other]["place"] for other in (at - 1, at + 1) if 0 <= other < len(stays)]
        ways = [modes[links[name]["mode"]] for name in around if name in links]
        first = stays[at - 1]["place"] in links if at else False
        network = ways[0] if ways and (first or len(ways) == 1) else ""
        first_seen = min(min(_known(row)) for row in stays[at]["rows"])
        last_seen = max(max(_known(row)) for row in stays[at]["rows"])
        yield stays[at]["place"], network, direction, _hours(first_seen, last_seen)


def _known(row):
    return [row[name] for name in ("arrived", "started", "ended") if row[name] is not None]


def _hours(start, end):
    return (end - start).total_seconds() / 3600


def _wait(row):
    whole = row["arrived"] is not None and row["started"] is not None
    return _hours(row["arrived"], row["started"]) if whole else 0.0


def _service(row):
    start = row["started"] if row["started"] is not None else row["arrived"]
    return _hours(start, row["ended"]) if start is not None and row["ended"] is not None else 0.0


def _bin(hours):
    at = math.floor(math.log2(max(hours, 0.01) / 0.01) * 16 + 1e-12)
    return min(max(at, 0), 399)
