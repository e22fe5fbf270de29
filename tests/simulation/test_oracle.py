"""SimPy as an independent oracle: the same draws must give the same instants, trip by trip."""

from collections import deque

import numpy as np
import polars as pl
import simpy
from models import Sketch

from transcaspian.simulation import arrays as a
from transcaspian.simulation import run_model
from transcaspian.simulation.kernel.draws import draw, mix, nth, quantile
from transcaspian.simulation.luck import curves, key
from transcaspian.simulation.run.state import seed_of

DECK = 12
SEA_H = 7


class Desk:
    """Servers by a timeline of capacities; whoever works when a shift ends finishes first."""

    def __init__(self, env, times, servers):
        self.env, self.busy, self.capacity, self.line = env, 0, int(servers[0]), deque()
        env.process(self.shifts(times[1:], servers[1:]))

    def shifts(self, times, servers):
        for time, count in zip(times, servers, strict=True):
            yield self.env.timeout(int(time) - self.env.now)
            self.capacity = int(count)
            self.call()

    def call(self):
        while self.line and self.busy < self.capacity:
            self.busy += 1
            self.line.popleft().succeed()

    def served(self, hours):
        turn = self.env.event()
        self.line.append(turn)
        self.call()
        yield turn
        yield self.env.timeout(hours)
        self.busy -= 1
        self.call()


class Ferry:
    """Carriers that sail when full and come back empty."""

    def __init__(self, env, number):
        self.env, self.line, self.ships = env, deque(), simpy.Store(env)
        for ship in range(number):
            self.ships.put(ship)
        self.waiting = env.event()
        env.process(self.load())

    def ride(self):
        ashore = self.env.event()
        self.line.append(ashore)
        if len(self.line) >= DECK and not self.waiting.triggered:
            self.waiting.succeed()
        return ashore

    def load(self):
        while True:
            ship = yield self.ships.get()
            if len(self.line) < DECK:
                self.waiting = self.env.event()
                yield self.waiting
            self.env.process(self.sail(ship, [self.line.popleft() for _ in range(DECK)]))

    def sail(self, ship, aboard):
        yield self.env.timeout(SEA_H * a.HOUR)
        for trip in aboard:
            trip.succeed()
        yield self.env.timeout(SEA_H * a.HOUR)
        self.ships.put(ship)


def sketch():
    made = Sketch()
    made.put("calendars", calendar="shifts", days="mon-sat", opens_h=0.0, closes_h=24.0, share=0.34)
    made.put("calendars", calendar="shifts", days="mon-fri", opens_h=8.0, closes_h=20.0, share=0.66)
    made.place("east", kind="port", zone="Europe/Berlin")
    made.place("west", kind="port")
    made.resource("desk", 3, place="east", calendar="shifts")
    made.resource("xray", 1, place="east", calendar="shifts")
    made.resource("gate", 1, place="west")
    made.ferry(number=3, capacity=float(DECK), travel_h=float(SEA_H), max_wait_h=1e5)
    made.flow("all", 1.5, origin="east", destination="west")
    made.serve("all", "desk", 0.6, place="east", procedure="out")
    made.serve(
        "all", "xray", 0.4, place="east", procedure="out", share=0.3, shape="lognormal", cv=0.6
    )
    made.ride("all", "east", "west", call=1, call_to=2)
    made.serve("all", "gate", 0.3, place="west", procedure="in", shape="triangular", cv=0.3)
    return made


def oracle(model, born, *, seed):
    """The last instant of each trip by SimPy."""
    env = simpy.Environment(initial_time=model.horizon.start)
    desks = [Desk(env, line.times, line.servers) for line in model.timelines]
    ferry = Ferry(env, 3)
    table, parameters = curves(), model.luck.view(np.float64)
    at = dict(model.rows.select("order", "at").iter_rows())
    share = model.steps[at[2] - 1, a.LUCK]
    flow = np.uint64(mix(np.uint64(key("flow", "all")) ^ np.uint64(seed)))
    ended = {}

    def hours(order, trip):
        row = model.steps[at[order], a.LUCK]
        u = draw(model.luck.view(np.uint64)[row, a.LUCK_KEY], trip, 0)
        shape = model.luck[row, a.LUCK_SHAPE]
        return int(quantile(shape, u, parameters[row, 2], parameters[row, 3], table) + 0.5)

    def trip(number, time):
        mine = np.uint64(nth(flow, number))
        yield env.timeout(time - env.now)
        yield from desks[0].served(hours(1, mine))
        if draw(model.luck.view(np.uint64)[share, a.LUCK_KEY], mine, 0) < 0.3:
            yield from desks[1].served(hours(2, mine))
        yield ferry.ride()
        yield from desks[2].served(hours(9, mine))
        ended[number + 1] = env.now

    for number, time in enumerate(born):
        env.process(trip(number, int(time)))
    env.run(until=model.horizon.stop)
    return ended


def test_every_trip_ends_when_simpy_says():
    model = sketch().model(warmup_days=0, cooldown_days=0)
    run = run_model(model, seed=11, log=True)
    steps = run.events.steps.sort("trip", "step")
    born = steps.filter(pl.col("step") == 1).sort("trip")["arrived"].cast(pl.Int64).to_list()
    last = steps.filter(pl.col("place") == "west", pl.col("step") == 9)
    ours = dict(last.select("trip", pl.col("ended").cast(pl.Int64)).iter_rows())
    with np.errstate(over="ignore"):
        theirs = oracle(model, born, seed=seed_of(11, 0))
    assert len(ours) > 12_000
    assert ours == theirs


def blocking():
    """An exit that is kept until the yard ahead has space, and an entry that some give up."""
    made = Sketch()
    made.place("ours")
    made.place("theirs")
    made.resource("exit", 1, place="ours")
    made.resource("yard", 2, place="theirs", kind="space")
    made.resource("entry", 1, place="theirs")
    made.flow("all", 1.3, origin="ours", destination="theirs")
    made.serve("all", "exit", 0.5, place="ours", procedure="out")
    made.take("all", "yard", procedure="in", place="ours")
    made.serve("all", "entry", 0.6, place="theirs", procedure="in", shape="weibull", cv=0.7,
               patience_h=1.0)  # fmt: skip
    return made


def blocked_by_simpy(model, born, *, seed):
    """The last instant of each trip, and whether it gave up, by SimPy."""
    env = simpy.Environment(initial_time=model.horizon.start)
    exit_, entry = simpy.Resource(env, 1), simpy.Resource(env, 1)
    yard = simpy.Resource(env, 2)
    table, parameters = curves(), model.luck.view(np.float64)
    at = dict(model.rows.select("order", "at").iter_rows())
    flow = np.uint64(mix(np.uint64(key("flow", "all")) ^ np.uint64(seed)))
    ended = {}

    def drawn(row, trip):
        u = draw(model.luck.view(np.uint64)[row, a.LUCK_KEY], trip, 0)
        shape = model.luck[row, a.LUCK_SHAPE]
        return int(quantile(shape, u, parameters[row, 2], parameters[row, 3], table) + 0.5)

    def trip(number, time):
        mine = np.uint64(nth(flow, number))
        steps = [model.steps[at[order]] for order in (1, 2, 3)]
        yield env.timeout(time - env.now)
        out = exit_.request()
        yield out
        yield env.timeout(drawn(steps[0][a.LUCK], mine))
        space = yard.request()
        yield space
        exit_.release(out)
        turn = entry.request()
        patience = drawn(model.rules[steps[2][a.RULE], a.PATIENCE], mine)
        yield turn | env.timeout(patience)
        served = turn.triggered
        if served:
            yield env.timeout(drawn(steps[2][a.LUCK], mine))
            entry.release(turn)
        else:
            turn.cancel()
        yard.release(space)
        ended[number + 1] = env.now, served

    for number, time in enumerate(born):
        env.process(trip(number, int(time)))
    env.run(until=model.horizon.stop)
    return ended


def test_blocking_and_giving_up_are_as_simpy_has_them():
    model = blocking().model(warmup_days=0, cooldown_days=0)
    run = run_model(model, seed=13, log=True)
    steps = run.events.steps.sort("trip", "step")
    born = steps.filter(pl.col("step") == 1)["arrived"].cast(pl.Int64).to_list()
    last = steps.filter(pl.col("step") == 3).select(
        "trip", pl.col("ended").cast(pl.Int64), (pl.col("ended") > pl.col("started")).alias("in")
    )
    ours = {trip: (ended, served) for trip, ended, served in last.iter_rows()}
    with np.errstate(over="ignore"):
        theirs = blocked_by_simpy(model, born, seed=seed_of(13, 0))
    assert len(ours) > 11_000
    assert 0.02 < np.mean([not served for _, served in ours.values()]) < 0.5
    assert ours == theirs
