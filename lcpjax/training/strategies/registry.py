"""Strategies by name."""

from collections.abc import Sequence

import jax

from lcpjax.errors import InputError, did_you_mean
from lcpjax.runtime.processes import num_processes
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.strategies.batches import Batches
from lcpjax.training.strategies.loop import Loop
from lcpjax.training.strategies.stacked import Stacked
from lcpjax.training.strategies.strategy import Strategy

LOOP, VMAP, BATCHES = "loop", "vmap", "batches"
STRATEGIES = (LOOP, VMAP, BATCHES)


def build_strategy(name: str, plan: TrainingPlan, models: Sequence[Hyperparameters]) -> Strategy:
    """Strategy of that name for the models of a fit.

    Raises:
        InputError: there is none.
    """
    if name not in STRATEGIES:
        raise InputError(f"strategy = {name}: {did_you_mean(name, STRATEGIES)}")
    return {LOOP: Loop, VMAP: Stacked, BATCHES: Batches}[name](plan, models)


def strategy_of_device(num_models: int) -> str:
    """Name of the fastest strategy for so many models on the default device.

    On a CPU one thread per core keeps what one model works on in the core's cache,
    and stacked convolutions are grouped ones, many times slower there; elsewhere
    one launch serves all models. +experiment=benchmark measures both. Several
    processes share every batch.
    """
    if num_processes() > 1:
        return BATCHES
    return LOOP if num_models == 1 or jax.default_backend() == "cpu" else VMAP
