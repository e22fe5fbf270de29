"""A patch out of a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from pydantic import ValidationError

from transcaspian.corridor.kinds import changes
from transcaspian.corridor.patch import Patch, Use, Value
from transcaspian.errors import Fault, Faults, Where, nearest

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
