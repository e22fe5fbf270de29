"""One measure, or a set of them, with and without: the whole appraisal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.appraisal.appraise import figures, remarks, waiting, who
from transcaspian.appraisal.appraise.plan import Plan, Sides, annuity, costs_of, sides
from transcaspian.appraisal.appraise.swings import swings
from transcaspian.appraisal.evaluate.ground import NOTHING, Names, outcome
from transcaspian.appraisal.evaluate.outcome import Outcome
from transcaspian.appraisal.worth.cashflow import npv
from transcaspian.appraisal.worth.factors import Rates, rates_of
from transcaspian.appraisal.worth.gains import Gains, gains
from transcaspian.appraisal.worth.physical import Frame, physical
from transcaspian.appraisal.worth.results import BASES, Appraisal
from transcaspian.corridor.diff import diff, in_words
from transcaspian.corridor.patch import Patch
from transcaspian.errors import Fault, Where

Array = NDArray[np.float64]


def appraise(plan: Plan, names: Names, runs: range, *, before: Outcome | None = None) -> Appraisal:
    """What some measures together change and what that is worth, in time, money and to whom.

    `before` is the outcome without measures in the same runs, where it is at hand.

    Errors: A206 when nothing is asked for; those of simulating and of costs.
    """
    patches = tuple(patch for name, patch in plan.ground.measures.items() if name in names)
    if not patches:
        raise Fault(
            "A206",
            "no measure to appraise",
            where=Where(),
            hint="transcaspian show measures lists those that there are",
        )
    ground = plan.ground
    whole = (before or outcome(ground, NOTHING, runs), outcome(ground, names, runs))
    found = sides(plan, names, runs)
    rates = rates_of(ground.corridor, found.frame.flows, draws=range(plan.factor_draws))
    gained = gains(found.before, found.after, rates)
    costs = _costs(plan, patches, names)
    rows = figures.yearly(ground.corridor, whole, draws=ground.draws)
    rows += figures.beside(gained, _price(plan, whole, found), draws=ground.draws)
    worth, returns = figures.worth(plan, gained, rates, costs=costs)
    moved = waiting.moved(*whole, draws=ground.draws)
    places = dict(ground.corridor.table("places").select("place", "name").iter_rows())
    told = figures.table([*rows, *worth])
    said = [
        *remarks.of_luck(told, basis=BASES[0]),
        *remarks.of_bottlenecks(plan, patches, before=whole[0], moved=moved),
        *waiting.remarks(moved, names=places),
        *remarks.of_returns(returns),
        *remarks.of_prices(plan, names),
        *remarks.of_measures(plan, patches),
    ]
    return Appraisal(
        "+".join(patch.name for patch in patches),
        patches,
        in_words(diff(ground.corridor, ground.with_(names))),
        told,
        _who(plan, found, gained, rates, names=names, whole=whole),
        moved,
        _inputs(plan, found, gained, costs=costs),
        tuple({str(remark): remark for remark in said}.values()),
    )


def _costs(plan: Plan, patches: Sequence[Patch], names: Names) -> Array | None:
    """What the measures cost at each draw of the factors; none when one has no cost."""
    if any(not priced(patch) for patch in patches):
        return None
    return costs_of(plan, names, draws=range(plan.factor_draws))


def priced(patch: Patch) -> bool:
    """Whether it is known what a measure costs, if only in a range."""
    cost = patch.cost
    return cost is not None and any(
        value is not None for value in (cost.capex_usd, cost.capex_amount, cost.capex_low_usd)
    )


def _price(plan: Plan, whole: tuple[Outcome, Outcome], found: Sides) -> tuple[Array, Array]:
    """What a tonne of the corridor's cargo pays, without and with (R)."""
    corridor = plan.ground.corridor
    frame = Frame(found.frame.runs, tuple(sorted(set(whole[0].trips["flow"]))), found.frame.modes)
    cargo = np.isin(np.array(frame.flows), figures.cargo_of(corridor))
    told: list[Array] = []
    for outcome_, tariffs in zip(whole, ({}, found.tariffs), strict=True):
        one = physical(outcome_, frame, corridor=corridor, tariffs=tariffs)
        paid = (one.fees_usd + one.tariff_usd)[:, cargo].sum(axis=1)
        told.append(paid / one.tonnes[:, cargo].sum(axis=1))
    return told[0], told[1]


def _who(
    plan: Plan,
    found: Sides,
    gained: Gains,
    rates: Rates,
    *,
    names: Names,
    whole: tuple[Outcome, Outcome],
) -> pl.DataFrame:
    corridor, draws = plan.ground.corridor, plan.ground.draws
    worth = annuity(plan, rates, rate=plan.rate)
    payees = who.payees_of(corridor, found.frame, found.outcomes, tariffs=found.tariffs)
    rows = [
        *who.by_goods(corridor, found.frame, gained, worth=worth, draws=draws),
        *who.by_country(corridor, found.frame, gained, payees=payees, worth=worth, draws=draws),
        *who.hours_by_country(figures.cargo_of(corridor), whole, draws=draws),
        *who.by_payer(borne(plan, names)),
    ]
    return who.table(rows)


def borne(plan: Plan, names: Names) -> dict[str, Array]:
    """The present value of what each payer bears of some measures, at each draw of their costs (J);
    of a measure that names no shares, by its payer in words.
    """
    found: dict[str, Array] = {}
    for name, patch in plan.ground.measures.items():
        if name not in names or not priced(patch) or patch.cost is None:
            continue
        spent = npv(
            costs_of(plan, frozenset({name}), draws=range(plan.factor_draws)), rate=plan.rate
        )
        for payer, share in (patch.cost.payers or {patch.cost.payer: 1.0}).items():
            found[payer] = found.get(payer, np.zeros(len(spent))) + share * spent
    return found


def _inputs(plan: Plan, found: Sides, gained: Gains, *, costs: Array | None) -> pl.DataFrame:
    draws = min(plan.ground.draws, len(found.frame.runs))
    number = np.arange(len(found.frame.runs)) % draws
    by_draw = {
        basis: np.array([gained.total(basis)[number == draw].mean() for draw in range(draws)])
        for basis in BASES
    }
    nothing = np.zeros((plan.factor_draws, plan.horizon + 1))
    return swings(plan, found, costs=nothing if costs is None else costs, benefits=by_draw)
