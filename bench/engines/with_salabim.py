"""salabim on the tandem and the border, with its default monitors; prints one line of JSON.

Run: python bench/engines/with_salabim.py MODEL TRIPS SEED
"""

from __future__ import annotations

import json
import sys
import time

import salabim

RATES = {"tandem": 10.0, "border": 20.0}
spent: list[float] = []
count = [0]
stations: dict[str, salabim.Resource] = {}


class Trip(salabim.Component):
    """A trip through the model that was asked for."""

    def process(self):
        """The stages, one after another."""
        began = self.env.now()
        for name in self.stages():
            yield self.request(stations[name])
            yield self.hold(self.hours(name))
            self.release(stations[name])
            count[0] += 1
        spent.append(self.env.now() - began)

    def stages(self):
        """The stations of this trip."""
        if "documents" not in stations:
            return list(stations)
        luck = self.env.random.random()
        return ["documents", *(["xray"] if luck < 0.2 else ["physical"] if luck < 0.3 else [])]

    def hours(self, name):
        """The time of one service."""
        luck = self.env.random
        if name == "xray":
            return luck.uniform(0.1, 0.4)
        return luck.expovariate({"documents": 5.0, "physical": 1.0}.get(name, 1 / 0.24))


class Source(salabim.Component):
    """Trips that come."""

    def process(self, trips, rate):
        """One after another."""
        for _ in range(trips):
            yield self.hold(self.env.random.expovariate(rate))
            count[0] += 1
            Trip()


class Shift(salabim.Component):
    """The hours of a resource."""

    def process(self, station, day, night):
        """Day and night, for ever."""
        stations[station].set_capacity(night)
        yield self.hold(8)
        while True:
            stations[station].set_capacity(day)
            yield self.hold(12)
            stations[station].set_capacity(night)
            yield self.hold(12)


def main() -> None:
    """Nothing; one line is printed."""
    name, trips, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    salabim.yieldless(value=False)
    env = salabim.Environment(random_seed=seed, trace=False)
    if name == "tandem":
        stations.update({f"s{at}": salabim.Resource(capacity=3) for at in range(5)})
    else:
        for station, servers in (("documents", 6), ("xray", 2), ("physical", 6)):
            stations[station] = salabim.Resource(capacity=servers)
        Shift(station="documents", day=6, night=3)
        Shift(station="physical", day=6, night=0)
    Source(trips=trips, rate=RATES[name])
    began = time.process_time()
    env.run(till=trips / RATES[name] + 200)
    took = time.process_time() - began
    mean = sum(spent) / len(spent)
    print(json.dumps({"ns": took / count[0] * 1e9, "events": count[0], "mean_h": mean}))


if __name__ == "__main__":
    main()
