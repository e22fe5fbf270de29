"""The door: runs the program and turns what went wrong into an exit code and a text."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from transcaspian.errors import Fault, render

USER_FAULT = 2
OUR_FAULT = 1
INTERRUPTED = 130


def main() -> None:
    """Nothing; runs the program and leaves with its exit code."""
    from transcaspian.cli.verbs import app

    sys.exit(_code(app))


def _code(app: Callable[..., object]) -> int:
    try:
        code = app(standalone_mode=False)
    except Fault as fault:
        sys.stderr.write(render(fault) + "\n")
        return USER_FAULT
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; nothing was left half-written\n")
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # noqa: BLE001  # the one place where everything ends
        return _unforeseen(error)
    if code == INTERRUPTED:
        sys.stderr.write("interrupted; nothing was left half-written\n")
    return code if isinstance(code, int) else 0


def _unforeseen(error: Exception) -> int:
    """The exit code of an error that typer explains itself, or of a fault of ours."""
    show = getattr(error, "show", None)
    if callable(show):
        show()
        return int(getattr(error, "exit_code", USER_FAULT))
    if type(error).__name__ in {"Exit", "Abort"}:
        return int(getattr(error, "exit_code", OUR_FAULT))
    traceback.print_exc()
    sys.stderr.write(
        "this is a fault of transcaspian, not of your data; please report it with the lines above\n"
    )
    return OUR_FAULT
