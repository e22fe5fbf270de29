"""A made-up brief: an invented corridor, two donors, three measures, a package and two budgets."""

from __future__ import annotations

import polars as pl

from transcaspian.appraisal.worth.results import (
    FIGURES,
    INPUTS,
    MOVED,
    NEAR,
    REGRETS,
    SHARES,
    WHO,
    Appraisal,
    Brief,
    Chosen,
    Remark,
)
from transcaspian.corridor.patch import Change, Cost, Evidence, Patch, Use

EVIL = 'Two <b>more</b> lanes & a "gate" at Midway'

LANES = Patch(
    name="lanes",
    title=EVIL,
    country="AA;BB",
    uses=(Use(kind="extra_servers", parameters={"place": "midway", "extra": 2, "share": 0.15}),),
    cost=Cost(
        capex_usd=4_250_000,
        capex_low_usd=3_100_000,
        capex_high_usd=6_700_000,
        opex_usd_per_year=310_000,
        life_years=12,
        start_year=2028,
        price_year=2024,
        payers={"aland": 0.4, "eastern_fund": 0.6},
        status="estimated",
        source="S1;S20",
    ),
    evidence=(
        Evidence(parameter="use.0.extra", low=1, high=3, grade="A", source="S1", note="Counted."),
        Evidence(parameter="use.0.share", low=0.05, high=0.3, grade="B", source="S3"),
    ),
    source="S1",
    status="published",
)
TRAINING = Patch(
    name="training",
    title="Training of officers",
    country="BB",
    uses=(Use(kind="training", parameters={"place": ["midway"], "odd_thing": 0.0375}),),
    change=(Change(table="flows", where={"good": "fruit"}, scale={"trips_per_y": 1.05}),),
    evidence=(
        Evidence(parameter="use.0.odd_thing", low=0.01, high=0.08, grade="C", source="S3"),
        Evidence(
            parameter="change.0.scale.trips_per_y", low=1.01, high=1.12, grade="D", source="S20"
        ),
    ),
    missing="What officers forget.",
    source="S3",
    status="unconfirmed",
)
CRANES = Patch(
    name="cranes",
    title="Cranes at Southgate",
    country="BB",
    uses=(Use(kind="cranes", parameters={"place": "southgate", "number": 3}),),
    cost=Cost(
        capex_amount=719_000_000,
        currency="JPY",
        opex_low_usd_per_year=200_000,
        opex_high_usd_per_year=700_000,
        start_year=2027,
        price_year=2026,
        payer="grant of Farland",
        status="published",
        source="S3",
    ),
    source="S999",
    status="estimated",
    note="Tried with three.",
)

RATES = (0.09, 0.12, 0.035)


def _figure(name, unit, value, low, high, **more):
    return {
        "figure": name, "basis": more.get("basis", ""), "rate": more.get("rate"), "unit": unit,
        "value": value, "low": low, "high": high, "parameter_share": more.get("parameter_share"),
        "runs": 40, "without": more.get("without"),
    }  # fmt: skip


def figures(by: float, *, costs: bool = True, eirr: float | None = 0.157) -> pl.DataFrame:
    rows = [
        _figure("time_mean", "h", -6.4 * by, -9.1 * by, -3.3 * by, without=391.2),
        _figure("time_sd", "h", -2.2 * by, -3.9 * by, -0.4 * by, without=88.7),
        _figure("time_p95", "h", -11.8 * by, -17.6 * by, -5.2 * by, without=561.3),
        _figure(
            "waiting", "h/y", -41_276.0 * by, -60_120.0 * by, -22_810.0 * by, without=512_344.0
        ),
        _figure("price", "USD/t", 0.27 * by, -0.11 * by, 0.58 * by, without=74.3),
        _figure("co2", "t/y", -1234.5 * by, -2345.6 * by, -345.6 * by, parameter_share=0.83),
        _figure("cases", "1/y", -0.42 * by, -0.77 * by, -0.13 * by),
    ]
    for at, basis in enumerate(("market", "carrying")):
        less = by / (1 + 5 * at)
        rows.append(
            _figure("benefit", "MUSD/y", 2.13 * less, 0.88 * less, 4.02 * less, basis=basis)
        )
        for rate in RATES:
            worth = less / (1 + 10 * rate)
            if costs:
                rows.append(
                    _figure(
                        "npv", "MUSD", 31.3 * worth, -4.6 * worth, 77.7 * worth,
                        basis=basis, rate=rate, parameter_share=0.64,
                    )
                )  # fmt: skip
        if costs:
            rows += [
                _figure("bcr", "1", 2.46 * less, 0.81 * less, 4.93 * less, basis=basis, rate=0.09),
                _figure("eirr", "1", eirr, eirr and 0.061, eirr and 0.284, basis=basis),
                _figure("mirr", "1", 0.118, 0.074, 0.166, basis=basis),
                _figure("payback", "y", 7.6, 4.3, None, basis=basis),
            ]
    return pl.DataFrame(rows, schema=FIGURES)


def who(by: float) -> pl.DataFrame:
    rows = [
        ("country", "AA", "market", "MUSD", 19.1 * by, 6.2 * by, 36.6 * by),
        ("country", "BB", "market", "MUSD", 8.7 * by, 2.9 * by, 17.4 * by),
        ("country", "", "market", "MUSD", 1.1 * by, 0.3 * by, 2.6 * by),
        ("country", "AA", "carrying", "MUSD", 3.7 * by, 1.2 * by, 7.1 * by),
        ("good", "fruit", "market", "MUSD", 14.9 * by, 5.4 * by, 27.3 * by),
        ("payer", "aland", "", "MUSD", -3.3, -5.1, -2.4),
        ("payer", "eastern_fund", "", "MUSD", -4.9, -7.6, -3.7),
        ("country_hours", "BB", "", "h", -6.1 * by, -8.8 * by, -3.2 * by),
    ]
    return pl.DataFrame(rows, schema=WHO, orient="row")


def moved(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=MOVED, orient="row")


INPUT_ROWS = pl.DataFrame(
    [
        ("time_value_any", "market", "1/d", 0.0135, 0.006, 0.021, 24.6, 0.0047),
        ("cost", "market", "MUSD", 6.9, 5.2, 11.3, 6.1, 38.2),
        ("effect", "market", "1", 1.0, 0.46, 1.52, 17.8, 0.21),
    ],
    schema=INPUTS,
    orient="row",
)
FACTORS = pl.DataFrame(
    [
        (
            "discount_bank",
            "discount_rate",
            None,
            None,
            None,
            0.09,
            0.09,
            0.09,
            "1/y",
            "W2",
            "unconfirmed",
        ),
        (
            "time_value_any",
            "time_value",
            None,
            None,
            None,
            0.0135,
            0.006,
            0.021,
            "1/d",
            "W1",
            "derived",
        ),
        (
            "time_value_fruit",
            "time_value",
            "fruit",
            None,
            None,
            0.02,
            0.01,
            0.05,
            "1/d",
            "W1;S20",
            "estimated",
        ),
        (
            "carrying",
            "carrying_rate",
            None,
            None,
            None,
            0.08,
            0.05,
            0.12,
            "1/y",
            "S20",
            "estimated",
        ),
        (
            "emission_rail",
            "emission",
            None,
            "rail",
            None,
            28.0,
            15.0,
            45.0,
            "g/t-km",
            "W2",
            "unconfirmed",
        ),
        (
            "accidents_aa",
            "accidents",
            None,
            "road",
            "AA",
            0.65,
            0.31,
            1.15,
            "1/Mvkm",
            "W2",
            "published",
        ),
    ],
    schema=[
        "factor",
        "quantity",
        "good",
        "mode",
        "country",
        "value",
        "low",
        "high",
        "unit",
        "source",
        "status",
    ],
    orient="row",
)
SOURCES = pl.DataFrame(
    [
        ("S1", "A yearbook of <lanes> & gates", "An office", 2024, "https://example.org/a?b=1&c=2"),
        ("S3", "Plans of the port", "A port", None, "https://example.org/plans"),
        ("S20", "What the authors think", "The authors", 2026, "javascript:alert(1)"),
        ("S21", "Never cited", "Nobody", 2001, "https://example.org/never"),
        ("W1", "The worth of a day", "A review", 2013, None),
        ("W2", "A guide", "A bank", 2017, "https://example.org/guide"),
    ],
    schema={
        "source": pl.String, "title": pl.String, "publisher": pl.String, "year": pl.Int64,
        "url": pl.String,
    },
    orient="row",
)  # fmt: skip


def _appraisal(name, patches, by, **more):
    return Appraisal(
        name,
        patches,
        "",
        figures(by, costs=more.get("costs", True), eirr=more.get("eirr", 0.157)),
        who(by),
        moved(more.get("moved", [])),
        INPUT_ROWS,
        tuple(more.get("remarks", ())),
    )


APPRAISALS = (
    _appraisal(
        "lanes+cranes",
        (LANES, CRANES),
        1.9,
        remarks=[Remark("interaction", {"share": 0.37})],
    ),
    _appraisal(
        "lanes",
        (LANES,),
        1.0,
        eirr=None,
        moved=[
            ("midway", "h/y", 61_200.0, -50_440.0, -66_910.0, -31_050.0, False),
            ("southgate", "h/y", 8_130.0, 19_570.0, 9_860.0, 30_740.0, True),
        ],
        remarks=[
            Remark("sign_changes", {"count": 2}),
            Remark(
                "queue_moves",
                {"place": "Midway", "gone": 50_440.0, "back": 19_570.0, "share": 0.388,
                 "other": "Southgate"},
            ),
        ],
    ),
    _appraisal("cranes", (CRANES,), 0.4),
    _appraisal(
        "training",
        (TRAINING,),
        0.2,
        costs=False,
        remarks=[Remark("no_cost"), Remark("weak_evidence", {"grade": "C"}),
                 Remark("missing", {"what": "What officers forget."})],
    ),
)  # fmt: skip
CHOSEN = (
    Chosen(
        5.0, ("lanes",), 4.7, 31.3 / 1.9, -4.6, 77.7 / 1.9, 0.81, 212, 7,
        pl.DataFrame(
            [(["lanes"], 4.7, 31.3 / 1.9, -4.6, 77.7 / 1.9, 0.0, 0.81, 3.2, 0.85)],
            schema=NEAR, orient="row",
        ),
        pl.DataFrame(
            [("lanes", 2028, 4.7, 31.3 / 1.9, 31.3 / 1.9, -4.6, 77.7 / 1.9)],
            schema=SHARES, orient="row",
        ),
        pl.DataFrame(),
        (),
    ),
    Chosen(
        20.0, ("lanes", "cranes"), 13.9, 64.2, 12.7, 131.5, 0.572, 1634, 48,
        pl.DataFrame(
            [
                (["lanes", "cranes"], 13.9, 64.2, 12.7, 131.5, 0.0, 0.572, 6.6, 0.74),
                (["lanes", "training", "cranes"], 14.8, 63.5, 12.1, 130.8, 0.0109, 0.39, 7.3, 0.69),
            ],
            schema=NEAR, orient="row",
        ),
        pl.DataFrame(
            [
                ("lanes", 2028, 4.7, 16.5, 40.4, 7.3, 84.9),
                ("cranes", 2030, 9.2, 6.6, 23.8, 3.9, 49.7),
            ],
            schema=SHARES, orient="row",
        ),
        pl.DataFrame(
            [
                (["lanes", "cranes"], "closed", "A <week> at which the gate is shut", 55.8, 0.0),
                (["lanes", "cranes"], "low", "A lower sea", 38.6, 6.6),
                (["lanes", "training", "cranes"], "low", "A lower sea", 45.2, 0.0),
            ],
            schema=REGRETS, orient="row",
        ),
        (
            Remark("interaction", {"share": 0.64}),
            Remark("second_opinion", {"measures": "lanes, training", "behind": 0.036}),
            Remark("not_sure", {"count": 1}),
            Remark("not_shown", {"measures": "training"}),
        ),
        "market",
        (9.3, -3.1, 24.4),
    ),
)  # fmt: skip


def made_up_brief() -> Brief:
    return Brief(
        title='The Small <b>Road</b> & "Sea"',
        corridor_hash="ab12" * 16,
        version="0.7",
        seed=11,
        replications=1240,
        draws=64,
        price_year=2025,
        first_year=2029,
        horizon=30,
        rates=RATES,
        appraisals=APPRAISALS,
        chosen=CHOSEN,
        factors=FACTORS,
        sources=SOURCES,
        places={"midway": "Midway", "southgate": "Southgate"},
        countries={"AA": "Aland", "BB": "Bland"},
        goods={"fruit": "Fruit"},
    )
