"""Progress: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

_SECONDS_BETWEEN_LINES = 10.0


def print_line(line: str) -> None:
    """One line for the person who started the run."""
    print(line, flush=True)  # noqa: T201


@contextmanager
def progress(what: str, total: float, unit: str) -> Generator[Callable[[float], None]]:
    """A function to call with the amount done since its last call.

    Args:
        what: in a word or two.
        total: the amount in all.
        unit: of the amount; the rate is shown in it.
    """
    show = _bar if sys.stderr is not None and sys.stderr.isatty() else _lines
    with show(what, total, unit) as advance:
        yield advance


@contextmanager
def _bar(what: str, total: float, unit: str) -> Generator[Callable[[float], None]]:
    columns = (TextColumn(what), BarColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task, start = bar.add_task(what, total=total, rate=""), time.perf_counter()

        def advance(amount: float) -> None:
            done = bar.tasks[0].completed + amount
            bar.update(task, advance=amount, rate=_rate(done, start, unit))

        yield advance


@contextmanager
def _lines(what: str, total: float, unit: str) -> Generator[Callable[[float], None]]:
    start = last = time.perf_counter()
    done = 0.0

    def advance(amount: float) -> None:
        nonlocal done, last
        done += amount
        now = time.perf_counter()
        if done >= total or now - last > _SECONDS_BETWEEN_LINES:
            last = now
            percent = 100.0 * done / total
            print(f"{what}: {percent:.0f} %, {_rate(done, start, unit)}", file=sys.stderr, flush=True)  # noqa: T201

    yield advance


def _rate(done: float, start: float, unit: str) -> str:
    return f"{done / max(time.perf_counter() - start, 1e-9):.3g} {unit}/s"
