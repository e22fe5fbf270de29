"""The same cases on Spark as on Polars, to the last bit. Runs where PySpark and Java are."""

import shutil
from dataclasses import replace

import polars as pl
import pytest
from hand_made import CORRIDOR, OUT, log, trips
from test_observe import world

from transcaspian.events.declarations import STEPS
from transcaspian.events.observe import Lens, lens_of, observe
from transcaspian.events.reduce import tally
from transcaspian.events.tally import SCHEMAS

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(shutil.which("java") is None, reason="not run: Spark needs Java"),
]
LENS = Lens(
    codes=("border", "moving", "stop"),
    merged=True,
    rounding_h=1.0,
    missing=(("started", 0.3), ("ended", 0.1)),
    sample=(("ore", 0.5), ("grain", 0.9)),
    seed=7,
)
TYPES = {"str": "string", "int": "bigint", "float": "double", "datetime": "timestamp"}


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


def far(events, spark):
    """The same log with its steps on Spark."""
    fields = ", ".join(f"{column.name} {TYPES[column.type]}" for column in STEPS.columns)
    rows = events.steps.sample(fraction=1, shuffle=True, seed=1).rows()
    return replace(events, steps=spark.createDataFrame(rows, fields))


def both(events, spark):
    return tally(events, **CORRIDOR), tally(far(events, spark), **CORRIDOR)


def assert_alike(here, there):
    for name in SCHEMAS:
        assert getattr(there, name).equals(getattr(here, name)), name


PAID = [
    {"run": "r1", "trip": 1, "step": 4, "kind": "official", "amount": 30.0, "currency": "USD"},
    {"run": "r1", "trip": 2, "step": 6, "kind": "official", "amount": 9.5, "currency": "USD"},
]
HOLES = [{**row, "trip": 2, "started": None if row["step"] % 2 else row["started"]} for row in OUT]
SMALL = log(trips(("r1", 1, "ore", 1.0), ("r1", 2, None, 2.5)), [*OUT, *HOLES], PAID)


def test_the_tally_of_a_log_with_blanks_weights_and_payments(spark):
    assert_alike(*both(SMALL, spark))


def test_the_tally_of_what_a_survey_would_have_seen(spark):
    events = log(*world(2))
    seen = observe(far(events, spark), like=LENS)
    assert not isinstance(seen.steps, pl.DataFrame)
    assert_alike(tally(observe(events, like=LENS), **CORRIDOR), tally(seen, **CORRIDOR))


def test_the_lens_of_a_survey_on_spark(spark):
    seen = observe(SMALL, like=LENS)
    assert lens_of(far(seen, spark)) == lens_of(seen)
