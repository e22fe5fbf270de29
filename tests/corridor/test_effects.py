"""A measure at one draw of its effects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from transcaspian.corridor.apply import apply, drawn
from transcaspian.corridor.applying.effects import BLOCK, at_draw, uniform, within
from transcaspian.corridor.patch import Change, Evidence, Patch, Use
from transcaspian.errors import Fault
from transcaspian.readers.folder import read_corridor

ANDES = read_corridor(Path(__file__).parents[1] / "corridors" / "andes")


def _measure(low: float = 0.4, high: float = 0.9) -> Patch:
    return Patch(
        name="quicker",
        title="Quicker",
        uses=(
            Use(
                kind="stage_time",
                parameters={"procedure": "p", "stage": "documents", "scale": 0.5},
            ),
        ),
        evidence=(Evidence(parameter="use.0.scale", low=low, high=high, source="S31"),),
        source="S31",
    )


def _values(patch: Patch, *, draws: int) -> np.ndarray:
    return np.array([at_draw(patch, k).uses[0].parameters["scale"] for k in range(draws)])


def test_half_of_the_draws_are_below_the_value_as_written_and_none_outside_its_range() -> None:
    values = _values(_measure(), draws=40 * BLOCK)
    assert (values < 0.5).sum() == 20 * BLOCK
    assert values.min() >= 0.4
    assert values.max() <= 0.9


def test_each_block_of_draws_fills_the_range_evenly() -> None:
    for block in range(5):
        places = [uniform("a", block * BLOCK + k) for k in range(BLOCK)]
        assert sorted(int(each * BLOCK) for each in places) == list(range(BLOCK))


def test_a_draw_depends_on_the_name_alone_and_is_the_same_each_time() -> None:
    assert uniform("a", 3) == uniform("a", 3)
    assert uniform("a", 3) != uniform("b", 3)
    assert (_values(_measure(), draws=9) == _values(_measure(), draws=9)).all()


def test_two_values_are_drawn_without_regard_to_each_other() -> None:
    pairs = np.array([(uniform("a", k), uniform("b", k)) for k in range(1000)])
    # 1,000 independent pairs: a correlation beyond 0.11 has a chance below 1 in 2,000
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.11


def test_a_whole_number_stays_whole() -> None:
    evidence = Evidence(parameter="use.0.extra", low=0, high=4, source="S31")
    found = {within(evidence, 2, at=at, whole=True) for at in np.linspace(0, 0.999, 50)}
    assert found == {0, 1, 2, 3, 4}


def test_a_measure_without_evidence_is_itself() -> None:
    bare = _measure().model_copy(update={"evidence": ()})
    assert at_draw(bare, 7) is bare


@pytest.mark.parametrize("parameter", ["use.0.stage", "use.1.scale", "use.0.speed", "scale", "x.0"])
def test_evidence_of_what_is_no_number_of_the_measure_is_refused(parameter: str) -> None:
    evidence = Evidence(parameter=parameter, low=0, high=1, source="S31")
    wrong = _measure().model_copy(update={"evidence": (evidence,)})
    with pytest.raises(Fault, match="which is no number of this measure") as found:
        at_draw(wrong, 0)
    assert found.value.code == "P105"


def test_a_range_upside_down_is_refused() -> None:
    with pytest.raises(ValueError, match="low 2 is above high 1"):
        Evidence(parameter="use.0.scale", low=2, high=1, source="S31")


def test_a_corridor_with_such_a_measure_is_drawn_replication_by_replication() -> None:
    stage = ANDES.table("stages").row(1, named=True)
    where = {"procedure": stage["procedure"], "order": stage["order"]}
    patch = Patch(
        name="slower",
        title="Slower",
        change=(Change(table="stages", where=where, scale={"mean_h": 2.0}),),
        evidence=(
            Evidence(parameter="change.0.scale.mean_h", low=1.5, high=3.0, source="invented"),
        ),
        source="invented",
    )
    middle = apply(ANDES, patch)
    found = [
        drawn(middle, k).table("stages")["mean_h"][1] / ANDES.table("stages")["mean_h"][1]
        for k in range(2 * BLOCK)
    ]
    assert middle.table("stages")["mean_h"][1] == pytest.approx(2 * stage["mean_h"])
    assert min(found) >= 1.5
    assert max(found) <= 3.0
    assert len(set(found)) == 2 * BLOCK
    assert middle.hash != apply(ANDES, patch.model_copy(update={"evidence": ()})).hash
