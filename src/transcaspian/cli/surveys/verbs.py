"""The verbs of a survey: plan, template, demo, release, compare, lint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from transcaspian.cli.options import Folder, Json, Out

app = typer.Typer(
    name="survey",
    help="Plan a survey, read what it collected, and release hours that can be trusted.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def plan(  # noqa: PLR0913  # one parameter an option
    *,
    last: Annotated[
        Path | None, typer.Option("--last", metavar="RELEASE", help="The release of the last wave.")
    ] = None,
    fall: Annotated[float, typer.Option(help="The least fall to be seen, as a share.")] = 0.2,
    budget: Annotated[float | None, typer.Option(help="What the wave may cost, USD.")] = None,
    least: Annotated[int, typer.Option(min=3, help="The fewest trips in a cell.")] = 10,
    kept: Annotated[
        float, typer.Option(min=0, max=0.99, help="Correlation of carriers asked in both waves.")
    ] = 0.0,
    country: Annotated[
        list[str] | None, typer.Option(help="Only posts of this country; may be repeated.")
    ] = None,
    corridor: Folder = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Say how many trips to ask at each crossing, by which instrument, and what that will show."""
    from transcaspian.cli.surveys.jobs import plan_job
    from transcaspian.survey.plan import Aim

    aim = Aim(fall=fall, kept=kept, least=least, budget_usd=budget)
    plan_job(aim, last, countries=country or [], corridor=corridor, as_json=as_json, out=out)


@app.command()
def template(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    *,
    corridor: Folder = None,
) -> None:
    """Make the folder of a wave: settings, forms in three languages, side tables."""
    from transcaspian.cli.surveys.jobs import template_job

    template_job(folder, corridor=corridor)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    *,
    trips: Annotated[int, typer.Option(min=50, help="About how many trips are met.")] = 2000,
    months: Annotated[str, typer.Option(metavar="A-B", help="Months of the base year.")] = "4-6",
    seed: Annotated[int, typer.Option(min=0, help="Seed of all luck.")] = 1,
    corridor: Folder = None,
) -> None:
    """Fill a wave with SYNTHETIC forms, tracks and messages drawn from the simulated corridor."""
    from transcaspian.cli.surveys.jobs import demo_job

    demo_job(folder, trips, months=months, seed=seed, corridor=corridor)


@app.command()
def release(
    wave: Annotated[Path, typer.Argument(help="The folder of a wave.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="A new folder for the release.")
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option("--since", metavar="RELEASE", help="The release of an earlier wave."),
    ] = None,
    corridor: Folder = None,
    as_json: Json = False,
) -> None:
    """Read a wave and release it: tables, reports in three languages, exports, and a patch."""
    from transcaspian.cli.surveys.jobs import release_job

    release_job(wave, out, since=since, corridor=corridor, as_json=as_json)


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="The release of one wave, or an earlier edition.")],
    after: Annotated[Path, typer.Argument(help="The release of another.")],
    *,
    restated: Annotated[
        bool,
        typer.Option("--restated", help="Every figure that is told otherwise, not the change."),
    ] = False,
    corridor: Folder = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Say what changed between two waves, or what two editions of one wave tell otherwise."""
    from transcaspian.cli.surveys.jobs import compare_job

    compare_job(before, after, restated=restated, corridor=corridor, as_json=as_json, out=out)


@app.command()
def series(
    releases: Annotated[list[Path], typer.Argument(help="Releases of several waves.")],
    *,
    known: Annotated[
        Path | None,
        typer.Option("--known", metavar="FILE", help="A CSV of events: month (2022-02), event."),
    ] = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Look through the monthly medians of several waves for breaks, and name the known ones."""
    from transcaspian.cli.surveys.jobs import series_job

    series_job(releases, known, as_json=as_json, out=out)


@app.command()
def fit(  # one parameter an option
    release_: Annotated[Path, typer.Argument(metavar="RELEASE", help="A release of a wave.")],
    *,
    place: Annotated[
        list[str] | None, typer.Option(help="Only stays at this place; may be repeated.")
    ] = None,
    least: Annotated[int, typer.Option(min=20, help="The fewest stays to fit.")] = 50,
    corridor: Folder = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Try families of stays at each crossing: likelihood, score on stays left out, calendars."""
    from transcaspian.cli.surveys.jobs import fit_job

    fit_job(release_, place or [], least=least, corridor=corridor, as_json=as_json, out=out)


@app.command()
def lint(
    table: Annotated[Path, typer.Argument(help="A published table as CSV.")],
    *,
    earlier: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The same table of an earlier release.")
    ] = None,
    without_partner: Annotated[
        list[str] | None, typer.Option(help="A country that nobody there reports; may be repeated.")
    ] = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Look through a published table for wrong signs, labels, blanks and impossible pairs."""
    from transcaspian.cli.surveys.jobs import lint_job

    if lint_job(table, earlier, without_partner=without_partner or [], as_json=as_json, out=out):
        raise typer.Exit(1)
