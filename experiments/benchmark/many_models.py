"""K models in one program, relative to K fits one after the other in the same process."""

import statistics
import time
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp

from lcpjax.array_types import HeldOutRows, TrainingRows
from lcpjax.build import num_training_configurations
from lcpjax.config import Config
from lcpjax.report.tables import Row
from lcpjax.training import (
    BATCHES,
    STRATEGIES,
    Hyperparameters,
    TrainingPlan,
    TrainState,
    build_strategy,
    initial_state,
)

from .uniform_data import plan_and_uniform_data

ONE_BY_ONE = "one_by_one"
# Gradient steps timed on a CPU, where each is dispatched and stacked convolutions are many times slower.
_STEPS_ON_CPU = 2


def time_many_models(config: Config) -> list[dict[str, Any]]:
    """A row for each round and each way to train the sweep's models by an epoch, or its first steps on a CPU.

    Every round times all ways, ``one_by_one`` first: as many warm fits of one
    model, one after the other. Nothing that compiles is timed. Configurations are
    uniform: what a step costs does not depend on where particles are.
    """
    rate = config.training.learning_rate
    models = [
        Hyperparameters.on_device(kl_weight, rate, seed)
        for kl_weight, seed in product(config.sweep.kl_weights, config.sweep.seeds)
    ]
    most = num_training_configurations(config)
    number = min(most, _STEPS_ON_CPU * config.training.batch_size) if jax.default_backend() == "cpu" else most
    plan, data = plan_and_uniform_data(config, number)
    states = [initial_state(plan, model, data) for model in models]
    validation = data[: plan.batch_size]

    def one_by_one() -> float:
        return sum(
            _seconds_of_an_epoch("loop", plan, [model], [state], data, validation)
            for model, state in zip(models, states, strict=True)
        )

    def together(name: str) -> Callable[[], float]:
        return lambda: _seconds_of_an_epoch(name, plan, models, states, data, validation)

    # Batches are shared where one model is to train faster, not many.
    ways = {ONE_BY_ONE: one_by_one, **{name: together(name) for name in STRATEGIES if name != BATCHES}}
    for way in ways.values():
        way()
    ids = {"device": jax.devices()[0].device_kind, "model": config.model.encoder, "num_models": len(models)}
    return [
        {**ids, "strategy": name, "round": round_, "wall_seconds": way()}
        for round_ in range(config.settings.num_rounds)
        for name, way in ways.items()
    ]


def _seconds_of_an_epoch(
    name: str,
    plan: TrainingPlan,
    models: Sequence[Hyperparameters],
    states: Sequence[TrainState],
    train: TrainingRows,
    validation: HeldOutRows,
) -> float:
    """Wall seconds of one epoch of all models, validation included; the first time with compiling. States are kept."""
    strategy, alive = build_strategy(name, plan, models), [True] * len(models)
    held = jax.block_until_ready(strategy.hold(jax.tree.map(jnp.copy, list(states))))
    start = time.perf_counter()
    jax.block_until_ready(strategy.epoch(held, train, validation, 0, alive))
    return time.perf_counter() - start


def many_models_medians(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """A row for each way: its median wall time, and the median ratio to one by one in the same round."""
    seconds: dict[str, list[float]] = {}
    for row in rows:
        seconds.setdefault(row["strategy"], []).append(row["wall_seconds"])
    ids = {name: rows[0][name] for name in ("device", "model", "num_models")}
    return [
        {
            **ids,
            "strategy": name,
            "wall_seconds": statistics.median(own),
            "ratio_to_one_by_one_wall": statistics.median(
                mine / alone for mine, alone in zip(own, seconds[ONE_BY_ONE], strict=True)
            ),
        }
        for name, own in seconds.items()
    ]
