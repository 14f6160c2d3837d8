import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.experiments.digits.images import load_digits


def rows(split):
    return {np.asarray(image).tobytes() for image in split.images}


def test_every_image_is_in_one_split_with_its_label_and_the_splits_are_always_the_same():
    digits = load_digits(0.1, 0.2)
    assert [split.labels.shape[0] for split in digits] == [1258, 180, 359]
    assert sum(len(rows(split)) for split in digits) == len(set.union(*map(rows, digits)))
    assert float(digits.train.images.min()) == 0.0
    assert float(digits.train.images.max()) == 1.0
    again = load_digits(0.1, 0.2)
    assert all(bool((one.images == other.images).all()) for one, other in zip(digits, again, strict=True))
    # All of every digit are there, and a label goes with its image: zeros are empty in the middle, ones are not.
    labels = jnp.concatenate([split.labels for split in digits])
    assert np.bincount(np.asarray(labels)).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    middle = digits.test.images[:, 3:5, 3:5].mean(axis=(1, 2))
    assert float(middle[digits.test.labels == 0].mean()) < 0.2 < 0.6 < float(middle[digits.test.labels == 1].mean())


def test_an_empty_split_is_refused():
    with pytest.raises(InputError, match="the validation set is empty"):
        load_digits(1e-4, 0.2)
