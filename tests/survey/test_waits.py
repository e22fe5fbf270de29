"""What is waited for, by hand and against the truth: the release chain, sailings, pings, months."""

from datetime import UTC, datetime, timedelta

import narwhals as nw
import numpy as np
import polars as pl
import pytest

from transcaspian.events.declarations import TRIPS, WITNESSES
from transcaspian.events.engine import gathered
from transcaspian.readers.forms.stamps import Habits
from transcaspian.readers.messages.profile import read_profile
from transcaspian.survey.change.series import monthly
from transcaspian.survey.estimates.events import paired, stage_table
from transcaspian.survey.estimates.waits.release import chain, intervals, milestones
from transcaspian.survey.estimates.waits.sailings import sailings, vessels, waits
from transcaspian.survey.fits.pings import pinged
from transcaspian.tables.parse import schema_of

ZERO = datetime(2023, 3, 1, tzinfo=UTC)
HOUR = 3_600_000_000
BASE = int(ZERO.timestamp() * 1e6)
TRS = """consignment,vehicle,office,act,time
C1,A1,lago_norte,arrival,2023-03-01T10:00:00Z
C1,A1,lago_norte,lodgement,2023-02-27T09:00:00Z
C1,A1,lago_norte,assessment,2023-03-01T11:00:00Z
C1,A1,lago_norte,scan,2023-03-01T12:30:00Z
C1,A1,lago_norte,payment,2023-03-01T13:00:00Z
C1,A1,lago_norte,release,2023-03-01T13:15:00Z
C1,A1,lago_norte,gate_out,2023-03-01T14:00:00Z
"""


def people(count, *, cluster=None):
    row = dict.fromkeys(schema_of(TRIPS))
    rows = [
        {**row, "run": "w", "trip": trip, "name": str(trip), "origin": "", "destination": "",
         "weight": 1.0, "cluster": cluster(trip) if cluster else None}
        for trip in range(1, count + 1)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=schema_of(TRIPS))


def visit(trip, place, came, left, *, goes=None, ordinal=1):
    hour = lambda at: None if at is None else BASE + round(at * HOUR)  # noqa: E731  # shorthand
    return {
        "run": "w", "trip": trip, "place": place, "ordinal": ordinal, "country": "CL",
        "network": "road", "direction": "outbound", "arrived": hour(came), "left": hour(left),
        "next": goes,
    }  # fmt: skip


def stamp(trip, place, act, life, at, number):
    when = ZERO + timedelta(hours=at)
    row = dict.fromkeys(schema_of(WITNESSES))
    return {
        **row, "run": "w", "trip": trip, "witness": number, "place": place, "activity": act,
        "lifecycle": life, "earliest": when, "latest": when, "zone": "UTC", "source": "message",
        "row_hash": f"{trip}-{number}",
    }  # fmt: skip


def stamps(rows):
    return pl.DataFrame(rows, schema=schema_of(WITNESSES))


def test_a_chain_by_hand(andes):
    said = stamps(
        [
            stamp(1, "lago_norte", "c01_lodgement", "complete", -30, 1),
            stamp(1, "lago_norte", "r02_customs", "start", 11, 2),
            stamp(1, "lago_norte", "r19_scan_xray", "complete", 12.5, 3),
            stamp(1, "lago_norte", "r02_customs", "complete", 12.75, 4),
            stamp(1, "lago_norte", "c04_release", "complete", 13.25, 5),
            stamp(1, "orilla", "r02_customs", "complete", 99, 6),
            stamp(2, "lago_norte", "r17_rest", "complete", 1, 1),
        ]
    )
    seen = pl.DataFrame([visit(1, "lago_norte", 10, 14), visit(2, "lago_norte", 0, 2)])
    rows = nw.to_native(intervals(milestones(said, seen, andes), people(2))).sort("apart")
    told = {(since, until): (hours, early) for since, until, hours, early in rows.select(
        "since", "until", "hours", "early").iter_rows()}  # fmt: skip
    assert told == {
        ("arrival", "lodgement"): (0.0, 1.0),
        ("lodgement", "assessment"): (1.0, 0.0),
        ("assessment", "inspection"): (1.5, 0.0),
        ("inspection", "release"): (0.75, 0.0),
        ("release", "departure"): (0.75, 0.0),
    }
    assert sum(hours for hours, _ in told.values()) == 4  # what the goods stood, and no more


def test_a_chain_is_told_above_the_floor_with_whose_act_ended_it(andes):
    rows, seen = [], []
    rng = np.random.default_rng(1)
    for trip in range(1, 31):
        took = rng.lognormal(0, 0.3)
        rows.append(stamp(trip, "lago_norte", "r02_customs", "start", 10.5, 1))
        rows.append(stamp(trip, "lago_norte", "c04_release", "complete", 10.5 + took, 2))
        seen.append(visit(trip, "lago_norte", 10, 12 + took))
    for trip in (31, 32):
        rows.append(stamp(trip, "lago_sur", "c04_release", "complete", 11, 1))
        seen.append(visit(trip, "lago_sur", 10, 12))
    found = chain(
        stamps(rows), pl.DataFrame(seen), trips=people(32), corridor=andes, publish_from=10
    )
    table = found["chain"]
    assert table["place"].unique().to_list() == ["lago_norte"]
    assert table.select("since", "until", "party", "n").rows() == [
        ("arrival", "assessment", "agency", 30),
        ("assessment", "release", "agency", 30),
        ("release", "departure", "onward", 30),
    ]
    row = table.row(1, named=True)
    assert row["p50_low"] < 1.0 < row["p50_high"]
    by = dict(found["chain_parties"].select("party", "value").rows())
    assert by["onward"] == pytest.approx(1.5, abs=1e-3)
    assert by["trader"] == 0
    assert by["agency"] == pytest.approx(0.5 + table["mean_h"][1], rel=0.05)


def test_a_time_release_study_is_read_as_stamps(tmp_path, andes):
    from transcaspian.readers.gazetteer import gazetteer

    path = tmp_path / "post.trs.csv"
    path.write_text(TRS)
    found = read_profile(path, gazetteer(andes), run="w", habits=Habits())
    assert found.rejects.is_empty()
    assert found.witnesses["activity"].to_list() == [
        "arr", "c01_lodgement", "r02_customs", "r19_scan_xray", "c03_payment", "c04_release", "dep",
    ]  # fmt: skip
    assert set(found.identities.select("kind", "name").iter_rows()) == {
        ("vehicle", "A1"), ("consignment", "C1"),
    }  # fmt: skip


def test_the_chain_of_the_made_up_wave_is_that_of_its_simulation(release, log):
    table = release.tables["chain"]
    assert table.height >= 4
    assert set(table["until"]) >= {"assessment", "release", "departure"}
    within = table.filter(pl.col("p50_h") > 0)
    assert (within["p50_low"] <= within["p50_h"]).all()
    control = log.steps.filter(pl.col("activity") == "r02_customs")
    seen = table.filter((pl.col("since") == "assessment") & (pl.col("until") == "release"))
    for row in seen.iter_rows(named=True):
        own = control.filter(pl.col("place") == row["place"])
        least = ((own["ended"] - own["started"]).dt.total_seconds() / 3600).median()
        assert row["p50_high"] is None or row["p50_high"] >= least * 0.8


def test_departures_within_three_hours_are_one_vessel():
    assert vessels(np.array([0, 2, 4, 30, 31, 60])).tolist() == [0, 0, 0, 1, 1, 2]


def test_sailings_missed_by_hand(andes):
    links = andes.table("links").join(andes.table("modes").select("mode", "network"), on="mode")
    here, there = links.filter(network="sea").select("origin", "destination").row(0)
    seen = []
    trip = 0
    for sailing in range(12):
        for came in (1, 20, 30):  # the last of them came before the sailing before
            trip += 1
            left = 24.0 * sailing + 48
            seen.append(visit(trip, here, left - came, left, goes=there))
    seen.append(visit(trip + 1, here, 5, None, goes=there))
    found = sailings(gathered(waits(pl.DataFrame(seen), people(trip + 1), andes)), publish_from=10)
    row = found.row(0, named=True)
    assert (row["place"], row["next"], row["n"], row["sailings"]) == (here, there, 36, 12)
    assert row["headway_p50_h"] == 24
    assert row["missed"] == pytest.approx(11 / 36)
    assert row["misconnection_share"] == pytest.approx(11 / 36)
    assert row["misconnection_low"] < 11 / 36 < row["misconnection_high"] <= 1


def test_the_mean_by_pings_is_near_the_truth_where_the_naive_one_is_not():
    rng = np.random.default_rng(3)
    stay = rng.lognormal(np.log(4), np.sqrt(np.log(2)), 4000)
    interval = rng.choice([3.0, 6.0], 4000)
    pings = np.floor(stay / interval + rng.random(4000)).astype(int)
    seen = pl.DataFrame(
        {"run": "w", "place": "a", "country": "XX", "network": "rail", "direction": "inbound",
         "pings": pings, "gap": False, "whole": True, "interval_h": interval}
    ).filter(pl.col("pings") > 0)  # fmt: skip
    row = pinged(seen, publish_from=10).row(0, named=True)
    true = 4 * np.sqrt(2)
    assert row["naive_mean_h"] > 1.25 * true
    assert row["mean_low"] < true < row["mean_high"]
    assert row["mean_h"] == pytest.approx(true, rel=0.05)
    assert pinged(seen.head(9), publish_from=10).is_empty()
    once = seen.with_columns(pings=pl.lit(1))
    assert pinged(once, publish_from=10)["mean_h"].to_list() == [None]


def test_trackers_of_the_made_up_wave_are_told_near_their_truth(release, drawn):
    table = release.tables["pings"].drop_nulls("mean_h")
    census = drawn[1].truth.select("place", "network", "direction", "mean_h")
    both = table.join(census, on=["place", "network", "direction"], suffix="_true")
    assert both.height >= 4
    inside = both.select(
        (pl.col("mean_low") * 0.9 <= pl.col("mean_h_true"))
        & (pl.col("mean_h_true") <= pl.col("mean_high") * 1.1)
    ).to_series()
    assert inside.mean() > 0.6


def test_months_are_told_and_breaks_in_them_found():
    rng = np.random.default_rng(2)
    names = [f"{2021 + k // 12}-{k % 12 + 1:02d}" for k in range(24)]
    level = np.where(np.arange(24) < 13, 10.0, 16.0) * rng.lognormal(0, 0.05, 24)
    months = pl.DataFrame(
        {"run": "w", "place": "a", "country": "XX", "network": "rail", "direction": "inbound",
         "month": names, "n": 40, "n_eff": 40.0, "p50_h": level,
         "p50_low": level * 0.9, "p50_high": level * 1.1}
    )  # fmt: skip
    found = monthly(months, known={"2022-02": "a closure elsewhere"})
    cut = found.filter(what="break").row(0, named=True)
    assert (cut["month"], cut["known"]) == ("2022-02", "a closure elsewhere")
    assert cut["ratio"] == pytest.approx(1.6, rel=0.08)
    assert found.filter(what="alarm").height >= 1
    assert monthly(months.head(4), known={}).is_empty()


def test_the_months_of_a_wave_add_up_to_its_cells(release):
    months = release.tables["months"]
    whole = release.tables["crossings"].select(
        "place", "network", "direction", pl.col("n").alias("all")
    )
    summed = months.group_by("place", "network", "direction").agg(pl.col("n").sum())
    both = summed.join(whole, on=["place", "network", "direction"])
    assert both.height >= 4
    assert (both["n"] <= both["all"]).all()


def test_stages_of_an_event_log_by_hand():
    rng = np.random.default_rng(1)
    count = 60
    hours = np.round(rng.lognormal(1, 0.8, count), 1)
    begun = pl.Series(BASE + rng.integers(0, 10**12, count)).cast(pl.Datetime("us", "UTC"))
    done = begun + pl.Series(np.round(hours * 3.6e9).astype(np.int64)).cast(pl.Duration("us"))
    shared = {"run": "w", "trip": range(count), "leg": 0, "place": "a", "activity": "r02_customs"}
    log = pl.concat(
        [
            pl.DataFrame({**shared, "instant": at, "lifecycle": life})
            for at, life in ((begun, "start"), (done, "complete"))
        ]
    ).sample(fraction=1, shuffle=True, seed=1)
    assert nw.to_native(paired(log)).height == count
    row = stage_table(log).row(0, named=True)
    assert row["n"] == count
    assert row["mean_h"] == pytest.approx(hours.mean(), abs=1e-9)
    ordered = np.sort(hours)
    assert row["p50_h"] == pytest.approx(ordered[29])
    assert (row["p50_low"], row["p50_high"]) == pytest.approx((ordered[21], ordered[38]), abs=0.11)
    assert stage_table(log.filter(pl.col("trip") < 5))["mean_h"].to_list() == [None]
    lost = log.filter((pl.col("lifecycle") == "start") | (pl.col("trip") > 4))
    assert stage_table(lost)["n"].to_list() == [count - 5]
