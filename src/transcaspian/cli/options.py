"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path | None,
    typer.Option(
        "--corridor", metavar="DIR", help="A corridor folder; the shipped one when left out."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="JSON on standard output instead of a table.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write to a new .parquet, .csv or .json file."),
]
Runs = Annotated[
    int, typer.Option("--replications", min=1, help="Replications behind each figure.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of all luck.")]
Address = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Run on the workers of a Dask scheduler, tcp://host:port.",
    ),
]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads; all cores when left out.")
]
Edition = Annotated[
    str,
    typer.Option("--edition", help="base, present, or the name of an edition of the corridor."),
]
