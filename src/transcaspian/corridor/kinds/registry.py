"""The kinds of measure by name, and a use of one of them turned into changes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping

import polars as pl

from transcaspian.corridor.patch import Change, Patch, Use, Values, settings
from transcaspian.errors import Fault, Faults, Where, nearest

Changes = list[Change]
Kind = Callable[..., Changes]
KINDS: dict[str, Kind] = {}
TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
    "list[str]": (list,),
    "list[int]": (list,),
}
SPOKEN = {
    "int": "a whole number",
    "float": "a number",
    "str": "a word",
    "bool": "true or false",
    "list[str]": "a list of words",
    "list[int]": "a list of whole numbers",
}


def kind(function: Kind) -> Kind:
    """The function itself, now known by its name."""
    KINDS[function.__name__] = function
    return function


def changes(patch: Patch) -> tuple[Change, ...]:
    """All changes of a patch: those of its kinds in order, then those written by hand.

    Errors: P104 and P105 for its kinds.
    """
    made = [change for use in patch.uses for change in changes_of(use, patch=patch.name)]
    return (*made, *patch.change)


def changes_of(use: Use, *, patch: str) -> Changes:
    """The changes of one use of a kind.

    Errors: P104 for an unknown kind, P105 for a missing, unknown or ill-typed parameter.
    """
    file = f"{patch}.toml"
    if use.kind not in KINDS:
        raise Fault(
            "P104",
            f"no kind {use.kind!r}",
            where=Where(file=file, column="kind"),
            expected="one of " + ", ".join(KINDS),
            nearest=nearest(use.kind, KINDS),
        )
    function = KINDS[use.kind]
    faults = _parameters(function, use, file)
    if faults:
        raise Faults(faults)
    return function(**use.parameters)


def _parameters(function: Kind, use: Use, file: str) -> list[Fault]:
    known = inspect.signature(function).parameters
    unknown = [
        Fault(
            "P105",
            f"kind {use.kind} takes no {name!r}",
            where=Where(file=file, column=name),
            expected=", ".join(known),
            nearest=nearest(name, (*known, *settings(()))),
        )
        for name in use.parameters
        if name not in known
    ]
    return unknown + _values(known, use, file)


def _values(known: Mapping[str, inspect.Parameter], use: Use, file: str) -> list[Fault]:
    faults: list[Fault] = []
    for name, parameter in known.items():
        annotation = str(parameter.annotation)
        if name not in use.parameters:
            if parameter.default is parameter.empty:
                what = f"kind {use.kind} needs {name!r}"
                faults.append(
                    Fault("P105", what, where=Where(file=file), expected=spoken(annotation))
                )
        elif not _fits(use.parameters[name], annotation):
            faults.append(
                Fault(
                    "P105",
                    f"{name} = {use.parameters[name]!r}",
                    where=Where(file=file, column=name),
                    expected=spoken(annotation),
                )
            )
    return faults


def _named(annotation: str) -> list[str]:
    return [word.strip() for word in annotation.split(" | ") if word.strip() in TYPES]


def spoken(annotation: str) -> str:
    """A type in words."""
    return " or ".join(SPOKEN[name] for name in _named(annotation))


def _fits(value: Values, annotation: str) -> bool:
    names = _named(annotation)
    if isinstance(value, bool):
        return "bool" in names
    if isinstance(value, list):
        item = next((TYPES[name[5:-1]] for name in names if name.startswith("list[")), ())
        return bool(value) and all(isinstance(each, item) for each in value)
    return isinstance(value, tuple(type_ for name in names for type_ in TYPES[name]))


def described() -> pl.DataFrame:
    """What each kind does and takes.

    Shape: one row a parameter; kind, meaning, parameter, takes, default (blank where needed).
    """
    rows = [
        {
            "kind": name,
            "meaning": (inspect.getdoc(function) or "").split("\n")[0],
            "parameter": parameter.name,
            "takes": spoken(str(parameter.annotation)),
            "default": _default(parameter),
        }
        for name, function in sorted(KINDS.items())
        for parameter in inspect.signature(function).parameters.values()
    ]
    names = ("kind", "meaning", "parameter", "takes", "default")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))


def _default(parameter: inspect.Parameter) -> str | None:
    if parameter.default is parameter.empty:
        return None
    return "none" if parameter.default is None else str(parameter.default)
