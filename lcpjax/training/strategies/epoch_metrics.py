"""Metrics of an epoch."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from lcpjax.array_types import Count, Scalar
from lcpjax.training.objective import LossTerms
from lcpjax.training.train_state import NEVER, Best, TrainState


class EpochMetrics(NamedTuple):
    """Metrics of one epoch of one model; the values are on the device until fetched."""

    train: LossTerms
    """Means over the epoch, with posterior samples."""
    validation: LossTerms
    """After the epoch, from the latent mean."""
    failed_step: Count


def with_best_kept(state: TrainState, loss: Scalar, epoch: Count) -> TrainState:
    """The state with its best parameters kept; one whose validation loss is not finite has failed."""
    healthy = state.failed_step == NEVER
    improved = healthy & (loss < state.best.loss)
    now = Best(state.variables, loss, epoch)
    best = jax.tree.map(lambda new, old: jnp.where(improved, new, old), now, state.best)
    failed_step = jnp.where(healthy & ~jnp.isfinite(loss), state.step - 1, state.failed_step)
    return state._replace(best=best, failed_step=failed_step)
