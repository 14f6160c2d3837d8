import numpy as np
import pytest

from lcpjax.experiments.generation.density_ratio import RatioError, density_ratio, kept_by_rejection

RANDOM = np.random.default_rng(0)


def test_rejection_by_the_ratio_brings_the_real_distribution_back():
    real = RANDOM.normal(size=(3000, 2)) * np.array([1.0, 2.0])
    made = np.concatenate([RANDOM.normal(size=(9000, 2)) * np.array([1.3, 2.0]) + 0.4, np.full((500, 2), 1e6)])
    ratios = density_ratio(real, made)
    assert np.all(ratios[9000:] == 0.0)
    assert ratios.mean() == pytest.approx(1.0, abs=0.1)
    left = made[kept_by_rejection(np.random.default_rng(1), ratios)]
    assert len(left) > 2000
    # Errors of the real sample and of what is left.
    error = 1.0 / 3000**0.5 + 1.0 / len(left) ** 0.5
    assert np.all(np.abs(left.mean(axis=0) - real.mean(axis=0)) < 4.3 * error * np.array([1.0, 2.0]))
    assert left[:, 0].std() == pytest.approx(1.0, abs=0.08)


def test_what_lies_nowhere_among_the_real_ones_has_no_ratio():
    with pytest.raises(RatioError, match="needs 10 of both"):
        density_ratio(RANDOM.normal(size=(50, 1)), np.full((50, 1), np.inf))
