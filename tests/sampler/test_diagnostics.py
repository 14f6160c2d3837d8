import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.sampler.diagnostics import drift_in_standard_errors, largest_t, long_chains, nested_rhat


def autoregressive(rho, num_chains, num_samples, seed=0):
    """Chains of x_t = rho x_(t-1) + sqrt(1 - rho^2) noise, from their stationary distribution: variance 1."""
    noise = np.random.default_rng(seed).normal(size=(num_chains, num_samples))
    values = noise.copy()
    for sample in range(1, num_samples):
        values[:, sample] = rho * values[:, sample - 1] + (1 - rho**2) ** 0.5 * noise[:, sample]
    return values


def test_nested_rhat_of_a_case_worked_by_hand():
    # Means 1 and 4: B = 4.5; variances 2 and 8: W = 5.
    assert nested_rhat(np.array([[0.0, 2.0], [2.0, 6.0]])) == pytest.approx((1 + 4.5 / 5) ** 0.5, rel=1e-15)


def test_nested_rhat_of_white_noise_exceeds_one_by_half_the_inverse_number_of_chains():
    rng, num_chains, repeats = np.random.default_rng(0), 64, 400
    excess = np.array([nested_rhat(rng.normal(size=(8, num_chains))) - 1 for _ in range(repeats)])
    error = excess.std(ddof=1) / repeats**0.5
    assert abs(excess.mean() - 1 / (2 * num_chains)) < 4.3 * error


def test_nested_rhat_shows_superchains_of_different_means():
    rng = np.random.default_rng(0)
    forgotten, kept = rng.normal(size=(8, 256)), 0.3 * rng.normal(size=(8, 1))
    assert nested_rhat(forgotten) < 1.01 < nested_rhat(forgotten + kept)


@pytest.mark.parametrize(("values", "expected"), [(np.ones((2, 3)), 1.0), (np.array([[1.0, 1.0], [2.0, 2.0]]), np.inf)])
def test_nested_rhat_of_chains_that_do_not_differ_within(values, expected):
    assert nested_rhat(values) == expected


@pytest.mark.parametrize("shape", [(1, 100), (100, 1)])
def test_nested_rhat_of_too_few_chains_is_refused(shape):
    with pytest.raises(InputError, match="at least 2 superchains of 2 chains"):
        nested_rhat(np.zeros(shape))


def test_the_drift_of_a_case_worked_by_hand():
    # Moved by 1, 2 and 3: mean 2, standard error 1 / sqrt(3).
    drift = drift_in_standard_errors(np.array([10.0, 0.0, -5.0]), np.array([11.0, 2.0, -2.0]))
    assert drift == pytest.approx(2 * 3**0.5)


def test_the_drift_of_what_stands_still_is_none_and_of_a_rigid_shift_infinite():
    values = np.arange(4.0)
    assert drift_in_standard_errors(values, values) == 0
    assert drift_in_standard_errors(values, values + 1) == np.inf


def test_the_drift_is_a_standard_normal_deviate_in_equilibrium_and_large_off_it():
    rng, repeats = np.random.default_rng(0), 1000
    drifts = [drift_in_standard_errors(*rng.normal(size=(2, 200))) for _ in range(repeats)]
    assert abs(np.mean(drifts)) < 4.3 / repeats**0.5
    assert abs(np.std(drifts) - 1) < 4.3 / (2 * repeats) ** 0.5
    assert drift_in_standard_errors(rng.normal(size=200), rng.normal(size=200) + 1) > 4.3


def test_a_drift_of_one_chain_is_refused():
    with pytest.raises(InputError, match="at least 2 chains"):
        drift_in_standard_errors(np.zeros(1), np.zeros(1))


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_the_effective_sample_size_of_an_autoregressive_process_is_known(rho):
    result = long_chains(autoregressive(rho, 16, 20_000))
    # (1 - rho) / (1 + rho) of the samples; over seeds the estimate spreads by 2 % at rho = 0.9, and less elsewhere.
    assert result.effective_sample_size == pytest.approx(result.num_samples * (1 - rho) / (1 + rho), rel=0.1)
    assert result.split_rhat < 1.01


def test_many_correlated_samples_are_not_taken_for_independent_ones():
    # The sibling of the test above: without the correlation the number would be ten times as large.
    result = long_chains(autoregressive(0.9, 16, 4000))
    assert result.effective_sample_size < 0.1 * result.num_samples == 6400


def test_split_rhat_is_that_of_the_halves_in_plain_numpy():
    values = autoregressive(0.8, 5, 101) + 1000.0
    halves = np.concatenate([values[:, :50], values[:, -50:]])
    within = halves.var(axis=1, ddof=1).mean()
    between = 50 * halves.mean(axis=1).var(ddof=1)
    expected = np.sqrt((49 / 50 * within + between / 50) / within)
    assert long_chains(values).split_rhat == pytest.approx(expected, rel=1e-5)


def test_split_rhat_shows_a_chain_that_drifts_though_all_chains_agree():
    values = autoregressive(0.0, 8, 400) + np.linspace(0, 2, 400)
    assert long_chains(values).split_rhat > 1.1


def test_one_long_chain_is_enough_and_a_short_one_refused():
    single = long_chains(autoregressive(0.5, 1, 4000))
    assert single.effective_sample_size == pytest.approx(4000 / 3, rel=0.2)
    with pytest.raises(InputError, match="at least 8 samples a chain, not 7"):
        long_chains(np.zeros((4, 7)))


def test_a_drift_of_few_chains_is_tested_by_student_s_law():
    """Of 6 chains 4.3 standard errors come by chance once in 130 times, and Student's limit hardly ever."""
    moved = np.random.default_rng(0).normal(size=(4000, 6))
    drifts = np.array([abs(drift_in_standard_errors(np.zeros(6), each)) for each in moved])
    assert np.mean(drifts > 4.3) > 0.004
    assert np.all(drifts < largest_t(6))
    assert largest_t(100_000) == pytest.approx(4.3, abs=1e-3)
    with pytest.raises(InputError, match="at least 2 chains"):
        largest_t(1)
