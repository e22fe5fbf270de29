"""What replications are told and what comes out of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transcaspian.events.log import Events
    from transcaspian.events.tally import Tally
    from transcaspian.simulation.model.compile import Model


@dataclass(frozen=True, slots=True)
class Luck:
    """The luck of a run; antithetic replications come in pairs, the second of which draws one less
    what the first draws.
    """

    seed: int = 1
    antithetic: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One replication: its tally, its log if it was kept, its events and records in number."""

    tally: Tally
    events: Events | None
    happened: int
    records: int


@dataclass(frozen=True, slots=True)
class Run:
    """What came out of some replications of a corridor.

    Unit: seconds of wall time, all replications together; events and records are counts.
    """

    tally: Tally
    events: Events | None
    model: Model
    seconds: float
    happened: int
    records: int
