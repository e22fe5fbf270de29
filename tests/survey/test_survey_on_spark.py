"""The same wave on Spark as on Polars, and nothing brought home but aggregates."""

import shutil

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transcaspian.events import engine
from transcaspian.events.declarations import WITNESSES
from transcaspian.survey.estimates import pictures, tables
from transcaspian.survey.estimates.stays import stays
from transcaspian.survey.estimates.waits import ports
from transcaspian.survey.estimates.waits import release as chains
from transcaspian.survey.estimates.waits import sailings as ships
from transcaspian.survey.tracks.stays import stays as stays_of_tracks
from transcaspian.survey.tracks.witness import EXTRAS, tracked
from transcaspian.survey.trips import doubts, heaps, reconcile

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(shutil.which("java") is None, reason="not run: Spark needs Java"),
]
TYPES = {"str": "string", "int": "bigint", "float": "double", "datetime": "timestamp"}
TRIPS = 150
HOMES = (tables, reconcile, doubts, pictures, chains, ports, heaps)


@pytest.fixture(scope="module")
def spark():
    sql = pytest.importorskip(
        "pyspark.sql", reason="not run: pip install 'transcaspian[spark]' brings PySpark"
    )
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def said(andes, sources):
    found = sources.testimony
    seen = tracked(
        found.fixes, sources.zones, places=andes.table("places"), hold_m=150, gap_h=6
    ).drop(*EXTRAS)
    every = pl.concat([found.witnesses, seen])
    first = found.witnesses["trip"].unique().sort().head(TRIPS)
    lodged = (
        found.witnesses.filter(activity="c01_lodgement")["trip"].unique().sort().head(TRIPS // 3)
    )
    forms = pl.concat([first, lodged]).unique()
    names = found.identities.filter(pl.col("trip").is_in(forms.implode()))["name"]
    kin = found.identities.filter(pl.col("name").is_in(names.implode()))["trip"]
    return every.filter(pl.col("trip").is_in(pl.concat([forms, kin]).unique().implode()))


def heard(witnesses, sources, andes):
    found = sources.testimony
    return reconcile.reconcile(
        witnesses, found.trips, identities=found.identities, payments=found.payments, corridor=andes
    )


def estimated(found, sources, andes):
    trips, floor = found.events.trips, 1
    stood = stays(nw.to_native(found.visits), trips, andes)
    left = engine.gathered(ships.waits(nw.to_native(found.visits), trips, andes))
    return {
        **tables.tables(
            found.events, found.visits, wave=sources.wave, counts=sources.counts,
            rates=sources.rates, corridor=andes,
        ),
        **chains.chain(
            found.events.witnesses, nw.to_native(found.visits), trips=trips, corridor=andes,
            publish_from=floor,
        ),
        "months": pictures.months(stood, publish_from=floor),
        "hours_of_week": pictures.hours_of_week(stood, andes, publish_from=floor),
        "sailings": ships.sailings(left, publish_from=floor),
    }  # fmt: skip


def test_a_wave_is_the_same_on_both_engines_and_only_aggregates_come_home(
    spark, said, sources, andes, monkeypatch
):
    plans = []

    def watched(frame):
        if not engine.here(frame):
            plans.append(nw.to_native(frame)._jdf.queryExecution().optimizedPlan().toString())
        return engine.gathered(frame)

    here = heard(said, sources, andes)
    ours = estimated(here, sources, andes)
    fields = ", ".join(f"{column.name} {TYPES[column.type]}" for column in WITNESSES.columns)
    rows = said.sample(fraction=1, shuffle=True, seed=1).rows()
    for home in HOMES:
        monkeypatch.setattr(home, "gathered", watched)
    there = heard(spark.createDataFrame(rows, fields), sources, andes)
    theirs = estimated(there, sources, andes)
    assert len(plans) > 10
    brought = [
        plan for plan in plans if "Aggregate" not in plan.splitlines()[0] + plan.splitlines()[1]
    ]
    assert not brought, brought[0][:800]
    for name in ("steps", "witnesses"):
        far = engine.gathered(nw.from_native(getattr(there.events, name)))
        near = getattr(here.events, name)
        keys = ["run", "trip", "step" if name == "steps" else "witness"]
        assert_frame_equal(near, far.select(near.columns).sort(keys), check_dtypes=False)
    assert_frame_equal(here.events.trips, there.events.trips, check_dtypes=False)
    assert set(ours) == set(theirs)
    assert ours["chain"].height > 3
    for name, table in ours.items():
        other = theirs[name].select(table.columns)
        # a stay on the edge of a tenth of a minute may fall to either side of it
        assert_frame_equal(table, other, check_dtypes=False, rel_tol=1e-2, abs_tol=2e-3)


def test_tracks_are_the_same_stays_on_both_engines(spark, sources):
    every = sources.testimony.fixes
    some = every["trip"].unique().sort().head(40)
    fixes = every.filter(pl.col("trip").is_in(some.implode()))
    near = nw.to_native(stays_of_tracks(fixes, sources.zones, hold_m=150, gap_h=6))
    frame = spark.createDataFrame(
        fixes.sample(fraction=1, shuffle=True, seed=1).rows(),
        "run string, trip bigint, instant timestamp, lat_deg double, lon_deg double",
    )
    far = engine.gathered(stays_of_tracks(frame, sources.zones, hold_m=150, gap_h=6))
    keys = ["run", "trip", "first"]
    columns = [name for name in near.columns if name != "visit"]  # numbered anew on each engine
    assert near.height > 100
    assert_frame_equal(
        near.select(columns).sort(keys), far.select(columns).sort(keys), check_dtypes=False
    )
