"""The survey beside its peers: stages out of events, stays out of fixes, fits, messages, a wave.

Each job runs ours and each peer that is installed in turn, in one process, on the same made-up
data; CPU seconds, the least of three rounds. Peers that are missing are said to be missing:
`bench/peers` makes an environment with all of them.

Run: .venv-bench/bin/python bench/survey.py [--events 1000000] [--fixes 1000000] [--big]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

warnings.filterwarnings("ignore")
ROUNDS = 3


def there(name: str) -> bool:
    """Whether a peer is installed."""
    return importlib.util.find_spec(name) is not None


def cpu(job: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The least CPU seconds of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        job()
        best = min(best, time.process_time() - begun)
    return best


def event_log(count: int) -> pl.DataFrame:
    """A made-up log of starts and completions: 16 places, 8 activities."""
    rng = np.random.default_rng(1)
    stages = count // 2
    trip = np.arange(stages) // 31
    begun = rng.integers(0, 90 * 86_400, stages) * 1_000_000
    hours = rng.lognormal(1, 1, stages)
    shared = {
        "run": pl.Series(np.full(stages, "w")),
        "trip": trip,
        "leg": np.arange(stages) % 31,
        "place": pl.Series(
            np.array([f"place_{n:02d}" for n in range(16)])[rng.integers(0, 16, stages)]
        ),
        "activity": pl.Series(np.array([f"act_{n}" for n in range(8)])[rng.integers(0, 8, stages)]),
    }
    parts = [
        pl.DataFrame({**shared, "instant": instants, "lifecycle": pl.Series(np.full(stages, end))})
        for end, instants in (
            ("start", begun),
            ("complete", begun + (hours * 3.6e9).astype(np.int64)),
        )
    ]
    both = pl.concat(parts).with_columns(pl.col("instant").cast(pl.Datetime("us", "UTC")))
    return both.sample(fraction=1, shuffle=True, seed=1)


def event_file(count: int) -> Path:
    """The log as a Parquet file, made by a process of its own, which takes its memory with it."""
    path = Path(tempfile.mkdtemp()) / "events.parquet"
    maker = get_context("spawn").Process(target=write_events, args=(count, path))
    maker.start()
    maker.join()
    return path


def write_events(count: int, path: Path) -> None:
    """Nothing; the log stands in a file."""
    event_log(count).write_parquet(path)


def stage_jobs(path: Path) -> dict[str, Callable[[], object]]:
    """From a file to n, mean, median, p10, p90 of 128 cells; ours with intervals too."""
    from transcaspian.survey.estimates.events import stage_table

    jobs: dict[str, Callable[[], object]] = {"ours": lambda: stage_table(pl.scan_parquet(path))}
    keys = ["trip", "leg", "place", "activity"]
    if there("pandas"):
        import pandas as pd

        def by_pandas() -> object:
            plain = pd.read_parquet(path)
            begun = plain[plain.lifecycle == "start"].set_index(keys).instant
            done = plain[plain.lifecycle == "complete"].set_index(keys).instant
            hours = ((done - begun).dt.total_seconds() / 3600).reset_index()
            return hours.groupby(["place", "activity"]).instant.describe(
                percentiles=[0.1, 0.5, 0.9]
            )

        jobs["pandas"] = by_pandas
    if there("duckdb"):
        import duckdb

        base = duckdb.connect(config={"threads": 2})
        query = f"""
            select place, activity, count(*), avg(h), quantile_cont(h, [0.1, 0.5, 0.9]) from (
                select s.place, s.activity, (epoch_us(c.instant) - epoch_us(s.instant)) / 3.6e9 h
                from '{path}' s join '{path}' c using (run, trip, leg)
                where s.lifecycle = 'start' and c.lifecycle = 'complete')
            group by all"""  # noqa: S608  # a file of our own
        jobs["DuckDB"] = lambda: base.sql(query).fetchall()
    if there("pm4py"):
        jobs["pm4py, performance DFG alone"] = pm4py_job(pl.read_parquet(path))
    return jobs


def pm4py_job(events: pl.DataFrame) -> Callable[[], object]:
    """The directly-follows graph with mean durations: no stages, no quantiles."""
    import pm4py

    frame = events.select(
        pl.col("trip").cast(str).alias("case:concept:name"),
        pl.concat_str("place", "activity", separator=" ").alias("concept:name"),
        pl.col("instant").alias("time:timestamp"),
    ).to_pandas()
    return lambda: pm4py.discover_performance_dfg(frame)


def track(count: int) -> pl.DataFrame:
    """Made-up trackers between twenty fences on a line: they stand, then drive."""
    rng = np.random.default_rng(2)
    each, rows = 1000, []
    for trip in range(count // each):
        stands = rng.lognormal(2.5, 0.7, 20)
        ends = np.cumsum(np.c_[stands, np.full(20, 4.0)].ravel())
        at = np.sort(rng.uniform(0, ends[-1], each))
        leg = np.searchsorted(ends, at)
        share = (at - np.r_[0, ends][leg]) / np.diff(np.r_[0, ends])[leg]
        lon = 50 + leg // 2 * 2.0 + np.where(leg % 2 == 1, share * 2.0, 0)
        rows.append(
            np.c_[
                np.full(each, trip),
                at,
                45 + rng.normal(0, 2e-4, each),
                lon + rng.normal(0, 2e-4, each),
            ]
        )
    whole = np.concatenate(rows)
    return pl.DataFrame(
        {
            "run": pl.Series(np.full(len(whole), "w")),
            "trip": whole[:, 0].astype(np.int64),
            "instant": pl.Series((whole[:, 1] * 3.6e9).astype(np.int64)).cast(
                pl.Datetime("us", "UTC")
            ),
            "lat_deg": whole[:, 2],
            "lon_deg": whole[:, 3],
        }
    )


def fence(number: int) -> object:
    """A fence about the place of a number."""
    from transcaspian.readers.tracks.zones import Zone

    lon, d = 50 + 2.0 * number, 0.02
    ring = (
        (lon - d, 45 - d),
        (lon + d, 45 - d),
        (lon + d, 45 + d),
        (lon - d, 45 + d),
        (lon - d, 45 - d),
    )
    return Zone(f"place_{number:02d}", "place", ring)


def stay_jobs(fixes: pl.DataFrame) -> dict[str, Callable[[], object]]:
    """Stays in fences with open ends and gaps; peers detect stops."""
    from transcaspian.survey.tracks.stays import stays

    zones = [fence(number) for number in range(20)]
    jobs: dict[str, Callable[[], object]] = {
        "ours": lambda: nw.to_native(stays(fixes, zones, hold_m=150, gap_h=6))  # type: ignore[arg-type]
    }
    few = fixes.head(20_000)
    factor = fixes.height / few.height
    if there("movingpandas"):
        jobs[f"MovingPandas, x{factor:.0f} from 20,000 fixes"] = movingpandas_job(few, factor)
    if there("trackintel"):
        jobs[f"trackintel, x{factor:.0f} from 20,000 fixes"] = trackintel_job(few, factor)
    return jobs


@dataclass(frozen=True)
class Scaled:
    """A job on a part of the data, and how many times the whole is larger."""

    job: Callable[[], object]
    factor: float

    def __call__(self) -> object:
        """Whatever the job gives."""
        return self.job()


def movingpandas_job(fixes: pl.DataFrame, factor: float) -> Scaled:
    """Stops of at least half an hour within two kilometres."""
    from datetime import timedelta

    import movingpandas as mpd

    frame = fixes.to_pandas()
    frame["instant"] = frame.instant.dt.tz_localize(None)
    trips = mpd.TrajectoryCollection(frame, "trip", t="instant", x="lon_deg", y="lat_deg")
    finder = mpd.TrajectoryStopDetector(trips)
    return Scaled(
        lambda: finder.get_stop_points(min_duration=timedelta(minutes=30), max_diameter=4000),
        factor,
    )


def trackintel_job(fixes: pl.DataFrame, factor: float) -> Scaled:
    """Staypoints of at least half an hour within two kilometres."""
    import geopandas
    import trackintel

    frame = fixes.to_pandas()
    shape = geopandas.GeoDataFrame(
        {"user_id": frame.trip, "tracked_at": frame.instant},
        geometry=geopandas.points_from_xy(frame.lon_deg, frame.lat_deg), crs="EPSG:4326",
    )  # fmt: skip
    positions = (
        trackintel.Positionfixes(shape)
        if hasattr(trackintel, "Positionfixes")
        else trackintel.io.read_positionfixes_gpd(shape, tracked_at="tracked_at", user_id="user_id")
    )
    return Scaled(
        lambda: positions.generate_staypoints(
            dist_threshold=2000, time_threshold=30, include_last=True
        ),
        factor,
    )


def fit_jobs() -> dict[str, Callable[[], object]]:
    """128 cells, six families, 2,000 stays each, a tenth open, with covariance."""
    from transcaspian.survey.fits.likelihood import fit_all
    from transcaspian.survey.fits.spells import spells

    rng = np.random.default_rng(3)
    told = []
    for _ in range(128):
        x = rng.lognormal(1, 0.8, 2000)
        open_ = rng.random(2000) < 0.1
        told.append((np.where(open_, x * rng.random(2000), x), open_))
    cells = [spells(hours, open_=open_) for hours, open_ in told]
    families = ["lognormal", "weibull", "gamma", "erlang", "gengamma", "zero_inflated"]
    jobs: dict[str, Callable[[], object]] = {"ours": lambda: fit_all(cells, families=families)}
    if there("lifelines"):
        import lifelines

        def peers() -> object:
            for hours, open_ in told[:4]:
                lifelines.LogNormalFitter().fit(hours, ~open_)
                lifelines.WeibullFitter().fit(hours, ~open_)
                lifelines.GeneralizedGammaFitter().fit(hours, ~open_)

        jobs["lifelines, three families, x32 from 4 cells"] = Scaled(peers, 32)
    return jobs


def message_jobs(count: int = 100_000) -> dict[str, Callable[[], object]]:
    """EPCIS and DCSA events parsed and mapped."""
    from transcaspian.readers.folder import read_corridor
    from transcaspian.readers.forms.stamps import Habits
    from transcaspian.readers.gazetteer import gazetteer
    from transcaspian.readers.messages.dcsa import read_dcsa
    from transcaspian.readers.messages.epcis import read_epcis

    names = gazetteer(read_corridor())
    folder = Path(tempfile.mkdtemp())
    epcis = [
        {
            "type": "ObjectEvent",
            "eventTime": f"2024-02-15T{n % 24:02d}:00:00+06:00",
            "eventTimeZoneOffset": "+06:00",
            "epcList": [f"urn:epc:id:sscc:1234567.{n % 5000}"],
            "bizStep": "arriving",
            "readPoint": {"id": "KZAAU"},
        }
        for n in range(count)
    ]
    (folder / "e.jsonld").write_text(
        json.dumps({"type": "EPCISDocument", "epcisBody": {"eventList": epcis}})
    )
    dcsa = [
        {
            "eventType": "EQUIPMENT",
            "eventClassifierCode": "ACT",
            "equipmentEventTypeCode": "GTIN",
            "eventDateTime": f"2024-02-15T{n % 24:02d}:00:00+04:00",
            "equipmentReference": f"MSKU{n % 5000:07d}",
            "eventLocation": {"UNLocationCode": "GEPTI"},
        }
        for n in range(count)
    ]
    (folder / "d.json").write_text(json.dumps(dcsa))
    return {
        "ours, EPCIS": lambda: read_epcis(folder / "e.jsonld", names, run="w", habits=Habits()),
        "ours, DCSA": lambda: read_dcsa(folder / "d.json", names, run="w", habits=Habits()),
    }


def wave_job() -> tuple[float, float, int]:
    """CPU and wall seconds of a made-up wave of 5,000 trips from its files to its release."""
    from datetime import date

    from transcaspian.readers.folder import read_corridor
    from transcaspian.readers.wave import read_wave
    from transcaspian.report.survey import survey_page
    from transcaspian.simulation import simulate
    from transcaspian.survey.example import fill_wave
    from transcaspian.survey.hearing import hear
    from transcaspian.survey.release.release import released, write_release

    corridor = read_corridor()
    log = simulate(corridor, replications=1, seed=7, log=True).events
    assert log is not None  # noqa: S101  # asked for
    folder = Path(tempfile.mkdtemp())
    period = (date(corridor.about.base_year, 4, 1), date(corridor.about.base_year, 6, 30))
    drawn = fill_wave(folder / "wave", log, corridor=corridor, trips=5000, period=period, seed=3)
    begun, wall = time.process_time(), time.perf_counter()
    found = released(hear(read_wave(folder / "wave", corridor), corridor), corridor)
    (folder / "r").mkdir()
    write_release(found, folder / "r", corridor=corridor)
    for language in ("en", "ru", "ja"):
        (folder / f"{language}.html").write_text(survey_page(found, corridor, language=language))
    return time.process_time() - begun, time.perf_counter() - wall, drawn.trips.height


def told(job: str, jobs: dict[str, Callable[[], object]]) -> None:
    """Nothing; a line of the table for each engine."""
    base = None
    for engine, run in jobs.items():
        factor = run.factor if isinstance(run, Scaled) else 1.0
        rounds = 1 if isinstance(run, Scaled) or "pm4py" in engine else ROUNDS
        took = cpu(run, rounds) * factor
        base = took if base is None or engine.startswith("ours") else base
        print(f"| {job} | {engine} | {took:.2f} | {took / base:.1f} |", flush=True)


def main() -> None:
    """Nothing; the tables are printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--fixes", type=int, default=1_000_000)
    parser.add_argument("--big", action="store_true", help="ten million events, ours alone")
    asked = parser.parse_args()
    if asked.big:
        path = event_file(10_000_000)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        took = cpu(stage_jobs(path)["ours"], 1)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(
            f"10 million events: {took:.1f} CPU s; peak {peak / 2**20:.2f} GiB, "
            f"{before / 2**20:.2f} before"
        )
        return
    lost = [
        name
        for name in ("pandas", "duckdb", "pm4py", "movingpandas", "trackintel", "lifelines")
        if not there(name)
    ]
    if lost:
        print(f"not installed: {', '.join(lost)}\n")
    print("| job | engine | CPU s | times ours |\n|---|---|---|---|")
    told(f"{asked.events:,} events to stage indicators", stage_jobs(event_file(asked.events)))
    told(f"{asked.fixes:,} fixes to stays", stay_jobs(track(asked.fixes)))
    told("128 cells x 6 families, with covariance", fit_jobs())
    told("100,000 messages", message_jobs())
    spent, wall, trips = wave_job()
    print(
        f"| {trips:,} trips from files to release and reports "
        f"| ours | {spent:.1f} | {wall:.1f} s wall |"
    )


if __name__ == "__main__":
    main()
