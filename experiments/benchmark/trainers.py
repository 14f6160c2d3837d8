"""The programs whose training is timed: ours, and PyTorch."""

import functools
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.config import Config
from lcpjax.report import print_line
from lcpjax.runtime.device import num_host_cores
from lcpjax.training import Hyperparameters, TrainingPlan, TrainState, initial_state
from lcpjax.training.train_step import train_epoch

from .programs import OURS
from .reference_programs import is_written_for_torch, load_torch, start_torch_training, torch_model

PYTORCH = "PyTorch"


class Trainer(NamedTuple):
    """One program that trains one model."""

    program: str
    device: str
    cores: int
    """Of the host."""
    epoch: Callable[[], float]
    """Wall seconds of one more epoch."""


def trainers(config: Config, plan: TrainingPlan, data: Configurations2D) -> list[Trainer]:
    """PyTorch's program of a model if there is one, else a printed reason, and ours; the same parameters.

    Args:
        data: (configurations, particles, 2), the training set in the model's particle order.
    """
    training = config.training
    model = Hyperparameters.on_device(training.kl_weight, training.learning_rate, training.seed)
    state = initial_state(plan, model, data)
    device, cores, programs = jax.devices()[0].device_kind, num_host_cores(), []
    if reason := why_no_torch(torch := load_torch(), plan):
        print_line(f"{PYTORCH} is left out: {reason}")
    else:
        epoch = _torch_epoch(config, torch, plan, state, data)
        programs.append(Trainer(PYTORCH, device, cores, functools.partial(epoch, num_threads=cores)))
        if cores > 1 and jax.default_backend() == "cpu":
            # Its threads wait for each other in every operation: on shared cores one is faster.
            programs.append(Trainer(f"{PYTORCH} one core", device, 1, functools.partial(epoch, num_threads=1)))
    return [*programs, Trainer(OURS, device, cores, _our_epoch(plan, state, model, data))]


def why_no_torch(torch: Any | None, plan: TrainingPlan) -> str:
    """Reason why this plan cannot be trained by PyTorch here; empty where it can."""
    if torch is None:
        return "not installed; pip install lcpjax[benchmark]"
    if jax.default_backend() == "gpu" and not torch.cuda.is_available():
        return "this build of it sees no GPU"
    if not is_written_for_torch(plan.model) or plan.objective.error != "squared" or plan.objective.free_bits:
        return "this model under this objective is not written for it"
    return ""


def _our_epoch(
    plan: TrainingPlan, state: TrainState, model: Hyperparameters, data: Configurations2D
) -> Callable[[], float]:
    """An epoch as ``fit`` makes it: dispatched steps on a CPU, one program elsewhere."""

    def epoch() -> float:
        nonlocal state
        start = time.perf_counter()
        state, means = train_epoch(plan, state, model, data)
        jax.block_until_ready((state, means))
        return time.perf_counter() - start

    return epoch


def _torch_epoch(
    config: Config, torch: Any, plan: TrainingPlan, state: TrainState, data: Configurations2D
) -> Callable[..., float]:
    device, settings = "cuda" if jax.default_backend() == "gpu" else "cpu", config.training
    module = torch_model(torch, plan.model, state.variables, settings.kl_weight)
    training = start_torch_training(
        torch, module, config.model.latent_dim, device, settings.learning_rate, settings.gradient_clip
    )
    # Made once and kept, while ours makes a batch's in every step: fastest for each.
    samples = training.samples_on_device(np.asarray(plan.representation.represent(data)))

    def epoch(num_threads: int) -> float:
        torch.set_num_threads(num_threads)
        return training.epoch(samples, plan.batch_size)

    return epoch
