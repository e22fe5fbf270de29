"""What can be asked of measures and packages at the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from transcaspian.cli.options import Address, Edition, Folder, Json, Seed, Threads

NewFolder = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="DIR", help="A new folder for the tables and the annex; none by default."
    ),
]
Runs = Annotated[
    int, typer.Option("--replications", min=2, help="Runs behind each figure of a measure.")
]
Draws = Annotated[
    int,
    typer.Option("--draws", min=1, help="Draws of what is not known; further runs repeat them."),
]
Findings = Annotated[
    Path | None,
    typer.Option(
        "--findings",
        metavar="FILE",
        help="Where evaluations are kept; a killed search goes on from there.",
    ),
]
Basis = Annotated[
    str,
    typer.Option("--basis", help="Value of time that ranks: market or carrying; both are shown."),
]
Plain = Annotated[
    bool, typer.Option("--uncalibrated", help="The corridor as its tables say, without its fit.")
]
Languages = Annotated[
    list[str] | None,
    typer.Option("--language", help="Language of the annex, en, ja or ru; all when left out."),
]


def appraise(  # noqa: PLR0913  # one parameter an option
    measure: Annotated[
        list[str] | None,
        typer.Argument(help="Measures, each by itself; joined by + together. All when left out."),
    ] = None,
    *,
    edition: Edition = "present",
    corridor: Folder = None,
    replications: Runs = 16,
    draws: Draws = 8,
    most: Annotated[
        int, typer.Option("--most", min=2, help="Most runs until the ranking holds.")
    ] = 24,
    basis: Basis = "market",
    seed: Seed = 1,
    threads: Threads = None,
    cluster: Address = None,
    findings: Findings = None,
    uncalibrated: Plain = False,
    language: Languages = None,
    as_json: Json = False,
    out: NewFolder = None,
) -> None:
    """Say what measures are worth: time, cost, carbon, safety, money, who gains and who pays."""
    from transcaspian.cli.deciding.jobs import Ask, Shown, appraise_job

    ask = Ask(corridor, edition, uncalibrated=uncalibrated, seed=seed, draws=draws)
    appraise_job(
        ask.on(threads, cluster, findings),
        measure or [],
        runs=replications,
        most=most,
        shown=Shown(basis, tuple(language or ()), as_json=as_json, out=out),
    )


def package(  # noqa: PLR0913  # one parameter an option
    measure: Annotated[
        list[str] | None,
        typer.Argument(help="Measures to choose from; all that have a cost when left out."),
    ] = None,
    *,
    budget: Annotated[
        list[float] | None,
        typer.Option(
            "--budget",
            help="Dollars there are to build with, as 100e6; may be given several times.",
        ),
    ] = None,
    yearly: Annotated[
        list[float] | None,
        typer.Option("--yearly", help="Dollars of each year in turn; then starts are timed."),
    ] = None,
    purse: Annotated[
        list[str] | None,
        typer.Option("--purse", help="What one donor gives at most, as donor=30e6."),
    ] = None,
    edition: Edition = "present",
    corridor: Folder = None,
    replications: Runs = 16,
    draws: Draws = 8,
    evaluations: Annotated[
        int, typer.Option("--evaluations", min=10, help="Sets times runs to choose by, a budget.")
    ] = 400,
    futures: Annotated[
        bool, typer.Option(help="Hold the near sets against the corridor's futures.")
    ] = True,
    basis: Basis = "market",
    seed: Seed = 1,
    threads: Threads = None,
    cluster: Address = None,
    findings: Findings = None,
    uncalibrated: Plain = False,
    language: Languages = None,
    as_json: Json = False,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="DIR", help="A new folder for the results as tables alone."),
    ] = None,
    out: NewFolder = None,
) -> None:
    """Choose the measures to support together under a budget, and write the annex."""
    from transcaspian.cli.deciding.jobs import Ask, Looking, Money, Shown, package_job

    ask = Ask(corridor, edition, uncalibrated=uncalibrated, seed=seed, draws=draws)
    money = Money(tuple(budget or ()), tuple(yearly or ()), tuple(purse or ()))
    package_job(
        ask.on(threads, cluster, findings),
        measure or [],
        money=money,
        looking=Looking(replications, evaluations, futures=futures),
        shown=Shown(basis, tuple(language or ()), as_json=as_json, out=out, keep=keep),
    )
