"""Masks on held-out configurations, each labelled globally rigid or not."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D, DistanceMatrix, HeldOutConfigurations, PRNGKey
from lcpjax.config import Config
from lcpjax.config.check import ConfigError
from lcpjax.dataset import Dataset
from lcpjax.dataset.masks import DIAGONAL, ENTRIES, OFF_DIAGONAL, ROWS, MaskFamily, Observed, fraction_missing, masks_of
from lcpjax.errors import InputError
from lcpjax.reconstruction import embed_distances, is_globally_rigid
from lcpjax.representation import distance_matrix, order_particles
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed, Stream

from .settings import Settings

_CHOICE, _MASKS, _OTHERS = range(3)
"""Purposes of random numbers."""


class MaskedSet(NamedTuple):
    """Configurations with missing distances."""

    positions: Configurations2D
    """In sigma, in rising height order."""
    distances: DistanceMatrix
    """All of them, in sigma."""
    observed: Observed
    is_rigid: np.ndarray
    """Whether the observed distances determine all others, of each configuration."""

    @property
    def missing(self) -> np.ndarray:
        """Entries not observed."""
        return ~np.asarray(self.observed)


class AskedFamily(NamedTuple):
    """One family of masks on two splits of the dataset."""

    family: MaskFamily
    validation: MaskedSet
    test: MaskedSet

    @property
    def name(self) -> str:
        """The family's."""
        return self.family.name

    @property
    def rigid_fraction(self) -> float:
        """Fraction of globally rigid masks in the test set."""
        return float(self.test.is_rigid.mean())


def mask_families(config: Config) -> list[MaskFamily]:
    """Every family of masks in the config."""
    sizes: Settings = config.settings
    families = [MaskFamily(OFF_DIAGONAL, size) for size in sizes.off_diagonal_blocks]
    families += [MaskFamily(DIAGONAL, size) for size in sizes.diagonal_blocks]
    families += [MaskFamily(ENTRIES, fraction) for fraction in sizes.random_fractions]
    return families + [MaskFamily(ROWS, number, links) for number in sizes.lost_particles for links in sizes.links]


def check_masks(config: Config) -> None:
    """Refuse masks impossible for configurations of this size.

    Raises:
        ConfigError: the first of them, or none at all.
    """
    if not (families := mask_families(config)):
        raise ConfigError("settings: no masks at all; name at least one block, fraction or lost particle")
    for family in families:
        try:
            jax.eval_shape(
                lambda key, own=family: masks_of(key, own, 1, config.system.num_particles), key_of_seed(Seed.EVALUATION)
            )
        except InputError as error:
            raise ConfigError(f"settings: {error}") from None


def asked_families(config: Config, dataset: Dataset, number: int) -> list[AskedFamily]:
    """Every family of masks, on the same configurations of the validation and the test set, at most ``number``."""
    splits = [_chosen(split.positions, number, index) for index, split in enumerate((dataset.validation, dataset.test))]
    asked = []
    for index, family in enumerate(mask_families(config)):
        keys = jax.random.split(jax.random.fold_in(_key(_MASKS), index))
        asked.append(
            AskedFamily(family, *(_masked(key, family, split) for key, split in zip(keys, splits, strict=True)))
        )
    return asked


def _chosen(positions: HeldOutConfigurations, number: int, split: int) -> Configurations2D:
    """At most ``number`` of them, equally many of each gamma, in height order."""
    order = jax.random.permutation(jax.random.fold_in(_key(_CHOICE), split), len(positions))
    return order_particles(positions[order[:number]], "height")


def _masked(key: PRNGKey, family: MaskFamily, positions: Configurations2D) -> MaskedSet:
    observed = masks_of(key, family, *positions.shape[:2])
    masks, of_mask = np.unique(np.asarray(observed), axis=0, return_inverse=True)
    is_rigid = np.array([is_globally_rigid(mask) for mask in masks])[of_mask.reshape(-1)]
    return MaskedSet(positions, distance_matrix(positions), observed, is_rigid)


def mask_rows(asked: Sequence[AskedFamily]) -> list[dict[str, Any]]:
    """A row for each family: masks, missing_fraction: of all distances, rigid_fraction: of the masks."""
    return [
        {
            "masks": each.name,
            "missing_fraction": fraction_missing(each.test.observed),
            "rigid_fraction": each.rigid_fraction,
        }
        for each in asked
    ]


def _key(purpose: int) -> PRNGKey:
    return jax.random.fold_in(jax.random.fold_in(key_of_seed(Seed.MASKS), Stream.COMPARING), purpose)


def mean_distances(dataset: Dataset) -> jax.Array:
    """Mean over the training set in height order, (particles, particles), in sigma."""
    return jnp.mean(distance_matrix(order_particles(dataset.train.positions, "height")), axis=0)


def some_distances(dataset: Dataset, number: int) -> jax.Array:
    """Distances of random training configurations in height order, (number, particles, particles), in sigma."""
    chosen = jax.random.choice(_key(_OTHERS), len(dataset.train.positions), (number,))
    return distance_matrix(order_particles(dataset.train.positions[chosen], "height"))


def mean_filled(
    distances: DistanceMatrix, observed: Observed, means: jax.Array
) -> tuple[DistanceMatrix, DistanceMatrix]:
    """Matrices with ``means`` for what is missing, and those of the points in the plane nearest to them; in sigma.

    The latter by classical scaling.
    """
    filled = jnp.where(observed, distances, means[None])
    return filled, distance_matrix(embed_distances(filled).positions)
