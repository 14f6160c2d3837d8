import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from lcpjax.model.priors import log_linear

KNOTS = np.array([-1.0, 0.0, 0.1, 1.5, 2.0, 2.00001], np.float32)
LOGITS = np.array([-3.0, 2.0, 2.0, -4.0, 1.0, 1.0005], np.float32)
TAIL_RATE = 5.0


def densities(values, logits=LOGITS):
    shape = (values.size, KNOTS.size)
    knots, logits = (jnp.broadcast_to(array, shape) for array in (KNOTS, logits))
    return np.exp(log_linear.log_density(jnp.asarray(values, jnp.float32), knots, logits, TAIL_RATE), dtype=np.float64)


def kolmogorov_smirnov(density):
    """The p-value of 20,000 draws from the density of LOGITS, against a density given on a fine grid."""
    shape = (20_000, KNOTS.size)
    knots, logits = (jnp.broadcast_to(array, shape) for array in (KNOTS, LOGITS))
    drawn = np.asarray(log_linear.draw(jax.random.key(0), knots, logits, TAIL_RATE), np.float64)
    grid = np.linspace(-4.0, 5.0, 90_001)
    fraction_below = np.concatenate([[0.0], np.cumsum((density(grid)[1:] + density(grid)[:-1]) / 2 * np.diff(grid))])
    return stats.kstest(drawn, lambda values: np.interp(values, grid, fraction_below)).pvalue


def test_the_density_integrates_to_one():
    grid = np.linspace(-6.0, 7.0, 130_001)
    # Trapezoids of 1e-4 leave out about that fraction of the jumps in slope.
    assert np.trapezoid(densities(grid), grid) == pytest.approx(1.0, abs=1e-4)


def test_the_logarithm_is_linear_between_knots_and_beyond_them():
    logs = np.log(densities(np.array([-3.0, -2.0, -0.5, 0.05, 3.0, 4.0])))
    at_knots = np.log(densities(KNOTS.astype(np.float64)))
    assert logs[1] - logs[0] == pytest.approx(TAIL_RATE, abs=1e-4)
    assert logs[2] == pytest.approx((at_knots[0] + at_knots[1]) / 2, abs=1e-4)
    assert logs[3] == pytest.approx(at_knots[1], abs=1e-4)
    assert logs[5] - logs[4] == pytest.approx(-TAIL_RATE, abs=1e-4)


def test_draws_follow_the_density():
    assert kolmogorov_smirnov(densities) > 1e-4


def test_the_check_of_the_draws_can_fail():
    assert kolmogorov_smirnov(lambda grid: densities(grid, LOGITS * np.float32(0.9))) < 1e-4


def test_gradients_are_finite_where_two_logits_are_equal():
    def loss(logits):
        return log_linear.log_density(jnp.array([0.05]), jnp.asarray(KNOTS)[None], logits, TAIL_RATE)[0]

    assert jnp.all(jnp.isfinite(jax.grad(loss)(jnp.zeros((1, KNOTS.size)))))
