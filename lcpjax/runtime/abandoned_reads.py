"""Reads that are abandoned where one of them fails: its error is the only one that is shown."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any


class _OthersOnly:
    """What Python calls with errors that nobody can catch, without those of reads that were abandoned."""

    def __init__(self, before: Callable[[Any], object]) -> None:
        self._before = before

    def __call__(self, unraisable: Any) -> None:
        is_read = "_read_array" in repr(unraisable.object)
        if not is_read and str(unraisable.exc_value) != "Event loop is closed":
            self._before(unraisable)


@contextmanager
def one_error_for_all_reads() -> Generator[None]:
    """Within it, an error that is raised is the only one shown, and after it too.

    Orbax ends at the first array that cannot be read. Those that it was reading besides end
    without their event loop, which nobody can catch: Python would print a traceback for each,
    whenever their files answer.
    """
    before = sys.unraisablehook
    if not isinstance(before, _OthersOnly):
        sys.unraisablehook = _OthersOnly(before)
    yield
    # After an error it stays.
    sys.unraisablehook = before
