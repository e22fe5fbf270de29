"""salabim on the three models, with its default monitors; prints one line of JSON.

Run: python bench/engines/with_salabim.py MODEL TRIPS SEED
"""

from __future__ import annotations

import json
import sys
import time

import salabim

RATES = {"tandem": 10.0, "border": 20.0, "corridor": 2.0}
SERVERS = {"load": 4, "documents": 3, "xray": 1, "gauge": 2, "unload": 3, "discharge": 4, "gate": 2}
MEANS = {"load": 1.5, "documents": 1.0, "gauge": 0.8, "unload": 1.0, "discharge": 1.0, "gate": 0.5}
DECK = 40
quay: list[salabim.Component] = []
idle: list[salabim.Component] = []
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


class Consignment(salabim.Component):
    """A trip over rail, a border, a gauge yard, a port and a sea."""

    def process(self):
        """The stages, one after another."""
        began, luck = self.env.now(), self.env.random
        yield from self.served("load", luck.expovariate(1 / MEANS["load"]))
        yield from self.moved(10, 24)
        yield from self.served("documents", luck.expovariate(1 / MEANS["documents"]))
        if luck.random() < 0.2:
            yield from self.served("xray", luck.uniform(0.5, 2.0))
        yield from self.moved(8, 20)
        yield from self.served("gauge", luck.expovariate(1 / MEANS["gauge"]))
        yield from self.moved(6, 16)
        yield from self.served("unload", luck.expovariate(1 / MEANS["unload"]))
        quay.append(self)
        if len(quay) >= DECK and idle:
            idle.pop().activate()
        yield self.passivate()
        yield from self.served("discharge", luck.expovariate(1 / MEANS["discharge"]))
        yield from self.moved(10, 24)
        yield from self.served("gate", luck.expovariate(1 / MEANS["gate"]))
        spent.append(self.env.now() - began)

    def served(self, name, hours):
        """One service."""
        yield self.request(stations[name])
        yield self.hold(hours)
        self.release(stations[name])
        count[0] += 1

    def moved(self, low, high):
        """One journey."""
        yield self.hold(self.env.random.uniform(low, high))
        count[0] += 1


class Vessel(salabim.Component):
    """A vessel that sails when it is full and comes back empty."""

    def process(self):
        """There and back, for ever."""
        while True:
            if len(quay) < DECK:
                idle.append(self)
                yield self.passivate()
                continue
            aboard, quay[:DECK] = quay[:DECK], []
            yield self.hold(self.env.random.uniform(14, 22))
            for trip in aboard:
                trip.activate()
            yield self.hold(self.env.random.uniform(14, 22))
            count[0] += 2


class Source(salabim.Component):
    """Trips that come."""

    def process(self, trips, rate):
        """One after another."""
        for _ in range(trips):
            yield self.hold(self.env.random.expovariate(rate))
            count[0] += 1
            (Consignment if "gauge" in stations else Trip)()


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
    elif name == "corridor":
        stations.update({at: salabim.Resource(capacity=size) for at, size in SERVERS.items()})
        for _ in range(3):
            Vessel()
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
