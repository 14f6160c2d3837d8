"""Adam, or Adam with Nesterov's momentum, with clipped gradients; the learning rate is traced, its schedule fixed."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

from lcpjax.array_types import Scalar

Schedule = Callable[[int, int, float], optax.Schedule]


def constant(num_steps: int, num_warmup: int, final_fraction: float) -> optax.Schedule:
    """Linear warm-up from 0, then 1."""
    del num_steps, final_fraction
    return optax.schedules.linear_schedule(0.0 if num_warmup else 1.0, 1.0, max(num_warmup, 1))


def cosine(num_steps: int, num_warmup: int, final_fraction: float) -> optax.Schedule:
    """Linear warm-up from 0, then half a cosine down to ``final_fraction``."""
    first = 0.0 if num_warmup else 1.0
    return optax.schedules.warmup_cosine_decay_schedule(first, 1.0, num_warmup, num_steps, final_fraction)


SCHEDULES: dict[str, Schedule] = {"constant": constant, "cosine": cosine}


OPTIMIZERS: dict[str, Callable[[], optax.GradientTransformation]] = {
    "adam": optax.scale_by_adam,
    "nadam": functools.partial(optax.scale_by_adam, b1=0.95, b2=0.99, nesterov=True),
}
"""Directions of the steps, by their names in configs. nadam: Dozat, "Incorporating Nesterov momentum into Adam" (2016),
with a longer memory of gradients and a shorter one of their squares than Adam's 0.9 and 0.999: in 5,000 steps the
study's network left its first plateau with it in three of three seeds, with Adam in one (experiments/lambda_sweep)."""


def build_optimizer(
    optimizer: str,
    learning_rate: Scalar,
    schedule: str,
    num_steps: int,
    warmup_fraction: float,
    final_fraction: float,
    gradient_clip: float,
) -> optax.GradientTransformation:
    """The optimizer at a learning rate that follows the schedule's shape.

    Only ``learning_rate`` may be traced; the optimizer's state does not depend on it.
    """
    shape = SCHEDULES[schedule](num_steps, round(warmup_fraction * num_steps), final_fraction)

    def signed_learning_rate(step: Any) -> jax.Array:
        return -learning_rate * shape(jnp.float32(step))

    return optax.chain(
        optax.clip_by_global_norm(gradient_clip), OPTIMIZERS[optimizer](), optax.scale_by_schedule(signed_learning_rate)
    )
