"""Split into training, validation and test set."""

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Int

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import PerChain
from lcpjax.errors import InputError
from lcpjax.sampler import Configurations


class Dataset(NamedTuple):
    """Three sets that share no chain."""

    train: Configurations
    validation: Configurations
    test: Configurations
    gammas: tuple[float, ...]
    """As requested, in increasing order, in double precision."""

    @property
    def splits(self) -> tuple[Configurations, Configurations, Configurations]:
        """Training, validation and test set."""
        return self.train, self.validation, self.test

    @takes_arrays
    def gamma_index(self, split: Configurations) -> Int[np.ndarray, " configurations"]:
        """Index in ``gammas`` of each configuration of a set, (configurations,)."""
        return np.searchsorted(np.asarray(self.gammas, np.float32), np.asarray(split.gamma))


@takes_arrays
def gamma_of_chains(gammas: Sequence[float], chains_per_gamma: int) -> PerChain:
    """Gravity of every chain, (chains,): the gammas in turn, so that any run of whole turns is balanced.

    >>> gamma_of_chains([0.25, 0.5], 2).tolist()
    [0.25, 0.5, 0.25, 0.5]
    """
    return jnp.tile(jnp.asarray(gammas, jnp.float32), chains_per_gamma)


def split_sizes(chains_per_gamma: int, validation_fraction: float, test_fraction: float) -> tuple[int, int, int]:
    """Chains of each gamma in the training, validation and test set.

    Raises:
        InputError: a set would be empty.

    >>> split_sizes(1000, 0.1, 0.1)
    (800, 100, 100)
    """
    num_validation = round(chains_per_gamma * validation_fraction)
    num_test = round(chains_per_gamma * test_fraction)
    num_train = chains_per_gamma - num_validation - num_test
    sizes = {"training": num_train, "validation": num_validation, "test": num_test}
    if empty := [name for name, size in sizes.items() if size < 1]:
        raise InputError(
            f"chains_per_gamma = {chains_per_gamma}: the {empty[0]} set is empty with "
            f"validation_fraction = {validation_fraction}, test_fraction = {test_fraction}"
        )
    return num_train, num_validation, num_test


@takes_arrays
def split_by_chain(
    configurations: Configurations,
    gammas: Sequence[float],
    validation_fraction: float,
    test_fraction: float,
    samples_per_chain: int = 1,
) -> Dataset:
    """Training, validation and test set, split between chains, each with every gamma equally often.

    Chains are exchangeable (each starts at random), so the cut needs no shuffle:
    the first chains are trained on, the last are held out.

    Args:
        configurations: of chains whose gammas take turns (``gamma_of_chains``), a chain's samples together.
        gammas: that take turns, m g sigma / epsilon.
        validation_fraction: of the chains.
        test_fraction: of the chains.
        samples_per_chain: all of them go to the chain's set.

    Raises:
        InputError: a set would be empty.
    """
    rows_per_turn = len(gammas) * samples_per_chain
    chains_per_gamma = configurations.gamma.shape[0] // rows_per_turn
    num_train, num_validation, num_test = split_sizes(chains_per_gamma, validation_fraction, test_fraction)

    def split(first: int, size: int) -> Configurations:
        rows = slice(first * rows_per_turn, (first + size) * rows_per_turn)
        return Configurations(*(leaf[rows] for leaf in configurations))

    return Dataset(
        split(0, num_train),
        split(num_train, num_validation),
        split(num_train + num_validation, num_test),
        tuple(sorted(set(gammas))),
    )
