import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from lcpjax.errors import InputError
from lcpjax.reconstruction.relaxation import relax, soft_core
from lcpjax.system import System, lennard_jones, soft_power, total_energy

SYSTEM = System(num_particles=6, box_side=4.0)
STARTS = jax.random.uniform(jax.random.key(0), (8, 6, 2), maxval=4.0)
RELAXED = relax(STARTS, SYSTEM)


def energy(positions, start, tether=400.0):
    potential = soft_core(SYSTEM.pair_energy_fn)
    return total_energy(positions, 0.0, potential) + tether * jnp.sum((positions - start) ** 2)


def test_it_ends_where_another_minimiser_ends():
    slope = jax.jit(jax.value_and_grad(energy))
    for start, found in zip(np.asarray(STARTS), np.asarray(RELAXED.positions), strict=True):
        result = minimize(
            lambda flat, start=start: tuple(
                np.asarray(each, np.float64).ravel() if np.ndim(each) else float(each)
                for each in slope(jnp.asarray(flat.reshape(-1, 2), jnp.float32), jnp.asarray(start))
            ),
            start.ravel(),
            jac=True,
            bounds=[(0.0, 4.0)] * 12,
            method="L-BFGS-B",
            options={"gtol": 1e-3},
        )
        # Curvatures of 800 at least: slopes of 0.1 epsilon / sigma, which float32 leaves, are 1e-4 sigma.
        np.testing.assert_allclose(found.ravel(), result.x, atol=1e-3)


def test_it_has_converged_and_stays_where_it_is():
    assert float(RELAXED.largest_step.max()) <= 1e-6
    slopes = jax.vmap(jax.grad(energy))(RELAXED.positions, STARTS)
    inside = (RELAXED.positions > 0) & (RELAXED.positions < 4.0)
    # A step below 1e-6 of a step length of 4e-5 or so: slopes below 0.03, and rounding of forces of thousands.
    assert float(jnp.max(jnp.abs(jnp.where(inside, slopes, 0.0)))) < 0.1


def test_the_displacement_is_that_of_the_positions_and_not_larger_than_what_energy_pays_for():
    moved = jnp.sqrt(jnp.mean(jnp.sum((RELAXED.positions - STARTS) ** 2, axis=-1), axis=-1))
    np.testing.assert_allclose(RELAXED.displacement, moved, rtol=1e-5)
    won = jax.vmap(energy)(STARTS, STARTS) - jax.vmap(energy)(RELAXED.positions, STARTS)
    assert float(won.min()) > 0


def test_a_stiffer_tether_lets_go_less():
    stiff, loose = (relax(STARTS, SYSTEM, tether).displacement for tether in (4000.0, 100.0))
    assert bool((stiff < RELAXED.displacement).all())
    assert bool((RELAXED.displacement < loose).all())


def test_a_pair_at_its_minimum_stays_and_one_that_overlaps_parts():
    at_rest = jnp.array([[1.0, 2.0], [1.0 + 2 ** (1 / 6), 2.0]])
    assert float(relax(at_rest, System(2, 4.0)).displacement) < 1e-5
    apart = relax(jnp.array([[1.9, 2.0], [2.1, 2.0]]), System(2, 4.0), tether=1.0).positions
    # Held back by next to nothing, to the minimum of the pair.
    assert float(jnp.linalg.norm(apart[0] - apart[1])) == pytest.approx(2 ** (1 / 6), abs=0.02)


def test_outside_the_box_it_begins_at_the_wall_and_never_leaves():
    found = relax(STARTS + 3.0, SYSTEM)
    assert float(found.positions.max()) <= 4.0
    assert float(found.positions.min()) >= 0.0
    assert bool((found.displacement > 0.5).all())


def test_two_on_one_point_have_no_direction_and_stay():
    found = relax(jnp.full((2, 2), 2.0), System(2, 4.0))
    assert float(found.displacement) == 0.0


def test_one_configuration_is_as_in_a_batch():
    np.testing.assert_allclose(relax(STARTS[3], SYSTEM).positions, RELAXED.positions[3], atol=1e-5)


@pytest.mark.parametrize("potential", [lennard_jones, soft_power])
def test_the_soft_core_is_the_potential_outside_and_its_tangent_inside(potential):
    softened = soft_core(potential, 0.85)
    outside = jnp.linspace(0.86, 3.0, 20) ** 2
    np.testing.assert_array_equal(softened(outside), potential(outside))
    inside = softened(jnp.linspace(0.05, 0.84, 5) ** 2)
    # Equal steps of a straight line; energies of hundreds in float32.
    np.testing.assert_allclose(jnp.diff(inside, n=2), 0.0, atol=1e-3)
    slope = float(jax.grad(lambda r: potential(r * r))(jnp.float32(0.85)))
    assert float(inside[1] - inside[0]) / 0.1975 == pytest.approx(slope, rel=1e-4)
    assert bool(jnp.isfinite(jax.grad(lambda squared: softened(squared))(jnp.float32(0.0))))


def test_bad_input_is_refused_in_one_line():
    with pytest.raises(InputError, match="relax: 1 of 12 coordinates are not finite"):
        relax(STARTS[0].at[0, 0].set(jnp.nan), SYSTEM)
    with pytest.raises(InputError, match="relax: needs at least one particle"):
        relax(STARTS[:, :0], SYSTEM)
    with pytest.raises(InputError, match=r"tether = 0.0: must be above 0"):
        relax(STARTS[0], SYSTEM, 0.0)
