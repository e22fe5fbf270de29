"""SimPy on the three models of the comparison; prints one line of JSON.

Run: python bench/engines/with_simpy.py MODEL TRIPS SEED
"""

# the models draw from the standard library

from __future__ import annotations

import json
import random
import sys
import time
from collections import deque
from collections.abc import Callable, Generator
from typing import Any

import simpy

RATES = {"tandem": 10.0, "border": 20.0, "corridor": 2.0}
RAIL = {"one": (10.0, 24.0), "two": (8.0, 20.0), "three": (6.0, 16.0), "four": (10.0, 24.0)}
SHARE = {"xray": 0.2, "physical": 0.1}
Flow = Generator[Any, Any, None]
spent: list[float] = []


def tandem(env: simpy.Environment, trips: int, count: list[int]) -> None:
    """The same in SimPy."""
    stations = [simpy.Resource(env, 3) for _ in range(5)]

    def trip() -> Flow:
        for station in stations:
            yield from served(env, station, random.expovariate(1 / 0.24), count)

    source(env, trips, 10.0, trip, count)


def border(env: simpy.Environment, trips: int, count: list[int]) -> None:
    """The same in SimPy; a shift takes servers away by holding them."""
    desks, xray, benches = (
        simpy.PriorityResource(env, 6),
        simpy.Resource(env, 2),
        simpy.PriorityResource(env, 6),
    )

    def shift(resource: simpy.PriorityResource, off: int) -> Flow:
        while True:
            held = [resource.request(priority=-1) for _ in range(off)]
            yield env.timeout(8 if env.now == 0 else 12)
            for each in held:
                resource.release(each)
            yield env.timeout(12)

    env.process(shift(desks, 3))
    env.process(shift(benches, 6))

    def trip() -> Flow:
        yield from served(env, desks, random.expovariate(5.0), count)
        channel = random.random()
        if channel < SHARE["xray"]:
            yield from served(env, xray, random.uniform(0.1, 0.4), count)
        elif channel < SHARE["xray"] + SHARE["physical"]:
            yield from served(env, benches, random.expovariate(1.0), count)

    source(env, trips, 20.0, trip, count)


def corridor(env: simpy.Environment, trips: int, count: list[int]) -> None:
    """The same in SimPy."""
    names = {"load": (4, 1.5), "documents": (3, 1.0), "xray": (1, 0.0), "gauge": (2, 0.8),
             "unload": (3, 1.0), "discharge": (4, 1.0), "gate": (2, 0.5)}  # fmt: skip
    stations = {name: simpy.Resource(env, servers) for name, (servers, _) in names.items()}
    quay: deque[simpy.Event] = deque()
    ships = simpy.Store(env)
    ships.items.extend(range(3))

    def sail(aboard: list[simpy.Event]) -> Flow:
        ship = yield ships.get()
        yield env.timeout(random.uniform(14, 22))
        for each in aboard:
            each.succeed()
        yield env.timeout(random.uniform(14, 22))
        count[0] += 2
        ships.put(ship)

    def stage(name: str) -> Flow:
        yield from served(env, stations[name], random.expovariate(1 / names[name][1]), count)

    def rail(leg: str) -> Flow:
        yield env.timeout(random.uniform(*RAIL[leg]))
        count[0] += 1

    def trip() -> Flow:
        yield from stage("load")
        yield from rail("one")
        yield from stage("documents")
        if random.random() < SHARE["xray"]:
            yield from served(env, stations["xray"], random.uniform(0.5, 2.0), count)
        yield from rail("two")
        yield from stage("gauge")
        yield from rail("three")
        yield from stage("unload")
        ashore = env.event()
        quay.append(ashore)
        if len(quay) == 40:  # a full vessel
            env.process(sail([quay.popleft() for _ in range(40)]))
        yield ashore
        yield from stage("discharge")
        yield from rail("four")
        yield from stage("gate")

    source(env, trips, 2.0, trip, count)


def served(env: simpy.Environment, station: simpy.Resource, hours: float, count: list[int]) -> Flow:
    """Wait, service, and one event counted."""
    with station.request() as turn:
        yield turn
        yield env.timeout(hours)
        count[0] += 1


def source(
    env: simpy.Environment, trips: int, rate: float, trip: Callable[[], Flow], count: list[int]
) -> None:
    """Nothing; so many trips come, one after another."""

    def timed() -> Flow:
        began = env.now
        yield from trip()
        spent.append(env.now - began)

    def arrivals() -> Flow:
        for _ in range(trips):
            yield env.timeout(random.expovariate(rate))
            count[0] += 1
            env.process(timed())

    env.process(arrivals())


def main() -> None:
    """Nothing; one line is printed."""
    name, trips, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    random.seed(seed)
    env, count = simpy.Environment(), [0]
    {"tandem": tandem, "border": border, "corridor": corridor}[name](env, trips, count)
    began = time.process_time()
    env.run(until=trips / RATES[name] + 2000)
    took = time.process_time() - began
    mean = sum(spent) / len(spent)
    print(json.dumps({"ns": took / count[0] * 1e9, "events": count[0], "mean_h": mean}))


if __name__ == "__main__":
    main()
