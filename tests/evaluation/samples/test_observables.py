import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.samples.observables import linear_readout, observables
from lcpjax.system import System

RANDOM = np.random.default_rng(0)


def test_observables_of_a_square_of_particles():
    square = jnp.array([[[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0]]])
    found = observables(square, System(num_particles=4, box_side=5.0))
    pair = lambda squared: 4 * (squared**-6 - squared**-3)  # noqa: E731
    np.testing.assert_allclose(found.pair_energy[0], 4 * pair(4.0) + 2 * pair(8.0), rtol=1e-5)
    assert found.mean_height.tolist() == [2.0]
    np.testing.assert_allclose(found.radius_of_gyration, [2**0.5], rtol=1e-6)


def test_what_is_linear_is_read_out_whole_and_what_is_unrelated_not_at_all():
    train, test = RANDOM.normal(size=(500, 4)), RANDOM.normal(size=(300, 4))
    slopes = np.array([1.0, -2.0, 0.0, 0.0])
    values, test_values = train @ slopes + 3.0, test @ slopes + 3.0
    found = {k: linear_readout(train[:, :k], values, test[:, :k], test_values) for k in (1, 2, 4)}
    assert found[2] == pytest.approx(1.0)
    assert found[4] == pytest.approx(1.0)
    assert found[1] == pytest.approx(0.2, abs=0.1)
    assert abs(linear_readout(train, RANDOM.normal(size=500), test, RANDOM.normal(size=300))) < 0.05


def test_too_few_configurations_and_values_that_are_all_the_same_are_refused():
    rows = RANDOM.normal(size=(5, 4))
    with pytest.raises(InputError, match="4 features"):
        linear_readout(rows, rows[:, 0], rows, rows[:, 0])
    with pytest.raises(InputError, match="all the same"):
        linear_readout(rows[:, :1], rows[:, 0], rows[:, :1], np.ones(5))
    with pytest.raises(InputError, match="train, values: some are not finite"):
        linear_readout(np.where(rows[:, :1] == rows[2, 0], np.nan, rows[:, :1]), rows[:, 0], rows[:, :1], rows[:, 0])
