"""Which chains are trained on, validated on and held out."""

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp

from lcpjax.array_types import Configurations2D, PerChain, PerConfiguration
from lcpjax.errors import OneLineError
from lcpjax.sampler import Configurations


class DatasetError(OneLineError):
    """A dataset that cannot be split as asked."""


class Split(NamedTuple):
    """Configurations of one part of the data."""

    positions: Configurations2D
    """(configurations, particles, 2), in sigma."""
    gamma: PerConfiguration
    """(configurations,), m g sigma / epsilon."""


class Dataset(NamedTuple):
    """Three parts that share no chain."""

    train: Split
    validation: Split
    test: Split


def gamma_of_chains(gammas: Sequence[float], chains_per_gamma: int) -> PerChain:
    """Gravity of every chain, (chains,): the gammas in turn, so that any run of whole turns is balanced.

    >>> gamma_of_chains([0.25, 0.5], 2).tolist()
    [0.25, 0.5, 0.25, 0.5]
    """
    return jnp.tile(jnp.asarray(gammas, jnp.float32), chains_per_gamma)


def split_by_chain(
    configurations: Configurations, num_gammas: int, validation_fraction: float, test_fraction: float
) -> Dataset:
    """Training, validation and test parts, cut between chains, each with every gamma equally often.

    Chains are exchangeable (each starts at random), so the cut needs no shuffle:
    the first chains are trained on, the last are held out.

    Args:
        configurations: one of each chain, their gammas in turn (``gamma_of_chains``).
        num_gammas: how many gammas take turns.
        validation_fraction: of the chains, in [0, 1).
        test_fraction: of the chains, in [0, 1).

    Raises:
        DatasetError: a part would be empty.
    """
    turns = configurations.gamma.shape[0] // num_gammas
    num_validation, num_test = round(turns * validation_fraction), round(turns * test_fraction)
    num_train = turns - num_validation - num_test
    parts = {"training": num_train, "validation": num_validation, "test": num_test}
    if empty := [name for name, size in parts.items() if size < 1]:
        raise DatasetError(
            f"the {empty[0]} part is empty: {turns} chains a gamma, "
            f"validation_fraction = {validation_fraction}, test_fraction = {test_fraction}"
        )

    def part(first: int, size: int) -> Split:
        rows = slice(first * num_gammas, (first + size) * num_gammas)
        return Split(configurations.positions[rows], configurations.gamma[rows])

    return Dataset(part(0, num_train), part(num_train, num_validation), part(num_train + num_validation, num_test))
