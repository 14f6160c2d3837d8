"""Safe standard streams: a run continues to its end whether or not its output can be written."""

import io
import os
import sys
from contextlib import suppress
from typing import TextIO, cast


class _Forgiving(io.RawIOBase):
    """A file descriptor whose reader may go away, or whose disk may fill: what it no longer takes is dropped."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        """The descriptor itself."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        """Always, so that printing never fails."""
        return True

    def write(self, content: bytes, /) -> int:  # ty: ignore[incompatible-method-override]
        """Write what can be written; everything counts as written."""
        with suppress(OSError):
            return os.write(self._descriptor, content)
        return len(content)


def make_streams_safe() -> None:
    """Make printing safe in this process: on streams that are closed, full, broken or ASCII only.

    Streams that somebody put in the place of the process's own are left alone.
    """
    for descriptor in (0, 1, 2):
        _open_if_closed(descriptor)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 for as long as the process lives
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        is_own = stream is None or (stream is getattr(sys, f"__{name}__") and isinstance(stream, io.TextIOWrapper))
        if is_own and not isinstance(getattr(getattr(stream, "buffer", None), "raw", None), _Forgiving):
            safe = _safe(stream, descriptor)
            setattr(sys, name, safe)
            setattr(sys, f"__{name}__", safe)


def keep_native_output_apart(descriptor: int) -> None:
    """Let Python's streams be what they were, while whatever C++ prints goes to another open file.

    Args:
        descriptor: of that file.
    """
    make_streams_safe()
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        # Those that somebody put there are not on the process's own descriptors.
        if isinstance(getattr(getattr(stream, "buffer", None), "raw", None), _Forgiving):
            own = _safe(stream, os.dup(number))
            setattr(sys, name, own)
            setattr(sys, f"__{name}__", own)
        os.dup2(descriptor, number)


def _open_if_closed(descriptor: int) -> None:
    """Open a closed descriptor: the next file opened would get it, and libraries would print into that."""
    try:
        os.fstat(descriptor)
    except OSError:
        nothing = os.open(os.devnull, os.O_RDWR)
        if nothing != descriptor:
            os.dup2(nothing, descriptor)
            os.close(nothing)


def _safe(stream: TextIO | None, descriptor: int) -> TextIO:
    """A stream that prints the same text wherever that can be printed."""
    if stream is not None:
        with suppress(OSError):
            stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(cast(io.FileIO, _Forgiving(descriptor))),
        encoding="utf-8" if stream is None else stream.encoding,
        errors="backslashreplace",
        line_buffering=bool(stream and stream.line_buffering) or descriptor == 2 or os.isatty(descriptor),
    )
