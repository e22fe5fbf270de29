"""The verbs: what can be asked at the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from transcaspian.cli.deciding.verbs import appraise, package
from transcaspian.cli.options import Address, Edition, Folder, Json, Out, Runs, Seed, Threads
from transcaspian.cli.surveys.verbs import app as survey

app = typer.Typer(
    name="transcaspian",
    help="Where is the time lost on a freight corridor, and what would give it back?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.add_typer(survey)
app.command()(appraise)
app.command()(package)


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Where is the time lost on a freight corridor, and what would give it back?"""
    if show:
        from transcaspian import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.command()
def run(  # noqa: PLR0913  # one parameter an option
    *,
    corridor: Folder = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="A new folder for the report and its tables."),
    ] = None,
    replications: Runs = 10,
    seed: Seed = 1,
    threads: Threads = None,
    cluster: Address = None,
    measure: Annotated[
        list[str] | None, typer.Option(help="Try this measure; may be repeated.")
    ] = None,
    all_measures: Annotated[
        bool, typer.Option("--all-measures", help="Try every measure.")
    ] = False,
    findings: Annotated[
        Path | None,
        typer.Option("--findings", metavar="FILE", help="Where findings of studies are kept."),
    ] = None,
    patch: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Apply this patch first; may be repeated."),
    ] = None,
    survey: Annotated[
        Path | None,
        typer.Option(metavar="RELEASE", help="Show what a survey saw beside the simulation."),
    ] = None,
    uncalibrated: Annotated[
        bool, typer.Option("--uncalibrated", help="Leave out the corridor's own calibration.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Simulate the corridor, try its measures, and write one report."""
    from transcaspian.cli.job import Job, More, run_job, spread_over

    run_job(
        Job(
            corridor=corridor,
            out=out,
            replications=replications,
            seed=seed,
            threads=spread_over(threads, cluster),
        ),
        measures=measure or [],
        all_measures=all_measures,
        more=More(findings, tuple(patch or ()), survey, uncalibrated),
        as_json=as_json,
    )


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="A corridor folder; the shipped one when left out.")
    ] = None,
    *,
    corridor: Folder = None,
    explain: Annotated[str | None, typer.Option(help="Explain a fault code and leave.")] = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Check a corridor: every fault at once, and what its inputs rest on."""
    from transcaspian.cli.inspect import check_corridor, explain_fault

    if explain is not None:
        typer.echo(explain_fault(explain))
        return
    check_corridor(folder or corridor, as_json=as_json, out=out)


@app.command()
def show(
    table: Annotated[
        str | None, typer.Argument(help="A table; the list of tables when left out.")
    ] = None,
    *,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=VALUE", help="Only rows with this value; may be repeated."),
    ] = None,
    corridor: Folder = None,
    edition: Edition = "base",
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Show a table of the corridor."""
    from transcaspian.cli.inspect import show_table

    show_table(table, where or [], corridor=corridor, edition=edition, as_json=as_json, out=out)


@app.command()
def simulate(  # noqa: PLR0913  # one parameter an option
    measure: Annotated[
        list[str] | None,
        typer.Argument(help="Measures to apply first, by name or as a .toml file."),
    ] = None,
    *,
    indicator: Annotated[
        str, typer.Option(help="The indicator to print; see `show indicators`.")
    ] = "door_to_door",
    edition: Edition = "present",
    replications: Runs = 10,
    seed: Seed = 1,
    threads: Threads = None,
    cluster: Address = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="GOAL",
            help="Replicate until a figure is as sure: 'door_to_door p95 ±3%'. Overrides "
            "--replications and --indicator.",
        ),
    ] = None,
    most: Annotated[int, typer.Option(help="With --until: the most replications.")] = 500,
    steady: Annotated[
        str | None,
        typer.Option(
            metavar="FLOW",
            help="Show the steady state of the hours of one flow's trips, its start cut by MSER-5.",
        ),
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(
            "--log", metavar="DIR", help="Keep the whole log of every replication in a new folder."
        ),
    ] = None,
    corridor: Folder = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Simulate a year and print one indicator."""
    from transcaspian.cli.job import Job, simulate_job, spread_over
    from transcaspian.cli.precision import steady_job, until_job

    job = Job(
        corridor=corridor,
        out=out,
        replications=replications,
        seed=seed,
        threads=spread_over(threads, cluster),
    )
    if until is not None or steady is not None:
        asked = until_job if until is not None else steady_job
        words = until if until is not None else steady or ""
        asked(job, words, measures=measure or [], edition=edition, most=most, as_json=as_json)
        return
    simulate_job(
        job,
        measures=measure or [],
        indicator=indicator,
        edition=edition,
        log=log,
        as_json=as_json,
    )


@app.command()
def diff(
    measure: Annotated[str, typer.Argument(help="A measure, an edition or a shock.")],
    *,
    edition: Edition = "base",
    corridor: Folder = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Say what a measure changes, in cells and in words."""
    from transcaspian.cli.inspect import diff_measure

    diff_measure(measure, edition=edition, corridor=corridor, as_json=as_json, out=out)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    *,
    corridor: Folder = None,
) -> None:
    """Copy a corridor out for editing."""
    from transcaspian.cli.inspect import copy_out

    copy_out(folder, corridor=corridor)


@app.command()
def verify(
    *,
    only: Annotated[
        str, typer.Option(metavar="WORD", help="Only the cases with this in their name.")
    ] = "",
    threads: Threads = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Hold the engine against queueing theory: a table of figures, each with its verdict."""
    from transcaspian.cli.proof import verify_engine

    if not verify_engine(only, threads=threads, as_json=as_json, out=out):
        raise typer.Exit(1)


@app.command()
def calibrate(  # noqa: PLR0913  # one parameter an option
    *,
    corridor: Folder = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="A new folder for the calibration.")
    ] = Path("calibration"),
    work: Annotated[
        Path | None,
        typer.Option(
            "--work", metavar="DIR", help="Keep runs here, to go on after an interruption."
        ),
    ] = None,
    runs: Annotated[int, typer.Option("--runs", min=64, help="Runs to learn from.")] = 256,
    draws: Annotated[int, typer.Option("--draws", min=2, help="Draws of the patch.")] = 32,
    seed: Seed = 1,
    validate: Annotated[
        bool, typer.Option(help="Leave figures out, one after the other, and foretell them.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Fit a corridor to its published figures: a patch with draws, and how well it foretells."""
    from transcaspian.calibration.calibrate import Plan
    from transcaspian.cli.proof import calibrate_job

    plan = Plan(seed=seed, runs=runs, draws=draws, validate=validate)
    calibrate_job(corridor, plan, out=out, work=work, as_json=as_json)
