"""Time that the chapters to come will take, by that of those that are done."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager


class RemainingTime:
    """Expected times of chapters, corrected by how long the first ones took.

    A chapter that was finished before takes no time and corrects nothing.
    """

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

    def seconds(self) -> float:
        """Of all chapters that are not done."""
        # As if one minute had been as foreseen: a first chapter of seconds says little.
        pace = (self._taken + 60.0) / (self._foreseen + 60.0)
        return pace * sum(self._expected[self._done :])

    def __str__(self) -> str:
        minutes = round(self.seconds() / 60.0)
        return f"about {minutes} minutes to go" if minutes > 1 else "a minute to go"

    def _record(self, seconds: float) -> None:
        expected = self._expected[self._done]
        self._done += 1
        if seconds > 0.02 * expected:
            self._taken += seconds
            self._foreseen += expected
