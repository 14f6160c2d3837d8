"""Interruption by signals: work that must not be cut short continues to its next safe point."""

import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType

EXIT_INTERRUPTED = 75
"""EX_TEMPFAIL: stopped by a signal with everything saved; the same command resumes."""

# The last is that of a terminal that was closed; nohup has it ignored, and it stays so.
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# Somebody else's handlers, as submitit's, are left alone.
_DEFAULTS = (signal.SIG_DFL, signal.default_int_handler)


class Interrupted(BaseException):
    """The process was asked to stop; like KeyboardInterrupt, so that no ``except Exception`` swallows it."""


class _Requests:
    """Requests so far; one record for the process, as signals are."""

    stop = False
    is_listening = False
    depth = 0
    """Number of open ``deferred`` contexts."""


def stop_requested() -> bool:
    """Whether the process was asked to stop."""
    return _Requests.stop


@contextmanager
def listening() -> Generator[None]:
    """SIGTERM, SIGINT and SIGHUP ask to stop, at once or at ``deferred``'s next safe point; a second one kills."""
    if _Requests.is_listening or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    ours = [number for number, handler in before.items() if handler in _DEFAULTS]
    _Requests.is_listening, _Requests.stop = True, False
    for number in ours:
        signal.signal(number, _on_signal)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])
        _Requests.is_listening = False


@contextmanager
def deferred() -> Generator[None]:
    """Work that stops by itself at its next safe point once ``stop_requested``; ends in Interrupted if it was.

    Raises:
        Interrupted: at the end.
    """
    _Requests.depth += 1
    try:
        yield
    finally:
        _Requests.depth -= 1
    if _Requests.stop:
        raise Interrupted


def _on_signal(number: int, frame: FrameType | None) -> None:
    _Requests.stop = True
    for each in _SIGNALS:
        if signal.getsignal(each) is _on_signal:
            signal.signal(each, signal.SIG_DFL)
    if not _Requests.depth:
        raise Interrupted
    line = f"lcpjax: {signal.Signals(number).name}: stops after this part or epoch; a second signal stops at once\n"
    with suppress(OSError):  # Whoever closed the terminal cannot be informed.
        os.write(_stderr(), line.encode())  # print may be in the middle of a line of its own.


def _stderr() -> int:
    """Descriptor of Python's stderr, which is not always 2: several processes keep C++'s lines apart."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return 2
