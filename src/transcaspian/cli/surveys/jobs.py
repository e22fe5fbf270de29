"""What the verbs of a survey do."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from transcaspian.cli.inspect import load
from transcaspian.cli.output import as_text, emit, talk
from transcaspian.cli.progress import Progress
from transcaspian.errors import Fault, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from transcaspian.corridor.corridor import Corridor
    from transcaspian.survey.plan import Aim

CELL = ("place", "country", "network", "direction")
SHOWN = (
    "place",
    "direction",
    "network",
    "n",
    "n_eff",
    "grade",
    "p50_h",
    "p50_low",
    "p50_high",
    "mean_h",
)


def plan_job(
    aim: Aim,
    last: Path | None,
    *,
    countries: Sequence[str],
    corridor: Path | None,
    as_json: bool,
    out: Path | None,
) -> None:
    """Nothing; the plan is shown: trips, instrument and cost of each crossing."""
    import polars as pl

    from transcaspian.survey.plan import plan

    cells = _table(last, "crossings") if last else _unseen(load(corridor))
    ours = cells.filter(pl.col("direction").is_in(["outbound", "inbound"]))
    if countries:
        ours = ours.filter(pl.col("country").is_in(list(countries)))
    if ours.is_empty():
        raise Fault("V402", "no crossing to plan for", expected="a country of the corridor")
    blank = [
        pl.lit(None, pl.Float64).alias(name)
        for name in ("sigma", "deff_cluster")
        if name not in ours.columns
    ]
    shown = plan(ours.with_columns(*blank).select(*CELL, "sigma", "deff_cluster"), aim=aim)
    table = shown.select(
        *CELL, "basis", "cv", "instrument", "needed", "trips", "usd", "shows"
    ).sort("usd", "place", descending=[True, False])
    title = (
        f"To see a fall of {aim.fall:.0%} in four of five cases: "
        f"{int(table['trips'].sum()):,} trips, "
        f"{float(table['usd'].sum()):,.0f} USD (costs of instruments are estimates)"
    )
    emit(table, as_json=as_json, out=out, title=title)


def _unseen(corridor: Corridor) -> pl.DataFrame:
    """The crossings of a corridor of which no survey has spoken."""
    import polars as pl

    from transcaspian.network import sides

    found = sides(corridor).filter(pl.col("direction").is_in(["outbound", "inbound"]))
    return found.select(CELL).drop_nulls().unique().sort(*CELL)


def _table(release: Path, name: str) -> pl.DataFrame:
    """One table of a release.

    Errors: R101.
    """
    import polars as pl

    path = release / ("restricted" if name == "spells" else "tables") / f"{name}.parquet"
    if not path.is_file():
        raise Fault(
            "R101",
            f"no {path}",
            where=Where(file=str(release)),
            expected="a release of a survey",
            hint="transcaspian survey release WAVE --out DIR makes one",
        )
    return pl.read_parquet(path)


def template_job(folder: Path, *, corridor: Path | None) -> None:
    """Nothing; the folder of a wave stands, ready to be filled."""
    from transcaspian.readers.forms.template import write_template

    write_template(folder, load(corridor))
    sys.stdout.write(
        f"wrote {folder}: fill forms/, tracks/ and messages/, "
        "and say in wave.toml how people write\n"
    )


def demo_job(folder: Path, trips: int, *, months: str, seed: int, corridor: Path | None) -> None:
    """Nothing; a made-up wave stands in a new folder."""
    from transcaspian.simulation import simulate
    from transcaspian.survey.example import fill_wave

    known = load(corridor)
    period = _period(months, known.about.base_year)
    if folder.exists():
        raise Fault(
            "O101", f"{folder} exists", where=Where(file=str(folder)), hint="choose another name"
        )
    with Progress("simulating") as progress:
        log = simulate(known, replications=1, seed=seed, log=True, progress=progress).events
    if log is None:
        message = "the log was asked for and not kept"
        raise RuntimeError(message)
    talk("filling forms, tracks and messages")
    drawn = fill_wave(folder, log, corridor=known, trips=trips, period=period, seed=seed)
    sys.stdout.write(
        f"wrote {folder}: SYNTHETIC, {drawn.trips.height:,} trips of a simulated "
        f"{period[0]:%B} to {period[1]:%B %Y}; the truth is in truth/\n"
    )


def _period(months: str, year: int) -> tuple[date, date]:
    """The first and the last day of some months."""
    first, _, last = months.partition("-")
    try:
        begin, end = int(first), int(last or first)
        begins = date(year, begin, 1)
        after = date(year + end // 12, end % 12 + 1, 1)
    except ValueError as error:
        raise Fault(
            "O106", f"months {months!r}", expected="two months of the year, as 4-6"
        ) from error
    if begin > end:
        raise Fault("O106", f"months {months!r}", expected="two months in order, as 4-6")
    return begins, after - timedelta(days=1)


def release_job(
    wave: Path, out: Path | None, *, since: Path | None, corridor: Path | None, as_json: bool
) -> None:
    """Nothing; a wave is read, reconciled, estimated and released."""
    import polars as pl

    from transcaspian.readers.wave import read_wave
    from transcaspian.report.survey import LANGUAGES, survey_page
    from transcaspian.survey.hearing import hear
    from transcaspian.survey.release.release import released, write_release
    from transcaspian.tables.store import whole_folder, write_whole

    known = load(corridor)
    folder = out or Path(f"out/{wave.name}-release")
    talk("reading forms, tracks and messages")
    sources = read_wave(wave, known)
    talk("reconciling and estimating")
    earlier = _seen(since) if since else None
    found = released(hear(sources, known), known, earlier=earlier)
    with whole_folder(folder) as inside:
        write_release(found, inside, corridor=known)
        for language in LANGUAGES:
            page = survey_page(found, known, language=language)
            write_whole(inside / f"report.{language}.html", page.encode())
    table = found.tables["crossings"].filter(~pl.col("withheld")).sort("n", descending=True)
    if as_json:
        emit(table, as_json=True, out=None)
        return
    note = "SYNTHETIC, " if sources.wave.synthetic else ""
    title = (
        f"{note}{sources.wave.title}: {found.heard.events.trips.height:,} trips; intervals are 95 %"
    )
    sys.stdout.write(as_text(table.select(SHOWN), title=title, rows=20))
    lost = found.tables["rejected"]["rows"].sum()
    sys.stdout.write(f"\n{lost:,} rows not taken: {folder}/restricted/rejects.csv\n")
    sys.stdout.write(f"reports: {folder}/report.en.html, report.ru.html, report.ja.html\n")
    sys.stdout.write(f"patch: {folder}/{found.patch.name}.toml\n")


def _seen(release: Path) -> dict[str, pl.DataFrame]:
    """What a comparison needs of a release."""
    return {name: _table(release, name) for name in ("crossings", "spells")}


def compare_job(
    before: Path,
    after: Path,
    *,
    restated: bool,
    corridor: Path | None,
    as_json: bool,
    out: Path | None,
) -> None:
    """Nothing; two releases are compared."""
    import polars as pl

    from transcaspian.survey.change.between import since as changes
    from transcaspian.survey.change.restate import restated as told_otherwise

    if not restated:
        table = changes(_seen(before), _seen(after), seed=1)
        title = (
            "After over before, ratio of geometric means; intervals are 95 %, "
            "q is adjusted for all cells"
        )
        emit(table, as_json=as_json, out=out, title=title)
        return
    load(corridor)
    parts = [
        told_otherwise(_table(before, name), _table(after, name), keys=keys, table=name)
        for name, keys in KEYS.items()
    ]
    table = pl.concat(parts)
    title = f"{table.height:,} figures are told otherwise"
    emit(table, as_json=as_json, out=out, title=title)


def series_job(
    releases: Sequence[Path], known: Path | None, *, as_json: bool, out: Path | None
) -> None:
    """Nothing; the breaks in the months of some releases are shown."""
    import polars as pl

    from transcaspian.survey.change.series import monthly

    months = pl.concat([_table(one, "months") for one in releases])
    found = monthly(months, known=_events(known) if known else {})
    title = f"{found.height} breaks and alarms in {months['month'].n_unique()} months"
    emit(found, as_json=as_json, out=out, title=title)


def _events(path: Path) -> dict[str, str]:
    """The events of a file by their month.

    Errors: R101, V402.
    """
    rows = _printed(path)
    if not {"month", "event"} <= set(rows.columns):
        raise Fault(
            "V402",
            f"columns {', '.join(rows.columns)}",
            where=Where(file=str(path)),
            expected="columns month (2022-02) and event",
        )
    return dict(rows.select("month", "event").drop_nulls().iter_rows())


def fit_job(
    release: Path,
    places: Sequence[str],
    *,
    least: int,
    corridor: Path | None,
    as_json: bool,
    out: Path | None,
) -> None:
    """Nothing; the families tried at each crossing are shown, the best first."""
    import polars as pl

    from transcaspian.events.engine import gathered
    from transcaspian.survey.estimates.stays import stays
    from transcaspian.survey.fits.crossings import crossing_fits, sea_legs

    known = load(corridor)
    _table(release, "crossings")
    visits = pl.read_parquet(release / "restricted" / "visits.parquet")
    trips = pl.read_parquet(release / "restricted" / "log" / "trips.parquet")
    stood = gathered(stays(visits, trips, known))
    if places:
        stood = stood.filter(pl.col("place").is_in(list(places)))
    with Progress("fitting") as progress:
        found = crossing_fits(
            stood, known, least=least, sea=sea_legs(visits, known), seed=1, progress=progress
        )
    if found.is_empty():
        raise Fault(
            "V402",
            f"no crossing has {least} stays there",
            where=Where(file=str(release)),
            hint="--least asks for fewer",
        )
    shown = found if as_json or out else found.filter(pl.col("rank") <= BEST).select(FITTED)
    title = "Families of stays, the best first: score on stays left out, then Akaike's criterion"
    emit(shown, as_json=as_json, out=out, title=title)


BEST = 3
FITTED = (
    "place",
    "direction",
    "network",
    "rank",
    "family",
    "calendar",
    "n",
    "crps_h",
    "pit_p",
    "mean_h",
)
KEYS = {
    "crossings": CELL,
    "both_sides": ("crossing", "direction_in", "network"),
    "countries": ("country",),
    "country_hours": ("country", "kind", "per"),
    "speeds": ("country", "indicator"),
    "activities": (*CELL, "activity"),
    "payments": (*CELL, "kind"),
    "totals": ("country", "network", "direction"),
}


def lint_job(
    table: Path,
    earlier: Path | None,
    *,
    without_partner: Sequence[str],
    as_json: bool,
    out: Path | None,
) -> bool:
    """Whether anything was found; the findings are shown."""
    from transcaspian.survey.published import Known, lint
    from transcaspian.survey.published.lint import cell_values

    known = Known(
        without_partner=frozenset(without_partner),
        earlier=cell_values(_printed(earlier)) if earlier else None,
    )
    found = lint(_printed(table), known)
    emit(found, as_json=as_json, out=out, title=f"{table.name}: {found.height} findings")
    return not found.is_empty()


def _printed(path: Path) -> pl.DataFrame:
    """A table with every cell as it was printed.

    Errors: R101.
    """
    import polars as pl

    try:
        return pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise Fault(
            "R101", str(error), where=Where(file=str(path)), expected="a CSV file"
        ) from error
