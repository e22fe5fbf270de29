"""What the fits must say, from scipy and from sums; nothing of ours is imported."""

from functools import partial

import numpy as np
from scipy import integrate, optimize, stats

PEERS = {"lognormal": stats.lognorm, "weibull": stats.weibull_min, "gamma": stats.gamma}
TIGHT = partial(optimize.fmin, xtol=1e-10, ftol=1e-13, maxiter=4000, maxfun=4000)


def censored(kind, hours, rng):
    """The bounds of some lengths told exactly, or open, or within bounds, or only to be short."""
    if kind == "right":
        cut = rng.exponential(15, len(hours))
        return np.minimum(hours, cut), np.where(hours > cut, np.inf, hours)
    if kind == "interval":
        return np.floor(hours), np.ceil(hours)
    if kind == "left":
        short = hours < 1.5
        return np.where(short, 0, hours), np.where(short, 1.5, hours)
    return hours, hours


def peer_fit(family, low, high):
    """Scipy's fit, climbed to the last digits, in the parameters of the family."""
    known = stats.CensoredData(interval=np.column_stack([low, high]))
    known = low if (low == high).all() else known

    def tight(height, start, args, disp):
        return TIGHT(height, start, args=args, disp=disp)

    law = PEERS[family]
    shape, _, scale = law.fit(known, floc=0, optimizer=tight)
    return (np.log(scale), shape) if family == "lognormal" else (shape, scale)


def pings_in(stays, interval, rng):
    """How many pings fall in each stay, the phase random."""
    return np.floor(stays / interval + rng.random(len(stays))).astype(int)


def table_row(law, interval):
    """The shares of stays with no ping and with one, and the bias of the naive mean."""
    left = [
        integrate.quad(law.sf, k * interval, (k + 1) * interval)[0] / interval for k in range(2)
    ]
    beyond = integrate.quad(law.sf, interval, np.inf)[0]
    return 1 - left[0], left[0] - left[1], beyond / left[1] / law.mean() - 1


def ferry_waits(count, *, headway, phases, room, rng):
    """Waits of arrivals at any time for the next sailing with room, by walking along sailings."""
    sails = np.cumsum(rng.gamma(phases, headway / phases, 60 * count))
    at = rng.uniform(headway, sails[-1] - 100 * headway, count)
    taken = np.searchsorted(sails, at) + rng.geometric(room, count) - 1
    return sails[taken] - at


def two_lognormals(count, *, rng, share=0.3, low=(0.5, 0.5), high=(3.0, 0.4)):
    held = rng.random(count) < share
    return np.where(held, rng.lognormal(*high, count), rng.lognormal(*low, count))
