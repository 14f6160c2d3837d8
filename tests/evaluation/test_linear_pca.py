import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.decomposition import PCA

from lcpjax.evaluation import linear_pca_error, mean_error


def correlated(number, seed):
    mixing = jax.random.normal(jax.random.key(0), (12, 12))
    return jax.random.normal(jax.random.key(seed), (number, 12)) @ mixing + 3.0


@pytest.mark.parametrize("num_components", [1, 5, 11])
def test_the_linear_row_is_that_of_scikit_learn(num_components):
    train, test = correlated(200, 1), correlated(50, 2)
    reference = PCA(num_components, svd_solver="full").fit(np.asarray(train, np.float64))
    restored = reference.inverse_transform(reference.transform(np.asarray(test, np.float64)))
    expected = np.mean((np.asarray(test) - restored) ** 2)
    np.testing.assert_allclose(linear_pca_error(train, test, num_components), expected, rtol=1e-3)


def test_all_components_leave_no_error_and_none_leaves_that_of_the_mean():
    train, test = correlated(200, 1), correlated(50, 2)
    variance = float(mean_error(train, test))
    # float32: rounding of numbers of size 10 in two 12 x 12 products.
    assert float(linear_pca_error(train, test, 12)) < 1e-8 * variance
    assert float(linear_pca_error(train, test, 40)) < 1e-8 * variance
    expected = np.mean((np.asarray(test) - np.asarray(train).mean(0)) ** 2)
    np.testing.assert_allclose(variance, expected, rtol=1e-5)


def test_samples_of_any_shape_are_taken_entry_by_entry():
    train, test = correlated(200, 1), correlated(50, 2)
    flat = linear_pca_error(train, test, 3)
    shaped = linear_pca_error(train.reshape(-1, 3, 4), test.reshape(-1, 3, 4), 3)
    np.testing.assert_allclose(flat, shaped, rtol=1e-6)
    assert float(jnp.float32(flat)) > 0
