"""Calendars in local time, weather, and the traffic of a year."""

from datetime import UTC, datetime

import numpy as np
import pytest

from transcaspian.simulation.arrays import DAY, HOUR
from transcaspian.simulation.model.rosters import duty
from transcaspian.simulation.model.timeline import (
    capacities,
    horizon_of,
    integral,
    shut,
    spells,
    thinned,
)  # fmt: skip
from transcaspian.simulation.model.waves import wave

HORIZON = horizon_of(2023, warmup_days=45, cooldown_days=30, patience_days=120)


def at(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1e6)


def row(days, opens, closes, share=1.0):
    return {"days": days, "opens_h": opens, "closes_h": closes, "share": share, "holidays": False}


def share_at(line, instant):
    times, shares = line
    return shares[np.searchsorted(times, instant, side="right") - 1]


def test_local_hours_follow_the_clocks_of_summer():
    line = duty([row("mon-fri", 8, 17)], "Europe/Berlin", HORIZON, {})
    assert share_at(line, at(2023, 1, 9, 6, 59)) == 0
    assert share_at(line, at(2023, 1, 9, 7)) == 1
    assert share_at(line, at(2023, 7, 10, 5, 59)) == 0
    assert share_at(line, at(2023, 7, 10, 6)) == 1
    assert share_at(line, at(2023, 7, 10, 15)) == 0
    assert share_at(line, at(2023, 7, 8, 10)) == 0  # a Saturday


def test_a_zone_that_changes_its_offset_for_good():
    horizon = horizon_of(2024, warmup_days=5, cooldown_days=5, patience_days=5)
    line = duty([row("mon-sun", 0, 12)], "Asia/Almaty", horizon, {})
    assert share_at(line, at(2024, 2, 28, 18)) == 1  # midnight at +6
    assert share_at(line, at(2024, 3, 4, 18)) == 0
    assert share_at(line, at(2024, 3, 4, 19)) == 1  # midnight at +5


def test_shares_of_servers_add_up_and_round():
    times, shares = duty(
        [row("mon-sun", 0, 24, 0.5), row("mon-sun", 8, 20, 0.5)], "UTC", HORIZON, {}
    )
    assert set(shares) == {0.5, 1.0}
    assert set(capacities(shares, 5)) == {3, 5}
    assert capacities(np.array([0.0, 0.01]), 3).tolist() == [0, 1]
    assert times[0] == HORIZON.start


def test_round_the_clock_never_changes():
    times, _ = thinned(*duty([row("mon-sun", 0, 24)], "Asia/Baku", HORIZON, {}))
    assert times.tolist() == [HORIZON.start]


def test_open_hours_of_a_year():
    times, shares = duty([row("mon-fri", 9, 18)], "Asia/Tashkent", HORIZON, {})
    assert integral(times, shares, HORIZON.begin, HORIZON.end) / HOUR == 260 * 9


def test_spells_come_as_often_and_last_as_long_as_declared():
    rows = [
        {"place": "cape", "cause": "wind", "month": month, "spells": 4.0, "mean_h": 20.0, "cv": 0.7}
        for month in range(1, 13)
    ]
    years = [spells(rows, seed, HORIZON) for seed in range(200)]
    shares = [
        np.clip(np.minimum(ends, HORIZON.end) - np.maximum(begins, HORIZON.begin), 0, None).sum()
        for begins, ends in years
    ]
    # spells overlap: the share open is that of an M/G/infinity system that is empty
    expected = 1 - np.exp(-12 * 4.0 * 20.0 / 8760)
    assert np.mean(shares) / (HORIZON.end - HORIZON.begin) == pytest.approx(expected, rel=0.03)
    for begins, ends in years[:20]:
        assert (ends > begins).all()
        assert (begins[1:] > ends[:-1]).all()


def test_one_month_of_weather_does_not_move_another():
    rows = [
        {"place": "cape", "cause": "wind", "month": month, "spells": 2.0, "mean_h": 9.0, "cv": 0.0}
        for month in (2, 6)
    ]
    both, june = spells(rows, 1, HORIZON), spells(rows[1:], 1, HORIZON)
    assert set(june[0]) <= set(both[0])


def test_a_shut_place_has_no_servers():
    times, values = np.array([0, 10, 20]), np.array([2, 0, 3])
    new, servers = shut(times, values, (np.array([5, 25]), np.array([12, 30])))
    assert dict(zip(new.tolist(), servers.tolist(), strict=True)) == {
        0: 2,
        5: 0,
        20: 3,
        25: 0,
        30: 3,
    }


def test_traffic_of_the_counted_year_is_one_year():
    shares = {month: (2.0 if month == 7 else 1.0) / 13 for month in range(1, 13)}
    times, worth = wave(shares, [], HORIZON, zone="UTC")
    begin, end = np.interp([HORIZON.begin, HORIZON.end], times, worth)
    assert end - begin == pytest.approx(1.0)
    july = np.interp([at(2023, 7, 1), at(2023, 8, 1)], times, worth)
    assert july[1] - july[0] == pytest.approx(2 / 13)
    assert times[-1] == HORIZON.end + 30 * DAY
