"""Kinds of measure on inspection: channels of risk and scanners."""

from __future__ import annotations

from transcaspian.corridor.kinds import checks, meant
from transcaspian.corridor.kinds.registry import Changes, kind
from transcaspian.corridor.patch import Change, Value, Values
from transcaspian.errors import Fault, Where


@kind
def channel_shares(  # one parameter a fact of the channels
    *,
    inspect: float,
    recheck: float | None = None,
    green: float | None = None,
    procedure: str | list[str] | None = None,
    place: str | list[str] | None = None,
    country: str | list[str] | None = None,
    mode: str | None = None,
    event: str | list[str] | None = None,
) -> Changes:
    """Other shares of the channels of risk: released, papers checked again, opened by hand.

    Without `recheck` there are two channels. `green` is what the others leave when it is not given;
    all together sum to 1.
    """
    checks.share(recheck=recheck, inspect=inspect, green=green)
    others = {"inspect": inspect} if recheck is None else {"recheck": recheck, "inspect": inspect}
    released = round(1 - sum(others.values()), 6) if green is None else green
    shares = {"green": released, **others}
    checks.whole(**shares)
    return [
        Change(
            table="stages",
            where=meant.stages(
                stage, procedure=procedure, place=place, country=country, mode=mode, event=event
            ),
            set={"share": share},
        )
        for stage, share in shares.items()
    ]


@kind
def scanner(  # one parameter a fact of a scanner
    place: str,
    procedure: str | list[str],
    *,
    order: int | list[int],
    servers: int,
    share: float,
    mean_h: float,
    cv: float,
    calendar: str,
    mode: str | None = None,
    inspect_share: float | None = None,
    resource: str | None = None,
) -> Changes:
    """A scanner where there was none: a resource, and the stage of each procedure that uses it.

    `order` is the free number of the stage in the procedure, or one for each; `inspect_share` is
    what the scanner leaves to be opened by hand at the stage inspect; `mode` is the network that
    the scanner serves, all if none is given.
    """
    checks.share(share=share, inspect_share=inspect_share)
    checks.factor(servers=servers, mean_h=mean_h)
    checks.least(cv=cv)
    name = resource or (f"{place}_{mode}_scan_new" if mode else f"{place}_scan_new")
    procedures = [procedure] if isinstance(procedure, str) else procedure
    orders = order if isinstance(order, list) else [order] * len(procedures)
    if len(orders) != len(procedures):
        what = f"{len(orders)} orders for {len(procedures)} procedures"
        raise Fault("P105", what, where=Where(column="order"), expected="one order for each")
    row: dict[str, Values] = {
        "resource": name,
        "place": place,
        "stage": "scan",
        "servers": servers,
        "calendar": calendar,
    }
    stage: dict[str, Value] = {"share": share, "mean_h": mean_h, "cv": cv}
    made = [Change(table="resources", add=row | ({"mode": mode} if mode else {}))]
    made += [
        _scan(name, {"procedure": each, "order": at, **stage})
        for each, at in zip(procedures, orders, strict=True)
    ]
    if inspect_share is not None:
        where = meant.stages("inspect", procedure=procedure)
        made.append(Change(table="stages", where=where, set={"share": inspect_share}))
    return made


def _scan(resource: str, stage: dict[str, Value]) -> Change:
    row: dict[str, Values] = {
        "stage": "scan",
        "activity": "r19_scan_xray",
        "resource": resource,
        **stage,
    }
    return Change(table="stages", add=row)
