"""Which zone each position is in: decided, or too near to an edge to tell."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.events.engine import Frame, beside, grouped
from transcaspian.readers.tracks.zones import Zone, edges

CELL_DEG = 0.05
M_PER_DEG = 111_194.9
"""Metres in a degree of latitude, on a sphere of 6,371 km."""
BAND_SHARE = 0.25
"""The band of a small zone is at most this share of its half-width."""
FIX = ("run", "trip", "instant")
OUTSIDE = -1
RAD = 0.017453292519943295


def fenced(fixes: Frame, zones: Sequence[Zone], *, hold_m: float) -> Frame:
    """The fixes with the zone they are in: its number, OUTSIDE, or null within the band of an edge.

    A position counts as inside (outside) a zone from `hold_m` within (without) its edge on. Only
    positions in grid cells that a zone touches are looked at, and only those outside the box that
    lies wholly within the zone are held against its edges.

    Shape: the columns of the fixes and zone.
    """
    table = edges(zones)
    columns = fixes.collect_schema().names()
    celled = fixes.select(
        *FIX,
        "lat_deg",
        "lon_deg",
        ((nw.col("lat_deg") / CELL_DEG).floor()).cast(nw.Int64).alias("row"),
        ((nw.col("lon_deg") / CELL_DEG).floor()).cast(nw.Int64).alias("column"),
    )
    cells = beside(_cells(zones, hold_m), fixes)
    near = celled.join(cells, on=["row", "column"], how="inner").with_columns(
        _within().alias("core")
    )
    plain = near.filter(nw.col("core")).select(
        *FIX, nw.col("zone").alias("in_zone"), nw.lit(0).cast(nw.Int64).alias("doubt")
    )
    told = nw.concat([plain, _measured(near.filter(~nw.col("core")), table)])
    each = grouped(told, FIX, nw.col("in_zone", "doubt").max())
    joined = fixes.join(each, on=list(FIX), how="left")
    known = nw.coalesce(nw.col("in_zone"), nw.lit(OUTSIDE))
    unsure = (nw.col("doubt").fill_null(0) == 1) & (known == OUTSIDE)
    return joined.with_columns(nw.when(~unsure).then(known).alias("zone")).select(*columns, "zone")


def _within() -> nw.Expr:
    """Whether a fix is in the box that lies within its zone."""
    lat, lon = nw.col("lat_deg"), nw.col("lon_deg")
    return (
        (lat > nw.col("south"))
        & (lat < nw.col("north"))
        & (lon > nw.col("west"))
        & (lon < nw.col("east"))
    )


def _measured(near: Frame, table: pl.DataFrame) -> Frame:
    """The fixes held against every edge of their zone: inside, outside, or too near to tell."""
    sides = near.select(*FIX, "lat_deg", "lon_deg", "zone", "band_m").join(
        beside(_sides(table), near), on="zone", how="inner"
    )
    held = grouped(
        sides.with_columns(*_edge()),
        (*FIX, "zone", "band_m"),
        nw.col("crossed").sum(),
        nw.col("far2").min(),
    )
    odd = nw.col("crossed") % 2 == 1
    beyond = nw.col("far2") >= nw.col("band_m") * nw.col("band_m")
    inside = nw.when(odd & beyond).then(nw.col("zone")).otherwise(nw.lit(OUTSIDE))
    doubt = nw.when(beyond).then(nw.lit(0)).otherwise(nw.lit(1))
    return held.select(
        *FIX, inside.cast(nw.Int64).alias("in_zone"), doubt.cast(nw.Int64).alias("doubt")
    )


def _cells(zones: Sequence[Zone], hold_m: float) -> pl.DataFrame:
    """The grid cells that each zone and its band touch, the width of the band, and the core box."""
    rows: list[tuple[object, ...]] = []
    for number, zone in enumerate(zones):
        lon, lat = (np.array(axis) for axis in zip(*zone.ring, strict=True))
        across = np.cos(np.mean(lat) * RAD) * M_PER_DEG
        half = min(np.ptp(lat) * M_PER_DEG, np.ptp(lon) * across) / 2
        band = min(hold_m, half * BAND_SHARE)
        core = _core(lon * across, lat * M_PER_DEG, band)
        box = (core[0] / M_PER_DEG, core[1] / M_PER_DEG, core[2] / across, core[3] / across)
        up, aside = hold_m / M_PER_DEG, hold_m / across
        rows += [
            (row, column, number, float(band), *(float(side) for side in box))
            for row in _span(lat, up)
            for column in _span(lon, aside)
        ]
    names = ("band_m", "south", "north", "west", "east")
    schema = {
        "row": pl.Int64,
        "column": pl.Int64,
        "zone": pl.Int64,
        **dict.fromkeys(names, pl.Float64),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _span(degrees: NDArray[np.float64], margin: float) -> range:
    """The numbers of the grid cells from the least to the most of some degrees."""
    low, high = degrees.min() - margin, degrees.max() + margin
    return range(int(low // CELL_DEG), int(high // CELL_DEG) + 1)


def _core(
    x: NDArray[np.float64], y: NDArray[np.float64], band: float
) -> tuple[float, float, float, float]:
    """South, north, west and east, in metres, of a box that is wholly inside by the band.

    The box about the middle of the ring that no edge comes nearer than; empty where the middle is
    not inside.
    """
    middle = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    far = np.sqrt(
        _distance2((x - middle[0])[:-1], (y - middle[1])[:-1], np.diff(x), np.diff(y)).min()
    )
    reach = (far - band) / np.sqrt(2)
    if reach <= 0 or not _inside(x - middle[0], y - middle[1]):
        return (1.0, -1.0, 1.0, -1.0)
    return (middle[1] - reach, middle[1] + reach, middle[0] - reach, middle[0] + reach)


def _distance2(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    east: NDArray[np.float64],
    north: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The squares of the distances of the origin to edges that begin at x, y."""
    along = np.clip(-(x * east + y * north) / (east**2 + north**2 + 1e-12), 0, 1)
    return (x + along * east) ** 2 + (y + along * north) ** 2


def _inside(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool:
    """Whether the origin is inside a closed ring."""
    spans = (y[:-1] > 0) != (y[1:] > 0)
    at = x[:-1] - y[:-1] / np.where(np.diff(y) == 0, 1, np.diff(y)) * np.diff(x)
    return bool((spans & (at > 0)).sum() % 2)


def _sides(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(
        "zone",
        pl.col("lon_deg").alias("x0"),
        pl.col("lat_deg").alias("y0"),
        pl.col("lon_to_deg").alias("x1"),
        pl.col("lat_to_deg").alias("y1"),
        (((pl.col("lat_deg") + pl.col("lat_to_deg")) / 2 * RAD).cos() * M_PER_DEG).alias("across"),
    )


def _edge() -> list[nw.Expr]:
    """Whether the ray to the east crosses an edge, and the square of the distance to it, metres."""
    x, y = nw.col("lon_deg"), nw.col("lat_deg")
    x0, y0, x1, y1 = (nw.col(name) for name in ("x0", "y0", "x1", "y1"))
    across = nw.col("across")
    rise = y1 - y0
    spans = (y0 > y) != (y1 > y)
    at = x0 + (y - y0) / nw.when(rise == 0).then(nw.lit(1.0)).otherwise(rise) * (x1 - x0)
    crossed = nw.when(spans & (x < at)).then(nw.lit(1)).otherwise(nw.lit(0))
    east, north = (x1 - x0) * across, rise * M_PER_DEG
    to_x, to_y = (x - x0) * across, (y - y0) * M_PER_DEG
    along = (to_x * east + to_y * north) / (east * east + north * north + 1e-12)
    share = (
        nw.when(along < 0)
        .then(nw.lit(0.0))
        .otherwise(nw.when(along > 1).then(nw.lit(1.0)).otherwise(along))
    )
    off_x, off_y = to_x - share * east, to_y - share * north
    return [crossed.alias("crossed"), (off_x * off_x + off_y * off_y).alias("far2")]
