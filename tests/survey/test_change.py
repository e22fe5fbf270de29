"""Change between waves, breaks in series, restatements, the planner, the linter."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from scipy import stats
from test_estimates import gathered

from transcaspian.errors import Fault
from transcaspian.survey.change.between import between, since
from transcaspian.survey.change.restate import restated
from transcaspian.survey.change.series import alarms, breaks, monthly, partition
from transcaspian.survey.estimates.cells import cells
from transcaspian.survey.plan import Aim, Instrument, detectable_fall, plan, trips_needed
from transcaspian.survey.published import Known, lint
from transcaspian.survey.published.lint import cell_values
from transcaspian.survey.published.rounding import possible_change, printed

BY = ("place",)


def test_the_table_of_trips_needed():
    """Table A of section 6 of the survey's reference, to the printed digit."""
    printed_table = {
        0.5: (1332, 316, 71, 28),
        1.0: (4136, 981, 219, 86),
        1.5: (7033, 1667, 372, 146),
        2.0: (9603, 2276, 508, 199),
    }
    for cv, row in printed_table.items():
        found = [int(np.ceil(trips_needed(cv, fall=fall))) for fall in (0.05, 0.1, 0.2, 0.3)]
        assert tuple(found) == row
    shown = detectable_fall(1.0, n=np.array([30, 100, 200, 1000]))
    assert [round(float(each) * 100) for each in shown] == [45, 28, 21, 10]


def test_the_planned_power_is_reached():
    n = int(np.ceil(trips_needed(1.0, fall=0.2)))
    rng = np.random.default_rng(1)
    sigma = np.sqrt(np.log(2))
    seen = sum(
        stats.ttest_ind(rng.normal(0, sigma, n), rng.normal(np.log(0.8), sigma, n)).pvalue < 0.05
        for _ in range(600)
    )
    low, high = stats.binom.interval(0.999, 600, 0.8)
    assert low <= seen <= high


def test_kept_carriers_clusters_and_instruments_change_the_plan():
    cells = pl.DataFrame(
        {
            "place": ["a", "b", "c"],
            "network": ["road", "rail", "rail"],
            "sigma": [0.8, 0.8, None],
            "deff_cluster": [1.0, 2.8, None],
        }
    )
    table = plan(cells, aim=Aim(fall=0.2))
    assert table["instrument"].to_list() == ["form", "message", "message"]
    assert table["basis"].to_list() == ["last wave", "last wave", "assumed"]
    assert table["needed"][1] > 2.5 * table["needed"][0] * 0.9
    assert plan(cells, aim=Aim(fall=0.2, kept=0.5))["needed"][0] < table["needed"][0] * 0.55
    dear = (Instrument("form", 1.0, 3.0), Instrument("tracker", 50.0, 0.0))
    assert plan(cells, aim=Aim(fall=0.2), instruments=dear)["instrument"][0] == "form"


def test_a_budget_goes_where_it_shortens_most_and_one_too_small_is_refused():
    cells = pl.DataFrame(
        {"place": ["a", "b"], "network": "road", "sigma": [0.4, 1.6], "deff_cluster": [1.0, 1.0]}
    )
    one = (Instrument("form", 10.0),)
    table = plan(cells, aim=Aim(fall=0.1, budget_usd=5000), instruments=one)
    assert table["usd"].sum() <= 5000
    assert table["trips"].to_list() == [100, 400]
    with pytest.raises(Fault) as caught:
        plan(cells, aim=Aim(fall=0.1, budget_usd=100), instruments=one)
    assert caught.value.code == "V401"
    assert "200 USD" in caught.value.expected


def test_traffic_not_known_counts_as_the_median_of_what_is_known():
    cells = pl.DataFrame(
        {
            "place": ["a", "b", "c", "d"],
            "sigma": 1.0,
            "deff_cluster": 1.0,
            "traffic": [50_000.0, 10_000.0, 30_000.0, None],
        }
    )
    aim, one = Aim(fall=0.05, budget_usd=12_000), (Instrument("form", 10.0),)
    assert plan(cells, aim=aim, instruments=one)["trips"].to_list() == [500, 100, 300, 300]
    pair = cells[[0, 3]]
    assert plan(pair, aim=aim, instruments=one)["trips"].to_list() == [600, 600]
    none = cells.with_columns(traffic=pl.lit(None))
    assert plan(none, aim=aim, instruments=one)["trips"].to_list() == [300] * 4


def test_published_rises_are_found():
    """Kazakhstan rail inbound 54.4 to 78.0 h, Georgia outbound 4.2 to 23.3 h (CPMM 2022)."""
    rng = np.random.default_rng(2)

    def wave(mean, n=150, cv=1.0):
        sigma = np.sqrt(np.log(1 + cv**2))
        return rng.lognormal(np.log(mean) - sigma**2 / 2, sigma, n)

    before = pl.concat(
        [
            gathered(wave(54.4), place="kz"),
            gathered(wave(4.2), place="ge"),
            gathered(wave(10), place="same"),
        ]
    )
    after = pl.concat(
        [
            gathered(wave(78.0), place="kz"),
            gathered(wave(23.3), place="ge"),
            gathered(wave(10), place="same"),
        ]
    )
    table = between(before, after, by=BY, level=0.95, seed=1)
    assert dict(table.select("place", "changed").iter_rows()) == {
        "ge": True,
        "kz": True,
        "same": False,
    }
    row = table.filter(place="ge").row(0, named=True)
    assert row["low"] < 23.3 / 4.2 < row["high"]
    assert row["shift_h"] > 8
    adjusted = stats.false_discovery_control(table["p"].to_numpy())
    assert table["q"].to_list() == pytest.approx(adjusted.tolist())


def test_the_ratio_covers_and_the_chance_is_a_chance():
    rng = np.random.default_rng(3)
    hit, small = 0, 0
    for seed in range(150):
        old, new = rng.lognormal(1, 0.9, 25), rng.lognormal(1.3, 0.9, 40)
        row = between(gathered(old), gathered(new), by=BY, level=0.95, seed=seed).row(0, named=True)
        hit += row["low"] <= np.exp(0.3) <= row["high"]
        null = between(
            gathered(old), gathered(rng.lognormal(1, 0.9, 40)), by=BY, level=0.95, seed=seed
        )
        small += null["p"][0] < 0.05
    assert stats.binom.interval(0.999, 150, 0.95)[0] <= hit
    assert small <= stats.binom.interval(0.999, 150, 0.05)[1]


def test_waves_of_other_sizes_and_spreads_do_not_differ_by_the_dealing_alone():
    """Thirty widely spread stays against two hundred narrow ones, the same geometric mean."""
    rng = np.random.default_rng(8)
    rejected = 0
    for number in range(150):
        old, new = (gathered(rng.lognormal(1, s, n)) for s, n in ((1.5, 30), (0.5, 200)))
        found = between(old, new, by=BY, level=0.95, seed=number)
        rejected += found["p"][0] < 0.05
    assert rejected <= stats.binom.ppf(0.999, 150, 0.07)


def test_open_stays_are_no_change():
    """Nothing changed but that the second wave lost sight of a third of its trips."""
    rng = np.random.default_rng(9)
    ratios, covered = [], 0
    for number in range(60):
        first, second = rng.lognormal(2, 0.8, (2, 120))
        sight = rng.exponential(20, 120)
        after = gathered(np.minimum(second, sight), open_=second > sight)
        row = between(gathered(first), after, by=BY, level=0.95, seed=number).row(0, named=True)
        assert (row["basis"], row["shift_h"]) == ("lognormal", None)
        ratios.append(row["ratio"])
        covered += row["low"] <= 1 <= row["high"]
    assert np.mean(ratios) == pytest.approx(1, abs=0.05)
    assert covered >= 52


def test_clusters_stay_whole_when_waves_are_shuffled():
    rng = np.random.default_rng(4)
    trains = np.repeat(np.arange(8), 12)
    waves = [
        gathered(np.exp(rng.normal(0, 1, 8)[trains] + rng.normal(0, 0.2, 96)), cluster=trains)
        for _ in range(2)
    ]
    row = between(*waves, by=BY, level=0.95, seed=1).row(0, named=True)
    wrong = between(
        *(wave.with_columns(cluster=pl.int_range(96).cast(str)) for wave in waves),
        by=BY,
        level=0.95,
        seed=1,
    ).row(0, named=True)
    assert row["high"] / row["low"] > 2 * wrong["high"] / wrong["low"]
    assert row["detectable"] > wrong["detectable"]


def test_breaks_are_where_the_level_changes():
    rng = np.random.default_rng(5)
    months = np.exp(
        np.r_[np.full(24, 1.0), np.full(18, 1.8), np.full(12, 1.2)] + rng.normal(0, 0.08, 54)
    )
    found = breaks(months, known={24: "war", 43: "relief"})
    assert [each.at for each in found] == [24, 42]
    assert [each.known for each in found] == ["war", "relief"]
    assert found[0].ratio == pytest.approx(np.exp(0.8), rel=0.1)
    assert partition(rng.normal(0, 1, 60), penalty=3 * np.log(60) * 2) == []
    heard = alarms(months, base=months[:18])
    assert heard
    assert 24 <= heard[0] <= 26


@pytest.mark.parametrize("months", [6, 8, 12, 24, 27, 60, 120])
def test_of_white_noise_five_in_a_hundred_at_most_show_a_break(months):
    """Whether the deviation of a month comes of the series, or is known."""
    noise = np.random.default_rng(months).lognormal(1, 0.2, (2000 if months < 48 else 500, months))
    most = stats.binom.interval(0.999, len(noise), 0.05)[1]
    assert sum(bool(breaks(series)) for series in noise) <= most
    assert sum(bool(breaks(series, error=0.2)) for series in noise) <= most


def test_short_and_constant_series():
    steps = np.r_[np.full(3, 2.0), np.full(3, 9.0)] * [1.0, 1.1, 0.95, 1.05, 0.9, 1.0]
    assert [each.at for each in breaks(steps)] == [3]
    assert breaks(np.full(40, 4.7)) == []


@pytest.mark.parametrize(("months", "base"), [(12, 12), (18, 12), (24, 12), (48, 24), (120, 60)])
def test_of_white_noise_one_month_in_170_at_most_is_a_false_alarm(months, base):
    noise = np.random.default_rng(months).lognormal(1, 0.2, (2500, months))
    counts = np.array([len(alarms(series, base=series[:base].tolist())) for series in noise])
    error = counts.std() / np.sqrt(len(counts))
    assert counts.mean() <= months / 170 + stats.norm.ppf(0.999) * error


def test_a_short_base_raises_no_alarm_and_one_wild_month_of_it_hides_no_rise():
    rng = np.random.default_rng(8)
    series = rng.lognormal(1, 0.1, 24) * np.where(np.arange(24) < 12, 1.0, 1.5)
    assert alarms(series, base=series[:11].tolist()) == []
    series[4] *= 2
    assert {at for at in alarms(series, base=series[:12].tolist()) if at >= 12} & {12, 13, 14, 15}


def _pieces(count, start=0):
    """All ways to cut months into pieces of two or more, as their ends."""
    yield (count,)
    for end in range(start + 2, count - 1):
        yield from ((end, *rest) for rest in _pieces(count, end))


def test_no_other_cuts_cost_less():
    rng = np.random.default_rng(9)
    ways = [(0, *ends) for ends in _pieces(11)]
    pairs = sorted({pair for way in ways for pair in pairwise(way)})
    place = {pair: number for number, pair in enumerate(pairs)}
    used = np.zeros((len(ways), len(pairs)))
    for number, way in enumerate(ways):
        used[number, [place[pair] for pair in pairwise(way)]] = 1
    for _ in range(1500):
        values, penalty = rng.normal(0, 1, 11), rng.uniform(0.05, 2)
        squares = np.array([values[a:b].var() * (b - a) for a, b in pairs])
        costs = used @ squares + penalty * (used.sum(axis=1) - 1)
        found = (0, *partition(values, penalty=penalty), 11)
        assert costs[ways.index(found)] == pytest.approx(costs.min())


def test_what_either_wave_withholds_is_compared_by_neither():
    """A ratio of two trips would tell of those two."""
    rng = np.random.default_rng(4)

    def told(sizes):
        spells = pl.concat(
            gathered(rng.lognormal(1, 1, n), place=place) for place, n in sizes.items()
        )
        return {"spells": spells, "crossings": cells(spells, publish_from=10)}

    found = since(told({"a": 40, "b": 40, "c": 4}), told({"a": 40, "b": 4, "c": 40}), seed=1)
    assert found["place"].to_list() == ["a"]


def test_months_as_sure_as_their_intervals_raise_few_alarms():
    """Six months whose medians are each 10 % off: nothing happened, and next to nothing is said."""
    rng = np.random.default_rng(6)
    rows = []
    for place in range(60):
        level = rng.lognormal(1, 1)
        for month in range(1, 7):
            p50 = level * rng.lognormal(0, 0.1)
            rows.append((f"p{place:02d}", f"2023-{month:02d}", p50, p50 * 0.82, p50 * 1.22))
    columns = ["place", "month", "p50_h", "p50_low", "p50_high"]
    months = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        run=pl.lit("w"), country=pl.lit("XX"), network=pl.lit("road"), direction=pl.lit("inbound")
    )
    found = monthly(months, known={})
    assert found.filter(what="break").height <= 4
    assert found.filter(what="alarm").height <= 6


def test_the_difference_of_two_releases():
    old = pl.DataFrame(
        {"place": ["a", "b", "c"], "p50_h": [1.0, 2.0, None], "grade": ["A", "B", "D"]}
    )
    new = pl.DataFrame(
        {"place": ["a", "c", "d"], "p50_h": [1.5, 3.0, 4.0], "grade": ["A", "D", "A"]}
    )
    rows = (
        restated(old, new, keys=("place",), table="crossings")
        .select("key", "column", "what", "change")
        .rows()
    )
    assert rows == [
        ("a", "p50_h", "changed", 0.5),
        ("b", "", "gone row", None),
        ("c", "p50_h", "filled", None),
        ("d", "", "new row", None),
    ]
    assert restated(new, new, keys=("place",), table="x").is_empty()


def cell(value, year="2023", indicator="tfi1", country="KZ", direction="", **more):
    return {
        "table": "t",
        "country": country,
        "place": "",
        "indicator": indicator,
        "mode": "road",
        "direction": direction,
        "year": year,
        "value": value,
        **more,
    }


def kinds(*rows, known=None):
    return lint(pl.DataFrame(list(rows), infer_schema_length=None), known)["kind"].to_list()


def test_rounding_intervals_are_exact():
    was, now = printed("12.2"), printed("15.1")
    low, high = possible_change(was, now)
    assert float(low) == pytest.approx((15.05 / 12.25 - 1) * 100)
    assert float(high) == pytest.approx((15.15 / 12.15 - 1) * 100)
    assert printed("\u2013") is None
    assert printed("\u22124.5").value == -4.5


@pytest.mark.parametrize(
    ("kind", "rows", "known"),
    [
        ("sign", [cell("10.0", "2022"), cell("12.0", change="-20.0")], None),
        ("change", [cell("10.0", "2022"), cell("12.0", change="25.0")], None),
        ("text", [cell("12.0", text="21.0")], None),
        ("swapped", [cell("51.1", indicator="swd"), cell("31.2", indicator="swod")], None),
        ("unit", [cell("12.0", unit="USD")], None),
        ("label", [cell("12.0", country="XX")], Known(countries=frozenset({"KZ"}))),
        ("label", [cell("12.0", year="2032")], Known(years=frozenset({"2023"}))),
        ("blank", [cell("10.0", "2022"), cell("\u2013", change="-100")], None),
        ("blank", [cell("10.0", "2022"), cell("0", change="-100.0")], None),
        ("decimals", [cell("12.345", n="20", cv="1")], None),
        ("comparable", [cell("12.0", country="AZ")], Known(without_partner=frozenset({"AZ"}))),
        (
            "between",
            [cell("50.0"), cell("4.2", direction="outbound"), cell("23.3", direction="inbound")],
            None,
        ),
    ],
)
def test_each_kind_of_error_is_found(kind, rows, known):
    assert kinds(*rows, known=known) == [kind]


def test_a_restated_value_is_found_and_a_sound_table_is_not_accused():
    earlier = pl.DataFrame([cell("10.0", "2022")])
    known = Known(earlier=cell_values(earlier))
    assert kinds(cell("11.0", "2022"), known=known) == ["restated"]
    assert kinds(cell("10.0", "2022"), cell("12.0", change="20.0"), known=known) == []
    with pytest.raises(Fault):
        lint(pl.DataFrame({"value": ["1"]}))


def test_the_identities_hold_in_the_published_figures_that_ship(shipped):
    """Worked check 1: SWD at most SWOD, and means between their directions."""
    figures = shipped.table("published").filter(pl.col("kind") == "survey")
    names = {"border_h": "tfi1", "speed_kmh": "swod", "speed_with_delay_kmh": "swd"}
    rows = figures.filter(pl.col("quantity").is_in(list(names))).select(
        pl.lit("published").alias("table"),
        *(pl.col(name).fill_null("") for name in ("country", "place", "direction")),
        pl.col("quantity").replace(names).alias("indicator"),
        pl.col("network").fill_null("").alias("mode"),
        pl.col("year").cast(pl.String),
        pl.col("value").round(2).cast(pl.String),
    )  # fmt: skip
    assert rows.height > 100
    found = lint(rows)
    assert found.is_empty(), found


def by_goods(rng, mix, *, ratio=1.0):
    """A wave of stays of grain, of a median of 2 h, and of fruit, of 12 h."""
    parts = [
        gathered(ratio * median * rng.lognormal(0, 0.3, count)).with_columns(
            goods=pl.lit(name), cluster=pl.lit(name) + pl.int_range(count).cast(str)
        )
        for (name, median), count in zip({"grain": 2.0, "fruit": 12.0}.items(), mix, strict=True)
    ]
    return pl.concat(parts)


def test_other_goods_are_no_change_and_a_change_at_the_same_goods_is_seen_through_them():
    rng = np.random.default_rng(8)
    chances = []
    for _ in range(20):
        before, after = by_goods(rng, (60, 15)), by_goods(rng, (15, 60))
        row = between(before, after, by=BY, level=0.95, seed=1).row(0, named=True)
        assert row["ratio"] > 2.2
        assert row["ratio_alike"] == pytest.approx(1, abs=0.25)
        chances.append(row["p"])
    assert np.mean(np.array(chances) < 0.05) <= 0.2
    assert np.median(chances) > 0.2
    faster = between(
        by_goods(rng, (60, 15)), by_goods(rng, (15, 60), ratio=0.6), by=BY, level=0.95, seed=1
    ).row(0, named=True)
    assert faster["ratio"] > 1.3
    assert faster["ratio_alike"] == pytest.approx(0.6, abs=0.12)
    assert faster["p"] < 0.01


def test_goods_that_hardly_anybody_carried_are_one_stratum():
    rng = np.random.default_rng(9)
    waves = [by_goods(rng, (60, 2)), by_goods(rng, (60, 3))]
    row = between(*waves, by=BY, level=0.95, seed=1).row(0, named=True)
    plain = [wave.drop("goods") for wave in waves]
    assert row["p"] == between(*plain, by=BY, level=0.95, seed=1).row(0, named=True)["p"]
