"""Arrays lent to a loop: their references are not counted, which the loop would do at every event.

The caller keeps the arrays alive. Interpreted, an array is lent by handing it over.
"""

from __future__ import annotations

from typing import Any

from numba.extending import intrinsic, overload


def lent(array: Any) -> Any:  # noqa: ANN401  # any array
    """The same array, without an owner."""
    return array


@intrinsic
def _without_owner(_context: Any, array: Any) -> Any:  # noqa: ANN401  # what Numba asks for
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        built = context.make_array(signature.args[0])(context, builder, arguments[0])
        built.meminfo = built.meminfo.type(None)
        built.parent = built.parent.type(None)
        return built._getvalue()  # noqa: SLF001  # how Numba's own arrays are returned

    return array(array), build


@overload(lent, jit_options={"forceinline": True})
def _lent(array: Any) -> Any:  # noqa: ANN401, ARG001
    def implementation(array: Any) -> Any:  # noqa: ANN401
        return _without_owner(array)  # pyright: ignore[reportCallIssue]  # the context is Numba's

    return implementation
