"""What the fit makes of each sort of statement, and what must be left out with a figure."""

import numpy as np
import polars as pl
import pytest

from transcaspian.calibration.fitting.left_out import _naive, cases
from transcaspian.calibration.fitting.rows import Emulator, rows_of
from transcaspian.calibration.fitting.targets import targets
from transcaspian.calibration.learning.emulate import Sides, Web
from transcaspian.network import sides as sides_of
from transcaspian.readers.folder import read_corridor


@pytest.fixture(scope="module")
def shipped():
    return read_corridor()


@pytest.fixture(scope="module")
def table(shipped):
    figures = shipped.table("published")["figure"]
    spread = dict.fromkeys(figures, 0.5) | {"tfi3_kz_road_2022": 0.001}
    return targets(shipped, spread)


@pytest.fixture(scope="module")
def rows(shipped, table):
    """The rows of every border figure; all sides have as many trips, and nobody asks for hours."""
    frame = sides_of(shipped).filter(pl.col("direction").is_in(["outbound", "inbound"]))
    names = frame.select(pl.concat_str("place", "network", "direction", separator="/"))
    each = tuple(names.to_series().unique().sort().drop_nulls())
    web = Web(*(np.full(len(each), -1) for _ in range(4)), np.array([], dtype=np.int64))
    blank = np.zeros((len(each), 1))
    made = Sides(None, each, np.ones(len(each)), web, blank, np.zeros(len(each)))
    return rows_of(shipped, table.filter(quantity="border_h"), Emulator(made, ()))


def test_each_sort_of_statement_is_used_as_what_it_is(table):
    use = dict(table.select("figure", "use").iter_rows())
    assert use["altynkol_absheron_2024"] == "bound"
    assert use["xian_constanta_2025"] == "range"
    assert use["nagoya_istanbul_titr_2025"] == "shown"
    assert use["china_black_sea_2023_target"] == "shown"
    assert use["titr_total_2023"] == "input"
    assert use["kz_rail_2022_mean_h"] == "fitted"
    assert use["xian_absheron_2025_12"] == "fitted"
    assert use["tfi3_kz_road_2022"] == "shown"
    why = dict(table.select("figure", "why").iter_rows())
    assert why["tfi3_kz_road_2022"] == "no parameter is meant to move it"
    error = dict(table.select("figure", "error").iter_rows())
    assert error["xian_absheron_2025_12"] == 0.1, "no less than any statement may be off"
    wide = np.log(960 / 840) / (2 * 1.6449)
    assert error["shanghai_poti_sea_2025"] == pytest.approx(max(wide, 0.1), rel=1e-3)
    assert error["nagoya_istanbul_titr_2025"] is None
    assert error["kz_rail_2022_mean_h"] is None


def test_a_countrys_mean_is_of_its_posts_and_a_posts_of_itself(rows):
    shares = rows.shares
    assert shares.sum(axis=1) == pytest.approx(np.ones(len(shares)))
    place = rows.frame["place"].is_not_null().to_numpy()
    assert ((shares[place] > 0).sum(axis=1) <= 2).all()
    assert ((shares[~place] > 0).sum(axis=1) > 2).mean() > 0.8


def test_nothing_that_holds_a_figure_is_seen_when_it_is_left_out(rows):
    frame = rows.frame
    seen = 0
    for case in cases(rows, 2023):
        if case.split != "figure":
            continue
        at = int(np.flatnonzero(case.held)[0])
        one = frame.row(at, named=True)
        left = frame.filter(pl.Series(~case.gone))
        same = left.filter(cell=one["cell"], year=one["year"])
        assert same.is_empty(), "an edition or a sibling direction is left"
        if one["place"]:
            means = left.filter(pl.col("place").is_null(), region=one["region"], year=one["year"])
            assert means.is_empty(), "a mean that holds it is left"
        seen += 1
    assert seen == rows.surveyed.sum() > 190


def test_the_other_leave_outs_take_all_that_they_are_named_for(rows):
    frame = rows.frame
    splits = {case.split for case in cases(rows, 2023)}
    assert splits == {"figure", "crossing", "country", "year", "later"}
    for case in cases(rows, 2023):
        left, held = frame.filter(pl.Series(~case.gone)), frame.filter(pl.Series(case.held))
        assert held.height
        if case.split == "crossing":
            place = held["place"].unique().to_list()
            assert len(place) == 1
            assert left.filter(pl.col("place") == place[0]).is_empty()
            pairs = held.select("region", "year").unique()
            means = left.filter(pl.col("place").is_null())
            assert means.join(pairs, on=["region", "year"], how="semi").is_empty()
        if case.split == "country":
            assert not set(left["country"]) & set(held["country"])
        if case.split == "year":
            assert not set(left["year"]) & set(held["year"])
        if case.split == "later":
            assert left["year"].max() == 2021
            assert held["year"].min() == 2022


def test_the_naive_rules_by_hand(rows):
    number = {name: at for at, name in enumerate(rows.frame["figure"])}

    def naive(split, figure):
        at = number[figure]
        case = next(c for c in cases(rows, 2023) if c.split == split and c.held[at])
        found = _naive(rows, case, at)
        return None if found is None else float(np.exp(found))

    value = dict(rows.frame.select("figure", "published").iter_rows())
    key = "tsiteli_khidi_road_{}_outbound_h"
    assert naive("figure", key.format(2023)) == pytest.approx(value[key.format(2022)])
    assert naive("figure", key.format(2021)) == pytest.approx(value[key.format(2022)])
    assert naive("later", key.format(2023)) == pytest.approx(value[key.format(2021)])
    assert naive("crossing", key.format(2022)) == pytest.approx(value["ge_road_2022_outbound_h"])
    others = rows.frame.filter(
        pl.col("place").is_null(),
        pl.col("country") != "GE",
        network="road",
        direction="outbound",
        year=2022,
    )
    mean = float(np.exp(np.log(others["published"].to_numpy()).mean()))
    assert naive("country", key.format(2022)) == pytest.approx(mean)


def test_the_naive_miss_of_the_nearest_year_is_about_that_of_the_whole_record(rows):
    """CPMM's border hours miss their nearest year by 0.32 in the logarithm, at the median."""
    misses = []
    for case in cases(rows, 2023):
        at = int(np.flatnonzero(case.held)[0])
        if case.split == "figure" and (found := _naive(rows, case, at)) is not None:
            misses.append(abs(found - rows.y[at]))
    assert 0.25 < np.median(misses) < 0.45
