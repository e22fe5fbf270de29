"""The house rules that a formatter cannot keep: sizes, signatures, names of files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

SOURCE = Path(__file__).parent.parent / "src" / "transcaspian"
BANNED = {"utils", "util", "helpers", "common", "misc", "manager", "base"}
KERNEL = "simulation/kernel"  # one loop over arrays, kept flat for the compiler
# one parameter an option of the command line
COMMANDS = {"cli/verbs.py", "cli/surveys/verbs.py", "cli/deciding/verbs.py"}
MOST_LINES = 400
MOST_FILES = 10
MOST_PARAMETERS = 6
LONGEST = 80
NINE_IN_TEN = 40
MEDIAN = 12

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def functions(path: Path) -> Iterator[Function]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, Function))


def own(function: Function) -> list[ast.arg]:
    """The parameters that may be given by position, but for the object itself."""
    given = [*function.args.posonlyargs, *function.args.args]
    return given[1:] if given and given[0].arg in {"self", "cls"} else given


def lines(function: Function) -> int:
    """The lines of a function without its decorators and its docstring."""
    body = function.body
    told = body[0] if ast.get_docstring(function) and isinstance(body[0], ast.Expr) else None
    length = (function.end_lineno or 0) - function.lineno + 1
    return length - ((told.end_lineno or 0) - told.lineno + 1 if told else 0)


def exempt(path: Path) -> bool:
    return name(path).startswith(KERNEL)


def sizes() -> Iterator[str]:
    for path in modules():
        length = len(path.read_text(encoding="utf-8").splitlines())
        if length > MOST_LINES and not exempt(path):
            yield f"{name(path)} has {length} lines; at most {MOST_LINES}"
        if path.stem in BANNED:
            yield f"{name(path)} is named for nothing"
    for folder in sorted({path.parent for path in modules()}):
        files = [path for path in folder.glob("*.py") if path.stem != "__init__"]
        if len(files) > MOST_FILES:
            yield f"{name(folder)}/ holds {len(files)} files; at most {MOST_FILES}"


def signatures() -> Iterator[str]:
    for path in modules():
        if exempt(path) or name(path) in COMMANDS:
            continue
        for function in functions(path):
            if is_kind(function):
                continue
            at = f"{name(path)}:{function.lineno} {function.name}"
            count = len(own(function)) + len(function.args.kwonlyargs)
            if count > MOST_PARAMETERS:
                yield f"{at} takes {count} parameters; at most {MOST_PARAMETERS}"
            if function.name in offered(path) and len(own(function)) > 2:
                yield f"{at} takes {len(own(function))} parameters by position; at most 2"


def offered(path: Path) -> set[str]:
    """The names that the package of a file offers at its door."""
    door = (path.parent / "__init__.py").read_text(encoding="utf-8")
    return {
        element.value
        for node in ast.walk(ast.parse(door))
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
        and target.id == "__all__"
        and isinstance(node.value, ast.List)
        for element in node.value.elts
        if isinstance(element, ast.Constant)
    }


def is_kind(function: Function) -> bool:
    """Kinds of measure are filled in from TOML, where every parameter goes by its name."""
    return any(isinstance(mark, ast.Name) and mark.id == "kind" for mark in function.decorator_list)


def lengths() -> Iterator[str]:
    known = {
        f"{name(path)}:{function.lineno} {function.name}": lines(function)
        for path in modules()
        if not exempt(path)
        for function in functions(path)
    }
    yield from (
        f"{at} has {size} lines; at most {LONGEST}" for at, size in known.items() if size > LONGEST
    )
    ordered = sorted(known.values())
    if median(ordered) > MEDIAN:
        yield f"the median function has {median(ordered)} lines; at most {MEDIAN}"
    ninth = ordered[len(ordered) * 9 // 10]
    if ninth > NINE_IN_TEN:
        yield f"one function in ten has {ninth} lines or more; at most {NINE_IN_TEN}"


def inheritance() -> Iterator[str]:
    """Our own classes do not inherit from each other, but for the faults."""
    classes = {
        node.name: (path, node)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    for own_name, (path, node) in classes.items():
        bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
        for base in sorted(bases & set(classes) - {"Fault"}):
            yield f"{name(path)}:{node.lineno} {own_name} inherits from {base}"


def test_the_house_is_in_order():
    found = [*sizes(), *signatures(), *lengths(), *inheritance()]
    assert not found, "\n" + "\n".join(found)
