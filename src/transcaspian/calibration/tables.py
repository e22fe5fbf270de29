"""Declarations of what a calibration says of itself, beside the patch that it fits."""

from transcaspian.corridor.declared.evidence import QUANTITIES
from transcaspian.tables.schema import STATUSES, Column, Table

USES = ("fitted", "bound", "range", "shown", "input")
SPLITS = ("figure", "crossing", "country", "year", "later", "door")
STANDINGS = ("told", "together", "untold")

FIGURE = Column("figure", "str", "Figure of the corridor's published table.")
PLACED = (
    Column("place", "str", "Post or port; blank where it is of several.", null=True),
    Column("country", "str", "Country; blank where it is of several.", null=True),
    Column("network", "str", "Surface.", null=True),
    Column("direction", "str", "Direction seen from that country.", null=True),
)
FACTOR = "Factor on its cells that"

TARGETS = Table(
    "targets",
    "Every published figure that the model speaks to, and what the fit makes of it.",
    (
        FIGURE,
        Column("quantity", "str", "What was measured.", choices=QUANTITIES),
        Column("kind", "str", "What sort of statement it is."),
        Column("year", "int", "Year it speaks of."),
        *PLACED,
        Column("published", "float", "The figure, or the middle of its range."),
        Column("low", "float", "Least value printed.", null=True),
        Column("high", "float", "Greatest value printed.", null=True),
        Column("unit", "str", "Unit of the figure."),
        Column(
            "use",
            "str",
            "What the fit makes of it: fits it; takes it for the least that it may be; for a range "
            "to lie in; only shows it; or is given it.",
            choices=USES,
        ),
        Column(
            "error",
            "float",
            "Deviation of the logarithm that it may be off by itself, before the model's own.",
            null=True,
        ),
        Column("why", "str", "Why it is used so."),
        Column("source", "str", "Where it was read.", many=True),
        Column("status", "str", "How far it can be trusted.", choices=STATUSES),
    ),
    key=("figure",),
    sourced=False,
)

FIGURES = Table(
    "figures",
    "What the fitted corridor gives for each figure, and what it gave before it had seen it.",
    (
        FIGURE,
        Column("use", "str", "What the fit made of it.", choices=USES),
        Column("simulated", "float", "Median of the runs of the draws.", null=True),
        Column("low", "float", "5 in 100 of what may be published lie below.", null=True),
        Column("high", "float", "5 in 100 of what may be published lie above.", null=True),
        Column("inside", "bool", "Whether the published value lies within.", null=True),
        Column("unseen", "float", "What a fit foretells that never saw it.", null=True),
        Column("unseen_low", "float", "5 in 100 lie below.", null=True),
        Column("unseen_high", "float", "5 in 100 lie above.", null=True),
    ),
    key=("figure",),
    sourced=False,
)

RUNS = Table(
    "runs",
    "Each figure as each draw of the fitted patch gives it when it is simulated.",
    (
        FIGURE,
        Column("draw", "int", "Row of the patch's draws, from 0."),
        Column("value", "float", "The simulated figure, in its unit."),
    ),
    key=("figure", "draw"),
    sourced=False,
)

PARAMETERS = Table(
    "parameters",
    "The parameters of a fit: from what range, to what range, and what told them.",
    (
        Column("parameter", "str", "Name: prior, then what it is of."),
        Column("prior", "str", "Prior that it comes from."),
        *PLACED,
        Column("low", "float", f"{FACTOR} 1 in 20 is below, before any figure is heard."),
        Column("high", "float", f"{FACTOR} 1 in 20 is above, before any figure is heard."),
        Column("fitted_low", "float", f"{FACTOR} 1 in 20 draws is below."),
        Column("fitted", "float", f"{FACTOR} half the draws are below."),
        Column("fitted_high", "float", f"{FACTOR} 1 in 20 draws is above."),
        Column("told", "float", "Share of its variance that the figures took away."),
        Column("targets", "int", "How many fitted figures hang on it."),
        Column(
            "standing",
            "str",
            "Whether the figures tell it, tell it only together with another, or do not.",
            choices=STANDINGS,
        ),
        Column("kin", "str", "The parameter that it can least be told from.", null=True),
        Column("correlation", "float", "Of the two, after the fit.", null=True),
    ),
    key=("parameter",),
    sourced=False,
)

LEFT_OUT = Table(
    "left_out",
    "Each figure that was left out, and what was foretold without it and its kin.",
    (
        Column("split", "str", "What was left out with it.", choices=SPLITS),
        FIGURE,
        Column("year", "int", "Year it speaks of."),
        Column("published", "float", "The figure."),
        Column("predicted", "float", "Middle of what was foretold."),
        Column("low", "float", "10 in 100 lie below."),
        Column("high", "float", "10 in 100 lie above."),
        Column("inside", "bool", "Whether the figure lies within; a least time, not above."),
        Column("miss", "float", "Size of the logarithm of foretold over published."),
        Column("crps", "float", "Continuous ranked probability score of the logarithm."),
        Column("naive", "float", "What the naive rule foretells.", null=True),
        Column("naive_miss", "float", "Size of the logarithm of that over published.", null=True),
    ),
    key=("split", "figure"),
    sourced=False,
)

SCORES = Table(
    "scores",
    "How well figures left out are foretold, beside the naive rule for each kind.",
    (
        Column("split", "str", "What was left out.", choices=SPLITS),
        Column("naive_rule", "str", "The naive rule."),
        Column("figures", "int", "How many were foretold by both."),
        Column("ours", "float", "Median size of the logarithmic miss, ours."),
        Column("naive", "float", "The same of the naive rule.", null=True),
        Column("ratio", "float", "Ours over the naive.", null=True),
        Column("aim", "float", "What the ratio, or ours where there is none, should not pass."),
        Column("met", "bool", "Whether it does not."),
        Column("coverage", "float", "Share of figures within the 80 % interval."),
        Column("crps", "float", "Mean continuous ranked probability score of the logarithm."),
    ),
    key=("split", "naive_rule"),
    sourced=False,
)

REFITS = Table(
    "refits",
    "Leave-outs done again in full, with a design of runs and an emulator that never saw them.",
    (
        Column("split", "str", "What was left out.", choices=SPLITS),
        FIGURE,
        Column("published", "float", "The figure."),
        Column("predicted", "float", "Foretold from the one design."),
        Column("refitted", "float", "Foretold from the refit, simulated."),
        Column("gap", "float", "Logarithm of the one over the other."),
    ),
    key=("split", "figure"),
    sourced=False,
)

WORTH = Table(
    "worth",
    "What nobody publishes, by how much knowing it would narrow the answers.",
    (
        Column("fact", "str", "What is not known, in words."),
        Column("parameters", "str", "The parameters that stand for it.", many=True),
        Column("answer", "str", "The answer that it would narrow most, in words."),
        Column("share", "float", "Share of the answers' variance that it holds, on average."),
        Column("most", "float", "Share of that answer's variance that it holds."),
    ),
    key=("fact",),
    sourced=False,
)

SCREENING = Table(
    "screening",
    "How far each group of parameters moves each figure over the priors.",
    (
        FIGURE,
        Column("factor", "str", "Group of parameters: prior, then country where it is split."),
        Column("effect", "float", "Mean size of its effects on the logarithm: Morris' mu*."),
        Column("spread", "float", "Their deviation: Morris' sigma.", null=True),
        Column("kept", "bool", "Whether the fit takes the figure to hang on it."),
    ),
    key=("figure", "factor"),
    sourced=False,
)

CALIBRATION = (
    TARGETS,
    FIGURES,
    RUNS,
    PARAMETERS,
    LEFT_OUT,
    SCORES,
    REFITS,
    WORTH,
    SCREENING,
)
