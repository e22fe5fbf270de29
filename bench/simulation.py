"""Times the kernel against SimPy on the three models of the reference, interleaved.

CPU time per model event (one arrival, one end of a service or journey, one arrival or return of a
vessel), records on; the ratios are of runs side by side, median of five rounds. Rail legs are
uniform over the range of the reference, since a triangular time is symmetric here.

Run: python bench/simulation.py
"""

# ruff: noqa: S311  # the SimPy models draw from the standard library

from __future__ import annotations

import random
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import simpy

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests" / "simulation"), str(HERE.parent / "src")]

from models import Sketch, tandem  # noqa: E402  # the path is set above

from transcaspian.simulation import Model, run_model  # noqa: E402

ROUNDS = 5
RATES = {"simpy_tandem": 10.0, "simpy_border": 20.0, "simpy_corridor": 2.0}
TRIPS = {"tandem": 10_000, "border": 10_000, "corridor": 8_000}
RAIL = {"one": (10.0, 24.0), "two": (8.0, 20.0), "three": (6.0, 16.0), "four": (10.0, 24.0)}
SHARE = {"xray": 0.2, "physical": 0.1}
Flow = Generator[Any, Any, None]


def ours_tandem() -> Sketch:
    """Five stations of three servers at 0.8."""
    return tandem(10.0, 3, 0.24, 5)


def ours_border() -> Sketch:
    """Documents by shifts, then green, X-ray or physical inspection."""
    sketch = Sketch()
    for name, night in (("desks", 0.5), ("days", 0.0)):
        sketch.put(
            "calendars", calendar=name, days="mon-sun", opens_h=8.0, closes_h=20.0, share=1 - night
        )
        if night:
            sketch.put(
                "calendars", calendar=name, days="mon-sun", opens_h=0.0, closes_h=24.0, share=night
            )
    sketch.place("post")
    sketch.resource("documents", 6, calendar="desks")
    sketch.resource("xray", 2)
    sketch.resource("physical", 6, calendar="days")
    sketch.flow("all", 20.0)
    sketch.serve("all", "documents", 0.2)
    half = 0.15 / 0.25 / 3**0.5
    sketch.serve(
        "all", "xray", 0.25, share=SHARE["xray"], choice="channel", shape="uniform", cv=half
    )
    sketch.serve("all", "physical", 1.0, share=SHARE["physical"], choice="channel")
    sketch.serve("all", None, 1e-9, share=0.7, choice="channel", shape="constant", stage="green")
    return sketch


def ours_corridor() -> Sketch:
    """Terminal, four rail legs, border, X-ray, gauge yard, port, three vessels of forty, gate."""
    sketch = Sketch()
    for place in ("land", "east", "west"):
        sketch.place(place, kind="port")
    for name, servers, place in (("load", 4, "land"), ("documents", 3, "land"), ("xray", 1, "land"),
                                 ("gauge", 2, "land"), ("unload", 3, "east"),
                                 ("discharge", 4, "west"), ("gate", 2, "west")):  # fmt: skip
        sketch.resource(name, servers, place=place)
    sketch.ferry(number=3, capacity=40.0, travel_h=18.0, travel_cv=0.13, max_wait_h=1e5)
    sketch.flow("all", 2.0, origin="land", destination="west")

    def rail(leg: str) -> None:
        low, high = RAIL[leg]
        cv = (high - low) / (high + low) / 3**0.5
        sketch.travel("all", f"leg_{leg}", (low + high) / 2, shape="uniform", cv=cv)

    sketch.serve("all", "load", 1.5, place="land")
    rail("one")
    sketch.serve("all", "documents", 1.0, place="land")
    sketch.serve("all", "xray", 1.25, place="land", share=SHARE["xray"], shape="uniform", cv=0.346)
    rail("two")
    sketch.serve("all", "gauge", 0.8, place="land")
    rail("three")
    sketch.serve("all", "unload", 1.0, place="east")
    sketch.ride("all", "east", "west", call=1, call_to=2)
    sketch.serve("all", "discharge", 1.0, place="west")
    rail("four")
    sketch.serve("all", "gate", 0.5, place="west")
    return sketch


def simpy_tandem(env: simpy.Environment, trips: int, count: list[int]) -> None:
    """The same in SimPy."""
    stations = [simpy.Resource(env, 3) for _ in range(5)]

    def trip() -> Flow:
        for station in stations:
            yield from served(env, station, random.expovariate(1 / 0.24), count)

    _source(env, trips, 10.0, trip, count)


def simpy_border(env: simpy.Environment, trips: int, count: list[int]) -> None:
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

    _source(env, trips, 20.0, trip, count)


def simpy_corridor(env: simpy.Environment, trips: int, count: list[int]) -> None:
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
        if len(quay) == 40:  # noqa: PLR2004  # a full vessel
            env.process(sail([quay.popleft() for _ in range(40)]))
        yield ashore
        yield from stage("discharge")
        yield from rail("four")
        yield from stage("gate")

    _source(env, trips, 2.0, trip, count)


def served(env: simpy.Environment, station: simpy.Resource, hours: float, count: list[int]) -> Flow:
    """Wait, service, and one event counted."""
    with station.request() as turn:
        yield turn
        yield env.timeout(hours)
        count[0] += 1


def _source(
    env: simpy.Environment, trips: int, rate: float, trip: Callable[[], Flow], count: list[int]
) -> None:
    def arrivals() -> Flow:
        for _ in range(trips):
            yield env.timeout(random.expovariate(rate))
            count[0] += 1
            env.process(trip())

    env.process(arrivals())


def time_simpy(build: Callable[..., None], trips: int, seed: int) -> float:
    """Nanoseconds an event."""
    random.seed(seed)
    env, count = simpy.Environment(), [0]
    build(env, trips, count)
    began = time.process_time()
    env.run(until=trips / RATES[build.__name__] + 2000)
    return (time.process_time() - began) / count[0] * 1e9


def time_ours(model: Model, seed: int) -> float:
    """Nanoseconds an event."""
    began = time.process_time()
    run = run_model(model, seed=seed, threads=1)
    took = time.process_time() - began
    aboard = ("p08_load_vessel", "p05_weather_closed", "sail", "wait_berth", "p09_discharge")
    steps = run.tally.steps
    ended = steps.filter(~steps["activity"].is_in([*aboard, "p04_wait_vessel"]))["n"].sum()
    sailings = run.tally.carriers["sailings"].sum() if run.tally.carriers.height else 0
    return took / (run.tally.trips["n"].sum() + ended + sailings) * 1e9


MODELS: dict[str, tuple[Callable[[], Sketch], Callable[..., None]]] = {
    "tandem": (ours_tandem, simpy_tandem),
    "border": (ours_border, simpy_border),
    "corridor": (ours_corridor, simpy_corridor),
}


def main() -> None:
    """Nothing; the table is printed."""
    models = {
        name: make().model(warmup_days=0, cooldown_days=0) for name, (make, _) in MODELS.items()
    }
    for model in models.values():
        run_model(model, threads=1)
    print("| model | ours, ns an event | SimPy, ns an event | ratio [least..most] |")
    print("| --- | --- | --- | --- |")
    for name, (_, theirs) in MODELS.items():
        pairs = [
            (time_ours(models[name], seed), time_simpy(theirs, TRIPS[name], seed))
            for seed in range(ROUNDS)
        ]
        ratios = sorted(simpy_ns / ours_ns for ours_ns, simpy_ns in pairs)
        ours, simpys = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"| {name} | {ours:.0f} | {simpys:,.0f} | "
              f"{statistics.median(ratios):.0f} [{ratios[0]:.0f}..{ratios[-1]:.0f}] |")  # fmt: skip


if __name__ == "__main__":
    main()
