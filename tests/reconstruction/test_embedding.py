import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.reconstruction import (
    ORIGINS,
    align,
    coordinates_from_distances,
    embed_distances,
    gram_matrix,
    gram_matrix_from_first,
    symmetrised,
)
from lcpjax.representation import distance_matrix

ANGLES = np.arange(30) * 2 * np.pi / 30
CONFIGURATIONS = {
    "uniform": np.random.default_rng(0).uniform(0.0, 10.0, (20, 30, 2)),
    "settled": np.random.default_rng(1).uniform(0.0, 1.0, (20, 30, 2)) * np.array([10.0, 2.0]),
    "coinciding in pairs": np.repeat(np.random.default_rng(2).uniform(0.0, 10.0, (20, 15, 2)), 2, axis=1),
    # All angles are as good as each other: two equal eigenvalues.
    "on a circle": np.broadcast_to(5 * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=-1), (20, 30, 2)),
}
EPSILON = np.finfo(np.float32).eps


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("kind", CONFIGURATIONS)
def test_any_configuration_comes_back_from_its_own_distances(kind, origin):
    points = jnp.asarray(CONFIGURATIONS[kind], jnp.float32)
    distances = distance_matrix(points)
    found = embed_distances(distances, origin=origin)
    errors = distance_matrix(found.positions) - distances
    norms = jnp.sqrt(jnp.sum(distances**2, axis=(-2, -1)))
    # float32: a relative rounding of eigenvalues of about 30 units in the last place.
    assert float(jnp.max(jnp.sqrt(jnp.sum(errors**2, axis=(-2, -1))) / norms)) < 1e-5
    assert float(jnp.max(found.stress)) < 1e-5
    assert float(align(found.positions, points)[1].max()) < 1e-4
    assert float(jnp.min(found.rank_two_fraction)) > 1 - 100 * EPSILON
    assert float(jnp.max(found.negative_fraction)) < 100 * EPSILON


def test_what_is_nearly_a_line_comes_back_to_the_root_of_rounding():
    """Its second eigenvalue is lost in the rounding of the first: of 100 sigma^2 about 1e-5, a height of 1e-3."""
    points = jnp.asarray(np.random.default_rng(3).uniform(0.0, 10.0, (20, 30, 2)) * np.array([1.0, 0.0]), jnp.float32)
    found = embed_distances(distance_matrix(points))
    assert float(jnp.max(found.stress)) < 1e-4
    assert float(align(found.positions, points)[1].max()) < 0.01


def test_distances_of_a_solid_say_how_much_of_it_a_plane_holds():
    """A regular tetrahedron has three equal eigenvalues; its best plane is a square of side 1 / sqrt(2)."""
    found = embed_distances(1.0 - jnp.eye(4))
    assert float(found.rank_two_fraction) == pytest.approx(2 / 3, rel=1e-5)
    assert float(found.negative_fraction) == pytest.approx(0.0, abs=1e-5)
    values = np.linalg.eigvalsh(np.asarray(gram_matrix(1.0 - jnp.eye(4))))
    np.testing.assert_allclose(values[-3:], 0.5, atol=1e-5)
    # Which plane is chosen is free: all squared coordinates sum to 1, and so do their distances' squares to 4.
    assert float(jnp.sum(distance_matrix(found.positions) ** 2)) == pytest.approx(8.0, rel=1e-4)
    assert 0.1 < float(found.stress) < 0.6


def test_distances_of_no_space_have_negative_eigenvalues():
    """Sides 1, 1 and 3 are no triangle: eigenvalues 4.5, 0 and -5/6."""
    sides = jnp.array([[0.0, 1.0, 3.0], [1.0, 0.0, 1.0], [3.0, 1.0, 0.0]])
    found = embed_distances(sides)
    assert float(found.negative_fraction) == pytest.approx((5 / 6) / (4.5 + 5 / 6), rel=1e-5)
    assert float(found.rank_two_fraction) == pytest.approx(4.5 / (4.5 + 5 / 6), rel=1e-5)
    assert float(found.stress) > 0.1


def test_errors_of_the_first_particles_distances_spoil_the_studys_way_and_not_the_other():
    points = jnp.asarray(CONFIGURATIONS["uniform"], jnp.float32)
    noise = 0.3 * jax.random.normal(jax.random.key(0), (20, 30))
    wrong = symmetrised(distance_matrix(points).at[:, 0].add(2 * noise))
    rmsd = {name: float(align(coordinates_from_distances(wrong, origin=name), points)[1].mean()) for name in ORIGINS}
    assert rmsd["first_particle"] > 2 * rmsd["centroid"]


def test_seen_from_the_first_particle_it_is_at_the_origin():
    points = jnp.asarray(CONFIGURATIONS["uniform"], jnp.float32)
    found = coordinates_from_distances(distance_matrix(points), origin="first_particle")
    # Roots of the rounding of squares of up to 200.
    np.testing.assert_allclose(found[:, 0], 0.0, atol=1e-4)
    seen = np.asarray(points - points[:, :1], np.float64)
    expected = seen @ seen.transpose(0, 2, 1)
    np.testing.assert_allclose(gram_matrix_from_first(distance_matrix(points)), expected, atol=200 * 8 * EPSILON)


def test_an_unknown_origin_is_refused_with_what_is_near_it():
    with pytest.raises(InputError, match="origin = centriod: did you mean 'centroid'"):
        embed_distances(jnp.zeros((3, 3)), origin="centriod")
