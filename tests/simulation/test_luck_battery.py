"""A battery of tests on the streams of luck as the kernel uses them; and that bad luck fails it.

Streams: one stage over the trips of a flow; one trip over many stages; one stage and trip over
replications; stages and trips interleaved as in a tandem; their mirror images. A stream fails when
a p-value lies below 1e-5; among some 80 tests that happens by chance once in a thousand suites, and
the keys are fixed.
"""

import numpy as np
import pytest
from scipy import stats

from transcaspian.simulation.kernel.draws import MIRRORED, draw, draws, mix, nth
from transcaspian.simulation.luck import key
from transcaspian.simulation.run.state import seed_of

COUNT = 200_000
LEAST = 1e-5


def over_trips(mirror=0):
    return draws(np.uint64(key("stage")), np.uint64(key("flow")), COUNT, mirror)


def over_stages():
    trip = np.uint64(nth(np.uint64(key("flow")), 17))
    return np.array([draw(np.uint64(key("stage", at)), trip, 0) for at in range(COUNT // 4)])


def over_replications():
    stage, found = np.uint64(key("stage")), np.empty(COUNT // 4)
    for at in range(len(found)):
        flow = np.uint64(mix(np.uint64(key("flow") ^ seed_of(1, at))))
        found[at] = draw(stage, np.uint64(nth(flow, 3)), 0)
    return found


def interleaved():
    columns = [
        draws(np.uint64(key("stage", at)), np.uint64(key("flow")), COUNT // 5, 0) for at in range(5)
    ]
    return np.column_stack(columns).ravel()


def lcg():
    """A poor generator: a short multiplier on 24 bits."""
    found, x = np.empty(COUNT), 1
    for at in range(COUNT):
        x = (x * 69 + 5) & 0xFFFFFF
        found[at] = (x + 0.5) / 0x1000000
    return found


def counter():
    """Mixed by one multiplication alone: equidistributed, and orderly."""
    x = (np.arange(COUNT, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(11)
    return (x.astype(float) + 0.5) / 2.0**53


def uniform(u):
    return stats.kstest(u, "uniform").pvalue


def cells(u, dimensions, bins):
    points = u[: len(u) // dimensions * dimensions].reshape(-1, dimensions)
    counts = np.histogramdd(points, bins=bins, range=[(0, 1)] * dimensions)[0].ravel()
    return stats.chisquare(counts).pvalue


def runs(u):
    """Runs above and below a half (Wald and Wolfowitz)."""
    above = u > 0.5
    n, m = above.sum(), (~above).sum()
    count = 1 + (above[1:] != above[:-1]).sum()
    mean = 1 + 2 * n * m / (n + m)
    variance = (mean - 1) * (mean - 2) / (n + m - 1)
    return 2 * stats.norm.sf(abs(count - mean) / variance**0.5)


def permutations(u):
    """The order of five in a row (Knuth 3.3.2 P)."""
    points = u[: len(u) // 5 * 5].reshape(-1, 5)
    order = (np.argsort(points, axis=1) * 5 ** np.arange(5)).sum(axis=1)
    counts = np.unique(order, return_counts=True)[1]
    expected = np.full(120, len(points) / 120)
    found = np.zeros(120)
    found[: len(counts)] = counts
    return stats.chisquare(found, expected).pvalue


def gaps(u):
    """Lengths between visits of a twentieth (Knuth 3.3.2 D)."""
    hits = np.flatnonzero(u < 0.05)
    lengths = np.minimum(np.diff(hits) - 1, 80)
    counts = np.bincount(lengths, minlength=81)
    share = np.append(0.05 * 0.95 ** np.arange(80), 0.95**80)
    return stats.chisquare(counts, share * counts.sum()).pvalue


def correlated(u):
    """The largest of twenty serial correlations."""
    z = [abs(np.corrcoef(u[:-lag], u[lag:])[0, 1]) * (len(u) - lag) ** 0.5 for lag in range(1, 21)]
    return 1 - (1 - 2 * stats.norm.sf(max(z))) ** 20


def birthdays(u):
    """Equal spacings of birthdays (Marsaglia): 512 in 2^24 days, many years."""
    years = (u[: len(u) // 512 * 512].reshape(-1, 512) * 2**24).astype(np.int64)
    spacings = np.sort(np.diff(np.sort(years, axis=1), axis=1), axis=1)
    equal = (spacings[:, 1:] == spacings[:, :-1]).sum()
    mean = len(years) * 512**3 / (4 * 2**24)
    return min(2 * min(stats.poisson.cdf(equal, mean), stats.poisson.sf(equal - 1, mean)), 1.0)


def bits(u):
    """Each of the upper 32 bits is set half of the time."""
    words = (u * 2**32).astype(np.uint64)
    shares = np.array([((words >> np.uint64(at)) & np.uint64(1)).mean() for at in range(32)])
    z = np.abs(shares - 0.5) * 2 * len(u) ** 0.5
    return 1 - (1 - 2 * stats.norm.sf(z.max())) ** 32


def low_bits(u):
    """The low sixteen of the 53 bits are uniform."""
    words = (u * 2.0**53).astype(np.uint64) & np.uint64(0xFFFF)
    return stats.chisquare(np.bincount((words >> np.uint64(6)).astype(int), minlength=1024)).pvalue


def weights(u):
    """How many bits of two words in a row are set, one against the other."""
    words = (u * 2**32).astype(np.uint64)
    count = np.array([int(word).bit_count() for word in words[:60_000]])
    side = np.clip(count, 12, 20) - 12
    table = np.histogram2d(side[:-1], side[1:], bins=9)[0]
    return stats.chi2_contingency(table).pvalue


TESTS = {
    "uniform": uniform,
    "pairs": lambda u: cells(u, 2, 32),
    "triples": lambda u: cells(u, 3, 12),
    "quadruples": lambda u: cells(u, 4, 7),
    "runs": runs,
    "permutations": permutations,
    "gaps": gaps,
    "correlations": correlated,
    "birthdays": birthdays,
    "bits": bits,
    "low bits": low_bits,
    "weights": weights,
}
STREAMS = {
    "trips": over_trips,
    "mirrored": lambda: over_trips(MIRRORED),
    "stages": over_stages,
    "replications": over_replications,
    "interleaved": interleaved,
}


@pytest.fixture(scope="module")
def streams():
    with np.errstate(over="ignore"):
        return {name: make() for name, make in STREAMS.items()}


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("test", TESTS)
def test_luck_passes(streams, stream, test):
    assert TESTS[test](streams[stream]) > LEAST


@pytest.mark.parametrize("bad", [lcg, counter])
def test_bad_luck_fails(bad):
    u = bad()
    failed = [name for name, test in TESTS.items() if not test(u) > LEAST]
    assert len(failed) >= 2, failed


def test_one_bit_of_a_key_moves_half_of_the_draw():
    """Of its upper 52 bits: the last is lost where a half is added to a number that large."""
    rng = np.random.default_rng(1)
    flips = np.zeros(52)
    with np.errstate(over="ignore"):
        for _ in range(3000):
            stage, trip = (np.uint64(word) for word in rng.integers(0, 2**63, 2))
            bit = np.uint64(1) << np.uint64(rng.integers(0, 64))
            one, two = (int(draw(stage, word, 0) * 2**52) for word in (trip, np.uint64(trip ^ bit)))
            flips += [(one ^ two) >> at & 1 for at in range(52)]
    z = np.abs(flips / 3000 - 0.5) * 2 * 3000**0.5
    assert z.max() < stats.norm.isf(LEAST / 52)


def test_the_mirror_is_exact():
    assert np.max(np.abs(over_trips() + over_trips(MIRRORED) - 1.0)) == 0.0
