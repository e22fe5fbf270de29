"""A patch out of a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from json import dumps
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from transcaspian.corridor.kinds import changes
from transcaspian.corridor.patch import Patch, Use, Value
from transcaspian.errors import Fault, Faults, Where, nearest
from transcaspian.tables.store import write_whole

DRAWS = ".draws.csv"
"""What the file of a fitted patch's draws ends in, beside its TOML."""
OWN = tuple(name for name in Patch.model_fields if name not in {"uses", "draws"})


def read_patch(text: str, *, file: str) -> Patch:
    """The patch of a TOML text.

    A top-level `kind` with its parameters beside it is one use of that kind; `[[use]]` tables,
    each with a `kind`, are several.
    Errors: P101 when the text cannot be read, P104 and P105 for its kinds.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Fault(
            "P101", str(error), where=Where(file=file), hint="see the TOML grammar"
        ) from error
    uses = [_use(dict(table), file) for table in data.pop("use", [])]
    if "kind" in data:
        uses.insert(0, _use({key: data.pop(key) for key in list(data) if key not in OWN}, file))
    try:
        patch = Patch.model_validate({**data, "uses": tuple(uses)})
    except ValidationError as error:
        raise Faults([_fault(problem, file) for problem in error.errors()]) from error
    return _tried(patch, file)


def _use(table: dict[str, Value | list[Value]], file: str) -> Use:
    kind = table.pop("kind", None)
    if not isinstance(kind, str):
        raise Fault("P101", "a use without a kind", where=Where(file=file), expected='kind = "..."')
    return Use(kind=kind, parameters=table)


def _fault(problem: Mapping[str, object], file: str) -> Fault:
    location = problem["loc"]
    parts = [str(part) for part in location] if isinstance(location, tuple) else []
    key = ".".join(parts)
    near = nearest(parts[-1], OWN) if problem["type"] == "extra_forbidden" and parts else ()
    return Fault(
        "P101",
        f"{key}: {problem['msg']}" if key else str(problem["msg"]),
        where=Where(file=file),
        nearest=near,
    )


def _tried(patch: Patch, file: str) -> Patch:
    """The patch, once its kinds have been turned into changes without fault."""
    try:
        changes(patch)
    except Fault as fault:
        raise Faults(
            Fault(
                each.code,
                each.what,
                where=Where(file=file),
                expected=each.expected,
                nearest=each.nearest,
                hint=each.hint,
            )
            for each in fault.faults
        ) from fault
    return patch


def read_patch_file(path: Path) -> Patch:
    """The patch of a TOML file, with the draws that lie beside it as NAME.draws.csv.

    Errors: P101 when a file cannot be read, P104 and P105 for its kinds.
    """
    if not path.is_file():
        raise Fault("P102", f"no file {path}", where=Where(file=str(path)), expected="a TOML file")
    try:
        patch = read_patch(path.read_text(encoding="utf-8"), file=path.name)
    except UnicodeDecodeError as error:
        raise Fault("P101", "not UTF-8", where=Where(file=path.name)) from error
    beside = path.with_name(path.name.removesuffix(".toml") + DRAWS)
    if not beside.is_file():
        return patch
    try:
        draws = pl.read_csv(beside, infer_schema_length=None)
        drawn = draws.select(pl.col(name).cast(pl.Float64) for name in draws.columns)
    except pl.exceptions.PolarsError as error:
        raise Fault(
            "P101", str(error), where=Where(file=beside.name), expected="numbers, a column a cell"
        ) from error
    return patch.model_copy(update={"draws": drawn})


def write_patch(patch: Patch, path: Path) -> None:
    """Nothing; the patch stands in a TOML file, its draws beside it, each whole.

    Errors: O102 when they cannot be written.
    """
    write_whole(path, ("\n".join(_lines(patch)) + "\n").encode())
    if patch.draws is not None:
        beside = path.with_name(path.name.removesuffix(".toml") + DRAWS)
        write_whole(beside, patch.draws.write_csv(float_precision=6).encode())


def _lines(patch: Patch) -> Iterator[str]:
    """The lines of a patch that has changes written by hand and no kinds."""
    for name in ("name", "title", "role", "source", "status", "note"):
        yield f"{name} = {dumps(getattr(patch, name), ensure_ascii=False)}"
    for change in patch.change:
        yield ""
        yield "[[change]]"
        yield f"table = {dumps(change.table)}"
        if change.where:
            yield f"where = {_inline(change.where)}"
        yield "drop = true" if change.drop else f"{change.verb} = {_inline(change.amounts)}"


def _inline(table: Mapping[str, object]) -> str:
    """A table on one line; what is blank is left out."""
    known = {key: value for key, value in table.items() if value is not None}
    return "{ " + ", ".join(f"{_key(key)} = {_word(value)}" for key, value in known.items()) + " }"


def _key(name: str) -> str:
    """A key as it is, or between quotes where it has dots."""
    return dumps(name) if "." in name else name


def _word(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_word(each) for each in value) + "]"
    return repr(value) if isinstance(value, float) else dumps(value, ensure_ascii=False)
