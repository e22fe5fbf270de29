"""Random logs over the hand-made corridor: waits, blanks, returns, weights, in any order."""

from __future__ import annotations

from hand_made import at, log
from hypothesis import strategies as st

WAY = ["city", "city__gate_a", "gate_a", "gate_a__gate_b", "gate_b", "gate_b__quay", "quay",
       "quay__strait", "strait"]  # fmt: skip
ACTIVITIES = {
    "city__gate_a": ["travel_rail"],
    "gate_a__gate_b": ["travel_rail"],
    "gate_b__quay": ["travel_road", "r17_rest"],
    "quay__strait": ["sail"],
}
AT_PLACES = ["r01_border_security", "r02_customs", "p04_wait_vessel", "r14_load_unload"]


@st.composite
def logs(draw, *, blanks=True, most_trips=6):
    trips, steps = [], []
    for number in range(draw(st.integers(1, most_trips))):
        run, trip = draw(st.sampled_from(["r1", "r2"])), number
        flow = draw(st.sampled_from(["ore", "grain"]))
        weight = draw(st.sampled_from([1.0, 1.0, 2.5, 0.25]))
        trips.append({"run": run, "trip": trip, "flow": flow, "origin": "city",
                      "destination": "quay", "tonnes": 10.0, "weight": weight})  # fmt: skip
        steps += _steps(draw, run, trip, blanks=blanks)
    order = draw(st.permutations(range(len(steps))))
    return log(trips, [steps[number] for number in order])


def _steps(draw, run, trip, *, blanks):
    rows, clock = [], draw(st.integers(0, 5000))
    for step in range(1, draw(st.integers(1, 9)) + 1):
        place = draw(st.sampled_from(WAY))
        activity = draw(st.sampled_from(ACTIVITIES.get(place, AT_PLACES)))
        times = [clock]
        for _ in range(2):
            times.append(times[-1] + draw(st.integers(0, 40)))
        clock = times[-1] + draw(st.sampled_from([0, 0, 3]))
        shown = [at(time / 8) for time in times]
        if blanks and draw(st.integers(0, 3)) == 0:
            hidden = draw(st.sampled_from([(0,), (1,), (2,), (0, 1), (1, 2)]))
            shown = [None if place_ in hidden else time for place_, time in enumerate(shown)]
        rows.append({"run": run, "trip": trip, "step": step * 3, "place": place,
                     "activity": activity, "arrived": shown[0], "started": shown[1],
                     "ended": shown[2], "quality": "observed"})  # fmt: skip
    return rows
