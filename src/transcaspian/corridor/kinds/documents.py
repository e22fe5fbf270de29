"""Kinds of measure on papers: before arrival, once for all, without paper, known on the way."""

from __future__ import annotations

from transcaspian.corridor.kinds import checks, meant
from transcaspian.corridor.kinds.registry import Changes, kind
from transcaspian.corridor.patch import Change


def spared(where: meant.Rows, *, share: float, rest: float) -> Change:
    """Fewer trips through a stage: a share is spared it, but for the rest of that share.

    Errors: P105 for what is no share, and when nothing is left of the stage.
    """
    checks.share(share=share, rest=rest)
    checks.part(share=share * (1 - rest))
    return Change(table="stages", where=where, scale={"share": 1 - share * (1 - rest)})


@kind
def pre_arrival(  # one parameter a fact of the rule
    *,
    share: float,
    rest: float = 0.0,
    stage: str | list[str] = "documents",
    procedure: str | list[str] | None = None,
    place: str | list[str] | None = None,
    country: str | list[str] | None = None,
    mode: str | None = None,
    event: str | list[str] | None = None,
    activity: str | list[str] | None = None,
) -> Changes:
    """Papers lodged before arrival: a share of trips passes the counter by.

    Missing: when the papers are lodged, and who works on them meanwhile.

    `rest` is the part of that share that has to go to the counter all the same, as its papers are
    wrong or not complete. What is left of the stage is its share times 1 - share (1 - rest).
    `activity` keeps to the stages that the log calls so.
    """
    where = meant.stages(
        stage,
        procedure=procedure,
        place=place,
        country=country,
        mode=mode,
        event=event,
        activity=activity,
    )
    return [spared(where, share=share, rest=rest)]


@kind
def single_window(  # one parameter a fact of the window
    *,
    share: float,
    rest: float = 0.0,
    beside: str | None = None,
    procedure: str | list[str] | None = None,
    place: str | list[str] | None = None,
    country: str | list[str] | None = None,
    mode: str | None = None,
    event: str | list[str] | None = None,
) -> Changes:
    """Papers given once for all agencies: a share is not asked for them again at the documents.

    Missing: what the agencies and the traders spare away from the border.

    `rest` is as for pre_arrival. `beside` is a stage of another agency, next to the documents in
    the order, which then runs side by side with them.
    """
    words = {"procedure": procedure, "place": place, "country": country, "event": event}
    where = meant.stages("documents", mode=mode, **words)
    made = [spared(where, share=share, rest=rest)]
    if beside is not None:
        other = meant.stages(beside, mode=mode, **words)
        made += [
            Change(table="stages", where=rows, set={"fork": "window", "track": track})
            for track, rows in (("documents", where), (beside, other))
        ]
    return made


@kind
def electronic_transit(  # one parameter a fact of the procedure
    *,
    share: float,
    rest: float = 0.0,
    stage: str | list[str] = "documents",
    procedure: str | list[str] | None = None,
    place: str | list[str] | None = None,
    country: str | list[str] | None = None,
    mode: str | None = None,
    event: str | list[str] | None = None,
    activity: str | list[str] | None = None,
) -> Changes:
    """Transit under an electronic carnet: guarantee and seal are known, and the step is left out.

    Missing: which of the trips are in transit, and what the guarantee costs.

    `share` is that of all trips, so that of transit times that of its carriers that use it; `rest`
    the part of it that is stopped all the same, `activity` what the log calls the step.
    """
    where = meant.stages(
        stage,
        procedure=procedure,
        place=place,
        country=country,
        mode=mode,
        event=event,
        activity=activity,
    )
    return [spared(where, share=share, rest=rest)]


@kind
def customs_rail_data(  # one parameter a fact of the link
    *,
    share: float,
    rest: float = 0.0,
    procedure: str | list[str] | None = None,
    place: str | list[str] | None = None,
    country: str | list[str] | None = None,
    event: str | list[str] | None = None,
) -> Changes:
    """Railways that send consignment notes to customs ahead: a share of trains and wagons finds its
    papers done when it comes.

    Missing: the consignment notes themselves, and customs that work on them while the train runs.

    `rest` is the part of that share whose papers are done again at the station.
    """
    where = meant.stages(
        "documents", procedure=procedure, place=place, country=country, mode="rail", event=event
    )
    return [spared(where, share=share, rest=rest)]


@kind
def cargo_tracking(  # one parameter a fact of the service
    *,
    stage: str | list[str],
    spread: float,
    scale: float = 1.0,
    procedure: str | list[str] | None = None,
    place: str | list[str] | None = None,
    country: str | list[str] | None = None,
    event: str | list[str] | None = None,
) -> Changes:
    """Cargo seen on its way: stages that wait for news become steadier, and it may be shorter.

    Missing: the notice itself, so that the next carrier is ordered before the cargo is there, and
    the worth of knowing to who waits for it.

    `spread` multiplies the coefficient of variation of the stages, `scale` their mean time: that of
    wagons ordered in time, or of a store that is left as soon as the next carrier is there.
    """
    checks.factor(spread=spread, scale=scale)
    where = meant.stages(stage, procedure=procedure, place=place, country=country, event=event)
    made = [Change(table="stages", where=where, scale={"cv": spread})]
    if scale != 1:
        made.append(Change(table="stages", where=where, scale={"mean_h": scale}))
    return made
