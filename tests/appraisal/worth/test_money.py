"""What a measure costs, in the prices of one year, taxes taken out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from transcaspian.appraisal.worth.money import (
    Prices,
    check_costs,
    prices_of,
    real_cost,
    streams,
)
from transcaspian.corridor.patch import Cost
from transcaspian.errors import Faults
from transcaspian.readers.folder import read_corridor

PRICES = Prices(
    2025,
    {2020: 80.0, 2025: 100.0},
    {("JPY", 2025): (140.0, 150.0, 160.0), ("EUR", 2020): (0.9, 0.9, 0.9)},
)


def cost(**more) -> Cost:
    return Cost(source="invented", **more)


def real(draw=None, **more):
    return real_cost(cost(**more), PRICES, name="one", draw=draw)


def test_another_currency_of_the_base_year():
    spent = real(capex_amount=1_500.0, currency="JPY", price_year=2025)
    assert spent.capex_usd == pytest.approx(10)
    assert (spent.low_usd, spent.high_usd) == pytest.approx((1500 / 160, 1500 / 140))


def test_another_currency_of_another_year_is_turned_there_and_brought_here():
    spent = real(capex_amount=90.0, currency="EUR", price_year=2020)
    assert spent.capex_usd == pytest.approx(100 / 0.8)


def test_prices_of_another_year_come_to_those_of_the_base_year():
    spent = real(capex_usd=8.0, opex_usd_per_year=4.0, price_year=2020)
    assert (spent.capex_usd, spent.opex_usd_per_year) == pytest.approx((10, 5))


def test_a_tax_is_a_transfer_and_is_taken_out():
    spent = real(capex_usd=100.0, opex_usd_per_year=10.0, tax_share=0.2)
    assert (spent.capex_usd, spent.opex_usd_per_year) == pytest.approx((80, 8))


def test_of_a_range_the_middle_is_its_geometric_mean_and_a_draw_stays_within():
    more = {"capex_low_usd": 2.0, "capex_high_usd": 8.0}
    assert real(**more).capex_usd == pytest.approx(4)
    drawn = np.array([real(draw=k, **more).capex_usd for k in range(80)])
    assert drawn.min() >= 2
    assert drawn.max() <= 8
    assert (drawn < 4).sum() == 40
    assert real(draw=3, **more) == real(draw=3, **more)


def test_a_value_with_a_range_is_its_middle():
    spent = real(capex_low_usd=1.0, capex_usd=2.0, capex_high_usd=9.0)
    assert spent.capex_usd == 2
    assert spent.is_range


def test_what_costs_nothing_known_is_not_nothing():
    assert real(opex_usd_per_year=1.0).capex_usd is None


def test_the_stream_of_a_cost_by_hand():
    spent = real(capex_usd=100.0, opex_usd_per_year=5.0, life_years=4.0)
    assert streams(spent, horizon=6) == pytest.approx([100, 5, 5, 5, 105, 5, -45])


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ({"capex_usd": 1.0, "prices": "nominal"}, "A201", "nominal"),
        ({"capex_usd": 1.0, "price_year": 2019}, "A201", "no price level of 2019"),
        (
            {"capex_usd": 1.0, "capex_amount": 1.0, "currency": "JPY", "price_year": 2025},
            "A201",
            "one currency",
        ),
        (
            {"capex_low_usd": 2.0, "capex_high_usd": 3.0, "capex_amount": 1.0, "currency": "JPY"},
            "A201",
            "2, 3 USD and 1 JPY",
        ),
        ({"capex_amount": 1.0, "currency": "JPY", "price_year": 2020}, "A202", "no rate of JPY"),
        ({"capex_amount": 1.0, "currency": "JPX", "price_year": 2025}, "A202", "JPY"),
    ],
)
def test_money_of_another_kind_is_refused_by_name(more, code, said):
    with pytest.raises(Faults) as found:
        real(**more)
    assert code in str(found.value)
    assert said in str(found.value)
    assert "one.toml" in str(found.value)


def test_the_faults_of_all_measures_are_told_at_once():
    wrong = {
        "a": cost(capex_usd=1.0, price_year=2019),
        "b": cost(capex_amount=1.0, currency="JPY", price_year=2020),
        "c": cost(capex_usd=1.0),
    }
    with pytest.raises(Faults) as found:
        check_costs(wrong, PRICES)
    assert [fault.where.file for fault in found.value.faults] == ["a.toml", "b.toml"]


def test_a_currency_without_an_amount_is_refused():
    with pytest.raises(ValueError, match="capex_amount needs a currency"):
        cost(capex_amount=1.0)


def test_one_end_of_a_range_alone_is_refused():
    with pytest.raises(ValueError, match="one end of a range alone"):
        cost(capex_high_usd=1.0)


def test_every_cost_of_the_shipped_measures_can_be_told():
    corridor = read_corridor()
    prices = prices_of(corridor)
    known = {name: patch.cost for name, patch in corridor.measures.items() if patch.cost}
    check_costs(known, prices)
    assert prices.base_year == 2025
    # published limits of the two grants, at about 150 yen a dollar
    for name, low, high in (("spitamen_scanner", 8.0, 10.0), ("aktau_scanner", 4.1, 5.1)):
        spent = real_cost(known[name], prices, name=name)
        assert low < (spent.capex_usd or 0) / 1e6 < high


def test_a_corridor_without_prices_speaks_in_those_of_its_base_year():
    andes = read_corridor(Path(__file__).parents[2] / "corridors" / "andes")
    prices = prices_of(andes)
    assert prices.base_year == andes.about.base_year
    assert real_cost(cost(capex_usd=3.0), prices, name="x").capex_usd == 3
