"""What the page says, in the order it says it, before it is set in type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from transcaspian.appraisal.worth.results import Brief
from transcaspian.report.figures.geomap import Base, Route, Sheet
from transcaspian.report.figures.projection import Extent
from transcaspian.report.figures.strip import Strip
from transcaspian.report.words import Quantity

UNKNOWN = Quantity(None)


@dataclass(frozen=True, slots=True)
class Opening:
    """Title, answer and what the page speaks of."""

    title: str
    subtitle: str
    answer: str
    base_year: int
    present: str
    replications: int


@dataclass(frozen=True, slots=True)
class Headline:
    """One of the large figures at the top."""

    label: str
    parts: list[tuple[str, Quantity]]
    note: str


@dataclass(frozen=True, slots=True)
class Maps:
    """What the two maps show."""

    sheet: Sheet
    close: Extent
    world: Extent
    base: Base
    routes: list[Route]
    legend_t: float
    credits: list[str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One time-space strip and the words above it."""

    heading: str
    words: str
    strip: Strip


@dataclass(frozen=True, slots=True)
class CountryHours:
    """The hours of one cargo in one country, by class of the ledger."""

    country: str
    parts: Mapping[str, float]
    total: Quantity


@dataclass(frozen=True, slots=True)
class Ribbon:
    """The hours of one cargo, country by country, in the order it meets them."""

    heading: str
    words: str
    rows: list[CountryHours]


@dataclass(frozen=True, slots=True)
class Held:
    """A published figure with ours beside it.

    Of a fitted corridor, `expected` is the interval in which a figure published anew would lie,
    `foretold` whether this one does, a least time when it is not above; none without an interval.
    """

    what: str
    theirs: Quantity
    ours: Quantity
    kind: str
    year: int
    edition: str
    source: str
    inside: bool
    estimated: bool = False
    note: str = ""
    use: str = ""
    expected: Quantity = UNKNOWN
    unseen: Quantity = UNKNOWN
    foretold: bool | None = None
    why: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours over theirs, by the middle values."""
        if not (self.ours.known and self.theirs.known) or not self.theirs.value:
            return None
        return (self.ours.value or 0.0) / self.theirs.value


@dataclass(frozen=True, slots=True)
class Silent:
    """A published figure that the model cannot speak to, and why."""

    what: str
    theirs: Quantity
    kind: str
    year: int
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Worst:
    """One of the places where most time is lost."""

    name: str
    country: str
    parts: Mapping[str, float]
    wait: Quantity
    lost: Quantity
    trips: float


@dataclass(frozen=True, slots=True)
class Resource:
    """How hard one resource works."""

    name: str
    place: str
    stage: str
    servers: int | None
    served: float
    busy: Quantity
    wait: Quantity
    longest_h: float | None
    status: str


@dataclass(frozen=True, slots=True)
class Effect:
    """One measure, with and without."""

    title: str
    saved: Quantity
    tail: Quantity
    waits: Quantity
    cost: str
    payer: str
    moved: str
    source: str
    status: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """What it takes to make the same page again."""

    corridor_hash: str
    seed: int
    replications: int
    version: str
    patches: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Citation:
    """One source of the corridor's inputs."""

    source: str
    title: str
    publisher: str
    year: int | None
    url: str


@dataclass(frozen=True, slots=True)
class SurveyedRow:
    """One crossing that was surveyed, with the simulated hours beside."""

    what: str
    trips: float
    surveyed_h: float
    simulated_h: float

    @property
    def ratio(self) -> float:
        """Simulated over surveyed."""
        return self.simulated_h / self.surveyed_h


@dataclass(frozen=True, slots=True)
class Score:
    """How well figures of one kind are foretold that were left out, beside the naive rule."""

    what: str
    rule: str
    figures: int
    ours: float
    naive: float | None
    ratio: float | None
    aim: float
    met: bool
    coverage: float | None
    crps: float | None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that nobody publishes, and how much of the answers' doubt it holds."""

    what: str
    share: float
    answer: str
    most: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input that was fitted: from what range to what range, and what told it."""

    name: str
    before: Quantity
    after: Quantity
    told: float
    targets: int
    standing: str
    kin: str
    correlation: float | None


@dataclass(frozen=True, slots=True)
class Refit:
    """A leave-out done again in full."""

    what: str
    split: str
    theirs: Quantity
    foretold: Quantity
    refitted: Quantity
    gap: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two inputs that the figures tell together only."""

    one: str
    other: str
    correlation: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What the corridor was fitted to, and how far it can be believed.

    `reasons` are those for only showing a figure; `cells` how many times were fitted, those of
    several years once; `lent` how many inputs were told that no fitted figure hangs on; `alone`
    how many that a single one hangs on; `strayed` how many ended outside the range in which they
    were thought to lie.
    """

    uses: Mapping[str, int]
    reasons: Mapping[str, int]
    cells: int
    years: tuple[int, int]
    runs: int
    draws: int
    stale: bool
    standings: Mapping[str, int]
    lent: int
    alone: int
    strayed: int
    scores: list[Score]
    facts: list[Fact]
    parameters: list[Parameter]
    pairs: list[Pair]
    figures: list[Held]
    refits: list[Refit]


@dataclass(frozen=True, slots=True)
class Material:
    """Everything on the page."""

    opening: Opening
    headlines: list[Headline]
    inputs: Mapping[str, int]
    maps: Maps | None
    samples: list[Sample]
    ribbons: list[Ribbon]
    held: list[Held]
    silent: list[Silent]
    worst: list[Worst]
    resources: list[Resource]
    effects: list[Effect]
    earlier: list[tuple[str, str]]
    volumes: list[Held]
    limits: list[str]
    assumed: list[tuple[str, Mapping[str, int]]]
    citations: list[Citation]
    trace: Trace
    surveyed: list[SurveyedRow] = field(default_factory=list[SurveyedRow])
    survey_title: str = ""
    survey_synthetic: bool = False
    drawn: bool = False
    truth: Truth | None = None
    support: Brief | None = None
