"""What a year is worth with measures beside without, by hand and by what must hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from transcaspian.appraisal.worth.factors import Rates, discount_rates, rates_of
from transcaspian.appraisal.worth.gains import gains
from transcaspian.appraisal.worth.physical import Physical
from transcaspian.corridor.corridor import corridor_of
from transcaspian.errors import Fault
from transcaspian.readers.folder import read_corridor

ANDES = read_corridor(Path(__file__).parents[2] / "corridors" / "andes")


def side(*, hours=100.0, sd=20.0, fees=1_000.0, tariff=9_000.0, base=9_000.0, km=500.0):
    """One run of one flow on one mode: 10 trips of 100 t."""
    one = np.ones((1, 1))
    return Physical(
        trips=10 * one,
        tonnes=1_000 * one,
        mean_h=hours * one,
        sd_h=sd * one,
        fees_usd=fees * one,
        tariff_usd=tariff * one,
        base_tariff_usd=base * one,
        vkm=km * 10 * np.ones((1, 1, 1)),
        tkm=km * 1_000 * np.ones((1, 1, 1)),
    )


def rates(*, elasticity=0.0, market=0.5, carrying=0.01):
    one = np.ones((1, 1))
    return Rates(
        flows=("f",),
        modes=("road",),
        market=market * one,
        carrying=carrying * one,
        reliability=0.5 * one,
        elasticity=elasticity * one,
        emission=80 * one,
        per_vkm=2e-6 * one,
        per_tkm=0 * one,
        carbon=np.array([50.0]),
        case=np.array([100_000.0]),
        growth=np.array([0.03]),
    )


def test_hours_saved_by_hand():
    # 1,000 t x 0.5 USD/t-h x (20 h of the mean + 0.5 x 10 h of the spread)
    found = gains(side(), side(hours=80, sd=10), rates())
    assert found.users["market"].item() == pytest.approx(12_500)
    assert found.users["carrying"].item() == pytest.approx(250)
    assert found.total("market").item() == pytest.approx(12_500)


def test_the_rule_of_a_half_by_hand():
    # g0 = 10 + 0.5 (100 + 10) = 65, g1 = 10 + 0.5 (80 + 5) = 52.5; q1 = 1,000 (52.5 / 65)^-1
    q1 = 1_000 * 65 / 52.5
    found = gains(side(), side(hours=80, sd=10), rates(elasticity=-1.0))
    assert found.users["market"].item() == pytest.approx((1_000 + q1) / 2 * 12.5)


def test_a_fee_that_falls_is_a_transfer():
    found = gains(side(), side(fees=400), rates())
    assert found.users["market"].item() == pytest.approx(600)
    assert found.fees["market"].item() == pytest.approx(-600)
    assert found.total("market").item() == pytest.approx(0, abs=1e-6)


def test_a_cheaper_tariff_is_a_transfer_and_with_more_traffic_a_loss():
    cut = side(tariff=6_000)
    assert gains(side(), cut, rates()).total("market").item() == pytest.approx(0, abs=1e-6)
    drawn = gains(side(), cut, rates(elasticity=-1.0))
    g0, g1 = 65.0, 62.0
    more = 1_000 * (g0 / g1 - 1)
    # carrying what comes in addition costs what the old tariff paid, and it pays less: half of it,
    # and its fees are a gain of who takes them
    assert drawn.total("market").item() == pytest.approx(-3 / 2 * more + 1.0 * more)


def test_a_shorter_way_saves_what_carrying_costs():
    found = gains(side(), side(tariff=7_000, base=7_000), rates())
    assert found.total("market").item() == pytest.approx(2_000)


def test_carbon_and_cases_by_hand():
    found = gains(side(), side(km=400), rates())
    # 100 km less: 1,000 t x 100 km x 80 g; 10 trucks x 100 km x 2 in a million
    assert found.co2_t.item() == pytest.approx(-8)
    assert found.carbon.item() == pytest.approx(400)
    assert found.cases.item() == pytest.approx(-0.002)
    assert found.safety.item() == pytest.approx(200)


def test_what_does_not_move_on_one_side_is_not_compared():
    none = replace(side(), trips=np.zeros((1, 1)), tonnes=np.zeros((1, 1)))
    for found in (gains(side(), none, rates()), gains(none, side(), rates())):
        assert found.total("market").item() == 0


def test_paired_runs_take_their_own_draw():
    two = [Physical(*(np.repeat(getattr(side(hours=h), name), 2, axis=0) for name in NAMES))
           for h in (100, 80)]  # fmt: skip
    many = replace(
        rates(),
        **{
            name: np.repeat(getattr(rates(), name), 2, axis=0)
            for name in ("carrying", "reliability", "elasticity", "emission", "per_vkm", "per_tkm")
        },
        market=np.array([[0.5], [1.0]]),
        carbon=np.array([50.0, 50]),
        case=np.array([1e5, 1e5]),
        growth=np.array([0.0, 0]),
    )
    whole = gains(*two, many).total("market")
    assert gains(*two, many, paired=True).total("market")[:, 0] == pytest.approx(np.diag(whole))


NAMES = (
    "trips",
    "tonnes",
    "mean_h",
    "sd_h",
    "fees_usd",
    "tariff_usd",
    "base_tariff_usd",
    "vkm",
    "tkm",
)


@pytest.mark.parametrize(
    ("worth", "low", "high", "carrying"),
    [(400, 0.10, 0.35, 0.004), (1_500, 0.38, 1.31, 0.014), (10_000, 2.5, 8.8, 0.091)],
)
def test_values_of_time_of_hummels_and_schaur(worth, low, high, carrying):
    """0.6 to 2.1 % of the value a day, beside 8 % a year: to the digits of the reference."""
    goods = ANDES.table("goods").with_columns(pl.lit(float(worth)).alias("value_usd_per_t"))
    corridor = corridor_of(ANDES.about, {**ANDES.tables, "goods": goods})
    ends = [
        rates_of(corridor, ["quinoa_out"], draws=[None], instead={"time_value": share})
        for share in (0.006, 0.021)
    ]
    digits = 1 if worth == 10_000 else 2
    assert round(ends[0].market.item(), digits) == pytest.approx(low)
    assert round(ends[1].market.item(), digits) == pytest.approx(high, abs=10**-digits / 2)
    assert round(ends[0].carrying.item(), 3) == pytest.approx(carrying)
    factors = [end.market.item() / end.carrying.item() for end in ends]
    assert factors == pytest.approx([27, 96], abs=0.5)


def test_the_most_specific_factor_holds():
    found = rates_of(ANDES, ["quinoa_out", "zinc_out"], draws=[None])
    shares = found.market[0] * 24 / np.array([1_500, 900])
    assert shares == pytest.approx([0.0135, 0.002])
    assert found.per_vkm[0] == pytest.approx([0, 0.5e-6, 0])
    assert found.per_tkm[0] == pytest.approx([0.4e-9, 0, 0])


def test_draws_stay_in_their_range_and_are_the_same_again():
    found = rates_of(ANDES, ["quinoa_out"], draws=range(64))
    shares = found.market[:, 0] * 24 / 1_500
    assert shares.min() >= 0.006
    assert shares.max() <= 0.021
    assert (rates_of(ANDES, ["quinoa_out"], draws=[7]).market[0] == found.market[7]).all()


def test_a_factor_that_is_missing_is_named():
    rows = ANDES.table("factors").filter(pl.col("quantity") != "elasticity")
    corridor = corridor_of(ANDES.about, {**ANDES.tables, "factors": rows})
    with pytest.raises(Fault, match="no elasticity") as found:
        rates_of(corridor, ["quinoa_out"], draws=[None])
    assert found.value.code == "A203"
    bare = corridor_of(ANDES.about, {**ANDES.tables, "factors": rows.head(0)})
    with pytest.raises(Fault, match="no discount_rate"):
        discount_rates(bare)


def test_the_first_discount_rate_ranks():
    assert discount_rates(ANDES) == (0.08, 0.04)
