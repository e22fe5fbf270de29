"""The formulas that the engine is held against, by other means: limits, chains, known values."""

import math

import numpy as np
import pytest

from transcaspian.simulation.verification import theory


def stationary(moves):
    size = len(moves)
    system = np.vstack([(moves - np.diag(moves.sum(axis=1))).T, np.ones(size)])
    return np.linalg.lstsq(system, np.r_[np.zeros(size), 1.0], rcond=None)[0]


def test_values_of_textbooks():
    assert theory.cobham_times([0.2, 0.6], 1.0) == pytest.approx([2.0, 6.0])
    assert theory.erlang_b(10.0, 10) == pytest.approx(0.2146, abs=1e-4)
    assert theory.erlang_b(2.0, 3) == pytest.approx((8 / 6) / (1 + 2 + 2 + 8 / 6))
    assert theory.fork_join_time(0.5, 1.0) == pytest.approx(11.5 / 8 * 2)
    assert theory.mm1k_loss(0.5, 1.0, 1) == pytest.approx(1 / 3)


@pytest.mark.parametrize("servers", [1, 2, 5])
def test_waits_by_the_chain_of_birth_and_death(servers):
    rate, mean, most = 0.8 * servers, 1.0, 400
    weights = [1.0]
    for number in range(1, most):
        weights.append(weights[-1] * rate * mean / min(number, servers))
    share = np.array(weights) / sum(weights)
    queue = share @ np.maximum(np.arange(most) - servers, 0)
    assert theory.mmc_wait(rate, mean, servers) == pytest.approx(queue / rate, rel=1e-6)


def test_one_server_is_a_case_of_many():
    assert theory.mmc_wait(0.7, 1.0, 1) + 1.0 == pytest.approx(theory.mm1_time(0.7, 1.0))
    assert theory.pk_wait(0.7, 1.0, 1.0) == pytest.approx(theory.mmc_wait(0.7, 1.0, 1))
    assert theory.pk_wait(0.7, 1.0, 0.0) == pytest.approx(theory.mmc_wait(0.7, 1.0, 1) / 2)


def test_priorities_keep_the_work_that_is_waited_for():
    """Kleinrock's conservation law: load-weighted waits are those of first come first served."""
    rates, mean = [0.15, 0.25, 0.4], 1.0
    waits = [time - mean for time in theory.cobham_times(rates, mean)]
    fifo = theory.pk_wait(sum(rates), mean, 1.0)
    assert np.dot(rates, waits) == pytest.approx(sum(rates) * fifo)
    assert theory.preemptive_times(rates, mean)[0] == pytest.approx(theory.mm1_time(0.15, 1.0))


def test_breakdowns_by_their_chain():
    rate, mean, up, repair, most = 0.5, 1.0, 5.0, 1.5, 120
    moves = np.zeros((2 * most, 2 * most))
    for number in range(most):
        for down in (0, 1):
            here = 2 * number + down
            if number + 1 < most:
                moves[here, here + 2] = rate
            if not down and number:
                moves[here, here - 2] = 1.0 / mean
            moves[here, here + 1 - 2 * down] = 1.0 / repair if down else 1.0 / up
    inside = stationary(moves) @ (np.arange(2 * most) // 2)
    assert theory.breakdown_time(rate, mean, up, repair) == pytest.approx(inside / rate, rel=1e-5)


def test_impatience_that_never_comes_is_a_plain_queue():
    share, waited = theory.erlang_a(1.5, 1.0, 2, 1e7)
    assert share < 1e-6
    assert waited == pytest.approx(theory.mmc_wait(1.5, 1.0, 2), rel=1e-4)


def test_places_enough_block_nobody():
    free = theory.tandem_blocking_time(0.3, (1.0, 0.8), 9)
    assert free == pytest.approx(theory.mm1_time(0.3, 1.0) + theory.mm1_time(0.3, 0.8), rel=1e-4)
    tight = theory.tandem_blocking_time(0.4, (1.0, 0.8), 1)
    assert tight > theory.mm1_time(0.4, 1.0) + 0.8


def test_a_vehicle_of_one_is_a_server():
    assert theory.bulk_wait(0.7, 1, 1.0) == pytest.approx(theory.pk_wait(0.7, 1.0, 0.0), rel=1e-3)
    assert theory.bulk_wait(2.0, 10, 1e-6) == pytest.approx(theory.batch_wait(2.0, 10), rel=1e-4)


def test_always_open_is_no_calendar():
    for finish in (True, False):
        opens = theory.calendar_time(1.0, 0.5, opens=24.0, finish=finish)
        assert opens == pytest.approx(theory.mm1_time(1.0, 0.5), rel=1e-3)


def test_steady_arrivals_at_endless_servers():
    rates = np.full(24, 3.0)
    assert theory.infinite_server_mean(rates, 2.0, 9.0) == pytest.approx(6.0, rel=1e-4)


def test_a_fleet_of_one_waits_for_nobody():
    assert theory.repairman_rate(1, 4.0, 1.0) == pytest.approx(0.2)
    assert theory.repairman_rate(200, 4.0, 1.0) == pytest.approx(1.0, rel=1e-6)


def test_permits_that_never_run_out_make_nobody_wait():
    assert theory.quota_wait(1.0, 12, 1.0) < 1e-9
    few = theory.quota_wait(3.0, 4, 1.0)
    rng = np.random.default_rng(5)
    waiting, waited, came = 0, 0.0, 0
    for _ in range(60_000):
        left = max(waiting - 4, 0)
        free = max(4 - waiting, 0)
        instants = np.sort(rng.random(rng.poisson(3.0)))
        late = instants[free:]
        waited += left + (1.0 - late).sum()
        waiting, came = left + len(late), came + len(instants)
    assert few == pytest.approx(waited / came, rel=0.05)


def test_lindley_by_hand():
    came, services = np.array([0, 1, 2, 9]), np.array([3, 2, 1, 1])
    assert theory.lindley_waits(came, services).tolist() == [0, 2, 3, 0]


def test_the_interval_is_student_s():
    mean, half = theory.t_interval([1.0, 2.0, 6.0], 2.0)
    assert mean == 3.0
    assert half == pytest.approx(2.0 * math.sqrt(7.0 / 3.0))
