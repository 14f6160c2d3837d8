"""Time that the chapters to come will take, by that of those that are done."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager

# Of the expected time: a chapter that was finished before takes none and tells nothing.
_SHOWN_AGAIN = 0.02


class RemainingTime:
    """Expected times of chapters: in the proportions of another machine and scale, at the pace of those done."""

    def __init__(self, minutes: Sequence[float]) -> None:
        """Of each chapter, as measured elsewhere."""
        self._expected = [60.0 * each for each in minutes]
        self._done = 0
        self._taken = self._foreseen = 0.0

    @contextmanager
    def chapter(self) -> Generator[None]:
        """Times the next chapter."""
        start = time.perf_counter()
        yield
        self._record(time.perf_counter() - start)

    def seconds(self) -> float | None:
        """Of all chapters that are not done; None before one is."""
        return self._taken / self._foreseen * sum(self._expected[self._done :]) if self._foreseen else None

    def __str__(self) -> str:
        seconds = self.seconds()
        if seconds is None:
            return ""
        return f" (about {round(seconds / 60.0)} minutes to go)" if seconds > 90 else " (a minute to go)"

    def _record(self, seconds: float) -> None:
        expected = self._expected[self._done]
        self._done += 1
        if seconds > _SHOWN_AGAIN * expected:
            self._taken += seconds
            self._foreseen += expected
