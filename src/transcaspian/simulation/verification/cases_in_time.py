"""The cases: calendars, failures, carriers, and traffic that varies."""

from __future__ import annotations

import numpy as np

from transcaspian.simulation.verification import theory
from transcaspian.simulation.verification.case import (
    LOADED,
    Case,
    Figure,
    boarding,
    present_at,
    sailings,
    total,
)
from transcaspian.simulation.verification.sketch import Sketch, queue


def calendars() -> list[Case]:
    """Servers that come and go: by the clock, or because they fail."""
    found: list[Case] = []
    for handover in ("finish", "preempt"):
        rate, mean = 6.0, 0.06
        sketch = queue(rate, 1, mean)
        sketch.put(
            "calendars", calendar="days", days="mon-sun", opens_h=0.0, closes_h=12.0, share=1.0
        )
        sketch.rows["resources"][0].update(calendar="days", handover=handover)
        found.append(
            Case(
                f"M/M/1 open by day, {handover}",
                lambda sketch=sketch: sketch,
                (
                    Figure(
                        "time in system",
                        lambda finish=handover == "finish": theory.calendar_time(
                            6.0, 0.06, opens=12.0, finish=finish
                        ),
                        total(),
                    ),
                ),
            )
        )
    failing = queue(8.0, 1, 0.07)
    failing.put("failures", resource="desk", up_h=2.0, up_shape="exponential", up_cv=1.0,
                repair_h=0.3, repair_shape="exponential", repair_cv=1.0)  # fmt: skip
    figure = Figure(
        "time in system", lambda: theory.breakdown_time(8.0, 0.07, 2.0, 0.3), total(), width=LOADED
    )
    return [*found, Case("M/M/1 with breakdowns", lambda: failing, (figure,))]


def _shuttle(*, number: int, capacity: float, per_hour: float, travel_h: float) -> Sketch:
    sketch = Sketch()
    sketch.place("east", kind="port")
    sketch.place("west", kind="port")
    sketch.ferry(number=number, capacity=capacity, travel_h=travel_h)
    sketch.flow("all", per_hour, origin="east", destination="west")
    sketch.ride("all", "east", "west", call=1, call_to=2)
    return sketch


def carriers() -> list[Case]:
    """Cargo that waits for vehicles, and vehicles that wait for each other."""
    endless = _shuttle(number=60, capacity=20.0, per_hour=10.0, travel_h=3.0)
    single = _shuttle(number=1, capacity=10.0, per_hour=10.0, travel_h=0.4)
    single.rows["calls"][1].update(min_load_share=0.0, max_wait_h=0.0)
    rate, mean, away = 10.0, 0.06, 0.03
    resting = _shuttle(number=1, capacity=1.0, per_hour=rate, travel_h=mean)
    for row in resting.rows["calls"]:
        row.update(min_load_share=0.0, max_wait_h=0.0)
    resting.rows["fleets"][0]["empty_speed_kmh"] = 100.0
    out, back = resting.legs
    out["length_km"] = away * 100.0
    back.update(travel_h=0.0, link_h=[0.0], length_km=1e-9)
    return [
        Case(
            "loads of 20, endless fleet",
            lambda: endless,
            (Figure("wait to fill", lambda: theory.batch_wait(10.0, 20), boarding),),
        ),
        Case(
            "M/D(10,10)/1, one vehicle",
            lambda: single,
            (Figure("wait for it", lambda: theory.bulk_wait(10.0, 10, 0.8), boarding),),
        ),
        Case(
            "M/D/1 with vacations",
            lambda: resting,
            (Figure("wait", lambda: theory.vacation_wait(rate, mean, 0.0, away), boarding),),
        ),
        _closed(),
    ]


def _closed() -> Case:
    """Five vehicles, one berth; cargo is never short."""
    sketch = _shuttle(number=5, capacity=1.0, per_hour=8.0, travel_h=0.5)
    sketch.resource("berth", 1, place="east")
    sketch.rows["calls"][0].update(berth="berth", load_h=0.2, cv=1.0, shape="exponential")
    sketch.rows["calls"][1].update(min_load_share=0.0, max_wait_h=0.0)
    return Case(
        "closed fleet of 5, one berth",
        lambda: sketch,
        (Figure("rounds an hour", lambda: theory.repairman_rate(5, 1.0, 0.2), sailings),),
    )


def waves() -> list[Case]:
    """Arrivals that follow the hours of the day, and enough servers for all of them."""
    mean = 3.0
    sketch = queue(4.0, 1000, mean)
    rates = np.zeros(24)
    for opens, closes, weight in ((0, 8, 0.5), (8, 14, 2.0), (14, 24, 0.8)):
        sketch.put("rhythms", rhythm="day", days="mon-sun", opens_h=float(opens),
                   closes_h=float(closes), weight=weight)  # fmt: skip
        rates[opens:closes] = weight
    sketch.rows["flows"][0]["rhythm"] = "day"
    rates *= 4.0 / rates.mean()
    figures = tuple(
        Figure(
            f"number at {hour}:00",
            lambda hour=hour: theory.infinite_server_mean(rates, mean, float(hour)),
            present_at(hour),
        )
        for hour in (8, 14, 22)
    )
    return [Case("M(t)/M/inf over the day", lambda: sketch, figures, log=True)]
