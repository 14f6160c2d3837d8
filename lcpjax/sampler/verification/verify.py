"""All trials of a sampler, one after another."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import jax

from lcpjax.array_types import PRNGKey
from lcpjax.sampler.verification.check import Check


@runtime_checkable
class Trial(Protocol):
    """A test of a sampler."""

    def run(self, key: PRNGKey) -> list[Check]:
        """Sample and check."""
        ...


def verify(key: PRNGKey, trials: Sequence[Trial], on_trial: Callable[[int], None] | None = None) -> list[Check]:
    """Checks of all trials, each with its own random numbers.

    Args:
        on_trial: called after each trial with 1.
    """
    checks = []
    for index, trial in enumerate(trials):
        checks += trial.run(jax.random.fold_in(key, index))
        if on_trial is not None:
            on_trial(1)
    return checks
