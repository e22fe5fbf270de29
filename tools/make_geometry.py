"""Write `geometry.geojson` of the shipped corridor: one line for each link, drawn as it runs.

Rails and roads are routed on a clip of the OpenStreetMap graphs, sea lanes on searoute's network,
the Caspian, the Black Sea and the straits along the points of `waypoints.csv`; what is not found
is a great circle.

    python tools/make_geometry.py FOLDER [--lanes searoute]

FOLDER holds `rail_nodes.csv.gz` (node, lat, lon), `rail_edges.csv.gz` (a, b, km) and the same for
`road`: unpack the wheel of the PyPI package scgraph_data 2.0.0 and keep the nodes of its rail graph
within 22-60 N, 3-125 E, and of its highway graph within 34-57 N, 25-95 E.
`pip install searoute==1.6.0` gives the lanes; `--lanes none` draws them as great circles.

The rails and roads of the result are a database derived from OpenStreetMap: (c) OpenStreetMap
contributors, Open Database License 1.0.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree
from shapely.geometry import LineString

TOOLS = Path(__file__).resolve().parent
CORRIDOR = TOOLS.parent / "src/transcaspian/data/trans_caspian"
EARTH_KM = 6371.0088
GAPS_KM = (2.0, 6.0, 15.0)
SNAP_KM = 9.0
LONG_SNAP_KM = 16.0
LONG_KM = 120.0
LEAST_KM = 8.0
LEAST_RATIO, MOST_RATIO = 0.93, 1.8
DEGREE_KM = 111.2
TOLERANCE_KM = {"osm": 1.0, "searoute": 3.0, "project": 0.0}
NOTICE = (
    "Links marked osm: (c) OpenStreetMap contributors, ODbL 1.0. "
    "Links marked searoute: searoute 1.6.0, Apache-2.0. Links marked project: CC BY 4.0."
)

Point = tuple[float, float]  # longitude, latitude
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """The run of a link, where it was taken from, and its length there."""

    points: tuple[Point, ...]
    source: str
    km: float


def distance_km(a: Point, b: Point) -> float:
    """The great-circle distance of two points."""
    (lon_a, lat_a), (lon_b, lat_b) = np.radians(a), np.radians(b)
    half = np.sin((lat_b - lat_a) / 2) ** 2
    half += np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return float(2 * EARTH_KM * np.arcsin(np.sqrt(half)))


def length_km(points: Iterable[Point]) -> float:
    """The length of a line."""
    return sum(distance_km(a, b) for a, b in pairwise(points))


def great_circle(a: Point, b: Point, *, step_km: float = 150.0) -> tuple[Point, ...]:
    """The points of a great circle, no further apart than the step."""
    parts = max(1, int(distance_km(a, b) // step_km))
    start, end = _vectors(np.array([a, b]))
    angle = np.arccos(np.clip(start @ end, -1, 1))
    if parts == 1 or angle == 0:
        return (a, b)
    share = np.linspace(0, 1, parts + 1)[:, None]
    path = (np.sin((1 - share) * angle) * start + np.sin(share * angle) * end) / np.sin(angle)
    lon, lat = np.degrees(np.arctan2(path[:, 1], path[:, 0])), np.degrees(np.arcsin(path[:, 2]))
    return (a, *zip(lon[1:-1].tolist(), lat[1:-1].tolist(), strict=True), b)


def _vectors(points: Floats) -> Floats:
    lon, lat = np.radians(points).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


@dataclass(slots=True)
class Graph:
    """A surface of the clip, its gaps bridged up to a distance."""

    points: Floats
    edges: csr_array
    tree: cKDTree
    main: NDArray[np.bool_]
    reached: dict[int, tuple[Floats, NDArray[np.int32]]] = field(default_factory=dict)

    def nearest(self, point: Point) -> tuple[int, float]:
        """The node of the main component next to a point, and how far it is in km."""
        away, near = self.tree.query(_vectors(np.array([point]))[0], k=60)
        for km, node in zip(away * EARTH_KM, near, strict=True):
            if self.main[node]:
                return int(node), float(km)
        return int(near[0]), float(away[0] * EARTH_KM)

    def path(self, start: int, end: int) -> tuple[list[Point], float]:
        """The shortest path of two nodes; no points when there is none."""
        if start not in self.reached:
            self.reached.clear()
            away, before = dijkstra(
                self.edges, directed=False, indices=start, return_predecessors=True
            )
            self.reached[start] = (away, before)
        away, before = self.reached[start]
        if not np.isfinite(away[end]):
            return [], 0.0
        nodes = [end]
        while nodes[-1] != start:
            nodes.append(int(before[nodes[-1]]))
        found = [(float(lon), float(lat)) for lon, lat in self.points[nodes[::-1]]]
        return found, float(away[end])


def _table(file: Path) -> Floats:
    with gzip.open(file, "rt") as text:
        return np.loadtxt(text, delimiter=",", skiprows=1)


@lru_cache
def read_graph(folder: Path, kind: str, gap_km: float) -> Graph:
    """One surface of the clip with its gaps bridged."""
    points = _table(folder / f"{kind}_nodes.csv.gz")[:, [2, 1]]
    edges = _table(folder / f"{kind}_edges.csv.gz")
    ends = edges[:, :2].astype(int)
    tree = cKDTree(_vectors(points))
    bridges = _bridges(points, ends, tree, gap_km=gap_km)
    ends = np.vstack([ends, bridges])
    chord = np.linalg.norm(
        _vectors(points[bridges[:, 0]]) - _vectors(points[bridges[:, 1]]), axis=1
    )
    graph = _joined(len(points), ends, np.concatenate([edges[:, 2], chord * EARTH_KM]))
    _, part = connected_components(graph, directed=False)
    return Graph(points, graph, tree, part == np.bincount(part).argmax())


def _joined(size: int, ends: NDArray[np.int64], km: Floats) -> csr_array:
    """The shortest edge of every pair, both ways."""
    low, high = ends.min(axis=1), ends.max(axis=1)
    order = np.lexsort((km, low * size + high))
    _, first = np.unique((low * size + high)[order], return_index=True)
    keep = order[first]
    keep = keep[low[keep] != high[keep]]
    one = coo_array(
        (np.maximum(km[keep], 1e-4), (low[keep], high[keep])), shape=(size, size)
    ).tocsr()
    return csr_array(one + one.T)


def _bridges(
    points: Floats, ends: NDArray[np.int64], tree: cKDTree, *, gap_km: float
) -> NDArray[np.int64]:
    """Pairs to bridge: the nearest of any two components, and dead ends that face each other."""
    size = len(points)
    plain = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    _, part = connected_components(plain, directed=False)
    pairs = tree.query_pairs(gap_km / EARTH_KM, output_type="ndarray")
    apart = pairs[part[pairs[:, 0]] != part[pairs[:, 1]]]
    away = np.linalg.norm(_vectors(points[apart[:, 0]]) - _vectors(points[apart[:, 1]]), axis=1)
    low, high = np.sort(part[apart].astype(np.int64), axis=1).T
    order = np.argsort(away, kind="stable")
    _, first = np.unique((low * size + high)[order], return_index=True)
    dead = np.bincount(ends.ravel(), minlength=size) == 1
    facing = pairs[dead[pairs[:, 0]] & dead[pairs[:, 1]]]
    return np.vstack([apart[order[first]], facing]).astype(np.int64)


def routed(folder: Path, kind: str, stops: Sequence[Point]) -> Line | None:
    """The run of a link on the clip through its stops; none when not found or not believable."""
    direct = length_km(stops)
    if direct < LEAST_KM:
        return None
    most = SNAP_KM if direct < LONG_KM else LONG_SNAP_KM
    for gap in GAPS_KM:
        line = _through(read_graph(folder, kind, gap), stops, most=most)
        if line and LEAST_RATIO <= line.km / direct <= MOST_RATIO:
            return line
    return None


def _through(graph: Graph, stops: Sequence[Point], *, most: float) -> Line | None:
    nodes = [graph.nearest(stop) for stop in stops]
    if max(nodes[0][1], nodes[-1][1]) > most:
        return None
    points: list[Point] = [stops[0]]
    km = nodes[0][1] + nodes[-1][1]
    for (start, _), (end, _) in pairwise(nodes):
        part, part_km = graph.path(start, end)
        if not part_km:
            return None
        points += part
        km += part_km
    return Line((*points, stops[-1]), "osm", km)


def at_sea(start: Point, end: Point, *, round_cape: bool) -> Line:
    """The lane of two ports on searoute's network; never through the north-west passage."""
    import searoute  # noqa: PLC0415  # an optional package of this tool alone

    barred = ["northwest", "suez"] if round_cape else ["northwest"]
    found = searoute.searoute(list(start), list(end), restrictions=barred)
    lane = [(float(lon), float(lat)) for lon, lat in found["geometry"]["coordinates"]]
    points = (start, *lane, end)
    return Line(points, "searoute", length_km(points))


def read_waypoints(file: Path) -> dict[tuple[str, str], tuple[str, list[Point]]]:
    """The points that a link must follow, by its two ends in either order."""
    known: dict[tuple[str, str], tuple[str, list[Point]]] = {}
    with file.open(encoding="utf-8") as text:
        for row in csv.DictReader(text):
            points = [
                (float(lon), float(lat))
                for lon, lat in (pair.split() for pair in row["points"].split(";"))
            ]
            known[row["origin"], row["destination"]] = (row["use"], points)
            known[row["destination"], row["origin"]] = (row["use"], points[::-1])
    return known


@dataclass(frozen=True, slots=True)
class Atlas:
    """Where lines are taken from."""

    folder: Path
    points: dict[str, Point]
    ways: dict[tuple[str, str], tuple[str, list[Point]]]
    networks: dict[str, str]
    lanes: str = "searoute"

    def line(self, link: dict[str, str]) -> Line:
        """The run of one link."""
        ends = (link["origin"], link["destination"])
        start, end = self.points[ends[0]], self.points[ends[1]]
        use, via = self.ways.get(ends, ("", []))
        stops = (start, *via, end)
        network = self.networks[link["mode"]]
        if use == "lane":
            return Line(stops, "project", length_km(stops))
        if network == "sea" and self.lanes == "searoute":
            return at_sea(start, end, round_cape=any("cape" in name for name in ends))
        found = None
        if network != "sea" and link["in_service"] == "yes":
            found = routed(self.folder, network, stops)
        direct = great_circle(start, end)
        return found or Line(direct, "project", length_km(direct))


def feature(link: str, line: Line) -> dict[str, object]:
    """A line as GeoJSON, simplified; its ends stay."""
    tolerance = TOLERANCE_KM[line.source]
    shape = LineString(line.points).simplify(tolerance / DEGREE_KM)
    rounded = [[round(lon, 3), round(lat, 3)] for lon, lat in shape.coords]
    points = [p for at, p in enumerate(rounded) if at == 0 or p != rounded[at - 1]]
    if len(points) == 1:
        points *= 2
    return {
        "type": "Feature",
        "properties": {"link": link, "source_data": line.source, "tolerance": tolerance},
        "geometry": {"type": "LineString", "coordinates": points},
    }


def rows(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with file.open(encoding="utf-8") as text:
        return list(csv.DictReader(text))


def atlas_of(corridor: Path, folder: Path, *, lanes: str = "searoute") -> Atlas:
    """Where the lines of a corridor are taken from."""
    points = {
        row["place"]: (float(row["lon_deg"]), float(row["lat_deg"]))
        for row in rows(corridor / "places.csv")
    }
    networks = {row["mode"]: row["network"] for row in rows(corridor / "modes.csv")}
    return Atlas(folder, points, read_waypoints(TOOLS / "waypoints.csv"), networks, lanes)


def main() -> None:
    """Nothing; the file is written."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path, help="the folder of the OpenStreetMap clip")
    parser.add_argument("--lanes", choices=("searoute", "none"), default="searoute")
    parser.add_argument("--corridor", type=Path, default=CORRIDOR)
    given = parser.parse_args()
    atlas = atlas_of(given.corridor, given.folder, lanes=given.lanes)
    links = sorted(rows(given.corridor / "links.csv"), key=lambda row: (row["mode"], row["origin"]))
    features = [feature(row["link"], atlas.line(row)) for row in links]
    features.sort(key=lambda item: str(item["properties"]))
    text = ",\n".join(json.dumps(item, separators=(",", ":")) for item in features)
    head = f'{{"type":"FeatureCollection","license":{json.dumps(NOTICE)},"features":[\n'
    (given.corridor / "geometry.geojson").write_text(f"{head}{text}\n]}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
