"""The cases: queues, priorities, impatience, yards and failures."""

from __future__ import annotations

from transcaspian.simulation.verification import theory
from transcaspian.simulation.verification.case import (
    LOADED,
    Case,
    Figure,
    lost_share,
    total,
    wait,
)
from transcaspian.simulation.verification.sketch import Sketch, queue, tandem


def lines() -> list[Case]:
    """One station, or several in a row, with one class of trips."""
    found: list[Case] = []
    for load, rate in ((0.5, 8.0), (0.8, 25.0), (0.9, 30.0)):
        mean = load / rate
        found.append(
            Case(
                f"M/M/1 at {load:g}",
                lambda rate=rate, mean=mean: queue(rate, 1, mean),
                (
                    Figure(
                        "time in system",
                        lambda rate=rate, mean=mean: theory.mm1_time(rate, mean),
                        total(),
                        width=LOADED if load >= LOADED_FROM else 0.02,
                    ),
                ),
            )
        )
    for servers in (2, 3, 8):
        rate, mean = 35.0, 0.8 * servers / 35.0
        found.append(
            _waiting(
                f"M/M/{servers} at 0.8",
                queue(rate, servers, mean),
                theory.mmc_wait(rate, mean, servers),
            )
        )
    for name, shape, cv in (
        ("M/D/1", "constant", 0.0),
        ("M/U/1", "uniform", 0.5),
        ("M/Tri/1", "triangular", 0.3),
        ("M/E4/1", "erlang4", 0.5),
        ("M/LN/1", "lognormal", 0.8),
        ("M/W/1", "weibull", 0.6),
    ):
        rate, mean = 12.0, 0.7 / 12.0
        found.append(
            _waiting(
                f"{name} at 0.7",
                queue(rate, 1, mean, shape=shape, cv=cv),
                theory.pk_wait(rate, mean, cv),
            )
        )
    rate, mean, stations = 8.0, 0.75 * 3 / 8.0, 4
    expected = stations * theory.mmc_wait(rate, mean, 3)
    chain = tandem(rate, 3, mean, stations)
    found.append(_waiting("tandem of four M/M/3", chain, expected, orders=(1, 2, 3, 4)))
    return [*found, _bound()]


LOADED_FROM = 0.9


def _waiting(name: str, sketch: Sketch, expected: float, *, orders: tuple[int, ...] = (1,)) -> Case:
    return Case(name, lambda: sketch, (Figure("wait", lambda: expected, wait(*orders)),))


def _bound() -> Case:
    rate, mean, cv = 12.0, 0.8 / 12.0, 0.9
    sketch = queue(rate, 1, mean, shape="lognormal", cv=cv)
    sketch.rows["flows"][0]["pattern"] = "regular"
    bound = theory.kingman_bound(rate, mean, cv, arrival_cv=0.0)
    return Case(
        "D/LN/1 at 0.8, Kingman",
        lambda: sketch,
        (Figure("wait, at most", lambda: bound, wait(1), bound=True),),
    )


def classes() -> list[Case]:
    """Two classes at one station: who goes first, and who interrupts whom."""
    rates, mean = [4.0, 12.0], 0.05
    found: list[Case] = []
    for name, discipline, times in (
        ("priority", "priority", theory.cobham_times(rates, mean)),
        ("pre-emption", "preempt", theory.preemptive_times(rates, mean)),
    ):
        sketch = Sketch()
        sketch.place("post")
        sketch.resource("desk", 1, discipline=discipline)
        for flow, rate, priority in (("first", rates[0], 5), ("second", rates[1], 0)):
            sketch.flow(flow, rate, priority=priority)
            sketch.serve(flow, "desk", mean)
        figures = tuple(
            Figure(f"time of the {flow} class", lambda at=at, times=times: times[at], total(flow))
            for at, flow in enumerate(("first", "second"))
        )
        found.append(Case(f"M/M/1, {name}", lambda sketch=sketch: sketch, figures))
    return found


def losses() -> list[Case]:
    """Trips that do not join a line, or give up in it."""
    loss = queue(20.0, 3, 0.12)
    short = queue(9.0, 1, 0.1)
    for sketch, most in ((loss, 0), (short, 4)):
        for step in sketch.steps:
            step.update(balk_at=most, otherwise="leave")
    impatient = queue(10.0, 2, 0.2)
    for step in impatient.steps:
        step.update(patience_h=0.5, otherwise="leave")
    share, waited = theory.erlang_a(10.0, 0.2, 2, 0.5)
    return [
        Case(
            "M/M/3/3, Erlang B",
            lambda: loss,
            (Figure("share lost", lambda: theory.erlang_b(2.4, 3), lost_share),),
        ),
        Case(
            "M/M/1/5",
            lambda: short,
            (Figure("share lost", lambda: theory.mm1k_loss(9.0, 0.1, 5), lost_share),),
        ),
        Case(
            "M/M/2+M, Erlang A",
            lambda: impatient,
            (
                Figure("share that gives up", lambda: share, lost_share),
                Figure("wait of all", lambda: waited, wait(1)),
            ),
        ),
    ]


def yards() -> list[Case]:
    """Places that are taken and given back: blocking, permits, tracks side by side."""
    blocked = Sketch()
    blocked.place("post")
    blocked.resource("one", 1)
    blocked.resource("two", 1)
    blocked.resource("yard", 2, kind="space")
    blocked.flow("all", 8.0)
    blocked.serve("all", "one", 0.08, procedure="a")
    blocked.take("all", "yard", procedure="b")
    blocked.serve("all", "two", 0.08, procedure="b")
    forked = Sketch()
    forked.place("post")
    forked.resource("a", 1)
    forked.resource("b", 1)
    forked.flow("all", 14.0)
    for track in ("a", "b"):
        forked.serve("all", track, 0.05, fork="both", track=track)
    permits = Sketch()
    permits.place("post")
    for quarter in range(96):
        opens = quarter / 4.0
        permits.put("calendars", calendar="quarters", days="mon-sun", opens_h=opens,
                    closes_h=opens + 0.25, share=1.0)  # fmt: skip
    permits.resource("permits", 1, kind="quota", calendar="quarters")
    permits.flow("all", 2.4)
    permits.take("all", "permits", procedure="in")
    return [
        Case(
            "two stations, two places between",
            lambda: blocked,
            (
                Figure(
                    "time in system",
                    lambda: theory.tandem_blocking_time(8.0, (0.08, 0.08), 2),
                    total(),
                    width=LOADED,
                ),
            ),
        ),
        Case(
            "fork and join of two M/M/1",
            lambda: forked,
            (Figure("time until both", lambda: theory.fork_join_time(14.0, 0.05), total()),),
        ),
        Case(
            "one permit a quarter of an hour",
            lambda: permits,
            (Figure("wait", lambda: theory.quota_wait(2.4, 1, 0.25), wait(1), width=LOADED),),
        ),
    ]
