"""A corridor whose figures are known, since they were simulated at a setting of its parameters."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import polars as pl
import pytest

from transcaspian.calibration.learning.design import latin, run_design
from transcaspian.calibration.parameters import parameters
from transcaspian.calibration.years import Year, drawn_figures
from transcaspian.indicators import border_hours
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import run_model

RUNS = 96
NOISE = 0.1
YEARS = (2020, 2021, 2022, 2023)


@pytest.fixture(scope="session")
def andes():
    return read_corridor(Path(__file__).parents[1] / "corridors" / "andes")


@pytest.fixture(scope="session")
def known(andes):
    return parameters(andes)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def runs(andes, known, folder):
    return run_design(andes, known, latin(RUNS, known, seed=3), folder=folder)


@pytest.fixture(scope="session")
def truth(known):
    """The setting at which the planted figures were simulated."""
    scores = np.random.default_rng(11).standard_normal(known.count) * 0.8
    traffic = known.frame["traffic"].to_numpy()
    scores[traffic] = 0.0
    return scores


@pytest.fixture(scope="session")
def planted(andes, known, truth):
    """The corridor with border figures of four years, simulated at the truth, with some noise."""
    model = known.model(andes, truth)
    tally = run_model(model, replications=4, seed=5).tally
    sides = border_hours(model.corridor, tally).filter(
        pl.col("network") == "road", pl.col("value") > 0, pl.col("trips") > 500
    )
    luck = np.random.default_rng(12)
    rows = [
        {
            "figure": f"{row['place']}_{row['direction']}_{year}",
            "quantity": "border_h",
            "year": year,
            "place": row["place"],
            "country": row["country"],
            "network": "road",
            "direction": row["direction"],
            "value": round(float(row["value"] * np.exp(NOISE * luck.standard_normal())), 3),
            "unit": "h",
            "kind": "survey",
            "source": "invented",
            "status": "estimated",
        }
        for row in sides.iter_rows(named=True)
        for year in YEARS
    ]
    published = andes.table("published")
    border = pl.DataFrame(rows).with_columns(
        pl.lit(None, published.schema[name]).alias(name)
        for name in published.columns
        if name not in rows[0]
    )
    kept = published.filter(pl.col("quantity") != "border_h")
    frame = pl.concat([kept, border.select(published.columns)])
    tables = MappingProxyType({**andes.tables, "published": frame})
    return replace(andes, tables=tables)


@pytest.fixture(scope="session")
def figures_at_truth(known, truth, planted):
    found = drawn_figures(
        planted, known, np.repeat(truth[None, :], 4, axis=0), year=Year((), frozenset()), seed=9
    )
    return dict(found.group_by("figure").agg(pl.col("value").mean()).iter_rows())
