"""Queueing theory, from textbooks and small numerical solutions; nothing here is ours.

Rates are per hour and times in hours. `rate` is that of arrivals, `mean` that of a service.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import expm
from scipy.stats import poisson


def mm1_time(rate: float, mean: float) -> float:
    """Mean time in an M/M/1 queue."""
    return 1.0 / (1.0 / mean - rate)


def erlang_b(load: float, servers: int) -> float:
    """The share lost by M/G/c/c. Source: Erlang 1917; the usual recursion."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def mmc_wait(rate: float, mean: float, servers: int) -> float:
    """Mean wait before an M/M/c queue. Source: Erlang C."""
    load = rate * mean
    blocked = erlang_b(load, servers)
    share = load / servers
    delayed = blocked / (1.0 - share * (1.0 - blocked))
    return delayed * mean / (servers - load)


def pk_wait(rate: float, mean: float, cv: float) -> float:
    """Mean wait before an M/G/1 queue. Source: Pollaczek-Khinchine."""
    load = rate * mean
    return load * mean * (1.0 + cv * cv) / (2.0 * (1.0 - load))


def kingman_bound(rate: float, mean: float, cv: float, *, arrival_cv: float) -> float:
    """An upper bound of the mean wait before a G/G/1 queue. Source: Kingman 1962."""
    load = rate * mean
    variance = (arrival_cv / rate) ** 2 + (cv * mean) ** 2
    return rate * variance / (2.0 * (1.0 - load))


def mm1k_loss(rate: float, mean: float, places: int) -> float:
    """The share lost by M/M/1/K, K being all places."""
    load = rate * mean
    return (1.0 - load) * load**places / (1.0 - load ** (places + 1))


def cobham_times(rates: list[float], mean: float) -> list[float]:
    """Mean times of classes at an M/M/1 queue that serves the first class first, work in hand
    first. Source: Cobham 1954.
    """
    residual = sum(rates) * mean * mean
    times: list[float] = []
    above = 0.0
    for rate in rates:
        upto = above + rate * mean
        times.append(residual / ((1.0 - above) * (1.0 - upto)) + mean)
        above = upto
    return times


def preemptive_times(rates: list[float], mean: float) -> list[float]:
    """Mean times of classes at an M/M/1 queue in which a higher class interrupts and the lower
    goes on later where it stopped. Source: Gross and Harris, section 3.4.
    """
    times: list[float] = []
    above, residual = 0.0, 0.0
    for rate in rates:
        upto = above + rate * mean
        residual += rate * mean * mean
        times.append(mean / (1.0 - above) + residual / ((1.0 - above) * (1.0 - upto)))
        above = upto
    return times


def batch_wait(rate: float, size: int) -> float:
    """Mean wait until a batch is full that leaves at once."""
    return (size - 1) / (2.0 * rate)


def bulk_wait(rate: float, size: int, cycle: float) -> float:
    """Mean wait for one vehicle that carries full loads only and is back after a fixed time.

    Source: the chain of the queue at its returns; Bailey 1954, Neuts 1967.
    """
    most = 40 * size
    came = poisson.pmf(np.arange(most + 1), rate * cycle)
    moves = np.zeros((most + 1, most + 1))
    for waiting in range(most + 1):
        left = max(waiting - size, 0)
        moves[waiting, left:] = came[: most + 1 - left]
        moves[waiting, most] += 1.0 - moves[waiting].sum()
    share = _stationary(moves - np.eye(most + 1))
    waiting = np.arange(most + 1)
    short = waiting < size
    hours = cycle + np.where(short, (size - waiting) / rate, 0.0)
    filling = np.array([sum(range(n, size)) / rate if n < size else 0.0 for n in waiting])
    area = filling + np.maximum(waiting - size, 0) * cycle + rate * cycle * cycle / 2.0
    return float(share @ area / (share @ hours) / rate)


def vacation_wait(rate: float, mean: float, cv: float, vacation: float) -> float:
    """Mean wait before an M/G/1 queue whose server goes away for a fixed time whenever it finds
    nobody. Source: Doshi 1986.
    """
    return pk_wait(rate, mean, cv) + vacation / 2.0


def breakdown_time(rate: float, mean: float, up: float, repair: float) -> float:
    """Mean time at an M/M/1 queue whose server fails on the clock, exponential times throughout;
    work is interrupted and goes on. Source: Avi-Itzhak and Naor 1963, model A.
    """
    failures = 1.0 / up
    first = mean * (1.0 + failures * repair)
    second = 2.0 * mean**2 * (1.0 + failures * repair) ** 2 + mean * failures * 2.0 * repair**2
    found_down = failures * repair**2 / (1.0 + failures * repair)
    return first + rate * second / (2.0 * (1.0 - rate * first)) + found_down


def erlang_a(rate: float, mean: float, servers: int, patience: float) -> tuple[float, float]:
    """The share that gives up before an M/M/c+M queue, and the mean wait of all. Source: Palm."""
    weights = [1.0]
    for number in range(1, 2000):
        leaving = min(number, servers) / mean + max(number - servers, 0) / patience
        weights.append(weights[-1] * rate / leaving)
    share = np.array(weights) / sum(weights)
    queue = float(share @ np.maximum(np.arange(2000) - servers, 0))
    return queue / patience / rate, queue / rate


def tandem_blocking_time(rate: float, means: tuple[float, float], places: int) -> float:
    """Mean time in two M/M/1 stations, the second with a few places, work in hand included: what
    finds none blocks the first. Source: its Markov chain, solved.
    """
    most = 150
    states = [
        (first, second, blocked)
        for first in range(most + 1)
        for second in range(places + 1)
        for blocked in (0, 1)
        if not blocked or (first > 0 and second == places)
    ]
    at = {state: number for number, state in enumerate(states)}
    moves = np.zeros((len(states), len(states)))

    def move(state: tuple[int, int, int], to: tuple[int, int, int], speed: float) -> None:
        if to in at:
            moves[at[state], at[to]] += speed

    for state in states:
        first, second, blocked = state
        move(state, (first + 1, second, blocked), rate)
        if first and not blocked:
            passed = (first - 1, second + 1, 0) if second < places else (first, second, 1)
            move(state, passed, 1.0 / means[0])
        if second:
            freed = (first - 1, second, 0) if blocked else (first, second - 1, 0)
            move(state, freed, 1.0 / means[1])
    share = _stationary(moves - np.diag(moves.sum(axis=1)))
    inside = np.array([first + second for first, second, _ in states])
    return float(share @ inside) / rate


def fork_join_time(rate: float, mean: float) -> float:
    """Mean time until both of two M/M/1 queues are done that each trip joins at once.

    Source: Flatto and Hahn 1984; Nelson and Tantawi 1988.
    """
    return (12.0 - rate * mean) / 8.0 * mm1_time(rate, mean)


def calendar_time(rate: float, mean: float, *, opens: float, finish: bool) -> float:
    """Mean time at an M/M/1 queue that opens some hours of every day.

    Work in hand at closing time is finished, or waits for the morning. Source: its Markov chain
    over the day, solved by matrix exponentials.
    """
    most, parts = 120, 240
    size = 2 * (most + 1)  # (number, whether one is being served)

    def chain(*, is_open: bool) -> np.ndarray:
        moves = np.zeros((size, size))
        for number in range(most + 1):
            for busy in (0, 1):
                here = 2 * number + busy
                if number < most:
                    starts = 1 if is_open else busy
                    moves[here, 2 * (number + 1) + starts] += rate
                if busy and number:
                    again = 1 if is_open and number > 1 else 0
                    moves[here, 2 * (number - 1) + again] += 1.0 / mean
                elif is_open and number:
                    moves[here, here + 1] += 1e7  # opening: who waits is served at once
        return moves - np.diag(moves.sum(axis=1))

    step = 24.0 / parts
    day, night = (expm(chain(is_open=value) * step) for value in (True, False))
    stops = np.eye(size)
    if not finish:
        stops = np.zeros((size, size))
        stops[np.arange(size), np.arange(size) // 2 * 2] = 1.0
    count = round(opens / step)
    whole = (
        np.linalg.matrix_power(day, count) @ stops @ np.linalg.matrix_power(night, parts - count)
    )
    state = _stationary(whole - np.eye(size))
    inside = np.arange(size) // 2
    total = 0.0
    for part in range(parts):
        if part == count:
            state = state @ stops
        after = state @ (day if part < count else night)
        total += (state @ inside + after @ inside) / 2.0
        state = after
    return float(total / parts / rate)


def infinite_server_mean(rates: np.ndarray, mean: float, hour: float) -> float:
    """Mean number in an M(t)/M/inf queue at an hour of the day, the rates being those of the hours.

    Source: Eick, Massey and Whitt 1993.
    """
    back = np.arange(0.0, 40.0 * mean, 1e-3) + 5e-4
    then = rates[np.floor((hour - back) % 24.0).astype(int)]
    return float(np.sum(then * np.exp(-back / mean)) * 1e-3)


def quota_wait(rate: float, quota: int, cycle: float) -> float:
    """Mean wait for one of so many permits a cycle, the whole allowance being new at its begin.

    Source: the chain of those who want one when a cycle begins; within the cycle the permits that
    are left go to the first who come.
    """
    most, expected = 60 * quota, rate * cycle
    came = poisson.pmf(np.arange(most + quota + 1), expected)
    moves = np.zeros((most + 1, most + 1))
    for waiting in range(most + 1):
        for count, chance in enumerate(came):
            moves[waiting, min(max(waiting + count - quota, 0), most)] += chance
    share = _stationary(moves - np.eye(most + 1))
    instants = (np.arange(500) + 0.5) / 500 * expected
    area = 0.0
    for waiting in range(most + 1):
        free = max(quota - waiting, 0)
        beyond = instants * poisson.sf(free - 1, instants) - free * poisson.sf(free, instants)
        area += share[waiting] * (max(waiting - quota, 0) + beyond.mean())
    return cycle * float(area) / expected


def repairman_rate(fleet: int, away: float, service: float) -> float:
    """Rounds an hour of a closed fleet at one exponential server, away for any time in between.

    Source: mean value analysis, Reiser and Lavenberg 1980.
    """
    queue = 0.0
    rate = 0.0
    for number in range(1, fleet + 1):
        here = service * (1.0 + queue)
        rate = number / (away + here)
        queue = rate * here
    return rate


def lindley_waits(came: np.ndarray, services: np.ndarray) -> np.ndarray:
    """The wait of each arrival at one server, first come first served. Source: Lindley 1952."""
    waits = np.zeros(len(came), dtype=came.dtype)
    for at in range(1, len(came)):
        waits[at] = max(waits[at - 1] + services[at - 1] - (came[at] - came[at - 1]), 0)
    return waits


def t_interval(values: list[float], quantile: float) -> tuple[float, float]:
    """The mean of independent values and the half-width of its interval."""
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return mean, quantile * math.sqrt(variance / len(values))


def _stationary(generator: np.ndarray) -> np.ndarray:
    """The distribution that a chain keeps."""
    size = len(generator)
    system = np.vstack([generator.T, np.ones(size)])
    wanted = np.zeros(size + 1)
    wanted[-1] = 1.0
    return np.linalg.lstsq(system, wanted, rcond=None)[0]
