"""Interruption by signals: work that must not be cut short continues to its next safe point."""

import functools
import os
import signal
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType

EXIT_INTERRUPTED = 75
"""EX_TEMPFAIL: stopped by a signal or its time limit with everything saved; the same command resumes."""

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
    deadline: float | None = None
    """End of the process's time limit, on the monotonic clock, which nobody sets; None: it has not begun."""
    is_timed = False


def stop_requested() -> bool:
    """Whether the process was asked to stop, or its time limit is over."""
    return _Requests.stop


@contextmanager
def listening() -> Generator[None]:
    """SIGTERM, SIGINT and SIGHUP ask to stop, at once or at ``deferred``'s next safe point; a second one kills."""
    if _Requests.is_listening or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    ours = [number for number, handler in before.items() if handler in _DEFAULTS]
    _Requests.is_listening, _Requests.stop, _Requests.deadline = True, False, None
    for number in ours:
        signal.signal(number, _on_signal)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])
        _Requests.is_listening, _Requests.deadline = False, None


@contextmanager
def time_limit(minutes: float | None) -> Generator[None]:
    """A wall-clock limit that asks to stop as SIGTERM does, at once or at ``deferred``'s next safe point.

    It begins with the first one of a process, so that jobs and chapters of one command share it. Only in the
    main thread, within ``listening``; nothing else there may use SIGALRM.

    Args:
        minutes: None: no limit.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if minutes is None or _Requests.is_timed or not (_Requests.is_listening and is_main):
        yield
        return
    if _Requests.deadline is None:
        _Requests.deadline = time.monotonic() + 60.0 * minutes
    before = signal.signal(signal.SIGALRM, functools.partial(_on_time_limit, minutes))
    # A timer of zero would be none.
    signal.setitimer(signal.ITIMER_REAL, max(_Requests.deadline - time.monotonic(), 1e-3))
    _Requests.is_timed = True
    try:
        yield
    finally:
        _Requests.is_timed = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


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
    _say(f"{signal.Signals(number).name}: stops after this part or epoch; a second signal stops at once")


def _on_time_limit(minutes: float, number: int, frame: FrameType | None) -> None:
    if _Requests.stop:
        return
    # The handlers of signals stay: one that comes now is the first.
    _Requests.stop = True
    if not _Requests.depth:
        raise Interrupted
    _say(f"run.max_minutes = {minutes:g} are over: stops after this part or epoch")


def _say(text: str) -> None:
    with suppress(OSError):  # Whoever closed the terminal cannot be informed.
        os.write(_stderr(), f"lcpjax: {text}\n".encode())  # print may be in the middle of a line of its own.


def _stderr() -> int:
    """Descriptor of Python's stderr, which is not always 2: several processes keep C++'s lines apart."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return 2
