"""How often the printed 95 % intervals of small made-up waves hold the truth.

Each wave is drawn anew from one simulated year of the corridor, with all the dirt of real forms,
tracks and messages, written to files, read, reconciled and estimated. The truth of a cell is the
census: all trips of the period, not those met. Below it what a naive reading of trackers says.

Run: python bench/intervals.py [--waves 200] [--trips 300]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from transcaspian.corridor.corridor import Corridor  # the path is set above
from transcaspian.events.engine import gathered
from transcaspian.events.log import Events
from transcaspian.readers.folder import read_corridor
from transcaspian.readers.wave import read_wave
from transcaspian.simulation import simulate
from transcaspian.survey.estimates.cells import cells
from transcaspian.survey.estimates.stays import CELL, spells, stays
from transcaspian.survey.example import fill_wave
from transcaspian.survey.fits.pings import fit_pings, naive_dwell
from transcaspian.survey.hearing import hear

FIGURES = ("p50", "mean")
INTERVALS_H = (0.25, 1.0, 3.0, 6.0, 12.0)
MEDIAN_H = 4.0


def one_wave(corridor: Corridor, log: Events, *, trips: int, seed: int) -> pl.DataFrame:
    """The published cells of one wave beside the census of its period."""
    year = corridor.about.base_year
    period = (date(year, 4, 1), date(year, 6, 30))
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "wave"
        drawn = fill_wave(wave, log, corridor=corridor, trips=trips, period=period, seed=seed)
        heard = hear(read_wave(wave, corridor), corridor)
    stood = stays(heard.visits, heard.events.trips, corridor)
    found = cells(gathered(spells(stood)), publish_from=heard.wave.publish_from)
    census = drawn.truth.select(
        *CELL, pl.col("p50_h").alias("p50_true"), pl.col("mean_h").alias("mean_true")
    )
    return found.filter(~pl.col("withheld")).join(census, on=list(CELL)).with_columns(wave=seed)


def hits(found: pl.DataFrame, figure: str) -> pl.DataFrame:
    """The cells in which a figure was printed, and whether its interval holds the truth.

    A limit that the sample cannot carry is printed as none: it excludes nothing.
    """
    told = found.filter(pl.col(f"{figure}_h").is_not_null())
    low, high = pl.col(f"{figure}_low").fill_null(0), pl.col(f"{figure}_high").fill_null(1e9)
    true = pl.col(f"{figure}_true")
    return told.with_columns(((low <= true) & (true <= high)).alias("hit"))


def pings() -> list[str]:
    """For each ping interval the bias of the naive mean and of ours; median 4 h, CV 1."""
    rng = np.random.default_rng(5)
    sigma = float(np.sqrt(np.log(2)))
    true = MEDIAN_H * float(np.exp(sigma**2 / 2))
    rows = ["| ping interval | naive mean | ours |", "| --- | --- | --- |"]
    for interval in INTERVALS_H:
        naive, ours = [], []
        for _ in range(40):
            stay = rng.lognormal(np.log(MEDIAN_H), sigma, 500)
            seen = np.floor(stay / interval + rng.random(500)).astype(int)
            seen = seen[seen > 0]
            longer = naive_dwell(seen, interval_h=interval)
            naive.append(longer[seen > 1].mean() / true - 1)
            ours.append(fit_pings(seen, interval_h=interval).mean_h / true - 1)
        rows.append(f"| {interval:g} h | {np.median(naive):+.0%} | {np.median(ours):+.0%} |")
    return rows


def main() -> None:
    """Nothing; the tables are printed, and written into the README when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waves", type=int, default=200)
    parser.add_argument("--trips", type=int, default=300)
    parser.add_argument("--keep", type=Path, help="a Parquet file for all cells of all waves")
    asked = parser.parse_args()
    corridor = read_corridor()
    log = simulate(corridor, replications=1, seed=7, log=True).events
    if log is None:
        message = "the log was asked for and not kept"
        raise RuntimeError(message)
    parts = []
    for seed in range(1, asked.waves + 1):
        parts.append(one_wave(corridor, log, trips=asked.trips, seed=seed))
        print(f"\r{seed} of {asked.waves} waves", end="", file=sys.stderr)
    print(file=sys.stderr)
    found = pl.concat(parts)
    if asked.keep:
        found.write_parquet(asked.keep)
    rows = [
        "| figure | intervals | hold the truth | waves differ by | median width, high over low |",
        "| --- | --- | --- | --- | --- |",
    ]
    for figure in FIGURES:
        told = hits(found, figure)
        by_wave = told.group_by("wave").agg(pl.col("hit").mean(), pl.len().alias("n"))
        share = float(told["hit"].mean() or 0)
        spread = by_wave.select(((pl.col("hit") - share) * pl.col("n")).pow(2).sum()).item()
        error = float(np.sqrt(spread)) / told.height
        reach = float(stats.norm.ppf(0.975)) * error
        wide = (told[f"{figure}_high"] / told[f"{figure}_low"]).drop_nulls().median()
        rows.append(
            f"| {figure} | {told.height:,} | {share:.3f} ± {reach:.3f} "
            f"| {by_wave['hit'].std():.3f} | {wide:.2f} |"
        )
    print("\n".join([*rows, "", *pings()]))


if __name__ == "__main__":
    main()
