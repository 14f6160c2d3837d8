"""Reads that are abandoned where one of them fails: its error is the only one that is shown."""

import gc
import sys
import time
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from types import CoroutineType

# In seconds: they are on their way already, on a busy machine as well.
_LONGEST_WAIT = 30.0


@contextmanager
def one_error_for_all_reads() -> Generator[None]:
    """Within it, an error that is raised is the only one shown.

    Orbax ends at the first array that cannot be read. Those that it was reading besides end
    without their event loop, which nobody can catch: Python would print a traceback for each,
    whenever it frees them.
    """
    before, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        yield
    except Exception as error:
        failed: BaseException | None = error
        while failed is not None:
            # The frames hold the reads that were abandoned.
            traceback.clear_frames(failed.__traceback__)
            failed = failed.__cause__ or failed.__context__
        last = time.monotonic() + _LONGEST_WAIT
        gc.collect()
        while _is_reading() and time.monotonic() < last:
            time.sleep(0.01)
            gc.collect()
        raise
    finally:
        sys.unraisablehook = before


def _is_reading() -> bool:
    """Whether a read is left whose file has not answered yet."""
    coroutines = (each for each in gc.get_objects() if isinstance(each, CoroutineType))
    return any("orbax" in each.cr_code.co_filename for each in coroutines)
