"""Tables in and out of files: whole files or none, with their schema version and content hash."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

import polars as pl

from transcaspian.errors import Fault, Where
from transcaspian.tables.parse import schema_of
from transcaspian.tables.schema import Table

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def content_hash(frame: pl.DataFrame) -> str:
    """The SHA-256 of a frame's names, types and values, whatever file it came from."""
    digest = hashlib.sha256(repr(list(frame.schema.items())).encode())
    digest.update(frame.write_csv(null_value="\x00").encode())
    return digest.hexdigest()


def write(frame: pl.DataFrame, path: Path, *, table: Table) -> None:
    """Nothing; the frame is written as Parquet with its table, version and content hash.

    Errors: O102 when the disk is full or may not be written.
    """
    buffer = BytesIO()
    frame.select(table.names).write_parquet(
        buffer,
        metadata={
            "transcaspian.table": table.name,
            "transcaspian.version": str(table.version),
            "transcaspian.hash": content_hash(frame.select(table.names)),
        },
    )
    write_whole(path, buffer.getvalue())


def as_csv(frame: pl.DataFrame, table: Table) -> str:
    """The text of a frame as `parse` reads it: words for flags, instants with their zone."""
    columns: list[pl.Expr] = []
    for column in table.all_columns:
        values = pl.col(column.name)
        if column.type == "bool":
            words = pl.when(values).then(pl.lit("yes")).otherwise(pl.lit("no"))
            values = pl.when(values.is_not_null()).then(words).alias(column.name)
        columns.append(values)
    return frame.select(columns).write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.6f+00:00")


def read(path: Path, table: Table) -> pl.DataFrame:
    """The frame of a Parquet file that `write` made.

    Errors: R101 when the file is of another table or version, or its content was changed.
    """
    try:
        metadata = pl.read_parquet_metadata(path)
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(path, str(error).splitlines()[0]) from error
    if metadata.get("transcaspian.table") != table.name:
        raise _unreadable(
            path, f"it holds {metadata.get('transcaspian.table', 'no table of ours')}"
        )
    if metadata.get("transcaspian.version") != str(table.version):
        raise _unreadable(path, f"its version is {metadata.get('transcaspian.version')}")
    if dict(frame.schema) != schema_of(table):
        raise _unreadable(path, "its columns are not those declared")
    if metadata.get("transcaspian.hash") != content_hash(frame):
        raise _unreadable(path, "its content does not match its hash")
    return frame


def _unreadable(path: Path, why: str) -> Fault:
    return Fault("R101", why, where=Where(file=str(path)), hint="write it anew with this version")


def write_whole(path: Path, data: bytes) -> None:
    """Nothing; the file holds all of the bytes, or is what it was before.

    Errors: O102 when the disk is full or may not be written.
    """
    part = _beside(path)
    try:
        with part.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Generator[Path]:
    """A folder to fill that takes its name when all of it is there, and vanishes otherwise.

    Errors: O101 when the name is taken, O102 when the disk is full or may not be written.
    """
    refuse_existing(path)
    part = _beside(path)
    made = [folder for folder in path.parents if not folder.exists()]
    try:
        part.mkdir(parents=True)
        yield part
        refuse_existing(path)
        part.replace(path)
        made = []
    except (OSError, pl.exceptions.ComputeError) as error:
        raise _unwritable(path, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def _beside(path: Path) -> Path:
    """A hidden name in the same folder that no other process writes to."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def refuse_existing(path: Path) -> None:
    """Nothing, when nothing has that name yet.

    Errors: O101 when something has.
    """
    if path.exists():
        raise Fault(
            "O101",
            f"{path} exists",
            where=Where(file=str(path)),
            hint="choose another name, or remove it first",
        )


def _unwritable(path: Path, error: Exception) -> Fault:
    number = getattr(error, "errno", None)
    full = number in FULL or any(f"os error {known}" in str(error) for known in FULL)
    said = getattr(error, "strerror", None) or str(error)
    return Fault(
        "O102",
        f"{path}: {'the disk is full' if full else said}",
        where=Where(file=str(path)),
        hint="free some space" if full else "choose a place that you may write to",
    )
