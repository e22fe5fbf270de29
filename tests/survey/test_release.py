"""The whole chain on a made-up wave: scored against its truth, released, and read again."""

import csv
import hashlib
import json
import shutil
from datetime import date

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats

from transcaspian.corridor.apply import apply
from transcaspian.corridor.tables import TABLES, keys
from transcaspian.errors import Fault
from transcaspian.events.log import check
from transcaspian.readers.forms.stamps import Habits
from transcaspian.readers.gazetteer import gazetteer
from transcaspian.readers.messages.epcis import read_epcis
from transcaspian.readers.patch import read_patch_file
from transcaspian.readers.wave import read_wave
from transcaspian.survey.example import fill_wave
from transcaspian.survey.hearing import hear
from transcaspian.survey.release.exports import as_epcis, as_xes
from transcaspian.survey.release.package import safe
from transcaspian.survey.release.release import released, sealed, source_rows, write_release

CELL = ["place", "network", "direction"]


@pytest.fixture(scope="module")
def folder(release, andes, tmp_path_factory):
    out = tmp_path_factory.mktemp("release") / "r"
    out.mkdir()
    write_release(release, out, corridor=andes)
    return out


def test_the_log_is_sound_and_every_stay_is_near_its_truth(drawn, heard):
    assert check(heard.events) == []
    truth = pl.read_parquet(drawn[0] / "truth" / "stays.parquet").select("name", "place", "hours")
    named = heard.visits.join(heard.events.trips.select("trip", "name"), on="trip")
    told = named.with_columns(((pl.col("left") - pl.col("arrived")) / 3.6e9).alias("told"))
    both = truth.join(told.select("name", "place", "told", "grade"), on=["name", "place"])
    off = both.with_columns((pl.col("told") - pl.col("hours")).alias("off")).drop_nulls("off")
    assert both.height > 800
    assert abs(off["off"].median()) < 0.05
    for grade in ("A", "B", "C"):
        assert off.filter(grade=grade)["off"].abs().median() < 0.3
    assert set(both["grade"]) == {"A", "B", "C", "D"}


def test_the_census_lies_within_the_intervals_about_as_often_as_they_say(drawn, release):
    cells = release.tables["crossings"].filter(~pl.col("withheld"))
    census = drawn[1].truth.select(
        *CELL, pl.col("p50_h").alias("true"), pl.col("mean_h").alias("true_mean")
    )
    both = cells.join(census, on=CELL)
    assert both.height >= 10
    low, high = pl.col("p50_low").fill_null(0), pl.col("p50_high").fill_null(1e9)
    inside = both.select(((low <= pl.col("true")) & (pl.col("true") <= high)).sum()).item()
    assert inside >= stats.binom.interval(0.999, both.height, 0.95)[0]
    ratio = both["mean_h"] / both["true_mean"]
    assert abs(np.log(ratio.drop_nulls().to_numpy())).max() < 0.7


def test_the_dirt_is_found(sources, heard):
    codes = set(sources.testimony.rejects["code"]) | set(heard.notices["code"])
    assert {"V103", "V110", "V201", "V203", "V204", "V205"} <= codes
    assert heard.doubles.height > 0
    assert heard.disagreements.height > 100


def test_the_same_wave_gives_the_same_bytes(andes, log, drawn, release, folder, tmp_path):
    period = (date(andes.about.base_year, 2, 1), date(andes.about.base_year, 5, 31))
    fill_wave(tmp_path / "wave", log, corridor=andes, trips=900, period=period, seed=1)
    for one in sorted(drawn[0].rglob("*")):
        if one.is_file() and one.suffix != ".xlsx":
            other = tmp_path / "wave" / one.relative_to(drawn[0])
            assert one.read_bytes() == other.read_bytes(), one.name
    again = released(hear(read_wave(tmp_path / "wave", andes), andes), andes)
    (tmp_path / "r").mkdir()
    write_release(again, tmp_path / "r", corridor=andes)
    for one in sorted(folder.rglob("*")):
        if one.is_file():
            assert one.read_bytes() == (tmp_path / "r" / one.relative_to(folder)).read_bytes(), (
                one.name
            )
    assert release.patch.name == again.patch.name


def test_the_descriptor_says_what_is_there(folder):
    package = json.loads((folder / "tables" / "datapackage.json").read_text())
    assert "SYNTHETIC" in package["description"]
    for resource in package["resources"]:
        path = folder / "tables" / resource["path"]
        data = path.read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["bytes"] == len(data)
        with path.open(encoding="utf-8", newline="") as stream:
            header = next(csv.reader(stream))
        assert header == [each["name"] for each in resource["schema"]["fields"]]
        assert all(each["description"] for each in resource["schema"]["fields"])


def test_every_source_row_is_there_by_its_hash(release, sources):
    rows = source_rows(release.heard)
    assert release.tables["rows"].equals(sealed(rows))
    said = set(sources.testimony.witnesses["row_hash"]) - set(
        sources.testimony.witnesses.join(release.heard.events.witnesses, on="row_hash", how="anti")[
            "row_hash"
        ]
    )
    assert said <= set(rows["row_hash"])
    assert set(sources.testimony.rejects["row_hash"]) <= set(rows["row_hash"])


def test_no_published_hash_can_be_made_from_a_form_alone(release):
    """Trying amounts on a form of which all else is known finds no hash: they are under a key."""
    public = set(release.tables["rows"]["row_hash"])
    assert public.isdisjoint(source_rows(release.heard)["row_hash"])
    assert public.isdisjoint(sealed(source_rows(release.heard)[1:])["row_hash"])


def test_nothing_public_speaks_of_fewer_than_the_floor(release, folder):
    wave = release.heard.wave
    cells = release.tables["crossings"]
    hidden = cells.filter(pl.col("n_eff") < wave.publish_from)
    assert hidden.height > 0
    for name in (
        "p50_h",
        "mean_h",
        "p90_high",
        "within_24h",
        "mean_raw_h",
        "sigma",
        "pooled_h",
        "shrink",
        "kind_h",
    ):
        assert hidden[name].null_count() == hidden.height
    unofficial = release.tables["payments"].filter(kind="unofficial")
    few = unofficial.filter(pl.col("clusters") < wave.payments_from)
    assert few.height > 0
    assert few["value"].null_count() == few.height
    assert (
        release.tables["hours_of_week"]
        .filter(pl.col("n") < wave.publish_from)["p50_h"]
        .drop_nulls()
        .is_empty()
    )
    public = {path.stem for path in (folder / "tables").iterdir()}
    assert public.isdisjoint({"spells", "trips", "steps", "payments_rows", "witnesses"})
    log = pl.read_parquet(folder / "restricted" / "log" / "payments.parquet")
    assert "unofficial" not in set(log["kind"])
    assert pl.read_parquet(folder / "restricted" / "unofficial_payments.parquet").height > 0


def test_withheld_cells_are_in_no_total(release):
    cells, totals = release.tables["crossings"], release.tables["totals"]
    for row in totals.filter(
        (pl.col("country") != "") & (pl.col("network") != "") & (pl.col("direction") != "")
    ).iter_rows(named=True):
        own = cells.filter(
            ~pl.col("withheld"),
            *(pl.col(name) == row[name] for name in ("country", "network", "direction")),
        )
        assert row["n"] == own.filter(pl.col("mean_h").is_not_null())["n"].sum()


def test_what_is_exported_can_be_read_again(tmp_path, andes, heard):
    path = tmp_path / "e.jsonld"
    path.write_text(as_epcis(heard.visits, run="w", synthetic=True))
    found = read_epcis(path, gazetteer(andes), run="w", habits=Habits())
    assert found.rejects.is_empty()
    known = (
        heard.visits.select(pl.sum_horizontal(pl.col("arrived", "left").is_not_null())).sum().item()
    )
    assert found.witnesses.height == known
    text = "".join(as_xes(heard.events))
    assert text.count("<trace>") == heard.events.steps["trip"].n_unique()
    from xml.etree.ElementTree import fromstring

    assert fromstring(text).tag.endswith("log")  # noqa: S314  # our own text


def test_the_patch_changes_stages_and_carries_its_draws(andes, release, folder):
    patch = read_patch_file(folder / f"{release.patch.name}.toml")
    assert patch.change == release.patch.change
    assert_frame_equal(patch.draws, release.patch.draws, rel_tol=1e-4, abs_tol=1e-5)
    after = apply(andes, patch)
    drawn = [apply(andes, patch, draw=k).table("stages")["mean_h"].to_numpy() for k in range(20)]
    changed = (after.table("stages")["mean_h"] != andes.table("stages")["mean_h"]).to_numpy()
    assert changed.sum() >= 4
    assert np.std(drawn, axis=0)[changed].min() > 0
    assert np.ptp(drawn, axis=0)[~changed].max() == 0
    fitted = [one for one in release.served if one.basis == "fitted"]
    true = {str(key): float(mean) for key, mean in zip(*_stages(andes), strict=True)}
    for one in fitted:
        low, high = one.fit.mean_interval(z=3.5)
        assert low < true[one.stages[0]] < high
    # stages that only some trips pass, or that share an activity, are near the truth as well
    now = {str(key): float(mean) for key, mean in zip(*_stages(after), strict=True)}
    many = [one for one in release.served if one.fit.size >= 40]
    apart = [now[key] / true[key] for one in many for key in one.stages]
    assert len(apart) >= 5
    assert 0.8 < min(apart) <= max(apart) < 1.25
    calibration = json.loads((folder / "calibration.json").read_text())
    assert calibration["synthetic"] is True
    assert len(calibration["fits"]) == len(release.served)
    hours = {
        str(key): calendar
        for key, calendar in andes.table("stages")
        .select("resource", key=keys(andes.table("stages"), TABLES["stages"]))
        .join(andes.table("resources").select("resource", "calendar"), on="resource")
        .select("key", "calendar")
        .iter_rows()
    }
    kept = [pair for fit in calibration["fits"] for pair in fit["calendar"].items()]
    shut = {stage for stage, spans in kept if spans}
    assert shut == {stage for stage, _ in kept if hours.get(stage) in SHUT}
    assert all(0 <= a < b <= 168 for _, spans in kept if spans for a, b in spans)


SHUT = ("day",)
"""The calendar of the made-up corridor that ever closes."""


def _stages(corridor):
    from transcaspian.survey.release.served import stage_rows

    rows = stage_rows(corridor)
    return rows["key"].to_list(), rows["mean_h"].to_list()


def test_text_that_a_spreadsheet_would_run_is_quoted():
    frame = pl.DataFrame({"a": ["=1+1", "@x", "-2", "plain", None], "b": [1, 2, 3, 4, 5]})
    assert safe(frame)["a"].to_list() == ["'=1+1", "'@x", "'-2", "plain", None]


def test_a_wave_without_files_and_settings_that_are_wrong_are_faults(tmp_path, andes, drawn):
    with pytest.raises(Fault) as caught:
        read_wave(tmp_path, andes)
    assert caught.value.faults[0].code == "V114"
    (tmp_path / "wave.toml").write_text(
        'name = "w"\ntitle = "W"\nstarts = 2023-01-01\nends = 2023-02-01\nclok = "place"\n'
    )
    with pytest.raises(Fault) as caught:
        read_wave(tmp_path, andes)
    assert caught.value.faults[0].nearest == ("clock",)
    copy = tmp_path / "copy"
    shutil.copytree(drawn[0], copy)
    (copy / "forms" / "odd.docx").write_bytes(b"x")
    (copy / "messages" / "broken.json").write_text("{")
    (copy / "forms" / "bad.xlsx").write_bytes(b"not a workbook")
    with pytest.raises(Fault) as caught:
        read_wave(copy, andes)
    assert sorted({fault.code for fault in caught.value.faults}) == ["V115"]
    assert len(caught.value.faults) == 3
