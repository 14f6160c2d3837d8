import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.representation import Representation, distance_matrix, mirror_image

SIDE = 10.0
POSITIONS = jax.random.uniform(jax.random.key(0), (40, 12, 2)) * SIDE
CANONICAL = Representation("coordinates", "none", box_side=SIDE, mirror="canonical")
# L - x of a coordinate up to 10 rounds by half a unit in the last place of a number below 16.
ROUNDING = 16 * np.finfo(np.float32).eps / 2


def test_the_canonical_image_lies_left_and_is_the_configuration_or_its_mirror_image():
    images, mirrored = CANONICAL.order(POSITIONS), mirror_image(POSITIONS, SIDE)
    assert bool((images[..., 0].mean(axis=1) <= SIDE / 2).all())
    is_kept = (images == POSITIONS).all(axis=(1, 2))
    assert bool((is_kept | (images == mirrored).all(axis=(1, 2))).all())
    # Uniform configurations: both happen.
    assert 0 < int(is_kept.sum()) < 40


def test_the_canonical_image_of_a_canonical_image_is_itself():
    images = CANONICAL.order(POSITIONS)
    assert bool((CANONICAL.order(images) == images).all())


def test_both_mirror_images_have_one_canonical_image():
    mirrored = mirror_image(POSITIONS, SIDE)
    np.testing.assert_allclose(CANONICAL.order(mirrored), CANONICAL.order(POSITIONS), atol=2 * ROUNDING)


@pytest.mark.parametrize("mirror", ["keep", "augmented"])
def test_the_check_for_one_image_fails_where_both_are_kept(mirror):
    kept = Representation("coordinates", "none", mirror=mirror)
    assert float(jnp.abs(kept.order(mirror_image(POSITIONS, SIDE)) - kept.order(POSITIONS)).max()) > 1.0


@pytest.mark.parametrize("ordering", ["height", "lowest", "hilbert", "template"])
def test_a_canonical_image_in_order_is_a_function_of_the_set_of_particles(ordering):
    representation = Representation("coordinates", ordering, box_side=SIDE, mirror="canonical").learn(POSITIONS)
    shuffled = jax.random.permutation(jax.random.key(1), POSITIONS, axis=1)
    assert bool((representation.order(shuffled) == representation.order(POSITIONS)).all())
    mirrored = representation.order(mirror_image(POSITIONS, SIDE))
    np.testing.assert_allclose(mirrored, representation.order(POSITIONS), atol=2 * ROUNDING)


def test_the_image_is_chosen_before_particles_are_ordered():
    representation = Representation("coordinates", "hilbert", box_side=SIDE, mirror="canonical")
    expected = Representation("coordinates", "hilbert").order(CANONICAL.order(POSITIONS))
    assert bool((representation.order(POSITIONS) == expected).all())


def test_augmented_training_data_are_followed_by_their_mirror_images_and_others_are_left_alone():
    augmented = Representation(mirror="augmented", box_side=SIDE).augmented(POSITIONS)
    assert augmented.shape == (80, 12, 2)
    assert bool((augmented[:40] == POSITIONS).all())
    np.testing.assert_allclose(augmented[40:, :, 0] + POSITIONS[..., 0], SIDE, atol=2 * ROUNDING)
    for mirror in ("keep", "canonical"):
        assert Representation(mirror=mirror).augmented(POSITIONS) is POSITIONS


def test_a_template_of_augmented_data_is_learned_from_both_images():
    representation = Representation("coordinates", "template", box_side=SIDE, mirror="augmented")
    both = Representation("coordinates", "template").learn(representation.augmented(POSITIONS))
    assert representation.learn(POSITIONS).template == both.template


def test_unknown_mirrors_and_what_is_no_configuration_are_refused_in_one_line():
    with pytest.raises(InputError, match="mirror = cannonical: did you mean 'canonical'"):
        Representation(mirror="cannonical")
    with pytest.raises(InputError, match="mirror = canonical: needs coordinates"):
        CANONICAL.order(distance_matrix(POSITIONS))
    with pytest.raises(InputError, match="mirror = augmented: 1 of 960 coordinates are not finite"):
        Representation(mirror="augmented").augmented(POSITIONS.at[0, 0, 0].set(jnp.nan))
