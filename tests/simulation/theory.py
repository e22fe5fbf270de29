"""Queueing theory by textbook formulas. Imports nothing of ours.

Sources: L. Kleinrock, Queueing Systems I (1975), ch. 3 and 5; D. Gross and others, Fundamentals of
Queueing Theory, 4th ed. (2008), ch. 2, 3 and 5.
"""

from math import factorial, sqrt


def mm1_time(arrivals: float, mean: float) -> float:
    """Mean time in an M/M/1 system: 1 / (mu - lambda)."""
    return 1.0 / (1.0 / mean - arrivals)


def erlang_c(load: float, servers: int) -> float:
    """The probability of waiting in M/M/c, with offered load a = lambda / mu."""
    tail = load**servers / factorial(servers) * servers / (servers - load)
    return tail / (sum(load**k / factorial(k) for k in range(servers)) + tail)


def mmc_wait(arrivals: float, mean: float, servers: int) -> float:
    """Mean wait in M/M/c: C(c, a) / (c mu - lambda)."""
    return erlang_c(arrivals * mean, servers) / (servers / mean - arrivals)


def mg1_wait(arrivals: float, mean: float, cv: float) -> float:
    """Mean wait in M/G/1 by Pollaczek and Khinchine."""
    load = arrivals * mean
    return load * mean * (1.0 + cv * cv) / (2.0 * (1.0 - load))


def batch_wait(arrivals: float, size: int) -> float:
    """Mean wait for a batch to fill, Poisson arrivals: (K - 1) / (2 lambda)."""
    return (size - 1) / (2.0 * arrivals)


def fleet_rate(carriers: int, size: float, cycle: float) -> float:
    """The most that a closed fleet carries an hour: n K over its mean cycle."""
    return carriers * size / cycle


def t_interval(values: list[float], quantile: float) -> tuple[float, float]:
    """The mean of replications and the half-width of its t-interval."""
    size = len(values)
    mean = sum(values) / size
    variance = sum((value - mean) ** 2 for value in values) / (size - 1)
    return mean, quantile * sqrt(variance / size)
