"""Tables as Parquet and CSV with a Frictionless descriptor."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import polars as pl

from transcaspian.tables.store import write_whole

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with, or a spreadsheet takes it for a formula."""
DIGITS = 6
WORDS: Mapping[str, str] = {
    "run": "Survey wave.",
    "place": "Post or port of the corridor.",
    "country": "ISO 3166-1 alpha-2 code; empty for whole trips.",
    "network": "Surface: rail, road or sea.",
    "direction": "Seen from the country of the place.",
    "crossing": "Both posts of a border.",
    "direction_in": "Country entered.",
    "activity": "Code of the activities vocabulary.",
    "n": "Trips.",
    "open": "Trips whose stay was not seen to its end; counted as longer than seen.",
    "clusters": "Independent groups: trains, convoys, or single trips.",
    "weight": "Real trips that the sample stands for.",
    "deff_weight": "Design effect of unequal weights.",
    "deff_cluster": "Design effect of clusters.",
    "deff_blur": "Design effect of lengths told within bounds.",
    "rho": "Correlation of logarithmic stays within clusters.",
    "n_eff": "Effective number of trips.",
    "grade": "A: 100 effective trips and two sources; B: 30; C: 10; D: fewer, withheld.",
    "withheld": "Below the floor: only sizes are told.",
    "mean_h": "Mean, hours: of the family named beside it, else of the curve.",
    "mean_raw_h": "Mean of the curve, or of naive stays between positions, hours.",
    "mean_family": "Family the mean is of; blank where it is that of the curve.",
    "p95_p50": "Ninety-fifth percentile over median.",
    "buffer": "Ninety-fifth percentile over mean, less one.",
    "goods": "What was carried; empty where nobody says.",
    "stage": "Stage of a stay in a port.",
    "unit_min": "Unit of the clock, minutes.",
    "told": "Instants, or lengths stated in hours.",
    "index": "Times as many on the unit as chance would have.",
    "indicator": "Speed with delay (swd), without (swod), share of hours not in motion.",
    "unit": "Unit of the value.",
    "mean_of_ratios": "Weighted mean of the trips' own ratios, in the unit of the value.",
    "ratio_alike": "The ratio at the same goods; blank where stays were open.",
    "of_network": "Share of the traffic on its surface.",
    "of_network_direction": "Share of the traffic on its surface and in its direction.",
    "of_country_network": "Share of the traffic of its country on its surface.",
    "of_country_network_direction": "Share of that in its direction.",
    "shrink": "Weight of the cell's own median in the pooled one.",
    "pooled_h": "Median drawn towards that of the cells of its kind, hours.",
    "kind_h": "Median of the cells of its kind, hours.",
    "value": "Estimate.",
    "low": "Lower limit, 95 %.",
    "high": "Upper limit, 95 %.",
    "covered": "Share of the traffic that the total speaks for.",
    "traffic": "Official trips.",
    "deff": "Sample over effective sample.",
    "by_sample_h": "Mean by the sample's own shares, hours.",
    "ratio": "Geometric mean over that of the earlier wave.",
    "basis": "Sample: geometric means; lognormal: fitted medians, since some stays were open.",
    "shift_h": "Median of all differences, hours.",
    "p": "Chance of as much apart by dealing clusters at random among those of the same goods.",
    "q": "The chance adjusted for all cells tested.",
    "changed": "Whether q is at most 0.05.",
    "detectable": "Least fall, as a share, that these sizes show in four of five cases.",
    "rank": "Place in the league, 1 the slowest.",
}
PARTS = {"low": ", lower limit, 95 %", "high": ", upper limit, 95 %", "h": ", hours"}
TYPES: dict[type[pl.DataType], str] = {
    pl.String: "string",
    pl.Boolean: "boolean",
    pl.Float64: "number",
}


def write_tables(
    tables: Mapping[str, pl.DataFrame], folder: Path, *, title: str, synthetic: bool
) -> None:
    """Nothing; each table stands as CSV and Parquet with one descriptor, datapackage.json.

    Text that a spreadsheet would take for a formula is quoted in the CSV.
    """
    folder.mkdir(parents=True, exist_ok=True)
    resources: list[dict[str, object]] = []
    for name, frame in tables.items():
        text = safe(frame).write_csv(float_precision=DIGITS).encode()
        write_whole(folder / f"{name}.csv", text)
        buffer = BytesIO()
        frame.write_parquet(buffer)
        write_whole(folder / f"{name}.parquet", buffer.getvalue())
        resources.append(_resource(name, frame, text))
    package = {
        "profile": "tabular-data-package",
        "name": "survey-release",
        "title": title,
        "description": SYNTHETIC if synthetic else "A survey of a freight corridor.",
        "resources": resources,
    }
    write_whole(
        folder / "datapackage.json",
        (json.dumps(package, indent=1, ensure_ascii=False) + "\n").encode(),
    )


SYNTHETIC = "SYNTHETIC: made from a simulated log to try the tools; nothing in it was observed."


def safe(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with text that begins like a formula behind an apostrophe."""
    words = [name for name, kind in frame.schema.items() if kind == pl.String]
    risky = [pl.col(name).str.slice(0, 1).is_in(RISKY) for name in words]
    return frame.with_columns(
        pl.when(bad).then(pl.lit("'") + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name, bad in zip(words, risky, strict=True)
    )


def _resource(name: str, frame: pl.DataFrame, text: bytes) -> dict[str, object]:
    fields = [
        {
            "name": column,
            "type": TYPES.get(type(kind), "integer"),
            "description": described(column),
        }
        for column, kind in frame.schema.items()
    ]
    return {
        "name": name.replace("_", "-"),
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(text),
        "hash": f"sha256:{hashlib.sha256(text).hexdigest()}",
        "schema": {"fields": fields, "missingValues": [""]},
    }


def described(column: str) -> str:
    """What a column is, in a sentence."""
    if column in WORDS:
        return WORDS[column]
    stem, _, part = column.rpartition("_")
    if column.startswith("within_"):
        limit = column.split("_")[1].removesuffix("h")
        return f"Share of stays of at most {limit} hours{PARTS.get(part, '')}."
    if part in PARTS and stem in WORDS:
        return f"{WORDS[stem].removesuffix('.')}{PARTS[part]}."
    if part in PARTS and stem:
        return f"{stem.replace('_', ' ')}{PARTS[part]}."
    return f"{column.replace('_', ' ').capitalize()}."
