"""Novelty detectors at the edge of single precision."""

import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.experiments.anomalies.novelty_baselines import novelty_baselines


def test_baselines_take_what_overflows_single_precision_for_the_most_anomalous():
    normal = np.random.default_rng(0).normal(size=(60, 3))
    others = np.concatenate([normal[:2], [[1e300, 0.0, 0.0], [np.nan, 0.0, 0.0]]])
    for score in novelty_baselines(normal, 5).values():
        found = score(others)
        assert np.isfinite(found[:2]).all()
        np.testing.assert_array_equal(found[:2], score(normal[:2]))
        np.testing.assert_array_equal(found[2:], np.inf)
    with pytest.raises(InputError, match="normal: 2 of 4 configurations have features that are not finite"):
        novelty_baselines(others, 2)
