"""Which strategy a fit uses: recorded for a CPU, measured elsewhere."""

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax

from lcpjax.array_types import HeldOutRows, TrainingRows
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.strategies.registry import STRATEGIES
from lcpjax.training.strategies.timing import seconds_of_an_epoch
from lcpjax.training.train_state import TrainState

# On a CPU one thread per core keeps what one model works on in the core's cache; vmap makes grouped convolutions,
# and map puts them into a while loop, both many times slower there. +experiment=benchmark measures it.
_ON_CPU = "loop"
# Where it was not measured: one launch for all models.
_ELSEWHERE = "vmap"
# Two epochs of each strategy are spent on measuring, and two more programs compiled.
_FEWEST_EPOCHS_TO_MEASURE = 20


class Choice(NamedTuple):
    """A strategy, and why."""

    strategy: str
    reason: str
    epoch_seconds: dict[str, float]
    """Of each strategy, where it was measured."""


def choose_strategy(
    plan: TrainingPlan,
    models: Sequence[Hyperparameters],
    states: Sequence[TrainState],
    train: TrainingRows,
    validation: HeldOutRows,
    recall: Callable[[str], dict[str, float] | None],
    remember: Callable[[str, dict[str, float]], None],
) -> Choice:
    """The fastest strategy for models on this device.

    Args:
        recall: from a key to the seconds measured before, None if there are none.
        remember: keeps them.
    """
    if len(models) == 1:
        return Choice("loop", "one model", {})
    if jax.default_backend() == "cpu":
        return Choice(_ON_CPU, "fastest where it was measured on a CPU", {})
    key = _key(plan, len(models))
    if seconds := recall(key):
        return _fastest(seconds, "measured before")
    if plan.num_epochs < _FEWEST_EPOCHS_TO_MEASURE:
        return Choice(_ELSEWHERE, "training too short to measure", {})
    data = plan, models, states, train, validation
    # The first time compiles.
    seconds = {name: min(seconds_of_an_epoch(name, *data) for _ in range(2)) for name in STRATEGIES}
    remember(key, seconds)
    return _fastest(seconds, "measured")


def _fastest(seconds: dict[str, float], how: str) -> Choice:
    fastest = min(seconds, key=lambda name: seconds[name])
    ratios = ", ".join(f"{name} {taken / seconds['loop']:.2f}" for name, taken in seconds.items())
    return Choice(fastest, f"{how}; wall time of an epoch over that of loop: {ratios}", seconds)


def _key(plan: TrainingPlan, num_models: int) -> str:
    """What a measurement is good for: devices, program, number of models."""
    about = (jax.__version__, jax.devices()[0].device_kind, len(jax.local_devices()), repr(plan), num_models)
    return hashlib.sha256(repr(about).encode()).hexdigest()[:16]
