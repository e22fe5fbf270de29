"""A wave as a release: what may be published, and what is kept apart."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Patch
from transcaspian.events.engine import gathered, on_engine
from transcaspian.readers.log import write_events
from transcaspian.readers.patch import write_patch
from transcaspian.survey.change.between import since
from transcaspian.survey.estimates.pictures import (
    curves,
    hours_of_week,
    months,
    time_distance,
)
from transcaspian.survey.estimates.stages import activities
from transcaspian.survey.estimates.stays import stays
from transcaspian.survey.estimates.tables import SPELLS, tables
from transcaspian.survey.estimates.waits.release import chain
from transcaspian.survey.estimates.waits.sailings import sailings, waits
from transcaspian.survey.fits.crossings import kept_hours
from transcaspian.survey.fits.pings import pinged
from transcaspian.survey.hearing import Heard
from transcaspian.survey.release.exports import as_epcis, as_ocel, as_xes
from transcaspian.survey.release.package import write_tables
from transcaspian.survey.release.served import Served, patch_of, served
from transcaspian.tables.store import write_whole

PUBLIC, APART = "tables", "restricted"


@dataclass(frozen=True, slots=True)
class Release:
    """What a wave comes to: its tables, its patch on the stages, and the wave that was heard."""

    heard: Heard
    tables: dict[str, pl.DataFrame]
    served: list[Served]
    patch: Patch


def released(
    heard: Heard, corridor: Corridor, *, earlier: Mapping[str, pl.DataFrame] | None = None
) -> Release:
    """The tables and the patch of a wave, with its change since the tables of an earlier one."""
    wave = heard.wave
    found = tables(
        heard.events,
        heard.visits,
        wave=wave,
        counts=heard.counts,
        rates=heard.rates,
        corridor=corridor,
    )
    stood = stays(heard.visits, heard.events.trips, corridor)
    found["curves"] = curves(found[SPELLS], found["crossings"])
    found["hours_of_week"] = hours_of_week(stood, corridor, publish_from=wave.publish_from)
    found["time_distance"] = time_distance(
        heard.visits, heard.events.trips, corridor=corridor, publish_from=wave.publish_from
    )
    found["months"] = months(stood, publish_from=wave.publish_from)
    found |= chain(
        heard.events.witnesses,
        heard.visits,
        trips=heard.events.trips,
        corridor=corridor,
        publish_from=wave.publish_from,
    )
    found["sailings"] = sailings(
        gathered(waits(heard.visits, heard.events.trips, corridor)),
        publish_from=wave.publish_from,
    )
    found["pings"] = pinged(heard.pings, publish_from=wave.publish_from)
    found["agreement"] = agreement(heard.disagreements, publish_from=wave.publish_from)
    if earlier is not None:
        found["change"] = since(earlier, found, seed=wave.seed)
    found["notices"] = heard.notices
    found["rejected"] = (
        heard.rejects.group_by("file", "code").agg(pl.len().alias("rows")).sort("file", "code")
    )
    found["rows"] = sealed(source_rows(heard))
    done = gathered(
        activities(on_engine(heard.visits), heard.events.steps, trips=heard.events.trips)
    )
    fits = served(done, corridor, publish_from=wave.publish_from)
    patch = patch_of(
        fits,
        corridor,
        run=wave.name,
        title=wave.title,
        synthetic=wave.synthetic,
        seed=wave.seed,
    )
    return Release(heard, found, fits, patch)


def agreement(disagreements: pl.DataFrame, *, publish_from: int) -> pl.DataFrame:
    """How far apart two sources put the same end of the same visit, by place and pair of sources.

    Shape: run, place, end, one, other, n, apart_p50_h, apart_p90_h (of the absolute differences),
    lean_h (the median difference, one minus other).
    """
    far = pl.col("apart_h")
    return (
        disagreements.group_by("run", "place", "end", "one", "other")
        .agg(
            pl.len().alias("n"),
            far.abs().median().alias("apart_p50_h"),
            far.abs().quantile(0.9, "linear").alias("apart_p90_h"),
            far.median().alias("lean_h"),
        )
        .filter(pl.col("n") >= publish_from)
        .sort("run", "place", "end", "one", "other")
        .with_columns(pl.col("n").cast(pl.Int64))
    )


def source_rows(heard: Heard) -> pl.DataFrame:
    """The hash of every source row, taken or not.

    Shape: source (form, tracker, message or the file of a reject), row_hash, taken.
    """
    taken = heard.events.witnesses.select("source", "row_hash", pl.lit(value=True).alias("taken"))
    lost = heard.rejects.select(
        pl.col("file").alias("source"), "row_hash", pl.lit(value=False).alias("taken")
    )
    return pl.concat([taken, lost]).unique().sort("source", "row_hash", "taken")


def sealed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their hashes under a key that only who holds the whole wave can make again.

    Who knows all but one cell of a form could otherwise try amounts until a hash fits.

    Shape: as `source_rows`.
    """
    key = hashlib.sha256(b"key\n" + rows_hash(rows).encode()).digest()
    names = [
        hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:16] for name in rows["row_hash"]
    ]
    hashed = rows.with_columns(pl.Series("row_hash", names, dtype=pl.String))
    return hashed.sort("source", "row_hash", "taken")


def write_release(release: Release, folder: Path, *, corridor: Corridor) -> None:
    """Nothing; the release stands in the folder: tables/ to publish, restricted/ to keep.

    What speaks of single trips (the log, payments, rejects, exports) is restricted.
    """
    heard, wave = release.heard, release.heard.wave
    public_tables = {name: frame for name, frame in release.tables.items() if name != SPELLS}
    write_tables(public_tables, folder / PUBLIC, title=wave.title, synthetic=wave.synthetic)
    write_patch(release.patch, folder / f"{release.patch.name}.toml")
    write_whole(folder / "calibration.json", calibration(release, corridor).encode())
    apart = folder / APART
    apart.mkdir()
    release.tables[SPELLS].write_parquet(apart / "spells.parquet")
    public = heard.events.payments.filter(pl.col("kind") != "unofficial")
    secret = heard.events.payments.filter(pl.col("kind") == "unofficial")
    log = type(heard.events)(
        heard.events.trips,
        heard.events.steps,
        public,
        heard.events.readings,
        heard.events.witnesses,
    )
    write_events(log, apart / "log", corridor=corridor)
    secret.write_parquet(apart / "unofficial_payments.parquet")
    heard.rejects.write_csv(apart / "rejects.csv")
    heard.visits.write_parquet(apart / "visits.parquet")
    epcis = as_epcis(heard.visits, run=wave.name, synthetic=wave.synthetic)
    write_whole(apart / "epcis.jsonld", epcis.encode())
    write_whole(apart / "ocel.json", as_ocel(heard.events).encode())
    write_whole(apart / "log.xes", "".join(as_xes(heard.events)).encode())
    write_whole(folder / "manifest.json", manifest(release, corridor).encode())


def calibration(release: Release, corridor: Corridor) -> str:
    """The fits as JSON: family, parameters, size, their stages with the hours of the week at which
    whoever serves them works (null: always), and a hash of the rows.
    """
    kept = kept_hours(corridor)
    fits = [
        {
            "place": one.group[0],
            "network": one.group[1],
            "direction": one.group[2],
            "activity": one.group[3],
            "family": one.fit.family.name,
            "parameters": {name: round(value, 6) for name, value in one.fit.parameters.items()},
            "mean_h": round(one.fit.mean_h, 6),
            "cv": round(one.fit.cv, 6),
            "n": round(one.fit.size),
            "stages": list(one.stages),
            "basis": one.basis,
            "calendar": {stage: kept.get(stage) for stage in one.stages},
        }
        for one in release.served
    ]
    wave = release.heard.wave
    data = {
        "wave": wave.name,
        "synthetic": wave.synthetic,
        "draws": release.patch.draws.height if release.patch.draws is not None else 0,
        "draws_file": f"{release.patch.name}.draws.csv",
        "source_hash": rows_hash(release.tables["rows"]),
        "fits": fits,
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def rows_hash(rows: pl.DataFrame) -> str:
    """One hash of all source rows."""
    return hashlib.sha256("\n".join(rows["row_hash"].to_list()).encode()).hexdigest()


def manifest(release: Release, corridor: Corridor) -> str:
    """What the release was made from."""
    wave = release.heard.wave
    data = {
        "wave": wave.model_dump(mode="json"),
        "corridor": corridor.about.name,
        "corridor_hash": corridor.hash,
        "zones": "discs round the places"
        if release.heard.drawn_zones is False
        else "zones.geojson",
        "files": list(release.heard.files),
        "trips": release.heard.events.trips.height,
        "source_hash": rows_hash(release.tables["rows"]),
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
