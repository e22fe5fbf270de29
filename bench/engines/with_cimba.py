"""Cimba on the tandem, in its quickest idiom: containers and standing servers; one line of JSON.

Run: python bench/engines/with_cimba.py tandem TRIPS SEED
"""

from __future__ import annotations

import json
import sys
import time

import cimba as cb
from cimba import inputs

RATE, STATIONS = 10.0, 5


class Tandem(cb.Model):
    """Five stations of three servers."""

    gap: cb.Input[float] = inputs.dist.exponential(mean=0.1)
    work: cb.Input[float] = inputs.dist.exponential(mean=0.24)
    first: cb.Container
    second: cb.Container
    third: cb.Container
    fourth: cb.Container
    fifth: cb.Container
    waiting: cb.Output[float]

    @cb.process
    def arrivals(self):
        """Trips that come."""
        while True:
            cb.hold(self.gap.next())
            self.first.put(1)

    @cb.process(copies=3)
    def serve_first(self):
        """A server."""
        while True:
            self.first.get(1)
            cb.hold(self.work.next())
            self.second.put(1)

    @cb.process(copies=3)
    def serve_second(self):
        """A server."""
        while True:
            self.second.get(1)
            cb.hold(self.work.next())
            self.third.put(1)

    @cb.process(copies=3)
    def serve_third(self):
        """A server."""
        while True:
            self.third.get(1)
            cb.hold(self.work.next())
            self.fourth.put(1)

    @cb.process(copies=3)
    def serve_fourth(self):
        """A server."""
        while True:
            self.fourth.get(1)
            cb.hold(self.work.next())
            self.fifth.put(1)

    @cb.process(copies=3)
    def serve_fifth(self):
        """A server."""
        while True:
            self.fifth.get(1)
            cb.hold(self.work.next())

    @cb.on_end
    def measure(self):
        """The mean number that wait."""
        self.waiting = (
            self.first.mean_level()
            + self.second.mean_level()
            + self.third.mean_level()
            + self.fourth.mean_level()
            + self.fifth.mean_level()
        )


def main() -> None:
    """Nothing; one line is printed, measured after the model is compiled."""
    trips, seed = int(sys.argv[2]), int(sys.argv[3])
    model = Tandem()
    cb.Experiment(model, replications=1, window=cb.Window(duration=100), seed=1).run()
    window = cb.Window(duration=trips / RATE)
    began = time.process_time()
    results = cb.Experiment(model, replications=1, window=window, seed=seed).run()
    took = time.process_time() - began
    events = trips * (STATIONS + 1)
    waiting = float(results[model].waiting.values.ravel()[0])
    mean = waiting / RATE + STATIONS * 0.24
    print(json.dumps({"ns": took / events * 1e9, "events": events, "mean_h": mean}))


if __name__ == "__main__":
    main()
