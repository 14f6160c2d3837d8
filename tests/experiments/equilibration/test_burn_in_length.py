import numpy as np

from lcpjax.experiments.equilibration.burn_in_length import converged_from

SWEEPS = np.array([1, 2, 4, 8, 16, 32])


def chains_around(means):
    """Two chains whose mean is known at each snapshot."""
    return np.array(means)[:, None] + np.array([[-0.5, 0.5]])


def test_a_mean_has_converged_from_the_snapshot_after_its_last_excursion():
    assert converged_from(SWEEPS, chains_around([9.0, 1.0, 0.05, 1.0, 0.1, -0.1]), 0.0, 1.0) == 16


def test_a_mean_that_never_leaves_has_converged_at_once_and_one_that_ends_outside_never():
    assert converged_from(SWEEPS, chains_around([0.0] * 6), 0.0, 1.0) == 1
    assert np.isnan(converged_from(SWEEPS, chains_around([0.0] * 5 + [0.2]), 0.0, 1.0))


def test_an_exponential_relaxation_converges_when_theory_says():
    sweeps = np.arange(1, 1001)
    values = chains_around(5.0 * np.exp(-sweeps / 100))
    # 5 exp(-t / 100) = 0.15 x 2 at t = 281.3.
    assert converged_from(sweeps, values, 0.0, 2.0) == 282


def test_overlapping_starts_and_what_is_no_number_are_outside():
    values = chains_around([np.inf, np.nan, 0.0, 0.0, 0.0, 0.0])
    assert converged_from(SWEEPS, values, 0.0, 1.0) == 4
