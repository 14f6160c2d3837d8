import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.dataset.masks import (
    DIAGONAL,
    ENTRIES,
    OFF_DIAGONAL,
    ROWS,
    MaskFamily,
    fraction_missing,
    masks_of,
    mixed_masks,
)
from lcpjax.errors import InputError

NUMBER, PARTICLES = 50, 30
UPPER = np.triu_indices(PARTICLES, k=1)


def _masks(kind, size, num_links=0):
    return np.asarray(masks_of(jax.random.key(0), MaskFamily(kind, size, num_links), NUMBER, PARTICLES))


@pytest.mark.parametrize(
    ("kind", "size", "num_missing"), [(OFF_DIAGONAL, 12, 144), (OFF_DIAGONAL, 15, 225), (DIAGONAL, 10, 45)]
)
def test_blocks_miss_the_pairs_that_they_hold(kind, size, num_missing):
    masks = _masks(kind, size)
    assert (~masks[:, *UPPER]).sum(axis=1).tolist() == [num_missing] * NUMBER


@pytest.mark.parametrize("family", [(OFF_DIAGONAL, 12), (DIAGONAL, 10), (ENTRIES, 0.3), (ROWS, 4, 2)])
def test_masks_are_symmetric_and_never_miss_the_diagonal(family):
    masks = _masks(*family)
    assert (masks == masks.swapaxes(1, 2)).all()
    assert masks[:, range(PARTICLES), range(PARTICLES)].all()


def test_entries_go_missing_as_often_as_asked_and_in_each_configuration_others():
    masks = _masks(ENTRIES, 0.3)
    # Four standard errors of a fraction of 50 x 435 pairs.
    assert abs(fraction_missing(jnp.asarray(masks)) - 0.3) < 4 * np.sqrt(0.3 * 0.7 / (NUMBER * 435))
    assert (masks[0] != masks[1]).any()


@pytest.mark.parametrize("num_links", [0, 1, 3])
def test_lost_particles_keep_exactly_their_links_to_particles_that_are_not_lost(num_links):
    masks = _masks(ROWS, 4, num_links) & ~np.eye(PARTICLES, dtype=bool)
    degrees = masks.sum(axis=2)
    lost = degrees <= num_links
    assert (lost.sum(axis=1) == 4).all()
    assert (degrees[lost] == num_links).all()
    assert not (masks & lost[:, :, None] & lost[:, None, :]).any()
    # Those that stay miss no distance among themselves.
    stay = ~lost[:, :, None] & ~lost[:, None, :] & ~np.eye(PARTICLES, dtype=bool)
    assert masks[stay].all()


def test_masks_to_learn_from_are_of_every_kind():
    masks = np.asarray(mixed_masks(jax.random.key(0), 500, PARTICLES))
    missing = (~masks[:, *UPPER]).mean(axis=1)
    # A fifth misses nothing: 500 draws, four standard errors.
    assert abs((missing == 0).mean() - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 500)
    assert missing.max() > 0.6
    assert (masks == masks.swapaxes(1, 2)).all()
    few_links = (masks.sum(axis=2) - 1 < 10).any(axis=1)
    assert few_links.mean() > 0.1


@pytest.mark.parametrize(
    "family", [(OFF_DIAGONAL, 16), (DIAGONAL, 31), (ENTRIES, 1.5), (ROWS, 30), (ROWS, 4, 27), (DIAGONAL, 2.5)]
)
def test_what_cannot_be_missed_is_refused_in_one_line(family):
    with pytest.raises(InputError, match="must ") as error:
        _masks(*family)
    assert "\n" not in str(error.value)
