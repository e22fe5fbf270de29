"""Ciw on the tandem and the border; prints one line of JSON.

Its `preemption=False` lets the outgoing shift finish beside a full new one, so its border is a
little quicker than the others'.

Run: python bench/engines/with_ciw.py MODEL TRIPS SEED
"""

from __future__ import annotations

import json
import sys
import time

import ciw

RATES = {"tandem": 10.0, "border": 20.0}


def tandem() -> ciw.network.Network:
    """Five stations of three servers."""
    chain = [[1.0 if to == at + 1 else 0.0 for to in range(5)] for at in range(5)]
    return ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(10.0), *[None] * 4],
        service_distributions=[ciw.dists.Exponential(1 / 0.24)] * 5,
        routing=chain,
        number_of_servers=[3] * 5,
    )


def border() -> ciw.network.Network:
    """Documents by shifts, then X-ray or physical inspection for some."""
    return ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(20.0), None, None],
        service_distributions=[
            ciw.dists.Exponential(5.0),
            ciw.dists.Uniform(0.1, 0.4),
            ciw.dists.Exponential(1.0),
        ],
        routing=[[0.0, 0.2, 0.1], [0.0] * 3, [0.0] * 3],
        number_of_servers=[
            ciw.Schedule(numbers_of_servers=[3, 6, 3], shift_end_dates=[8, 20, 24]),
            2,
            ciw.Schedule(numbers_of_servers=[0, 6, 0], shift_end_dates=[8, 20, 24]),
        ],
    )


def main() -> None:
    """Nothing; one line is printed."""
    name, trips, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    ciw.seed(seed)
    simulation = ciw.Simulation({"tandem": tandem, "border": border}[name]())
    began = time.process_time()
    simulation.simulate_until_max_time(trips / RATES[name])
    took = time.process_time() - began
    records = simulation.get_all_records()
    spans: dict[int, list[float]] = {}
    for row in records:
        span = spans.setdefault(row.id_number, [row.arrival_date, row.exit_date])
        span[0], span[1] = min(span[0], row.arrival_date), max(span[1], row.exit_date)
    events = len(records) + len(spans)
    mean = sum(end - begin for begin, end in spans.values()) / len(spans)
    print(json.dumps({"ns": took / events * 1e9, "events": events, "mean_h": mean}))


if __name__ == "__main__":
    main()
