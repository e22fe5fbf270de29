"""A brief in a folder of tables, and read from there: results that ship with a corridor."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from transcaspian.appraisal.worth.results import (
    FIGURES,
    INPUTS,
    MOVED,
    NEAR,
    REGRETS,
    SHARES,
    WHO,
    Appraisal,
    Brief,
    Chosen,
    Remark,
)
from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where
from transcaspian.tables.store import whole_folder, write_whole

FOLDER = "appraisal"
"""Where a corridor's appraisal lies, beside its tables."""
ABOUT = "about.toml"
DIGITS = 6
OF_MEASURE = {"figures": FIGURES, "who": WHO, "moved": MOVED, "inputs": INPUTS}
OF_PACKAGE = {"near": NEAR, "shares": SHARES, "regrets": REGRETS}
MEASURES = pl.Schema({"name": pl.String, "changes": pl.String, "remarks": pl.String})
PACKAGES = pl.Schema(
    {
        "budget_musd": pl.Float64,
        "measures": pl.String,
        "cost_musd": pl.Float64,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "probability": pl.Float64,
        "evaluations": pl.Int64,
        "sets": pl.Int64,
        "basis": pl.String,
        "other_value": pl.Float64,
        "other_low": pl.Float64,
        "other_high": pl.Float64,
        "remarks": pl.String,
    }
)
NUMBERS = ("seed", "replications", "draws", "price_year", "first_year", "horizon")


def write_brief(brief: Brief, folder: Path) -> None:
    """Nothing; the folder holds the whole brief as tables.

    Errors: O101 when it exists, O102 when it cannot be written.
    """
    with whole_folder(folder) as inside:
        for name, frame in tables(brief).items():
            write_whole(inside / f"{name}.csv", frame.write_csv().encode())
        write_whole(inside / ABOUT, _about(brief).encode())


def tables(brief: Brief) -> dict[str, pl.DataFrame]:
    """Every table of a brief: the measures and packages, and what is told of each."""
    made = {
        "measures": pl.DataFrame(
            [(each.name, each.changes, _written(each.remarks)) for each in brief.appraisals],
            schema=MEASURES,
            orient="row",
        ),
        "packages": pl.DataFrame(
            [_package(each) for each in brief.chosen], schema=PACKAGES, orient="row"
        ),
    }
    for name, schema in OF_MEASURE.items():
        made[name] = _stacked(
            {each.name: getattr(each, name) for each in brief.appraisals}, "measure", schema
        )
    for name, schema in OF_PACKAGE.items():
        made[name] = _stacked(
            {str(at): getattr(each, name) for at, each in enumerate(brief.chosen)},
            "package",
            schema,
        )
    return {name: _rounded(frame) for name, frame in made.items()}


def _about(brief: Brief) -> str:
    lines = [
        f"corridor = {json.dumps(brief.corridor_hash)}",
        f"version = {json.dumps(brief.version)}",
    ]
    lines += [f"{name} = {getattr(brief, name)}" for name in NUMBERS]
    lines.append(f"rates = {list(brief.rates)}")
    return "\n".join(lines) + "\n"


def _package(each: Chosen) -> tuple[object, ...]:
    other = each.other or (None, None, None)
    return (
        each.budget_musd,
        ";".join(each.measures),
        each.cost_musd,
        each.value,
        each.low,
        each.high,
        each.probability,
        each.evaluations,
        each.sets,
        each.basis,
        *other,
        _written(each.remarks),
    )


def _written(remarks: Iterable[Remark]) -> str:
    return json.dumps([[each.code, dict(each.values)] for each in remarks], ensure_ascii=False)


def _stacked(frames: Mapping[str, pl.DataFrame], key: str, schema: pl.Schema) -> pl.DataFrame:
    """The frames of several measures or packages, one below the other; lists as words."""
    lists = [name for name, kind in schema.items() if isinstance(kind, pl.List)]
    parts = [
        frame.select(
            pl.lit(name).alias(key),
            *(
                pl.col(column).list.join(";") if column in lists else pl.col(column)
                for column in schema
            ),
        )
        for name, frame in frames.items()
    ]
    if parts:
        return pl.concat(parts)
    return pl.DataFrame(schema={key: pl.String, **_flat(schema)})


def _flat(schema: pl.Schema) -> dict[str, pl.DataType | type[pl.DataType]]:
    return {
        name: pl.String() if isinstance(kind, pl.List) else kind for name, kind in schema.items()
    }


def _rounded(frame: pl.DataFrame) -> pl.DataFrame:
    floats = [name for name, kind in frame.schema.items() if kind == pl.Float64]
    return frame.with_columns(pl.col(name).round_sig_figs(DIGITS) for name in floats)


def brief_beside(corridor: Corridor, *, key: str) -> Brief | None:
    """The brief that lies beside a corridor's tables, if it was made of it as it is.

    `key` is the hash that it must have been made of. Errors: A207 when it cannot be read.
    """
    folder = Path(corridor.folder) / FOLDER
    if not corridor.folder or not (folder / ABOUT).is_file():
        return None
    about = _read_about(folder / ABOUT)
    return read_brief(folder, corridor) if about["corridor"] == key else None


def _read_about(path: Path) -> dict[str, object]:
    try:
        about = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise _unreadable(path, str(error)) from error
    missing = [name for name in ("corridor", "version", "rates", *NUMBERS) if name not in about]
    if missing:
        raise _unreadable(path, f"no {missing[0]}")
    return about


def read_brief(folder: Path, corridor: Corridor) -> Brief:
    """The brief of a folder; names, factors, sources and the measures come from the corridor.

    Errors: A207 when a file is missing or cannot be read.
    """
    about = _read_about(folder / ABOUT)
    told = {name: _read(folder / f"{name}.csv", schema) for name, schema in _schemas().items()}
    for name in told["measures"]["name"]:
        for part in name.split("+"):
            if part not in corridor.measures:
                raise _unreadable(folder / "measures.csv", f"no measure {part}")
    return Brief(
        title=corridor.about.title,
        corridor_hash=str(about["corridor"]),
        version=str(about["version"]),
        **{name: int(str(about[name])) for name in NUMBERS},
        rates=tuple(float(str(rate)) for rate in list(about["rates"])),  # type: ignore[call-overload]
        appraisals=tuple(_appraisals(told, corridor)),
        chosen=tuple(_chosen(told)),
        factors=corridor.table("factors"),
        sources=corridor.table("sources"),
        places=_names(corridor, "places", "place"),
        countries=_names(corridor, "countries", "country"),
        goods=_names(corridor, "goods", "good"),
    )


def _names(corridor: Corridor, table: str, key: str) -> dict[str, str]:
    return dict(corridor.table(table).select(key, "name").iter_rows())


def _schemas() -> dict[str, dict[str, pl.DataType | type[pl.DataType]]]:
    return {
        "measures": _flat(MEASURES),
        "packages": _flat(PACKAGES),
        **{name: {"measure": pl.String, **_flat(schema)} for name, schema in OF_MEASURE.items()},
        **{name: {"package": pl.String, **_flat(schema)} for name, schema in OF_PACKAGE.items()},
    }


def _read(path: Path, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    try:
        frame = pl.read_csv(path, schema=dict(schema))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(path, str(error).split("\n", maxsplit=1)[0]) from error
    words = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(pl.col(name).fill_null("") for name in words)


def _appraisals(told: Mapping[str, pl.DataFrame], corridor: Corridor) -> Iterable[Appraisal]:
    for name, changes, remarks in told["measures"].iter_rows():
        mine = {
            table: told[table].filter(pl.col("measure") == name).select(list(schema))
            for table, schema in OF_MEASURE.items()
        }
        patches = tuple(corridor.measures[part] for part in name.split("+"))
        yield Appraisal(name, patches, changes, **mine, remarks=_remarks(remarks))


def _chosen(told: Mapping[str, pl.DataFrame]) -> Iterable[Chosen]:
    for at, row in enumerate(told["packages"].iter_rows(named=True)):
        mine = {
            table: _unstacked(told[table].filter(pl.col("package") == str(at)), schema)
            for table, schema in OF_PACKAGE.items()
        }
        known = row["other_value"] is not None
        yield Chosen(
            budget_musd=row["budget_musd"],
            measures=_listed(row["measures"]),
            cost_musd=row["cost_musd"],
            value=row["value"],
            low=row["low"],
            high=row["high"],
            probability=row["probability"],
            evaluations=row["evaluations"],
            sets=row["sets"],
            near=mine["near"],
            shares=mine["shares"],
            regrets=mine["regrets"],
            remarks=_remarks(row["remarks"]),
            basis=row["basis"],
            other=(row["other_value"], row["other_low"], row["other_high"]) if known else None,
        )


def _unstacked(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    lists = [name for name, kind in schema.items() if isinstance(kind, pl.List)]
    split = [
        pl.when(pl.col(name) == "")
        .then(pl.lit([], dtype=pl.List(pl.String)))
        .otherwise(pl.col(name).str.split(";"))
        .alias(name)
        for name in lists
    ]
    return frame.with_columns(split).select(list(schema))


def _listed(words: str) -> tuple[str, ...]:
    return tuple(each for each in words.split(";") if each)


def _remarks(words: str) -> tuple[Remark, ...]:
    return tuple(Remark(code, values) for code, values in json.loads(words or "[]"))


def _unreadable(path: Path, why: str) -> Fault:
    return Fault(
        "A207",
        why,
        where=Where(file=str(path)),
        hint="transcaspian package --keep DIR makes the folder anew",
    )
