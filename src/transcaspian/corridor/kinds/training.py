"""Kinds of measure on people: what training changes, and how long it takes to change it."""

from __future__ import annotations

from math import exp, inf, log, log1p

from transcaspian.corridor.kinds import checks
from transcaspian.corridor.kinds.inspection import channel_shares
from transcaspian.corridor.kinds.registry import Changes, kind


def training_effect(year: float, half_years: float, turnover: float) -> float:
    """The part of its full effect that training has some years after its start.

    Skill is gained at the rate k = ln 2 / `half_years` and lost with those who leave at the rate
    q = -ln(1 - `turnover`) a year: dS/dt = k (1 - S) - q S with S(0) = 0, so that
    S(t) = k / (k + q) * (1 - exp(-(k + q) t)). Without turnover half of the effect is there after
    `half_years`. The steady state, `year` = infinity, is k / (k + q).

    Unit: years; `turnover` is the share of the staff that leaves in a year.

    Errors: P105 when the half-life is not above 0, the year below 0, or turnover not below 1.
    """
    checks.factor(half_years=half_years)
    checks.part(turnover=turnover)
    if year != inf:
        checks.least(year=year)
    gained, lost = log(2) / half_years, -log1p(-turnover)
    return gained / (gained + lost) * (1 - exp(-(gained + lost) * year))


@kind
def training(  # one parameter a fact of a programme
    *,
    inspect: float,
    fewer_inspections: float,
    recheck: float | None = None,
    fewer_rechecks: float = 0.0,
    half_years: float = 1.0,
    turnover: float = 0.1,
    year: float | None = None,
    procedure: str | list[str] | None = None,
    place: str | list[str] | None = None,
    country: str | list[str] | None = None,
    mode: str | None = None,
    event: str | list[str] | None = None,
) -> Changes:
    """Officers who select better: fewer document re-checks and fewer physical inspections.

    Missing: what better selection finds: frauds caught and revenue, and the training that keeps it
    going.

    `recheck` and `inspect` are the shares of trips in these channels now, the first left out where
    there is no such channel; `fewer_rechecks` and `fewer_inspections` the parts of them that fall
    away at full effect. What falls away some years after the start is that part times
    `training_effect(year, half_years, turnover)`: S(t) = k / (k + q) * (1 - exp(-(k + q) t)) with
    k = ln 2 / half_years and q = -ln(1 - turnover). Without a year it is that of the steady state,
    k / (k + q), in which as much skill is gained as leaves. What falls away goes through the green
    channel. Shares are written to four decimals.
    """
    checks.share(fewer_rechecks=fewer_rechecks, fewer_inspections=fewer_inspections)
    checks.share(recheck=recheck, inspect=inspect)
    part = training_effect(inf if year is None else year, half_years, turnover)
    again = None if recheck is None else round(recheck * (1 - fewer_rechecks * part), 4)
    return channel_shares(
        recheck=again,
        inspect=round(inspect * (1 - fewer_inspections * part), 4),
        procedure=procedure,
        place=place,
        country=country,
        mode=mode,
        event=event,
    )
