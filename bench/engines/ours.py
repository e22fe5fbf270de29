"""Ours on the three models of the comparison; prints one line of JSON.

Run: python bench/engines/ours.py MODEL drained|kernel SEED
"""

from __future__ import annotations

import json
import sys
import time

from transcaspian.simulation import Model
from transcaspian.simulation import arrays as a
from transcaspian.simulation.kernel import drain, loop
from transcaspian.simulation.run import state as states
from transcaspian.simulation.verification.sketch import Sketch, tandem

RAIL = {"one": (10.0, 24.0), "two": (8.0, 20.0), "three": (6.0, 16.0), "four": (10.0, 24.0)}
SHARE = {"xray": 0.2, "physical": 0.1}


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


MODELS = {"tandem": ours_tandem, "border": ours_border, "corridor": ours_corridor}


def measured(model: Model, how: str, seed: int) -> dict[str, float]:
    """CPU nanoseconds an event, events, and the mean hours of a trip.

    `kernel` leaves the records where they fall, `drained` reduces them to running statistics.
    """
    tables = states.tables_of(model, states.seed_of(seed, 0))
    state = states.state_of(model)
    sums = states.sums_of(model, len(state.entities))
    loop.depart(tables, state)
    began = time.process_time()
    why = a.FULL
    while why != a.DONE:
        if how == "drained":
            why = drain.run_drained(tables, state, sums, 1 << 62)
        else:
            why = loop.advance(tables, state, 1 << 62)
            state.register[a.FILLED] = 0
        if why == a.GROW:
            state = states.grown(state)
            sums = states.widened(sums, len(state.entities))
    took = time.process_time() - began
    events = int(state.register[a.EVENTS])
    ended = max(int(sums.flows[:, 1].sum()), 1)
    return {
        "ns": took / events * 1e9,
        "events": events,
        "mean_h": float(sums.flows[:, 2].sum()) / ended / a.HOUR,
    }


def main() -> None:
    """Nothing; one line is printed, measured after the kernel is warm."""
    name, how, seed = sys.argv[1:]
    model = MODELS[name]().model(warmup_days=0, cooldown_days=0)
    measured(model, how, 0)
    print(json.dumps(measured(model, how, int(seed))))


if __name__ == "__main__":
    main()
