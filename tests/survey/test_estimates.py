"""Estimates held against tables worked by hand, against scipy, and against repeated samples."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from transcaspian.survey.estimates.cells import Sample, cells, design, figures
from transcaspian.survey.estimates.inference import mover
from transcaspian.survey.estimates.inference.blur import sharpened
from transcaspian.survey.estimates.inference.means import modelled
from transcaspian.survey.estimates.inference.order import curve, held, ranks
from transcaspian.survey.estimates.inference.pooling import (
    POOLED,
    paule_mandel,
    pooled,
    ranked,
    shrunk,
)
from transcaspian.survey.estimates.inference.ratios import ratios
from transcaspian.survey.estimates.inference.resample import longer_mean
from transcaspian.survey.estimates.tables import covered, masked
from transcaspian.survey.estimates.totals import strata, totals

ONES = np.ones


def gathered(hours, *, open_=None, cluster=None, place="a", weight=None, half=0.0):
    n = len(hours)
    weight = np.ones(n) if weight is None else np.asarray(weight)
    return pl.DataFrame(
        {
            "run": "w", "place": place, "country": "XX", "network": "road", "direction": "outbound",
            "cluster": [str(c) for c in (range(n) if cluster is None else cluster)],
            "hours": np.asarray(hours, dtype=float), "half_h": half,
            "open": np.zeros(n, dtype=int) if open_ is None else np.asarray(open_, dtype=int),
            "n": 1, "weight": weight, "weight2": weight**2, "good": 0,
        }
    )  # fmt: skip


def sample(hours, **more):
    frame = gathered(hours, **more)
    return Sample(
        frame["hours"].to_numpy(), frame["half_h"].to_numpy(), frame["open"].to_numpy() > 0,
        frame["n"].to_numpy().astype(float), frame["weight"].to_numpy(),
        frame["weight2"].to_numpy(),
        frame["cluster"].rank("dense").to_numpy().astype(int), 0.0,
    )  # fmt: skip


def test_ranks_of_the_median_of_ten_and_the_reach_of_a_ninetieth():
    """Worked check 2 of the survey's reference."""
    lower, upper = ranks(np.array([10]), 0.5, level=0.95)[:, 0]
    assert (lower, upper) == (2, 9)
    covered = stats.binom.cdf(8, 10, 0.5) - stats.binom.cdf(1, 10, 0.5)
    assert covered == pytest.approx(0.979, abs=5e-4)
    sizes = np.arange(5, 60)
    upper = ranks(sizes, 0.9, level=0.95)[1]
    assert sizes[upper <= sizes].min() == 36


def test_plain_samples_have_plain_order_statistics():
    x = np.sort(np.random.default_rng(1).lognormal(1, 1, 10))
    line = curve(x, np.zeros(10, bool), weight=np.ones(10))
    assert held(line, 0.5, effective=10, level=0.95) == (x[4], x[1], x[8])
    assert held(line, 0.9, effective=10, level=0.95)[2] is None


def test_the_curve_is_that_of_scipy():
    rng = np.random.default_rng(2)
    x, cut = rng.exponential(5, 200).round(1), rng.exponential(9, 200).round(1)
    open_ = x > cut
    seen = np.minimum(x, cut)
    ours = curve(seen, open_, weight=np.ones(200))
    theirs = stats.ecdf(stats.CensoredData.right_censored(seen, open_)).cdf
    assert [ours.by(t) for t in (1, 3, 5, 8)] == pytest.approx(theirs.evaluate([1, 3, 5, 8]))


def test_dropping_open_stays_is_what_we_do_not_do():
    rng = np.random.default_rng(3)
    x = rng.lognormal(2, 1, 4000)
    cut = rng.exponential(30, 4000)
    open_ = x > cut
    seen = np.minimum(x, cut)
    kept = figures(sample(seen, open_=open_), 4000)
    dropped = np.median(x[~open_])
    assert kept["p50_h"] == pytest.approx(np.median(x), rel=0.1)
    assert kept["mean_h"] == pytest.approx(x.mean(), rel=0.1)
    assert dropped < np.median(x) * 0.9


@pytest.mark.parametrize("n", [12, 40])
def test_printed_intervals_cover(n):
    rng = np.random.default_rng(4)
    sigma = np.sqrt(np.log(1 + 1.5**2))
    hit = {"p50": 0, "mean": 0}
    for _ in range(300):
        x = rng.lognormal(1, sigma, n)
        row = figures(sample(x), n)
        hit["p50"] += row["p50_low"] <= np.e <= row["p50_high"]
        hit["mean"] += row["mean_low"] <= np.exp(1 + sigma**2 / 2) <= row["mean_high"]
    low, high = stats.binom.interval(0.999, 300, 0.95)
    assert hit["p50"] >= low
    assert hit["mean"] >= 300 * 0.9
    assert high <= 300


def test_rounded_hours_are_sharpened():
    rng = np.random.default_rng(5)
    x = rng.lognormal(-0.3, 0.5, 3000)
    unit = rng.choice([1 / 60, 0.25, 1.0], 3000)
    told = np.maximum(np.round(x / unit) * unit, 0)
    plain = curve(told, np.zeros(3000, bool), weight=np.ones(3000))
    sharp = sharpened(told, np.zeros(3000, bool), half=unit / 2, weight=np.ones(3000))
    true = np.median(x)
    assert abs(plain.at(0.5) / true - 1) > 0.08
    assert sharp.at(0.5) == pytest.approx(true, rel=0.06)


def test_clusters_and_weights_take_from_the_sample():
    rng = np.random.default_rng(6)
    trains = np.repeat(np.arange(40), 10)
    x = np.exp(1 + rng.normal(0, 0.5, 40)[trains] + rng.normal(0, 1, 400))
    known = design(sample(x, cluster=trains))
    assert known["rho"] == pytest.approx(0.2, abs=0.1)
    assert known["deff_cluster"] == pytest.approx(1 + 9 * known["rho"])
    weights = np.r_[np.full(200, 1.0), np.full(200, 4.0)]
    assert design(sample(x, weight=weights))["deff_weight"] == pytest.approx(
        400 * (200 + 3200) / 1000**2
    )
    assert design(sample(x, half=x))["deff_blur"] == pytest.approx(7 / 6)


def test_small_cells_are_withheld():
    rng = np.random.default_rng(7)
    frame = pl.concat([gathered(rng.lognormal(1, 0.8, n), place=f"p{n}") for n in (5, 20, 60, 200)])
    table = masked(pooled(cells(frame, publish_from=10), level=0.95))
    assert table["grade"].to_list() == ["C", "B", "D", "B"] or set(table["grade"]) == {
        "B",
        "C",
        "D",
    }
    small = table.filter(place="p5").row(0, named=True)
    assert small["withheld"]
    assert small["grade"] == "D"
    assert small["p50_h"] is None
    assert small["mean_h"] is None
    assert small["n"] == 5
    # the pooled median, its weight and the median of its kind would give its own median away
    assert [small[name] for name in POOLED] == [None] * len(POOLED)
    assert table.filter(place="p20")["shrink"][0] <= table.filter(place="p200")["shrink"][0]


def test_cells_of_one_stay_of_equal_stays_and_of_open_ones_are_told_honestly():
    frame = pl.concat(
        [
            gathered([3.0], place="one"),
            gathered([2.0] * 30, place="alike"),
            gathered(np.arange(1.0, 31), open_=[1] * 30, place="open"),
        ]
    )
    table = cells(frame, publish_from=10).sort("place")
    alike = table.filter(place="alike").row(0, named=True)
    assert (alike["p50_h"], alike["p50_low"], alike["p50_high"]) == (2.0, 2.0, 2.0)
    assert alike["mean_h"] is None
    assert alike["mean_raw_h"] == 2.0
    hidden = table.filter(place="open").row(0, named=True)
    assert hidden["open"] == 30
    assert hidden["p50_h"] is None
    assert table.filter(place="one")["withheld"].to_list() == [True]


def test_pooling_beats_raw_medians_as_the_reference_measured():
    """Table D of section 6: crossings alike (tau 0.2), three trips each."""
    rng = np.random.default_rng(8)
    raw, ours = [], []
    for _ in range(60):
        true = rng.normal(0, 0.2, 12)
        frame = pl.concat(
            [
                gathered(np.exp(t + rng.normal(0, 1, 3)), place=f"p{k:02d}")
                for k, t in enumerate(true)
            ]
        )
        table = pooled(cells(frame, publish_from=3), level=0.95).sort("place")
        raw += list((np.log(table["p50_h"].to_numpy()) - true) ** 2)
        ours += list((np.log(table["pooled_h"].to_numpy()) - true) ** 2)
    assert np.sqrt(np.mean(ours) / np.mean(raw)) < 0.7
    assert paule_mandel(np.array([1.0, 1.0, 1.0]), np.array([0.3, 0.3, 0.3])) == 0
    between = paule_mandel(np.array([0.0, 2.0, 4.0]), np.full(3, 0.1))
    assert between == pytest.approx(4 - 0.01, rel=0.01)


@pytest.mark.parametrize(("count", "tau"), [(4, 0.2), (8, 0.3), (12, 0.2)])
def test_pooled_intervals_cover(count, tau):
    rng = np.random.default_rng(11)
    hit = 0
    for _ in range(1500):
        se = 1.25 / np.sqrt(rng.uniform(5, 30, count))
        true = rng.normal(1, tau, count)
        logs = true + rng.normal(0, se)
        own, middle, spread = shrunk(logs, se)
        hit += (np.abs(own * logs + (1 - own) * middle - true) <= 1.96 * spread).mean()
    assert 0.93 <= hit / 1500 <= 0.985


def test_intervals_with_open_stays_cover():
    """A ninetieth percentile of 200 stays of which a third are open: it covered 81 % once."""
    rng = np.random.default_rng(12)
    sigma = np.sqrt(np.log(1 + 1.5**2))
    hit = {"p50": 0, "p90": 0}
    for _ in range(300):
        x, cut = rng.lognormal(0, sigma, 200), rng.exponential(3, 200)
        row = figures(sample(np.minimum(x, cut), open_=x > cut), 200, means=False)
        for name, true in (("p50", 1.0), ("p90", np.exp(1.2816 * sigma))):
            low, high = row[f"{name}_low"], row[f"{name}_high"]
            hit[name] += (low is None or low <= true) and (high is None or true <= high)
    assert min(hit.values()) >= stats.binom.ppf(0.001, 300, 0.95)


def test_what_open_stays_hide_is_blank_however_coarsely_the_rest_is_told():
    """Eighty stays of at most four hours, forty that left our sight at five."""
    hours = np.concatenate([np.full(60, 2.0), np.linspace(1, 4, 20), np.full(40, 5.0)])
    for half in (0.0, 0.5):
        row = figures(sample(hours, open_=np.arange(120) >= 80, half=half), 120, means=False)
        assert row["p50_h"] == pytest.approx(2.0, rel=0.05)
        assert [row[name] for name in ("p90_h", "p95_h", "within_24h", "within_72h")] == [None] * 4
        assert row["within_4h_low"] < 2 / 3 < row["within_4h_high"]


def test_stays_open_from_their_start_tell_nothing():
    rng = np.random.default_rng(13)
    x = rng.lognormal(1, 1, 20)
    alone = sample(x)
    more = sample(np.r_[x, np.zeros(80)], open_=np.r_[np.zeros(20), np.ones(80)])
    assert design(more)["n_eff"] == design(alone)["n_eff"] == 20
    assert figures(more, 20)["p50_high"] == figures(alone, 20)["p50_high"]


def test_few_clusters_are_withheld_whatever_their_stays():
    frame = gathered(np.random.default_rng(14).lognormal(1, 1, 40), cluster=[0] * 20 + [1] * 20)
    assert cells(frame, publish_from=10)["withheld"].to_list() == [True]


def test_ranks_say_what_is_not_known():
    rng = np.random.default_rng(9)
    frame = pl.concat(
        [gathered(rng.lognormal(m, 0.8, 40), place=p) for p, m in (("a", 1), ("b", 1.05), ("c", 4))]
    )
    table = ranked(pooled(cells(frame, publish_from=10), level=0.95), level=0.95, seed=1)
    assert table["place"][0] == "c"
    assert table.filter(place="c").select("rank_low", "rank_high").row(0) == (1, 1)
    assert table.filter(place="a").select("rank_low", "rank_high").row(0) == (2, 3)


def test_a_ratio_s_interval_covers_with_clusters():
    rng = np.random.default_rng(10)
    hit = 0
    for _ in range(300):
        x = rng.gamma(2, 1, 30)
        y = x * 3 + rng.normal(0, 1, 30) * x
        frame = pl.DataFrame(
            {"run": "w", "g": "a", "cluster": [str(k) for k in range(30)], "n": 1, "y": y, "x": x}
        )
        row = ratios(frame, by=("g",), level=0.95).row(0, named=True)
        hit += row["low"] <= 3 <= row["high"]
    low, high = stats.binom.interval(0.999, 300, 0.95)
    assert low - 12 <= hit <= high
    assert row["value"] == pytest.approx(y.sum() / x.sum())


def test_who_was_sampled_does_not_decide_the_total():
    table = pl.DataFrame(
        {
            "run": "w", "place": ["a", "b", "c"], "country": "XX", "network": "road",
            "direction": ["outbound", "inbound", "inbound"], "n": [90, 10, 4],
            "n_eff": [90.0, 10.0, 4.0], "withheld": [False, False, True],
            "mean_h": [2.0, 40.0, 99.0], "mean_low": [1.8, 30.0, 1.0],
            "mean_high": [2.2, 53.0, 999.0],
        }
    )  # fmt: skip
    counts = pl.DataFrame(
        {
            "place": ["a", "b", "c"],
            "network": "road",
            "direction": ["outbound", "inbound", "inbound"],
            "trips": [500.0, 500.0, 50.0],
        }
    )
    row = totals(table, counts, by=("country",), level=0.95).row(0, named=True)
    assert row["value"] == pytest.approx(21)
    assert row["by_sample_h"] == pytest.approx((2 * 90 + 40 * 10) / 100)
    assert row["covered"] == pytest.approx(1000 / 1050)
    assert row["n_eff"] == pytest.approx(1 / (0.25 / 90 + 0.25 / 10))
    blank = totals(table, counts.clear(), by=("country",), level=0.95).row(0, named=True)
    assert blank["value"] is None


def test_the_interval_of_a_lognormal_mean_is_cox_s():
    x = np.random.default_rng(11).lognormal(1, 0.8, 200)
    logs = np.log(x)
    s2 = logs.var()
    reach = stats.t.ppf(0.975, 199) * np.sqrt(s2 / 200 + s2**2 / (2 * 200))
    row = modelled(
        x, np.zeros(200, bool), half=np.zeros(200), weight=np.ones(200), effective=200, level=0.95
    )
    assert row.family == "lognormal"
    assert row.value == pytest.approx(np.exp(logs.mean() + s2 / 2), rel=1e-4)
    assert row.low <= row.value * np.exp(-reach) * 1.001


def test_the_mean_with_open_stays_is_the_area_under_the_curve_and_its_interval_covers():
    rng = np.random.default_rng(5)
    true, hit = float(np.exp(1 + 0.72 / 2)), 0
    for number in range(120):
        stays = rng.lognormal(1, np.sqrt(0.72), 80)
        seen = rng.uniform(3, 40, 80)
        open_ = seen < stays
        hours = np.minimum(stays, seen)
        weight = rng.uniform(0.5, 2, 80)
        value, low, high = longer_mean(
            hours, open_, weight=weight, cluster=np.arange(80), level=0.95, seed=number
        )
        assert value == pytest.approx(curve(hours, open_, weight=weight).mean())
        hit += low <= true <= high
    assert hit / 120 > 0.85
    once = longer_mean(
        np.array([2.0, 4.0]), np.array([False, False]), weight=np.ones(2),
        cluster=np.zeros(2, int), level=0.95, seed=1,
    )  # fmt: skip
    assert once == (3.0, None, None)


@pytest.mark.parametrize("n", [100, 200])
def test_the_spread_of_slow_stays_has_an_interval_that_covers(n):
    rng = np.random.default_rng(n)
    held_95, rounds = {"p95_p50": 0, "buffer": 0}, 200
    true = {"p95_p50": np.exp(1.6448536), "buffer": np.exp(1.6448536 - 0.5) - 1}
    for _ in range(rounds):
        found = figures(sample(rng.lognormal(1, 1, n)), float(n))
        for name, value in true.items():
            held_95[name] += found[f"{name}_low"] <= value <= found[f"{name}_high"]
    assert min(held_95.values()) >= 0.93 * rounds


def test_what_mean_and_quantiles_share_is_that_of_repeated_samples():
    rng = np.random.default_rng(3)
    drawn = rng.lognormal(1, 0.8, (4000, 400))
    p50, p95 = np.quantile(drawn, [0.5, 0.95], axis=1)
    assert np.corrcoef(p50, p95)[0, 1] == pytest.approx(mover.of_quantiles(0.5, 0.95), abs=0.05)
    line = curve(drawn[0], drawn[0] < 0, weight=ONES(400))
    shared = np.corrcoef(drawn.mean(axis=1), p95)[0, 1]
    assert mover.of_mean(line, 0.95) == pytest.approx(shared, abs=0.08)


def test_a_ratio_without_a_limit_has_none_on_that_side():
    assert mover.ratio((10.0, 8.0, None), (5.0, 4.0, 6.0), together=0.0)[2] is None
    value, low, high = mover.ratio((10.0, 8.0, 12.5), (5.0, 5.0, 5.0), together=0.0)
    assert (value, low, high) == pytest.approx((2.0, 1.6, 2.5))
    joint = mover.ratio((10.0, 8.0, 12.5), (5.0, 4.0, 6.25), together=1.0)
    assert joint == pytest.approx((2.0, 2.0, 2.0))


def test_weights_of_strata_add_up_and_give_the_total():
    cells_ = pooled(
        cells(
            pl.concat(
                [
                    gathered(np.random.default_rng(k).lognormal(1, 0.5, 40), place=place)
                    for k, place in enumerate("abc")
                ]
            ),
            publish_from=10,
        ),
        level=0.95,
    )
    counts = pl.DataFrame(
        {"place": ["a", "b", "c"], "network": "road", "direction": "outbound",
         "trips": [1000.0, 3000.0, 6000.0]}
    )  # fmt: skip
    found = strata(cells_, counts)
    assert found["of_network"].to_list() == [0.1, 0.3, 0.6]
    total = totals(cells_, counts, by=("network",), level=0.95).row(0, named=True)
    assert total["value"] == pytest.approx(float(found["of_network"] @ found["mean_h"]))
    hidden = cells_.with_columns(withheld=pl.col("place") == "c")
    assert strata(hidden, counts)["of_network"].to_list() == [0.25, 0.75]


def test_goods_withheld_cannot_be_told_from_the_rest():
    rng = np.random.default_rng(1)
    rows = [
        gathered(rng.lognormal(1, 0.5, count), place=place).with_columns(
            goods=pl.lit(name), cluster=pl.lit(name) + pl.int_range(count).cast(str)
        )
        for place, many in (("a", (40, 20, 4)), ("b", (40, 7, 6)), ("c", (40, 12, 0)))
        for name, count in zip(("grain", "fruit", "coal"), many, strict=True)
        if count
    ]
    by = ("place", "country", "network", "direction", "goods")
    whole = cells(pl.concat(rows), publish_from=10, by=by, below=False)
    shown = {
        place: covered(group, 10).filter(~pl.col("withheld"))["goods"].to_list()
        for (place,), group in whole.group_by("place", maintain_order=True)
    }
    # the four of coal at a were the whole less the rest: fruit is withheld with them
    assert shown == {"a": ["grain"], "b": ["grain"], "c": ["fruit", "grain"]}
    assert covered(whole.filter(place="a"), 10).filter(goods="fruit")["grade"].to_list() == ["D"]
