"""Code lists that ship with the package: versioned CSV trees."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import polars as pl


@cache
def vocabulary(name: str) -> pl.DataFrame:
    """The rows of a shipped code list, every cell a word."""
    text = files("transcaspian").joinpath(f"data/vocabularies/{name}.csv").read_bytes()
    return pl.read_csv(text, infer_schema=False)


@cache
def codes(name: str) -> tuple[str, ...]:
    """The codes of a shipped list, in its order."""
    return tuple(vocabulary(name)["code"].to_list())


@cache
def of_class(ledger: str) -> tuple[str, ...]:
    """The activities of one ledger class, in the order of the vocabulary."""
    rows = vocabulary("activities").filter(pl.col("ledger") == ledger)
    return tuple(rows["code"].to_list())
