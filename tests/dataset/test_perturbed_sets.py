"""Exactly as many particles move, no farther than they may, and walls throw back."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from lcpjax.dataset.perturbed_sets import (
    displace_particles,
    reflected,
    smallest,
    uniform_points,
)
from lcpjax.errors import InputError
from lcpjax.system import System

SYSTEM = System(num_particles=10, box_side=4.0)


def displaced(num_displaced=4, **options):
    positions = uniform_points(jax.random.key(0), 500, SYSTEM)
    return positions, displace_particles(
        jax.random.key(1), positions, SYSTEM, 0.2, num_displaced=num_displaced, **options
    )


def lengths(positions, found):
    return np.linalg.norm(np.asarray(found.positions - positions), axis=-1)


@pytest.mark.parametrize("stays_inside", [False, True])
@pytest.mark.parametrize("number", [4, 3])
def test_exactly_as_many_particles_move_as_were_asked_for(number, stays_inside):
    positions, found = displaced(number, stays_inside=stays_inside)
    moved = np.any(np.asarray(found.positions != positions), axis=-1)
    assert np.all(moved.sum(axis=1) == number)
    np.testing.assert_array_equal(moved, np.asarray(found.is_displaced))


@pytest.mark.parametrize("number", [4, 3])
def test_of_equal_random_numbers_no_more_are_taken(number):
    """Of 10,000 configurations of 30 half a hundredth have two equal ones; here all are."""
    assert smallest(jnp.zeros((2, 10)), jnp.int32(number)).sum(axis=1).tolist() == [number, number]


def test_by_default_four_particles_move_as_in_the_study():
    positions = uniform_points(jax.random.key(0), 500, SYSTEM)
    found = displace_particles(jax.random.key(1), positions, SYSTEM, 0.2)
    assert np.all(np.any(np.asarray(found.positions != positions), axis=-1).sum(axis=1) == 4)


def test_steps_are_uniform_up_to_the_largest_in_every_direction():
    positions, found = displaced()
    chosen = np.asarray(found.is_displaced)
    steps = np.asarray(found.positions - positions)[chosen]
    assert stats.kstest(np.linalg.norm(steps, axis=1) / 0.2, "uniform").pvalue > 1e-4
    assert stats.kstest((np.arctan2(steps[:, 1], steps[:, 0]) / np.pi + 1) / 2, "uniform").pvalue > 1e-4
    # The check can fail: steps uniform over the disc are longer.
    assert stats.kstest(np.sqrt(np.linalg.norm(steps, axis=1) / 0.2), "uniform").pvalue < 1e-4


def test_every_particle_is_displaced_equally_often():
    _, found = displaced()
    counts = np.asarray(found.is_displaced).sum(axis=0)
    assert stats.chisquare(counts).pvalue > 1e-4


def test_what_is_to_stay_in_the_box_does_and_the_study_s_does_not():
    for stays_inside in (True, False):
        _, found = displaced(stays_inside=stays_inside)
        inside = np.all((np.asarray(found.positions) >= 0) & (np.asarray(found.positions) <= 4.0))
        assert inside == stays_inside


def test_walls_throw_back_as_mirrors_do():
    np.testing.assert_allclose(reflected(jnp.array([-0.25, 0.0, 2.0, 4.0, 4.25]), 4.0), [0.25, 0.0, 2.0, 4.0, 3.75])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_displaced": 11}, "num_displaced = 11: must be 0 to 10 particles"),
        ({"num_displaced": -1}, "num_displaced = -1"),
        ({"largest_step": 0.0}, "largest_step = 0.0: must be above 0, at most 4.0 sigma"),
        ({"largest_step": 5.0}, "largest_step = 5.0"),
    ],
)
def test_what_cannot_be_displaced_is_refused(options, message):
    positions = uniform_points(jax.random.key(0), 2, SYSTEM)
    with pytest.raises(InputError, match=message):
        displace_particles(jax.random.key(1), positions, SYSTEM, **({"largest_step": 0.2} | options))
