"""Handwritten digits, 1,797 images of 8 x 8 pixels, bundled with scikit-learn."""

import itertools
from typing import NamedTuple

import jax
import jax.numpy as jnp

from lcpjax.array_types import Images, Labels
from lcpjax.dataset.split import split_sizes
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed

NUM_DIGITS, IMAGE_SHAPE = 1797, (8, 8)
_DARKEST = 16


class LabelledImages(NamedTuple):
    """Images and the digits they show."""

    images: Images
    labels: Labels


class Digits(NamedTuple):
    """Three disjoint splits."""

    train: LabelledImages
    validation: LabelledImages
    test: LabelledImages


def load_digits(validation_fraction: float, test_fraction: float) -> Digits:
    """All images, shuffled and split, the same in every run.

    Raises:
        InputError: a split would be empty.

    Source: E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits" (1998), UCI repository.
    """
    from sklearn.datasets import load_digits as load  # Imported here, since it takes seconds.

    bundled = load()
    order = jax.random.permutation(key_of_seed(Seed.EVALUATION), NUM_DIGITS)
    images = jnp.asarray(bundled.images / _DARKEST, jnp.float32)[order]
    labels = jnp.asarray(bundled.target, jnp.int32)[order]
    num_train, num_validation, _ = split_sizes(NUM_DIGITS, validation_fraction, test_fraction)
    cuts = [0, num_train, num_train + num_validation, NUM_DIGITS]
    return Digits(*(LabelledImages(images[first:end], labels[first:end]) for first, end in itertools.pairwise(cuts)))
