"""Physical observables of configurations, and their linear readout from codes."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, PerConfiguration
from lcpjax.errors import InputError
from lcpjax.evaluation.reconstruction.energies import pair_energies
from lcpjax.system import System

Rows = Float[np.ndarray, "configurations features"]
OtherRows = Float[np.ndarray, "others features"]
Values = Float[np.ndarray, " configurations"]
OtherValues = Float[np.ndarray, " others"]


class Observables(NamedTuple):
    """Observables of each configuration, (configurations,)."""

    pair_energy: PerConfiguration
    """In epsilon."""
    mean_height: PerConfiguration
    """In sigma, above the floor."""
    radius_of_gyration: PerConfiguration
    """Root mean square distance of particles from their centre, in sigma."""


@takes_arrays
@functools.partial(jax.jit, static_argnames="system")
def observables(positions: Configurations2D, system: System) -> Observables:
    """Pair energy, mean height and radius of gyration of each configuration.

    Args:
        positions: (configurations, particles, 2), in sigma.
    """
    centred = positions - jnp.mean(positions, axis=1, keepdims=True)
    return Observables(
        pair_energies(positions, system),
        jnp.mean(positions[..., 1], axis=1),
        jnp.sqrt(jnp.mean(jnp.sum(centred**2, axis=-1), axis=1)),
    )


@takes_arrays
def linear_readout(train: Rows, values: Values, test: OtherRows, test_values: OtherValues) -> float:
    """R^2 on the test set of the linear regression on the training set; below 0 where the mean would do better.

    Args:
        train, test: features, (configurations, features).
        values, test_values: the targets.

    Raises:
        InputError: no more training configurations than features, some that are not finite, or a test set without
            scatter.
    """
    if len(train) <= train.shape[1] + 1:
        raise InputError(f"{train.shape[1]} features: a regression needs more configurations than {len(train)}")
    if not (np.isfinite(train).all() and np.isfinite(values).all()):
        raise InputError("train, values: some are not finite; a regression needs numbers")
    scatter = float(np.var(np.asarray(test_values, np.float64)))
    if not scatter > 0:
        raise InputError("the test set's values are all the same: there is nothing to explain")
    inputs, test_inputs = (np.hstack([np.asarray(rows, np.float64), np.ones((len(rows), 1))]) for rows in (train, test))
    weights = np.linalg.lstsq(inputs, np.asarray(values, np.float64), rcond=None)[0]
    return 1.0 - float(np.mean((test_inputs @ weights - test_values) ** 2)) / scatter
