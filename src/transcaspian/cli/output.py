"""How a table leaves the program: for eyes, for programs, or into a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from transcaspian.errors import Fault, Where, nearest

if TYPE_CHECKING:
    import polars as pl

WIDTH = 100
ROWS = 40
FORMATS = (".parquet", ".csv", ".json")


def emit(frame: pl.DataFrame, *, as_json: bool, out: Path | None, title: str = "") -> None:
    """Nothing; the table goes to a file, or to standard output as JSON or as text.

    Errors: O1xx when the file exists or its ending is not one of those known.
    """
    if out is not None:
        save(frame, out)
        talk(f"wrote {frame.height} rows to {out}")
    elif as_json:
        sys.stdout.write(as_lines(frame))
    else:
        sys.stdout.write(as_text(frame, title=title))


def save(frame: pl.DataFrame, path: Path) -> None:
    """Nothing; the table is written whole to a new file."""
    from transcaspian.tables.store import write_whole

    ending = path.suffix
    if ending not in FORMATS:
        raise Fault(
            "O103",
            f"no format for files ending in {ending!r}",
            where=Where(file=str(path)),
            expected="one of " + ", ".join(FORMATS),
            nearest=nearest(ending, FORMATS),
        )
    if path.exists():
        raise Fault(
            "O101",
            f"{path} exists",
            where=Where(file=str(path)),
            hint="choose another name, or remove it first",
        )
    write_whole(path, _bytes(frame, ending))


def _bytes(frame: pl.DataFrame, ending: str) -> bytes:
    from io import BytesIO

    if ending == ".csv":
        return frame.write_csv().encode()
    if ending == ".json":
        return as_lines(frame).encode()
    buffer = BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def as_lines(frame: pl.DataFrame) -> str:
    """The rows as one JSON array, a row a line."""
    rows = (json.dumps(row, default=str, ensure_ascii=False) for row in frame.iter_rows(named=True))
    return "[\n" + ",\n".join(rows) + "\n]\n"


def as_text(frame: pl.DataFrame, *, title: str = "", rows: int = ROWS) -> str:
    """The table for eyes, at most 100 columns wide: columns that do not fit are named below it."""
    head = frame.head(rows)
    cells = {name: [name, *(_word(value) for value in head[name])] for name in head.columns}
    numeric = {name for name in head.columns if head.schema[name].is_numeric()}
    widths = {name: min(max(map(len, words)), 40) for name, words in cells.items()}
    shown, hidden = _fitting(widths)
    lines = [title] if title else []
    for index in range(head.height + 1):
        line = "  ".join(
            _fit(cells[name][index], widths[name], right=name in numeric) for name in shown
        )
        lines.append(line.rstrip())
    if hidden:
        lines.append("also: " + ", ".join(hidden))
    if frame.height > rows:
        lines.append(f"{rows} of {frame.height} rows; --json or --out FILE gives all")
    return "\n".join(lines) + "\n"


def _fitting(widths: dict[str, int]) -> tuple[list[str], list[str]]:
    shown: list[str] = []
    used = 0
    for name, width in widths.items():
        if used + width > WIDTH and shown:
            break
        shown.append(name)
        used += width + 2
    return shown, [name for name in widths if name not in shown]


def _fit(word: str, width: int, *, right: bool) -> str:
    if len(word) > width:
        word = word[: width - 1] + "…"
    return word.rjust(width) if right else word.ljust(width)


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    size = abs(value)
    if size == 0 or size >= 1000:  # noqa: PLR2004  # whole numbers from a thousand on
        return f"{value:.0f}"
    return f"{value:.3g}"


def talk(text: str, *, stream: TextIO | None = None) -> None:
    """Nothing; a remark for the person at the terminal, on standard error, silent when piped."""
    where = sys.stderr if stream is None else stream
    if where.isatty():
        where.write(text + "\n")
