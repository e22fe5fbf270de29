"""The section that says why to believe it: made of the calibration's tables and nothing else."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import polars as pl
import pytest
from made_up import made_up_corridor
from page_reader import read_page

from transcaspian.calibration.kept import Calibration, heard
from transcaspian.calibration.tables import CALIBRATION
from transcaspian.corridor.patch import Patch
from transcaspian.report.page import page
from transcaspian.report.reading.names import names_of
from transcaspian.report.reading.truth import truth
from transcaspian.tables.parse import empty, schema_of

TABLES = {table.name: table for table in CALIBRATION}


def rows(name, *given):
    return (
        pl.DataFrame(list(given), schema=schema_of(TABLES[name])) if given else empty(TABLES[name])
    )


def target(figure, use, published, **more):
    return {
        "figure": figure, "quantity": "border_h", "kind": "survey", "year": 2023, "place": "gate",
        "country": "BB", "network": "rail", "direction": "inbound", "published": published,
        "unit": "h", "use": use, "why": "a survey's mean", "source": "S1", "status": "published",
    } | more  # fmt: skip


def parameter(name, standing, told, **more):
    return {
        "parameter": name, "prior": "rail_pace", "place": "gate", "country": "BB",
        "network": "rail", "direction": "inbound", "low": 0.31, "high": 3.1, "fitted_low": 0.71,
        "fitted": 0.92, "fitted_high": 1.33, "told": told, "targets": 4, "standing": standing,
    } | more  # fmt: skip


def score(split, ours, naive, *, met, **more):
    return {
        "split": split, "naive_rule": f"the rule of {split}", "figures": 17, "ours": ours,
        "naive": naive, "ratio": ours / naive if naive else None, "aim": 0.75, "met": met,
        "coverage": 0.78, "crps": 0.234,
    } | more  # fmt: skip


def made_up_calibration(*, corridor="0" * 64, **changed):
    tables = {name: empty(table) for name, table in TABLES.items()}
    tables["targets"] = rows(
        "targets",
        target("gate_2022", "fitted", 6.51, year=2022),
        target("gate_2023", "fitted", 7.52),
        target("north_isle", "bound", 93.4, quantity="door_to_door_h", kind="schedule"),
        target("boast", "shown", 12.3, kind="claim"),
    )
    tables["figures"] = rows(
        "figures",
        {"figure": "gate_2022", "use": "fitted", "simulated": 6.11, "low": 3.13, "high": 12.14,
         "inside": True, "unseen": 5.55, "unseen_low": 2.22, "unseen_high": 13.33},
        {"figure": "gate_2023", "use": "fitted", "simulated": 2.17, "low": 1.18, "high": 4.19,
         "inside": False},
    )  # fmt: skip
    tables["parameters"] = rows(
        "parameters",
        parameter("rail_pace/BB/gate/rail/inbound", "told", 0.64),
        parameter("port_time", "together", 0.41, prior="port_time", place=None, country=None,
                  direction=None, kin="rail_pace/BB/gate/rail/inbound", correlation=-0.87),
        parameter("road_speed", "untold", 0.01, prior="road_speed"),
    )  # fmt: skip
    tables["scores"] = rows(
        "scores",
        score("figure", 0.21, 0.35, met=True),
        score("crossing", 0.81, 0.46, met=False),
        score("door", 0.24, None, met=True, aim=0.25, naive_rule="none"),
    )
    tables["worth"] = rows(
        "worth",
        *(
            {"fact": f"Secret number {at}", "parameters": "p", "answer": "North to Isle",
             "share": 0.4 / at, "most": 0.5 / at}
            for at in range(1, 8)
        ),
    )  # fmt: skip
    tables["refits"] = rows(
        "refits",
        {"split": "figure", "figure": "gate_2023", "published": 7.52, "predicted": 5.05,
         "refitted": 5.35, "gap": 0.06},
    )  # fmt: skip
    patch = Patch(
        name="calibrated", title="Fitted", role="edition", source="S1", status="estimated",
        draws=pl.DataFrame({"stages/a/1/mean_h": [0.5, 0.6, 0.7]}),
    )  # fmt: skip
    return Calibration(corridor, 1, 333, patch, tables | changed)


@pytest.fixture
def shown(filled):
    def made(calibration):
        corridor = made_up_corridor()
        known = truth(calibration, corridor, names_of(corridor))
        return page(replace(filled, truth=known))

    return made


def section(html):
    start = html.index('id="tc-truth"')
    return html[start : html.index("</section>", start)]


def words(html):
    return " ".join(
        read_page(f"<html><body><section {section(html)}</section></body></html>").visible
    )


def test_nothing_is_said_without_a_calibration(filled):
    html = page(filled)
    assert 'id="tc-truth"' not in html
    assert "#tc-truth" not in html


def test_it_is_in_the_contents_and_well_formed(shown):
    html = shown(made_up_calibration())
    reading = read_page(html)
    assert "tc-truth" in reading.ids
    assert len(reading.ids) == len(set(reading.ids))
    assert 'href="#tc-truth"' in html


def test_what_was_fitted_is_counted_from_the_tables(shown):
    said = words(shown(made_up_calibration()))
    assert "fitted to 2 published figures" in said
    assert "of the years 2022 to 2023" in said
    assert "1 as the least that a trip may take" in said
    assert "1 figure it did not use and only shows: a survey's mean (1)" in said
    assert "learned from 333 runs" in said
    assert "3 draws" in said
    assert "3 inputs were free to move" in said


def test_missed_aims_are_as_plain_as_those_met(shown):
    html = section(shown(made_up_calibration()))
    assert "2 of 3 rows reached the aim; 1 fell short" in html
    assert "short of the aim" in html
    assert "ratio 1.76<small> short of the aim of 0.75" in html
    assert "ratio 0.60<small> within the aim of 0.75" in html


def test_a_number_changed_in_a_table_is_changed_on_the_page(shown):
    before = words(shown(made_up_calibration()))
    changed = made_up_calibration(
        scores=rows("scores", score("figure", 0.29, 0.35, met=False)),
        worth=rows(
            "worth",
            {"fact": "Another secret", "parameters": "p", "answer": "Elsewhere", "share": 0.9,
             "most": 0.95},
        ),
    )  # fmt: skip
    after = words(shown(changed))
    assert "0.29" in after
    assert "0.29" not in before
    assert "Another secret (90 %)" in after
    assert "Secret number 1" not in after


def test_five_facts_are_named_most_worth_first(shown):
    said = words(shown(made_up_calibration()))
    sentence = said[said.index("A survey of these 5") :]
    sentence = sentence[: sentence.index(".", sentence.index("by itself"))]
    assert [int(n) for n in re.findall(r"Secret number (\d)", sentence)] == [1, 2, 3, 4, 5]
    assert "(40 %)" in sentence


def test_inputs_that_cannot_be_told_apart_are_named(shown):
    entwined = parameter(
        "rail_pace/BB/gate/rail/inbound", "together", 0.6, kin="port_time", correlation=-0.87
    )
    other = parameter(
        "port_time", "together", 0.41, prior="port_time", place=None, country=None,
        network=None, direction=None, kin=entwined["parameter"], correlation=-0.87,
    )  # fmt: skip
    said = words(shown(made_up_calibration(parameters=rows("parameters", entwined, other))))
    assert "can hardly tell 1 pair of inputs apart" in said
    assert "0.87: one makes up for the other" in said
    alone = made_up_calibration(
        parameters=rows("parameters", parameter("rail_pace/BB/gate/rail/inbound", "told", 0.6))
    )
    assert "No two inputs are so entwined" in words(shown(alone))


def test_figures_in_and_out_of_their_interval_are_marked(shown):
    html = section(shown(made_up_calibration()))
    table = html[html.index("Every figure that the model speaks to") :]
    line = {name: table[table.index(f">{name}<") :].split("</tr>")[0] for name in ("2022", "2023")}
    assert ">in<" in line["2022"]
    assert ">out<" in line["2023"]
    assert "5.5" in line["2022"]  # foretold unseen


def test_a_calibration_of_another_corridor_is_said_to_be_stale(shown):
    assert "has been changed since" in words(shown(made_up_calibration()))
    fresh = made_up_calibration(corridor=heard(made_up_corridor()))
    assert "has been changed since" not in words(shown(fresh))


def test_every_number_shown_is_of_the_tables(shown):
    """Each number of the section but those of its own sentences is a figure of a table."""
    calibration = made_up_calibration()
    said = words(shown(calibration))
    meant = {"0.25", "1.28", "80", "90", "5", "3", "2", "1", "4", "17", "333", "2022", "2023", "0"}
    numbers = {
        abs(value)
        for frame in calibration.tables.values()
        for column in frame.columns
        if frame[column].dtype == pl.Float64
        for value in frame[column].drop_nulls()
    }
    misses = [*calibration.tables["scores"]["ours"], *calibration.tables["refits"]["gap"]]
    numbers |= {math.exp(miss) for miss in misses}
    known = {f"{value:.{places}f}" for value in numbers for places in (0, 1, 2)}
    known |= {f"{100 * value:.{places}f}" for value in numbers for places in (0, 1)}
    axis = {f"{0.1 * step:.1f}" for step in range(12)}
    spare = {n for n in re.findall(r"\d+(?:\.\d+)?", said) if n not in known | meant | axis}
    secret = {str(at) for at in range(1, 8)}
    assert spare <= secret | {"7", "6", "1.0", "1.00"}, spare
