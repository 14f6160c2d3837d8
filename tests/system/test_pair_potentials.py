import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.system import PAIR_POTENTIALS, lennard_jones, soft_power

# A float32 result of a few operations is good to a few units in the last place.
ROUNDING = 8 * np.finfo(np.float32).eps

MINIMA = {"lennard_jones": 2 ** (1 / 3), "soft_power": 2.0}


@pytest.mark.parametrize("name", PAIR_POTENTIALS)
def test_a_pair_at_distance_one_has_no_energy(name):
    assert float(PAIR_POTENTIALS[name](jnp.array(1.0))) == 0.0


@pytest.mark.parametrize("name", PAIR_POTENTIALS)
def test_the_well_is_one_deep_and_flat_at_its_bottom(name):
    potential, bottom = PAIR_POTENTIALS[name], jnp.float32(MINIMA[name])
    np.testing.assert_allclose(potential(bottom), -1.0, rtol=ROUNDING)
    # The slope is a difference of terms of size 6 that cancel.
    np.testing.assert_allclose(jax.grad(potential)(bottom), 0.0, atol=6 * ROUNDING)


@pytest.mark.parametrize("name", PAIR_POTENTIALS)
def test_an_overlap_costs_infinitely_much_and_is_never_nan(name):
    # 1e-14: a distance of 1e-7, whose sixth power underflows in float32.
    energies = PAIR_POTENTIALS[name](jnp.array([0.0, 1e-30, 1e-14]))
    assert not bool(jnp.any(jnp.isnan(energies)))
    assert float(energies[0]) == np.inf
    assert bool(jnp.all(energies > 1e20))


def test_lennard_jones_is_the_formula():
    r = np.linspace(0.8, 5.0, 50)
    expected = 4.0 * (r**-12 - r**-6)
    # Near r = 1 the two terms cancel, so the error is that of one of them.
    np.testing.assert_allclose(
        lennard_jones(jnp.asarray(r**2, jnp.float32)), expected, rtol=ROUNDING, atol=4 * ROUNDING
    )


def test_soft_power_is_the_formula():
    r = np.linspace(0.5, 5.0, 50)
    expected = 4.0 * (r**-4 - r**-2)
    np.testing.assert_allclose(soft_power(jnp.asarray(r**2, jnp.float32)), expected, rtol=ROUNDING, atol=4 * ROUNDING)
