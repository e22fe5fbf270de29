"""A progress bar on standard error for anything that lasts over two seconds."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

PATIENCE_S = 2.0


class Progress:
    """Counts finished pieces of work and draws them once the work has lasted two seconds."""

    def __init__(self, title: str) -> None:
        """A bar with a title; nothing is drawn yet, and nothing when standard error is piped."""
        self._title = title
        self._begun = time.monotonic()
        self._bar: object | None = None
        self._task: object | None = None
        self._quiet = not sys.stderr.isatty()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing; the bar is taken down."""
        if self._bar is not None:
            self._bar.stop()  # type: ignore[attr-defined]  # rich is imported late

    def __call__(self, done: int, total: int, what: str = "") -> None:
        """Nothing; the bar stands at `done` of `total`."""
        if self._quiet or time.monotonic() - self._begun < PATIENCE_S:
            return
        if self._bar is None:
            self._start(total)
        self._bar.update(  # type: ignore[union-attr]  # as above
            self._task, completed=done, total=total, description=what or self._title
        )

    def _start(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        bar.start()
        self._bar, self._task = bar, bar.add_task(self._title, total=total)
