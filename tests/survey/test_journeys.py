"""What trips spent where, held against journeys worked by hand and against those simulated."""

from dataclasses import replace

import narwhals as nw
import polars as pl
import pytest

from transcaspian.network import lengths
from transcaspian.survey.estimates.journeys import across, measured, spent
from transcaspian.survey.estimates.tables import tables

HEAD = "trip,carrier,vehicle,place,mode,arrived,departed,origin,destination\n"
ENDS = "puerto_alto,lago_sur"


@pytest.fixture
def heard_of(wave):
    """Hears a wave of one form."""
    more = "payments_from = 3\n"
    return lambda rows: wave({"forms/a.csv": HEAD + "\n".join(rows) + "\n"}, more=more)


def rows(name, visits, *, ends=ENDS):
    """A truck's visits: place, arrival and departure as "day hh:mm"; all clocks are of La Paz."""
    return [
        f"{name},c{name},V{name},{place},{mode},{told(came)},{told(went)},{ends}"
        for place, mode, came, went in visits
    ]


def told(time):
    return f"2023-03-{time}-04:00" if time else ""


def spent_of(heard, andes):
    return nw.to_native(
        spent(heard.visits, heard.events.steps, trips=heard.events.trips, corridor=andes)
    )


def of(table, country):
    return table.filter(country=country).row(0, named=True)


ONCE = (
    ("puerto_alto", "road", "02 01:07", "02 11:07"),
    ("lago_norte", "road", "02 13:07", "02 15:07"),
    ("lago_sur", "road", "02 16:07", "02 20:07"),
)


def test_time_begins_at_leaving_the_origin_and_ends_at_reaching_the_destination(heard_of, andes):
    """Ten hours at the port of origin, and four at the post that is the destination, are none."""
    found = spent_of(heard_of(rows("a", ONCE)), andes)
    peru, bolivia, between = (of(found, code) for code in ("PE", "BO", ""))
    assert (peru["port_h"], bolivia["total_h"]) == (0, 0)
    assert (peru["border_h"], peru["moving_h"], peru["km"]) == pytest.approx((2, 2, 90))
    assert (between["moving_h"], between["km"]) == pytest.approx((1, 4))
    assert found.select("open", "gap").sum().row(0) == (0, 0)


def test_a_border_passed_on_the_way_counts_from_its_arrival(heard_of, andes):
    """The same visits of a trip that goes on from the first place to elsewhere are of its time."""
    found = spent_of(heard_of(rows("a", ONCE, ends="meseta,meseta")), andes)
    assert of(found, "PE")["port_h"] == pytest.approx(10)
    assert of(found, "BO")["border_h"] == pytest.approx(4)


def test_a_link_passed_twice_is_its_length_twice(heard_of, andes):
    there_and_back = (
        ("puerto_alto", "road", "", "02 01:07"),
        ("lago_norte", "road", "02 11:07", "02 12:07"),
        ("puerto_alto", "road", "02 22:07", ""),
    )
    found = spent_of(heard_of(rows("a", there_and_back, ends="puerto_alto,puerto_alto")), andes)
    peru = of(found, "PE")
    assert (peru["km"], peru["moving_h"], peru["border_h"]) == pytest.approx((180, 20, 1))


def test_a_link_that_a_stop_cuts_in_two_is_its_length_once(heard_of, andes):
    heard = heard_of(rows("a", ONCE))
    on_first = pl.col("place") == "puerto_alto__lago_norte__road"
    way = heard.events.steps.filter(on_first)
    hour = pl.duration(minutes=30)
    parts = (
        way.with_columns((pl.col("arrived") + hour).alias("ended")),
        way.with_columns(
            (pl.col("arrived") + hour).alias("arrived"),
            (pl.col("arrived") + 2 * hour).alias("ended"),
            pl.lit("line").alias("activity"),
        ),
        way.with_columns((pl.col("arrived") + 2 * hour).alias("arrived")),
    )
    steps = pl.concat([heard.events.steps.filter(~on_first), *parts])
    cut = replace(heard, events=replace(heard.events, steps=steps))
    peru = of(spent_of(cut, andes), "PE")
    assert (peru["km"], peru["moving_h"], peru["other_h"]) == pytest.approx((90, 1.5, 0.5))


def test_a_way_on_no_link_is_lost_and_no_whole_trip_has_it(heard_of, andes):
    """No ship sails from Meseta: its way to the port has hours, and no length that is known."""
    by_sea = (
        ("lago_sur", "road", "", "02 01:07"),
        ("meseta", "road", "02 11:07", "02 12:07"),
        ("puerto_alto", "sea", "03 22:07", ""),
    )
    heard = heard_of(rows("a", by_sea, ends="lago_sur,puerto_alto") + rows("b", ONCE))
    found = spent_of(heard, andes)
    lost = found.filter(pl.col("gap") > 0)
    assert lost.select("country", "open", "km").rows() == [("BO", 1, pytest.approx(420))]
    whole = nw.to_native(measured(across(nw.from_native(found))))
    assert whole.select("km", "total_h").rows() == [pytest.approx((94, 5))]


def test_hours_by_country_are_those_from_leaving_the_origin_to_reaching_the_destination(
    andes, drawn, release
):
    own = drawn[1]
    links = lengths(andes).select(pl.col("link").alias("place"), pl.col("country").alias("on_link"))
    ends = own.trips.select("trip", "weight", "origin", "destination")
    steps = own.steps.drop("origin", "destination").join(ends, on="trip").sort("trip", "step")
    begun = (pl.col("place") != pl.col("origin")).cum_max().over("trip")
    ahead = (pl.col("place") != pl.col("destination")).cum_max(reverse=True).over("trip")
    took = (pl.col("ended") - pl.col("arrived")).dt.total_microseconds() / 3.6e9
    by_trip = (
        steps.filter(begun & ahead)
        .join(links, on="place", how="left")
        .with_columns(pl.coalesce("on_link", "country").alias("country"), took.alias("hours"))
        .group_by("trip", "weight", "country")
        .agg(pl.col("hours").sum())
    )
    mean = (pl.col("hours") * pl.col("weight")).sum() / pl.col("weight").sum()
    true = by_trip.group_by("country").agg(mean.alias("true"))
    both = release.tables["countries"].filter(~pl.col("withheld")).join(true, on="country")
    assert set(both["country"]) == {"BO", "PE"}
    assert both.select(pl.col("true").is_between("mean_low", "mean_high").all()).item()
    assert (both["mean_h"] / both["true"] - 1).abs().max() < 0.05


HOURS = ((1.5, 8.0), (3.0, 10.0), (2.0, 21.0), (4.5, 12.0))
"""In motion from the port to the border, and from there on to Meseta."""
WEIGHTS = (1.0, 1.0, 1.0, 5.0)


@pytest.fixture
def four(heard_of):
    """Four trucks from the port to Meseta: an hour in motion between the posts, two at each."""
    trips = []
    for name, (first, last) in zip("abcd", HOURS, strict=True):
        at = [0.0, first, first + 2, first + 3, first + 5, first + 5 + last]
        times = [f"{2 + int(h // 24):02d} {int(h % 24):02d}:{round(h % 1 * 60):02d}" for h in at]
        went, *inner, ended = times
        visits = (
            ("puerto_alto", "road", "", went),
            ("lago_norte", "road", inner[0], inner[1]),
            ("lago_sur", "road", inner[2], inner[3]),
            ("meseta", "road", ended, ""),
        )
        trips += rows(name, visits, ends="puerto_alto,meseta")
    heard = heard_of(trips)
    weighted = heard.events.trips.sort("name").with_columns(pl.Series("weight", WEIGHTS))
    return replace(heard, events=replace(heard.events, trips=weighted))


def speeds_of(heard, andes, *, floor=3):
    found = tables(
        heard.events, heard.visits, wave=heard.wave.model_copy(update={"publish_from": floor}),
        counts=heard.counts, rates=heard.rates, corridor=andes,
    )  # fmt: skip
    return found["speeds"]


def test_speeds_of_whole_trips_know_the_ways_between_countries(four, andes):
    """514 km, 4 of them between the two posts, which are of neither country."""
    table = speeds_of(four, andes)
    assert table["country"].to_list() == [""] * 3 + ["BO"] * 3 + ["PE"] * 3
    for country, km, spare in (("", 514, 1), ("BO", 420, 0), ("PE", 90, 0)):
        stood = {"": 4, "BO": 2, "PE": 2}[country]
        moved = [{"": a + b, "BO": b, "PE": a}[country] + spare for a, b in HOURS]
        for name, hours in (("swd", [h + stood for h in moved]), ("swod", moved)):
            row = table.filter(country=country, indicator=name).row(0, named=True)
            over = sum(w * h for w, h in zip(WEIGHTS, hours, strict=True))
            assert row["value"] == pytest.approx(8 * km / over, rel=1e-3)
            ratios = sum(w * km / h for w, h in zip(WEIGHTS, hours, strict=True))
            assert row["mean_of_ratios"] == pytest.approx(ratios / 8, rel=1e-3)
        speed = dict(table.filter(country=country).select("indicator", "value").iter_rows())
        assert speed["delay_share"] == pytest.approx(1 - speed["swd"] / speed["swod"], rel=1e-4)
    share = table.filter(indicator="delay_share")
    assert share.select((pl.col("value").is_between("low", "high")).all()).item()
    assert share["high"].max() <= 1
    assert table["unit"].to_list() == ["1", "km/h", "km/h"] * 3


def test_no_speed_is_told_below_the_floor(four, andes):
    table = speeds_of(four, andes, floor=5)
    assert table["clusters"].to_list() == [4] * 9
    for name in ("value", "low", "high", "mean_of_ratios"):
        assert table[name].null_count() == 9
