"""Heights read from codes, and how far out they are."""

import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies import learn_heights

RANDOM = np.random.default_rng(0)
CODES = RANDOM.normal(size=(500, 3))
SUMS = 2.0 * CODES[:, 0] - CODES[:, 2] + 40.0


def test_heights_that_codes_hold_linearly_are_read_exactly():
    np.testing.assert_allclose(learn_heights(CODES, SUMS).sums_of_heights(CODES), SUMS, atol=1e-9)


def test_the_anomaly_score_is_large_on_either_side_and_goes_on_beyond_all_normal_codes():
    reading = learn_heights(CODES, SUMS)
    middle, low, high, farther = reading.anomaly_score(np.array([[0.0, 0, 0], [-4, 0, 0], [4, 0, 0], [6, 0, 0]]))
    assert middle < 1.0 < min(low, high)
    assert farther > high


def test_as_many_normal_codes_are_anomalous_as_their_number_says():
    """A score above ln 20 is the outermost twentieth on each side; normal codes themselves, so without noise."""
    fraction = np.mean(learn_heights(CODES, SUMS).anomaly_score(CODES) > np.log(20))
    assert fraction == pytest.approx(0.1, abs=0.01)


def test_fewer_codes_than_latents_are_refused():
    with pytest.raises(InputError, match="codes: 3 of 3 latents"):
        learn_heights(CODES[:3], SUMS[:3])


def test_codes_that_are_no_numbers_or_of_other_latents_are_refused():
    with pytest.raises(InputError, match="some are not finite"):
        learn_heights(CODES, np.append(SUMS[:-1], np.nan))
    with pytest.raises(InputError, match="codes: of 2 latents; those read so far had 3"):
        learn_heights(CODES, SUMS).anomaly_score(CODES[:, :2])
