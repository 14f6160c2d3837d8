"""Lines that XLA's and Gloo's C++ print, kept apart from this program's own."""

import ctypes
import os
import signal
import sys
import tempfile
from contextlib import suppress

from lcpjax.runtime.standard_streams import keep_native_output_apart


class NativeOutput:
    """Where one process of a run is gone, JAX's C++ ends the others with a page of its own and aborts at once.

    Kept apart, it goes to a file, and the abort waits for some seconds: enough for a thread of Python to say in one
    line what happened, and to end the process.
    """

    def __init__(self) -> None:
        self._path: str | None = None

    def keep_apart(self) -> None:
        """From now on Python writes to the stderr there was, and C++ to a file."""
        if self._path is not None:
            return
        with suppress(OSError, ValueError, AttributeError):
            descriptor, self._path = tempfile.mkstemp(prefix="lcpjax-native-output-")
            keep_native_output_apart(descriptor)
            os.close(descriptor)
        with suppress(OSError, AttributeError, TypeError):
            library = ctypes.CDLL(None)
            # sleep takes one number, as a handler does: 6 (SIGABRT) seconds.
            library.signal.argtypes = ctypes.c_int, ctypes.c_void_p
            library.signal.restype = ctypes.c_void_p
            library.signal(int(signal.SIGABRT), ctypes.cast(library.sleep, ctypes.c_void_p))

    def print_line(self, line: str) -> None:
        """Write one line to the stderr there was, in one call, from any thread."""
        with suppress(OSError, ValueError, AttributeError):
            os.write(sys.stderr.fileno(), f"{line}\n".encode(errors="backslashreplace"))

    def forget(self) -> None:
        """Remove the file."""
        if self._path is not None:
            with suppress(OSError):
                os.unlink(self._path)
            self._path = None
